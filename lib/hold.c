/*
 * Placing holds, and releasing them: see hold.h; capturing is hold_capture.c.
 * Everything that can refuse is asked before anything is changed.
 */
#include "hold.h"

#include "hold_inside.h"
#include "price.h"

static const char *const state_texts[] = {
    [HOLD_HELD] = "held",
    [HOLD_CAPTURED] = "captured",
    [HOLD_RELEASED] = "released",
    [HOLD_EXPIRED] = "expired",
};

const char *
hold_state_text(enum hold_state state)
{
    assert((size_t)state < COUNT_OF(state_texts));
    return state_texts[state];
}

bool
hold_state_of(const char *text, enum hold_state *state)
{
    for (size_t i = 0; i < COUNT_OF(state_texts); i++)
        if (strcmp(state_texts[i], text) == 0) {
            *state = (enum hold_state)i;
            return true;
        }
    return false;
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

struct hold *
hold_of_plan(struct wallet *wallet, const char *campaign, const char *feature,
             const char *quality)
{
    struct hold *found = NULL;

    if (campaign == NULL)
        return NULL;
    for (int i = 0; i < wallet->hold_count; i++) {
        struct hold *hold = &wallet->holds[i];
        bool better;

        if (hold->plan == 0 || hold->state != HOLD_HELD ||
            !same_text(hold->refs.campaign, campaign) ||
            !same_text(hold->charge.feature, feature) ||
            !same_text(hold->charge.quality, quality))
            continue;
        better = found == NULL ||
                 (hold_left(hold) > 0) > (hold_left(found) > 0) ||
                 ((hold_left(hold) > 0) == (hold_left(found) > 0) &&
                  hold->number < found->number);
        if (better)
            found = hold;
    }
    return found;
}

enum hold_result
hold_admit(const struct wallet *wallet, const struct hold *hold,
           const struct hold *of_plan, int64_t more, int64_t drawn, int64_t now,
           struct hold_refusal *refusal)
{
    int64_t day = zone_day(wallet->zone, now);
    int64_t need = more - drawn;

    if (need > 0 && need > wallet_available(wallet)) {
        if (refusal != NULL)
            *refusal =
                (struct hold_refusal){ .available = wallet_available(wallet),
                                       .held = wallet->held,
                                       .required = need };
        return HOLD_INSUFFICIENT;
    }
    for (int i = 0; i < wallet->cap_count; i++) {
        const struct cap *cap = &wallet->caps[i];
        bool both = of_plan != NULL &&
                    cap_matches(cap, of_plan->charge.feature, &of_plan->refs);

        if (!cap_matches(cap, hold->charge.feature, &hold->refs) ||
            cap_admits(cap, day, both ? need : more))
            continue;
        if (refusal != NULL)
            *refusal =
                (struct hold_refusal){ .available = wallet_available(wallet),
                                       .held = wallet->held,
                                       .required = need,
                                       .cap = cap,
                                       .cap_used = cap_used(cap, day) };
        return HOLD_CAPPED;
    }
    return HOLD_OK;
}

enum hold_result
hold_prepare(struct wallet *wallet, const struct hold_ask *ask, int64_t now,
             struct hold *hold, struct hold **of_plan,
             struct hold_refusal *refusal)
{
    int64_t drawn = 0;

    assert(ask->quantity >= 1 && ask->quantity <= LIMIT_INTEGER);
    assert(ask->charge.feature != NULL);
    *hold = (struct hold){ .state = HOLD_HELD,
                           .quantity = ask->quantity,
                           .charge = ask->charge,
                           .refs = ask->refs,
                           .created_at = now,
                           .captured_at = now,
                           .ended_at = NEVER_MS,
                           .plan = ask->plan,
                           .item = ask->item,
                           .fresh = true,
                           .changed = true };
    *of_plan = NULL;
    if (ask->charge.book != 0 && ask->plan == 0)
        *of_plan = hold_of_plan(wallet, ask->refs.campaign, ask->charge.feature,
                                ask->charge.quality);
    if (*of_plan != NULL) {
        hold->charge.book = (*of_plan)->charge.book;
        hold->charge.price = (*of_plan)->charge.price;
        hold->charge.per = (*of_plan)->charge.per;
        hold->draws_on = (*of_plan)->number;
    }
    hold->charge.quantity = ask->charge.book == 0 ? 0 : ask->quantity;
    hold->credits = price_of_charge(&hold->charge, ask->quantity);
    if (hold->credits > LIMIT_CREDITS)
        return HOLD_TOO_LARGE;
    if (*of_plan != NULL)
        drawn = min_i64(hold->credits, hold_left(*of_plan));
    return hold_admit(wallet, hold, *of_plan, hold->credits, drawn, now,
                      refusal);
}

void
hold_reserve(struct wallet *wallet, struct hold *hold, struct hold *of_plan,
             int64_t credits)
{
    int64_t drawn = of_plan == NULL ? 0 : min_i64(credits, hold_left(of_plan));

    if (drawn > 0)
        wallet_draw(wallet, hold, of_plan, drawn);
    wallet_reserve_free(wallet, hold, credits - drawn);
}

enum hold_result
hold_place(struct wallet *wallet, const struct hold_ask *ask, int64_t now,
           int64_t *made, struct hold_refusal *refusal)
{
    struct hold hold, *of_plan;
    enum hold_result admitted;

    assert(ask->lasts_ms >= 1 && ask->lasts_ms <= LIMIT_HOLD_MS);
    admitted = hold_prepare(wallet, ask, now, &hold, &of_plan, refusal);
    if (admitted != HOLD_OK)
        return admitted;
    hold.number = ++wallet->holds_made;
    hold.expires_at = now + ask->lasts_ms;
    hold_reserve(wallet, &hold, of_plan, hold.credits);
    wallet_add_hold(wallet, &hold);
    if (hold.plan != 0)
        wallet->plan_holds++;
    wallet_due_by(wallet, hold.expires_at);
    wallet_settle(wallet, now);
    *made = hold.number;
    return HOLD_OK;
}

enum hold_result
hold_release(struct wallet *wallet, int64_t number, int64_t now)
{
    struct hold *hold = wallet_hold(wallet, number);

    if (hold == NULL)
        return HOLD_UNKNOWN;
    if (hold->state == HOLD_CAPTURED)
        return HOLD_NOT_OPEN;
    if (hold->state != HOLD_HELD)
        return HOLD_OK;
    wallet_end_hold(wallet, hold, HOLD_RELEASED, now);
    wallet_settle(wallet, now);
    return HOLD_OK;
}
