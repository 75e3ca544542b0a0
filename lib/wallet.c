/*
 * The wallet's own decisions: what is due, credits in, credits out. See
 * wallet.h. Nothing here may look at a clock, a database or a file, and every
 * event goes through wallet_append(), so that total, chain and caps cannot
 * drift apart. What holds do to lots is wallet_hold.c's.
 */
#include "wallet.h"

void
wallet_init(struct wallet *wallet, struct arena *arena, int64_t space,
            const struct zone *zone)
{
    *wallet = (struct wallet){ .arena = arena,
                               .zone = zone,
                               .space = space,
                               .due_at = NEVER_MS,
                               .warn_below = -1,
                               .top_up_below = -1,
                               .later_holds_at = NEVER_MS };
}

static void *
copy_array(struct arena *arena, const void *items, int count, int room,
           size_t size)
{
    void *copy;

    if (room == 0)
        return NULL;
    copy = arena_array(arena, (size_t)room, size);
    if (count > 0)
        memcpy(copy, items, (size_t)count * size);
    return copy;
}

void
wallet_copy(struct wallet *copy, const struct wallet *wallet)
{
    struct arena *arena = wallet->arena;

    *copy = *wallet;
    copy->lots = copy_array(arena, wallet->lots, wallet->lot_count,
                            wallet->lot_room, sizeof(*wallet->lots));
    copy->holds = copy_array(arena, wallet->holds, wallet->hold_count,
                             wallet->hold_room, sizeof(*wallet->holds));
    for (int i = 0; i < copy->hold_count; i++) {
        struct hold *hold = &copy->holds[i];

        hold->lots = copy_array(arena, hold->lots, hold->lot_count,
                                hold->lot_room, sizeof(*hold->lots));
    }
    copy->caps = copy_array(arena, wallet->caps, wallet->cap_count,
                            wallet->cap_count, sizeof(*wallet->caps));
    copy->refunded =
        copy_array(arena, wallet->refunded, wallet->refunded_count,
                   wallet->refunded_room, sizeof(*wallet->refunded));
}

int64_t
wallet_available(const struct wallet *wallet)
{
    return wallet->total - wallet->held;
}

struct balance
wallet_balance(const struct wallet *wallet)
{
    struct balance balance = { .available = wallet_available(wallet),
                               .held = wallet->held,
                               .total = wallet->total,
                               .debt = wallet->debt,
                               .included_expires_at = NEVER_MS };

    for (int i = 0; i < wallet->lot_count; i++) {
        const struct lot *lot = &wallet->lots[i];

        switch (lot->kind) {
        case LOT_INCLUDED:
            balance.included += lot->remaining;
            if (lot->remaining > 0)
                balance.included_expires_at =
                    min_i64(balance.included_expires_at, lot->expires_at);
            break;
        case LOT_BONUS: balance.bonus += lot->remaining; break;
        case LOT_TOP_UP: balance.top_up += lot->remaining; break;
        }
    }
    return balance;
}

int64_t
wallet_now(const struct wallet *wallet, int64_t clock_ms)
{
    return max_i64(clock_ms, wallet->at);
}

void
wallet_due_by(struct wallet *wallet, int64_t at)
{
    wallet->due_at = min_i64(wallet->due_at, at);
}

struct lot *
wallet_lot(struct wallet *wallet, int64_t number)
{
    for (int i = 0; i < wallet->lot_count; i++)
        if (wallet->lots[i].number == number)
            return &wallet->lots[i];
    return NULL;
}

struct hold *
wallet_hold(struct wallet *wallet, int64_t number)
{
    for (int i = 0; i < wallet->hold_count; i++)
        if (wallet->holds[i].number == number)
            return &wallet->holds[i];
    return NULL;
}

struct lot *
wallet_add_lot(struct wallet *wallet, const struct lot *lot)
{
    int i = wallet->lot_count;

    arena_grow(wallet->arena, (void **)&wallet->lots, wallet->lot_count,
               &wallet->lot_room, sizeof(*wallet->lots));
    for (; i > 0 && lot_order(&wallet->lots[i - 1], lot) > 0; i--)
        wallet->lots[i] = wallet->lots[i - 1];
    wallet->lots[i] = *lot;
    wallet->lot_count++;
    return &wallet->lots[i];
}

struct hold *
wallet_add_hold(struct wallet *wallet, const struct hold *hold)
{
    arena_grow(wallet->arena, (void **)&wallet->holds, wallet->hold_count,
               &wallet->hold_room, sizeof(*wallet->holds));
    wallet->holds[wallet->hold_count] = *hold;
    return &wallet->holds[wallet->hold_count++];
}

