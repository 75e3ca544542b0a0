/*
 * An estimate is what holds of the same items take, to the credit, one by
 * one or as a plan that is started; what it says is short is what a start
 * says too; and what it proposes to buy is enough. Plans, prices and wallets
 * are random: SEED=n repeats a run, N=n makes as many.
 */
#include "planner.h"

#include "clock.h"
#include "dice.h"
#include "tap.h"

__extension__ typedef unsigned __int128 wide;

static struct arena arena;
static struct dice dice;

static int64_t
any(int64_t low, int64_t high)
{
    return dice_between(&dice, low, high);
}

/* Of any number of digits up to so many, each as likely. */
static int64_t
any_digits(int digits)
{
    int64_t high = 9;

    for (int i = (int)any(1, digits); i > 1; i--)
        high = high * 10 + 9;
    return any(1, high);
}

static int64_t
setting(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : (int64_t)strtoull(text, NULL, 10);
}

/* --- Random plans. ------------------------------------------------------- */

/* The first book's activities at other prices, or at its own. */
static const struct price_book *
any_book(void)
{
    const struct price_book *first = price_first_book();
    struct price_book *book = arena_alloc(&arena, sizeof(*book));
    bool same = any(0, 1) == 0;

    *book = *first;
    book->version = any(1, 9);
    book->sections = arena_array(&arena, (size_t)first->section_count,
                                 sizeof(*book->sections));
    for (int i = 0; i < first->section_count; i++) {
        struct price_section *section = &book->sections[i];

        *section = first->sections[i];
        section->activities =
            arena_array(&arena, (size_t)section->activity_count,
                        sizeof(*section->activities));
        for (int k = 0; k < section->activity_count; k++) {
            struct activity *activity = &section->activities[k];

            *activity = first->sections[i].activities[k];
            activity->prices =
                arena_array(&arena, (size_t)activity->price_count,
                            sizeof(*activity->prices));
            for (int p = 0; p < activity->price_count; p++) {
                activity->prices[p] =
                    first->sections[i].activities[k].prices[p];
                if (same)
                    continue;
                activity->prices[p].credits = any_digits(5);
                activity->prices[p].per = any_digits(7);
            }
        }
    }
    return book;
}

/* Rounded up by another way than the product's. */
static int64_t
sum_of(const struct charge *charge)
{
    wide quantity = (wide)charge->quantity, per = (wide)charge->per;
    wide price = (wide)charge->price;
    wide whole = quantity / per * price;
    wide rest = quantity % per * price;

    for (; rest >= per; whole++)
        rest -= per;
    return (int64_t)(whole + (rest > 0));
}

/* An item whose rest is cheap to count down, priced by its book. */
static bool
any_line(const struct price_book *book, struct planner_line *line)
{
    const struct price_section *section =
        &book->sections[any(0, book->section_count - 1)];
    const struct activity *activity =
        &section->activities[any(0, section->activity_count - 1)];
    const struct price *price =
        &activity->prices[any(0, activity->price_count - 1)];
    struct charge charge;

    if (price_find(book, activity->id, price->quality, any_digits(9),
                   &charge) != PRICE_OK)
        return false;
    return planner_line(book, &charge, line);
}

static void
fund(struct wallet *wallet, int64_t credits, int64_t now)
{
    static const struct event event = { .kind = EVENT_BONUS };
    const int parts = (int)any(1, 4);

    for (int i = 0; i < parts && credits > 0; i++) {
        struct credit_lot lot = {
            .kind = LOT_BONUS,
            .credits = i == parts - 1 ? credits : any(1, credits),
            .expires_at = now + any(30, 90) * DAY_MS,
        };

        while (lot.credits > 0) { /* one event brings 10^12 at most */
            struct credit_lot piece = lot;

            piece.credits = min_i64(lot.credits, LIMIT_CREDITS);
            if (wallet_credit(wallet, &piece, 1, &event, now) != WALLET_OK)
                return;
            lot.credits -= piece.credits;
            credits -= piece.credits;
        }
    }
}

/* Holds of the same items, one by one, as a feature makes them. */
static int64_t
hold_each(struct wallet *wallet, const struct planner_line *lines, int count,
          int64_t now)
{
    int64_t held = wallet->held;

    for (int i = 0; i < count; i++) {
        const struct hold_ask ask = { .charge = lines[i].charge,
                                      .quantity = lines[i].charge.quantity,
                                      .lasts_ms = HOUR_MS };
        int64_t made;

        if (hold_place(wallet, &ask, now, &made, NULL) != HOLD_OK ||
            wallet_hold(wallet, made)->credits != lines[i].credits)
            return -1;
    }
    return wallet->held - held;
}

