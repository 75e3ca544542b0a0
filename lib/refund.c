/*
 * Credits that return to their lots: see refund.h. A lot that has ended is
 * never touched again; what comes back of it gets a lot of its own.
 */
#include "refund.h"

/* Where a part goes: the lot as it was, or a new one of its kind. */
struct target {
    struct lot lot; /* a copy for its place in spending order */
    int64_t credits;
};

static int
compare_targets(const void *a, const void *b)
{
    return lot_order(&((const struct target *)a)->lot,
                     &((const struct target *)b)->lot);
}

static struct lot
new_lot(struct wallet *wallet, enum lot_kind kind, int64_t expires_at,
        int64_t order, int64_t now)
{
    return (struct lot){ .number = ++wallet->lots_made,
                         .kind = kind,
                         .expires_at = expires_at,
                         .created_at = now,
                         .order = order,
                         .fresh = true };
}

static void
find_targets(struct wallet *wallet, const struct returned *returned, int count,
             int64_t order, int64_t now, struct target *targets)
{
    for (int i = 0; i < count; i++) {
        const struct lot *lot = wallet_lot(wallet, returned[i].lot);

        assert(lot != NULL && returned[i].credits > 0);
        targets[i] =
            (struct target){ .lot = *lot, .credits = returned[i].credits };
        if (lot->expires_at <= now)
            targets[i].lot =
                new_lot(wallet, lot->kind, now + LIMIT_RETURNED_MS, order, now);
    }
}

/* Adds to a lot that is there or new. */
static void
fill(struct wallet *wallet, const struct target *target, int64_t credits)
{
    struct lot *lot = wallet_lot(wallet, target->lot.number);

    if (lot == NULL)
        lot = wallet_add_lot(wallet, &target->lot);
    if (target->lot.fresh && target->lot.granted == 0)
        lot->granted += target->credits;
    lot->remaining += credits;
    lot->changed = true;
    assert(lot->remaining <= lot->granted);
    if (credits > 0)
        wallet_due_by(wallet, lot->expires_at);
}

void
refund_to_lots(struct wallet *wallet, const struct returned *returned,
               int count, int64_t debt, const struct event *event, int64_t now,
               int64_t *seq)
{
    struct target *targets =
        arena_array(wallet->arena, (size_t)count + 1, sizeof(*targets));
    struct postings postings = { .arena = wallet->arena };
    int64_t paid = min_i64(debt, wallet->debt);
    int64_t sum = debt;

    wallet->debt -= paid;
    find_targets(wallet, returned, count, event->order, now, targets);
    if (debt > paid)
        targets[count++] =
            (struct target){ .lot = new_lot(wallet, LOT_TOP_UP, NEVER_MS,
                                            event->order, now),
                             .credits = debt - paid };
    sum -= debt - paid;
    qsort(targets, (size_t)count, sizeof(*targets), compare_targets);
    for (int i = 0; i < count; i++) {
        int64_t part = min_i64(targets[i].credits, wallet->debt);

        sum += targets[i].credits;
        paid += part;
        wallet->debt -= part;
        fill(wallet, &targets[i], targets[i].credits - part);
        event_post(&postings, targets[i].lot.number, targets[i].credits - part);
    }
    event_post(&postings, 0, paid);
    *seq = wallet_append_posted(wallet, event, &postings, sum, now)->seq;
}

struct refunded *
wallet_refunded(struct wallet *wallet, int64_t seq)
{
    for (int i = 0; i < wallet->refunded_count; i++)
        if (wallet->refunded[i].seq == seq)
            return &wallet->refunded[i];
    arena_grow(wallet->arena, (void **)&wallet->refunded,
               wallet->refunded_count, &wallet->refunded_room,
               sizeof(*wallet->refunded));
    wallet->refunded[wallet->refunded_count] = (struct refunded){ .seq = seq };
    return &wallet->refunded[wallet->refunded_count++];
}

int64_t
refund_left(struct wallet *wallet, const struct event *of)
{
    if (of->kind != EVENT_CAPTURED_USAGE)
        return 0;
    return -of->credits - wallet_refunded(wallet, of->seq)->credits;
}

/* Which lots an event's next `credits` go back to: from the end of its lots,
 * behind what went back before. In the event's order. */
static int
find_returned(const struct event *of, int64_t before, int64_t credits,
              struct returned *returned)
{
    int count = 0;

    for (int i = of->lot_count - 1; i >= 0; i--) {
        int64_t spent = -of->lots[i].credits;
        int64_t skipped = min_i64(spent, before);
        int64_t part = min_i64(spent - skipped, credits);

        before -= skipped;
        credits -= part;
        if (part > 0)
            returned[count++] =
                (struct returned){ .lot = of->lots[i].lot, .credits = part };
    }
    assert(credits == 0);
    for (int i = 0; i < count / 2; i++) {
        struct returned last = returned[count - 1 - i];

        returned[count - 1 - i] = returned[i];
        returned[i] = last;
    }
    return count;
}

enum refund_result
refund_usage(struct wallet *wallet, const struct event *of, int64_t credits,
             const char *reason, int64_t now, int64_t *seq)
{
    struct event event = { .kind = EVENT_USAGE_REFUND,
                           .hold = of->hold,
                           .refund_of = of->seq,
                           .charge = of->charge,
                           .refs = of->refs };
    int64_t left = refund_left(wallet, of);
    struct refunded *refunded;
    struct returned *returned;
    int count;

    if (credits == 0)
        credits = left;
    if (credits < 1 || credits > left)
        return REFUND_EXCEEDED;
    if (wallet->total + credits > LIMIT_WALLET)
        return REFUND_LIMIT;
    refunded = wallet_refunded(wallet, of->seq);
    returned =
        arena_array(wallet->arena, (size_t)of->lot_count, sizeof(*returned));
    count = find_returned(of, refunded->credits, credits, returned);
    refunded->credits += credits;
    refunded->captured = -of->credits;
    refunded->changed = true;
    event.charge.quantity = 0;
    event.refs.note = reason;
    refund_to_lots(wallet, returned, count, 0, &event, now, seq);
    wallet_settle(wallet, now);
    return REFUND_OK;
}
