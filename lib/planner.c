/*
 * Estimates, and the holds that follow them: see planner.h. Credits are
 * rounded by price_credits() alone, so a line and its hold cannot differ.
 */
#include "planner.h"

#include "limits.h"

bool
planner_line(const struct price_book *book, const struct charge *charge,
             struct planner_line *line)
{
    const struct activity *activity = price_activity(book, charge->feature);

    assert(activity != NULL && charge->book == book->version);
    *line = (struct planner_line){
        .charge = *charge,
        .label = activity->label,
        .unit = activity->unit,
        .credits = price_of_charge(charge, charge->quantity),
    };
    return line->credits <= LIMIT_CREDITS;
}

int64_t
planner_total(const struct planner_line *lines, int count)
{
    int64_t total = 0;

    assert(count <= PLANNER_ITEMS_MAX);
    for (int i = 0; i < count; i++) {
        assert(lines[i].credits <= LIMIT_CREDITS);
        total += lines[i].credits;
    }
    return total;
}

/* What one of a tier brings in; 0: it is not sold at this rate. */
static int64_t
tier_brings(const struct tier *tier, int64_t rate)
{
    return tier_sells(tier, rate) ? tier_credits(tier, rate) + tier->bonus : 0;
}

static void
find_top_up(const struct planner_means *means,
            struct planner_estimate *estimate)
{
    struct planner_top_up *largest = &estimate->largest;

    for (int i = 0; i < means->tier_count; i++) {
        const struct tier *tier = &means->tiers[i];
        int64_t credits = tier_brings(tier, means->rate);

        if (credits >= estimate->shortfall) {
            estimate->top_up =
                (struct planner_top_up){ .tier = tier,
                                         .times = 1,
                                         .credits = credits,
                                         .after = estimate->after + credits };
            largest->tier = NULL;
            return;
        }
        if (credits > 0 && credits > largest->credits)
            *largest =
                (struct planner_top_up){ .tier = tier, .credits = credits };
    }
    if (largest->tier == NULL)
        return;
    largest->times = price_credits(estimate->shortfall, 1, largest->credits);
    largest->after = estimate->after + largest->times * largest->credits;
}

void
planner_estimate(int64_t total, const struct planner_means *means,
                 struct planner_estimate *estimate)
{
    assert(total >= 1 && total <= LIMIT_CREDITS && means->rate >= 1);
    *estimate = (struct planner_estimate){
        .total = total,
        /* Up, so that nobody is told that work costs less than it does. */
        .amount =
            price_credits(total, money_unit(means->currency), means->rate),
        .available = means->available,
        .after = means->available - total,
        .shortfall = max_i64(total - means->available, 0),
    };
    if (estimate->shortfall > 0)
        find_top_up(means, estimate);
}

/* The refusal of one line is the plan's: the cap as it was before. */
static void
tell_before(const struct wallet *before, const struct wallet *wallet,
            int64_t total, int64_t now, struct hold_refusal *refusal)
{
    const struct cap *cap = refusal->cap;
    int64_t day = zone_day(before->zone, now);

    refusal->available = wallet_available(before);
    refusal->held = before->held;
    refusal->required = total;
    if (cap == NULL)
        return;
    refusal->cap = &before->caps[cap - wallet->caps];
    refusal->cap_used = cap_used(refusal->cap, day);
}

static enum hold_result
place_line(struct wallet *wallet, const struct planner_start *start, int i,
           int64_t now, int64_t *made, struct hold_refusal *refusal)
{
    const struct planner_line *line = &start->lines[i];
    const struct hold_ask ask = {
        .charge = line->charge,
        .refs = { .campaign = start->campaign, .note = start->name },
        .quantity = line->charge.quantity,
        .lasts_ms = start->lasts_ms,
        .plan = start->plan,
        .item = i + 1,
    };

    return hold_place(wallet, &ask, now, made, refusal);
}

enum hold_result
planner_place(struct wallet *wallet, const struct planner_start *start,
              int64_t now, int64_t *first, struct hold_refusal *refusal)
{
    int64_t total = planner_total(start->lines, start->count);
    enum hold_result placed = HOLD_OK;
    struct wallet *before = arena_alloc(wallet->arena, sizeof(*before));

    assert(start->plan >= 1 && start->count >= 1);
    *refusal = (struct hold_refusal){ .cap = NULL };
    wallet_copy(before, wallet);
    *first = wallet->holds_made + 1;
    /* Asked of the whole first: what is short goes before a cap. */
    if (total > wallet_available(wallet))
        placed = HOLD_INSUFFICIENT;
    for (int i = 0; i < start->count && placed == HOLD_OK; i++) {
        int64_t made;

        placed = place_line(wallet, start, i, now, &made, refusal);
        assert(placed != HOLD_OK || made == *first + i);
    }
    if (placed == HOLD_OK)
        return placed;
    tell_before(before, wallet, total, now, refusal);
    *wallet = *before;
    return placed;
}