struct event *
wallet_append(struct wallet *wallet, const struct event *event, int64_t now)
{
    struct event *made;
    int64_t sum = 0;

    arena_grow(wallet->arena, (void **)&wallet->events, wallet->event_count,
               &wallet->event_room, sizeof(*wallet->events));
    made = &wallet->events[wallet->event_count++];
    *made = *event;
    for (int i = 0; i < made->lot_count; i++)
        sum += made->lots[i].credits;
    assert(sum == made->credits);
    assert(now >= wallet->at);

    wallet->total += made->credits;
    wallet->seq++;
    wallet->at = now;
    wallet->changed = true;
    made->seq = wallet->seq;
    made->balance_after = wallet->total;
    made->at = now;
    made->day = zone_day(wallet->zone, now);
    event_hash(made->hash, wallet->hash, wallet->space, made, wallet->arena);
    memcpy(wallet->hash, made->hash, SIGN_SIZE);
    for (int i = 0; i < wallet->cap_count; i++)
        cap_count(&wallet->caps[i], made);
    return made;
}

struct event *
wallet_append_posted(struct wallet *wallet, const struct event *like,
                     const struct postings *postings, int64_t credits,
                     int64_t now)
{
    struct event event = *like;

    event.credits = credits;
    event.lots = postings->changes;
    event.lot_count = postings->count;
    return wallet_append(wallet, &event, now);
}

static void
expire_lot(struct wallet *wallet, struct lot *lot, int64_t now)
{
    static const struct event expiry = { .kind = EVENT_EXPIRY };
    struct postings postings = { .arena = wallet->arena };
    int64_t gone = lot_free(lot);

    lot->remaining -= gone;
    lot->changed = true;
    event_post(&postings, lot->number, -gone);
    wallet_append_posted(wallet, &expiry, &postings, -gone, now);
}

/* The earliest hold that ends by `now`; the lower number at a tie. */
static struct hold *
next_due_hold(struct wallet *wallet, int64_t now)
{
    struct hold *next = NULL;

    for (int i = 0; i < wallet->hold_count; i++) {
        struct hold *hold = &wallet->holds[i];

        if (hold->state != HOLD_HELD || hold->expires_at > now)
            continue;
        if (next == NULL || hold->expires_at < next->expires_at ||
            (hold->expires_at == next->expires_at &&
             hold->number < next->number))
            next = hold;
    }
    return next;
}

/* When a lot's free credits are due: at its end, or where a hold gave them
 * back later, then. */
static int64_t
lot_due(const struct wallet *wallet, const struct lot *lot)
{
    return max_i64(lot->expires_at, wallet->moment);
}

/* The lot that is due first by `now` and has something free; the lower
 * number at a tie. */
static struct lot *
next_due_lot(struct wallet *wallet, int64_t now)
{
    struct lot *next = NULL;

    for (int i = 0; i < wallet->lot_count; i++) {
        struct lot *lot = &wallet->lots[i];

        if (lot->expires_at > now)
            break;
        if (lot_free(lot) == 0)
            continue;
        if (next == NULL || lot_due(wallet, lot) < lot_due(wallet, next) ||
            (lot_due(wallet, lot) == lot_due(wallet, next) &&
             lot->number < next->number))
            next = lot;
    }
    return next;
}

/* When the next thing is due, now that all until `now` is done. A lot whose
 * end has passed waits for the hold that reserves it. */
static void
find_due(struct wallet *wallet, int64_t now)
{
    int64_t due = wallet->later_holds_at;

    for (int i = 0; i < wallet->hold_count; i++)
        if (wallet->holds[i].state == HOLD_HELD)
            due = min_i64(due, wallet->holds[i].expires_at);
    for (int i = 0; i < wallet->lot_count; i++)
        if (wallet->lots[i].remaining > 0 && wallet->lots[i].expires_at > now)
            due = min_i64(due, wallet->lots[i].expires_at);
    wallet->due_at = due;
}

static void
warn(struct wallet *wallet)
{
    int64_t available = wallet_available(wallet);
    enum wallet_warning warning = available < 0    ? WARNING_NEGATIVE
                                  : available == 0 ? WARNING_EMPTY
                                  : wallet->low    ? WARNING_LOW
                                                   : WARNING_NONE;

    if (warning != wallet->warning)
        wallet->warned_at = wallet->moment;
    wallet->warning = warning;
}

/* Whether the last thing that happened took credits back. */
static bool
is_taking_back(const struct wallet *wallet)
{
    const struct event *last = wallet->event_count == wallet->events_saved
                                   ? NULL
                                   : &wallet->events[wallet->event_count - 1];

    return last != NULL &&
           (last->kind == EVENT_TOP_UP_REFUND || last->kind == EVENT_DISPUTE);
}

