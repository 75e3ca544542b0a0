/*
 * What holds do to a wallet's lots: reserving, giving back, and what follows
 * from that. See wallet.h. Every change of a lot's `reserved` is made here,
 * with the hold's, the wallet's and the caps' sums in the same step.
 */
#include "wallet.h"

int64_t
hold_left(const struct hold *hold)
{
    return hold->credits - hold->captured;
}

static void
count_held(struct wallet *wallet, const struct hold *hold, int64_t credits)
{
    wallet->held += credits;
    for (int i = 0; i < wallet->cap_count; i++) {
        struct cap *cap = &wallet->caps[i];

        if (!cap_matches(cap, hold->charge.feature, &hold->refs))
            continue;
        cap->held += credits;
        cap->changed = true;
    }
}

/* The hold's line for a lot, made at its place in spending order. */
static struct hold_lot *
hold_line(struct wallet *wallet, struct hold *hold, const struct lot *lot)
{
    int at = 0;

    while (at < hold->lot_count) {
        const struct lot *other = wallet_lot(wallet, hold->lots[at].lot);

        assert(other != NULL);
        if (other->number == lot->number)
            return &hold->lots[at];
        if (lot_order(lot, other) < 0)
            break;
        at++;
    }
    arena_grow(wallet->arena, (void **)&hold->lots, hold->lot_count,
               &hold->lot_room, sizeof(*hold->lots));
    memmove(&hold->lots[at + 1], &hold->lots[at],
            (size_t)(hold->lot_count - at) * sizeof(*hold->lots));
    hold->lot_count++;
    hold->lots[at] = (struct hold_lot){ .lot = lot->number };
    return &hold->lots[at];
}

void
wallet_reserve(struct wallet *wallet, struct hold *hold, int64_t number,
               int64_t credits)
{
    struct lot *lot = wallet_lot(wallet, number);

    assert(lot != NULL && credits > 0 && credits <= lot_free(lot));
    hold_line(wallet, hold, lot)->reserved += credits;
    lot->reserved += credits;
    lot->changed = true;
    hold->changed = true;
    wallet->changed = true;
    count_held(wallet, hold, credits);
}

void
wallet_unreserve(struct wallet *wallet, struct hold *hold, int i,
                 int64_t credits)
{
    struct lot *lot = wallet_lot(wallet, hold->lots[i].lot);

    assert(lot != NULL && credits > 0);
    assert(credits <= hold->lots[i].reserved && credits <= lot->reserved);
    hold->lots[i].reserved -= credits;
    lot->reserved -= credits;
    lot->changed = true;
    hold->changed = true;
    wallet->changed = true;
    count_held(wallet, hold, -credits);
    wallet_due_by(wallet, lot->expires_at);
}

void
wallet_reserve_free(struct wallet *wallet, struct hold *hold, int64_t credits)
{
    for (int i = 0; i < wallet->lot_count && credits > 0; i++) {
        int64_t part = min_i64(lot_free(&wallet->lots[i]), credits);

        if (part == 0)
            continue;
        wallet_reserve(wallet, hold, wallet->lots[i].number, part);
        credits -= part;
    }
    assert(credits == 0);
}

/* The i-th lot's reservation goes from one hold to another. */
static int64_t
move_line(struct wallet *wallet, struct hold *from, int i, struct hold *to,
          int64_t most)
{
    int64_t part = min_i64(from->lots[i].reserved, most);

    if (part == 0)
        return 0;
    wallet_unreserve(wallet, from, i, part);
    wallet_reserve(wallet, to, from->lots[i].lot, part);
    return part;
}

void
wallet_draw(struct wallet *wallet, struct hold *hold, struct hold *of_plan,
            int64_t credits)
{
    assert(credits <= hold_left(of_plan));
    of_plan->credits -= credits;
    hold->drawn += credits;
    for (int i = 0; i < of_plan->lot_count && credits > 0; i++)
        credits -= move_line(wallet, of_plan, i, hold, credits);
    assert(credits == 0);
}

struct hold *
wallet_drawn_on(struct wallet *wallet, const struct hold *hold)
{
    struct hold *of_plan;

    if (hold->draws_on == 0)
        return NULL;
    of_plan = wallet_hold(wallet, hold->draws_on);
    assert(of_plan != NULL);
    return of_plan->state == HOLD_HELD ? of_plan : NULL;
}

/* Free credits pay debt, lot by lot in spending order. Debt and free credits
 * never stay side by side. The total does not change. */
static void
pay_debt_from_lots(struct wallet *wallet, int64_t now)
{
    static const struct event adjustment = { .kind = EVENT_ADJUSTMENT };
    struct postings postings = { .arena = wallet->arena };
    int64_t paid = 0;

    for (int i = 0; i < wallet->lot_count && wallet->debt > 0; i++) {
        struct lot *lot = &wallet->lots[i];
        int64_t part = min_i64(lot_free(lot), wallet->debt);

        if (part == 0)
            continue;
        lot->remaining -= part;
        lot->changed = true;
        wallet->debt -= part;
        paid += part;
        event_post(&postings, lot->number, -part);
    }
    if (paid == 0)
        return;
    event_post(&postings, 0, paid);
    wallet_append_posted(wallet, &adjustment, &postings, 0, now);
}

/* Gives back the last in spending order first: what came from the available
 * credits to them, then what was drawn to the plan's hold. */
static void
give_back(struct wallet *wallet, struct hold *hold, int64_t reserved,
          int64_t credits)
{
    struct hold *of_plan = wallet_drawn_on(wallet, hold);
    int64_t drawn = of_plan == NULL ? 0 : hold->drawn;
    int64_t freed = min_i64(credits, reserved - drawn);
    int64_t back = credits - freed;

    /* Once the plan is over, what came from it is like the rest. */
    hold->drawn = drawn - back;
    if (back > 0)
        of_plan->credits += back;
    for (int i = hold->lot_count - 1; i >= 0; i--) {
        int64_t part = min_i64(hold->lots[i].reserved, freed);

        if (part > 0)
            wallet_unreserve(wallet, hold, i, part);
        freed -= part;
        if (back > 0)
            back -= move_line(wallet, hold, i, of_plan, back);
    }
    assert(freed == 0 && back == 0);
}

static int64_t
reserved_by(const struct hold *hold)
{
    int64_t sum = 0;

    for (int i = 0; i < hold->lot_count; i++)
        sum += hold->lots[i].reserved;
    return sum;
}

void
wallet_shrink_hold(struct wallet *wallet, struct hold *hold, int64_t credits,
                   int64_t now)
{
    assert(hold->state == HOLD_HELD);
    if (credits == 0)
        return;
    give_back(wallet, hold, reserved_by(hold), credits);
    pay_debt_from_lots(wallet, now);
}

void
wallet_end_hold(struct wallet *wallet, struct hold *hold, enum hold_state state,
                int64_t now)
{
    assert(hold->state == HOLD_HELD && state != HOLD_HELD);
    wallet_shrink_hold(wallet, hold, reserved_by(hold), now);
    hold->state = state;
    hold->ended_at = now;
    hold->changed = true;
    if (hold->plan != 0)
        wallet->plan_holds--;
    wallet->changed = true;
}