/* What is refused before it comes to an estimate. */
static const char too_large[] = "more than one operation may move";

/* What went wrong of a plan; NULL: nothing. */
static const char *
try_plan(int64_t now)
{
    static const struct tier tiers[] = { { "a", 2500, "GBP", 0 },
                                         { "b", 5000, "GBP", 100 },
                                         { "c", 90000000, "GBP", 0 } };
    const struct price_book *book = any_book();
    struct planner_line lines[12];
    int count = (int)any(1, COUNT_OF(lines));
    struct planner_start start = { .plan = 1,
                                   .name = "a plan",
                                   .campaign = "pln_x",
                                   .lines = lines,
                                   .count = count,
                                   .lasts_ms = DAY_MS };
    struct wallet wallet, copy;
    struct planner_means means = { .rate = any(1, 1000),
                                   .currency = "GBP",
                                   .tiers = tiers,
                                   .tier_count = COUNT_OF(tiers) };
    struct planner_estimate made;
    struct hold_refusal refusal;
    int64_t total = 0, first;

    for (int i = 0; i < count; i++) {
        if (!any_line(book, &lines[i]))
            return too_large;
        if (lines[i].credits != sum_of(&lines[i].charge))
            return "a line's credits";
        total += lines[i].credits;
    }
    if (total > LIMIT_CREDITS)
        return too_large;
    wallet_init(&wallet, &arena, 7, zone_find("Europe/London"));
    fund(&wallet, max_i64(total + any(-2, 2) * any_digits(9), 0), now);
    means.available = wallet_available(&wallet);
    planner_estimate(total, &means, &made);
    if (made.total != total || made.available != means.available ||
        made.after != means.available - total ||
        made.shortfall != max_i64(-made.after, 0))
        return "the estimate does not add up";
    if (made.shortfall > 0) {
        int64_t seq = wallet.seq;

        if (planner_place(&wallet, &start, now, &first, &refusal) !=
                HOLD_INSUFFICIENT ||
            refusal.required - refusal.available != made.shortfall)
            return "what is short is not what start says";
        if (wallet.held != 0 || wallet.hold_count != 0 || wallet.seq != seq ||
            wallet.holds_made != 0 || wallet.plan_holds != 0)
            return "a refusal left something";
        if (made.top_up.tier == NULL && made.largest.tier == NULL)
            return "no top-up";
        fund(&wallet,
             made.top_up.tier != NULL
                 ? made.top_up.credits
                 : made.largest.credits * made.largest.times,
             now);
        made.after =
            made.top_up.tier != NULL ? made.top_up.after : made.largest.after;
    }
    wallet_copy(&copy, &wallet);
    if (hold_each(&copy, lines, count, now) != total)
        return "holds one by one take something else";
    if (planner_place(&wallet, &start, now, &first, &refusal) != HOLD_OK)
        return "it cannot be started";
    if (wallet.held != total || wallet.plan_holds != count ||
        wallet_available(&wallet) != made.after)
        return "the plan's holds take something else";
    for (int i = 0; i < count; i++) {
        const struct hold *hold = wallet_hold(&wallet, first + i);

        if (hold->credits != lines[i].credits || hold->item != i + 1 ||
            hold->plan != 1 || strcmp(hold->refs.campaign, "pln_x") != 0)
            return "a hold is not its line's";
    }
    return NULL;
}

static void
check_random(void)
{
    int64_t n = setting("N", 10000), wrong = 0, tried = 0, now;
    const char *first = NULL;

    dice.state = (uint64_t)setting("SEED", clock_system_ms());
    printf("# SEED=%" PRIu64 " N=%" PRId64 "\n", dice.state, n);
    if (!clock_parse("2026-11-22T10:00:00Z", &now))
        abort();
    while (tried < n) {
        const char *why = try_plan(now);

        arena_reset(&arena);
        if (why == too_large)
            continue;
        if (why != NULL && first == NULL) {
            first = why;
            printf("# plan %" PRId64 ": %s\n", tried, why);
        }
        wrong += why != NULL;
        tried++;
    }
    is_int(wrong, 0, "%" PRId64 " random plans are held at what was estimated",
           n);
}

int
main(void)
{
    arena_init(&arena, (size_t)1024 * 1024, (size_t)64 * 1024 * 1024);
    check_random();
    arena_free(&arena);
    return done();
}