static void
watch_top_up(struct wallet *wallet)
{
    bool below = wallet->top_up_below >= 0 &&
                 wallet_available(wallet) < wallet->top_up_below;

    if (below && !wallet->below && !is_taking_back(wallet))
        wallet->top_up_due = true;
    if (!below)
        wallet->top_up_due = false;
    wallet->below = below;
}

void
wallet_top_up_below(struct wallet *wallet, int64_t threshold)
{
    wallet->top_up_below = threshold;
    wallet->below = false;
    watch_top_up(wallet);
    wallet->changed = true;
}

void
wallet_watch(struct wallet *wallet)
{
    int64_t below = wallet->warn_below;
    int64_t available = wallet_available(wallet);

    watch_top_up(wallet);
    if (below < 0 || available >= below + (below + 9) / 10)
        wallet->low = false;
    else if (available < below)
        wallet->low = true;
    warn(wallet);
}

void
wallet_warn_below(struct wallet *wallet, int64_t threshold)
{
    if (wallet->warn_below == threshold)
        return;
    wallet->warn_below = threshold;
    wallet->low = threshold >= 0 && wallet_available(wallet) < threshold;
    warn(wallet);
    wallet->changed = true;
}

void
wallet_settle(struct wallet *wallet, int64_t now)
{
    wallet_watch(wallet);
    if (wallet->due_at > now) {
        wallet->moment = now;
        return;
    }
    for (;;) {
        struct hold *hold = next_due_hold(wallet, now);
        struct lot *lot = next_due_lot(wallet, now);

        if (hold == NULL && lot == NULL)
            break;
        if (hold != NULL &&
            (lot == NULL || hold->expires_at <= lot_due(wallet, lot))) {
            wallet->moment = max_i64(hold->expires_at, wallet->moment);
            wallet_end_hold(wallet, hold, HOLD_EXPIRED, wallet->moment);
        } else {
            wallet->moment = lot_due(wallet, lot);
            expire_lot(wallet, lot, wallet->moment);
        }
        wallet_watch(wallet);
    }
    wallet->moment = now;
    find_due(wallet, now);
    wallet->changed = true;
}

enum wallet_result
wallet_credit(struct wallet *wallet, const struct credit_lot *lots, int count,
              const struct event *event, int64_t now)
{
    struct lot coming[4];
    struct postings postings = { .arena = wallet->arena };
    int64_t sum = 0, paid = 0;

    assert(count >= 1 && (size_t)count <= COUNT_OF(coming));
    for (int i = 0; i < count; i++) {
        assert(lots[i].credits >= 1 && lots[i].credits <= LIMIT_CREDITS);
        assert(lots[i].expires_at > now);
        coming[i] = (struct lot){ .number = wallet->lots_made + i + 1,
                                  .kind = lots[i].kind,
                                  .granted = lots[i].credits,
                                  .remaining = lots[i].credits,
                                  .expires_at = lots[i].expires_at,
                                  .created_at = now,
                                  .order = event->order,
                                  .fresh = true,
                                  .changed = true };
        sum += lots[i].credits;
    }
    if (wallet->total + sum > LIMIT_WALLET)
        return WALLET_LIMIT;

    lot_sort(coming, count);
    wallet->lots_made += count;
    for (int i = 0; i < count; i++) {
        int64_t part = min_i64(coming[i].remaining, wallet->debt);

        coming[i].remaining -= part;
        wallet->debt -= part;
        paid += part;
        event_post(&postings, coming[i].number, coming[i].remaining);
        wallet_add_lot(wallet, &coming[i]);
        if (coming[i].remaining > 0)
            wallet_due_by(wallet, coming[i].expires_at);
    }
    event_post(&postings, 0, paid);
    wallet_append_posted(wallet, event, &postings, sum, now);
    return WALLET_OK;
}

enum wallet_result
wallet_debit(struct wallet *wallet, int64_t credits, const struct event *event,
             int64_t now)
{
    struct postings postings = { .arena = wallet->arena };
    int64_t left = credits;

    assert(credits >= 1);
    if (credits > wallet_available(wallet))
        return WALLET_INSUFFICIENT;
    for (int i = 0; i < wallet->lot_count && left > 0; i++) {
        struct lot *lot = &wallet->lots[i];
        int64_t part = min_i64(lot_free(lot), left);

        if (part == 0)
            continue;
        lot->remaining -= part;
        lot->changed = true;
        left -= part;
        event_post(&postings, lot->number, -part);
    }
    assert(left == 0);
    wallet_append_posted(wallet, event, &postings, -credits, now);
    return WALLET_OK;
}
