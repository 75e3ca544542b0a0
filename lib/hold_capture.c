/*
 * Capturing: see hold.h. Everything that can refuse is asked before anything
 * is changed; the credits of a hold are always counted from its beginning,
 * so that many small captures cost what one would have.
 */
#include "hold_inside.h"
#include "price.h"

/* What a capture will do, all worked out beforehand. */
struct capture {
    struct hold *hold;
    struct hold *of_plan; /* that an extension may draw on */
    int64_t quantity, credits;
    int64_t new_quantity, new_credits; /* of the hold, after an extension */
    int64_t more; /* to be reserved; below 0: to be given back */
};

static enum hold_result
work_out_extension(struct wallet *wallet, const struct capture_ask *ask,
                   int64_t now, struct capture *c, struct hold_refusal *refusal)
{
    const struct hold *hold = c->hold;
    int64_t captured = hold->captured + c->credits;
    int64_t drawn = 0;

    assert(!ask->final && ask->extend_ms >= 1);
    assert(ask->extend_quantity >= 1 && ask->extend_quantity <= LIMIT_INTEGER);
    c->new_quantity =
        hold->quantity_captured + c->quantity + ask->extend_quantity;
    c->new_credits = price_of_charge(&hold->charge, c->new_quantity);
    if (c->new_quantity > LIMIT_INTEGER || c->new_credits > LIMIT_WALLET ||
        c->new_credits - captured > LIMIT_CREDITS)
        return HOLD_TOO_LARGE;
    c->more = c->new_credits - hold->credits;
    c->of_plan = wallet_drawn_on(wallet, hold);
    if (c->of_plan != NULL && c->more > 0)
        drawn = min_i64(c->more, hold_left(c->of_plan));
    return hold_admit(wallet, hold, c->of_plan, c->more, drawn, now, refusal);
}

static enum hold_result
work_out(struct wallet *wallet, const struct capture_ask *ask, int64_t now,
         struct capture *c, struct hold_refusal *refusal)
{
    struct hold *hold = wallet_hold(wallet, ask->hold);
    int64_t left;

    if (hold == NULL)
        return HOLD_UNKNOWN;
    if (hold->state != HOLD_HELD || hold->plan != 0)
        return HOLD_NOT_OPEN;
    left = hold->quantity - hold->quantity_captured;
    *c = (struct capture){ .hold = hold,
                           .quantity = ask->all ? left : ask->quantity };
    assert(c->quantity >= 0);
    if (c->quantity > left)
        return HOLD_EXCEEDED;
    c->credits =
        price_of_charge(&hold->charge, hold->quantity_captured + c->quantity) -
        hold->captured;
    if (!ask->extend)
        return HOLD_OK;
    return work_out_extension(wallet, ask, now, c, refusal);
}

/* Spends what a hold reserved, in spending order, by one event. */
static int64_t
spend(struct wallet *wallet, struct hold *hold, int64_t quantity,
      int64_t credits, int64_t now)
{
    struct event event = { .kind = EVENT_CAPTURED_USAGE,
                           .hold = hold->number,
                           .charge = hold->charge,
                           .refs = hold->refs };
    struct postings postings = { .arena = wallet->arena };
    int64_t left = credits;

    for (int i = 0; i < hold->lot_count && left > 0; i++) {
        int64_t part = min_i64(hold->lots[i].reserved, left);

        if (part == 0)
            continue;
        wallet_unreserve(wallet, hold, i, part);
        wallet_lot(wallet, hold->lots[i].lot)->remaining -= part;
        event_post(&postings, hold->lots[i].lot, -part);
        left -= part;
    }
    assert(left == 0);
    hold->drawn -= min_i64(hold->drawn, credits);
    hold->captured += credits;
    hold->quantity_captured += quantity;
    hold->captured_at = now;
    hold->changed = true;
    event.charge.quantity = hold->charge.book == 0 ? 0 : quantity;
    return wallet_append_posted(wallet, &event, &postings, -credits, now)->seq;
}

static void
extend(struct wallet *wallet, const struct capture_ask *ask,
       const struct capture *c, int64_t now)
{
    struct hold *hold = c->hold;

    if (c->more > 0)
        hold_reserve(wallet, hold, c->of_plan, c->more);
    else
        wallet_shrink_hold(wallet, hold, -c->more, now);
    hold->quantity = c->new_quantity;
    hold->credits = c->new_credits;
    hold->expires_at =
        min_i64(now + ask->extend_ms, hold->created_at + LIMIT_HOLD_LIFE_MS);
    wallet_due_by(wallet, hold->expires_at);
}

enum hold_result
hold_capture(struct wallet *wallet, const struct capture_ask *ask, int64_t now,
             int64_t *seq, struct hold_refusal *refusal)
{
    struct capture c;
    enum hold_result can = work_out(wallet, ask, now, &c, refusal);

    if (can != HOLD_OK)
        return can;
    *seq = spend(wallet, c.hold, c.quantity, c.credits, now);
    if (ask->extend)
        extend(wallet, ask, &c, now);
    else if (ask->final)
        wallet_end_hold(wallet, c.hold, HOLD_CAPTURED, now);
    wallet_settle(wallet, now);
    return HOLD_OK;
}

enum hold_result
hold_capture_direct(struct wallet *wallet, const struct hold_ask *ask,
                    int64_t now, int64_t *seq, struct hold_refusal *refusal)
{
    struct hold hold, *of_plan;
    enum hold_result admitted =
        hold_prepare(wallet, ask, now, &hold, &of_plan, refusal);

    if (admitted != HOLD_OK)
        return admitted;
    hold_reserve(wallet, &hold, of_plan, hold.credits);
    *seq = spend(wallet, &hold, hold.quantity, hold.credits, now);
    wallet_settle(wallet, now);
    return HOLD_OK;
}
