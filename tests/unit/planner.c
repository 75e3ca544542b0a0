/*
 * The planner: an estimate is what holds of the same items take, to the
 * credit; what is short, what covers it, what it is worth; a plan is held
 * for whole or not at all; and what one price book changes of another.
 *
 * The plans are random: SEED=n repeats a run, N=n makes as many.
 */
#include "planner.h"

#include "clock.h"
#include "price_change.h"
#include "tap.h"
#include "words.h"

__extension__ typedef unsigned __int128 wide;

static struct arena arena;
static uint64_t state;

/* xorshift64*: a number from low to high. */
static int64_t
any(int64_t low, int64_t high)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return low + (int64_t)((state * UINT64_C(2685821657736338717) >> 1) %
                           (uint64_t)(high - low + 1));
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

    state = (uint64_t)setting("SEED", clock_system_ms()) | 1;
    printf("# SEED=%" PRIu64 " N=%" PRId64 "\n", state, n);
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

/* --- Estimates. ---------------------------------------------------------- */

static void
check_estimates(void)
{
    static const struct tier tiers[] = { { "gbp25", 2500, "GBP", 0 },
                                         { "gbp50", 5000, "GBP", 500 },
                                         { "gbp100", 10000, "GBP", 0 } };
    static const struct {
        const char *words;
        int64_t total, available, rate;
        int64_t amount, after, shortfall;
        const char *tier;
        int64_t credits, tier_after;
        const char *largest;
        int64_t times;
    } cases[] = {
        { "there is enough", 277, 500, 120, 231, 223, 0, NULL, 0, 0, NULL, 0 },
        { "just enough", 500, 500, 120, 417, 0, 0, NULL, 0, 0, NULL, 0 },
        { "one is short", 501, 500, 120, 418, -1, 1, "gbp25", 3000, 2999, NULL,
          0 },
        { "the smallest covers it whole", 3500, 500, 120, 2917, -3000, 3000,
          "gbp25", 3000, 0, NULL, 0 },
        { "one more takes the next, with its bonus", 3501, 500, 120, 2918,
          -3001, 3001, "gbp50", 6500, 3499, NULL, 0 },
        { "which covers more than its amount", 7000, 500, 120, 5834, -6500,
          6500, "gbp50", 6500, 0, NULL, 0 },
        { "the largest", 12500, 500, 120, 10417, -12000, 12000, "gbp100", 12000,
          0, NULL, 0 },
        { "none: two of the largest", 12501, 500, 120, 10418, -12001, 12001,
          NULL, 0, 0, "gbp100", 2 },
        { "none: as many as it takes", 120500, 500, 120, 100417, -120000,
          120000, NULL, 0, 0, "gbp100", 10 },
        { "what is owed is short too", 10, -2990, 120, 9, -3000, 3000, "gbp25",
          3000, 0, NULL, 0 },
        { "the worth is rounded up", 1, 5, 1000, 1, 4, 0, NULL, 0, 0, NULL, 0 },
        { "and exact where it is whole", 30, 50, 120, 25, 20, 0, NULL, 0, 0,
          NULL, 0 },
        { "10^12 at a rate of 1", LIMIT_CREDITS, LIMIT_CREDITS, 1,
          LIMIT_CREDITS * 100, 0, 0, NULL, 0, 0, NULL, 0 },
        { "a bonus may make a smaller tier the largest", 100, 0, 1, 10000, -100,
          100, "gbp50", 550, 450, NULL, 0 },
        { "and then it is counted with", 551, 0, 1, 55100, -551, 551, NULL, 0,
          0, "gbp50", 2 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct planner_means means = { .available = cases[i].available,
                                       .rate = cases[i].rate,
                                       .currency = "GBP",
                                       .tiers = tiers,
                                       .tier_count = COUNT_OF(tiers) };
        struct planner_estimate made;

        planner_estimate(cases[i].total, &means, &made);
        is_text(arena_format(&arena, "%" PRId64 " %" PRId64 " %" PRId64,
                             made.amount, made.after, made.shortfall),
                arena_format(&arena, "%" PRId64 " %" PRId64 " %" PRId64,
                             cases[i].amount, cases[i].after,
                             cases[i].shortfall),
                "%s: worth, after, short", cases[i].words);
        is_text(made.top_up.tier == NULL ? NULL : made.top_up.tier->id,
                cases[i].tier, "%s: the tier", cases[i].words);
        is_int(made.top_up.credits, cases[i].credits, "%s: what it brings",
               cases[i].words);
        is_int(made.top_up.after, cases[i].tier_after, "%s: what is left then",
               cases[i].words);
        is_text(made.largest.tier == NULL ? NULL : made.largest.tier->id,
                cases[i].largest, "%s: the largest", cases[i].words);
        is_int(made.largest.times, cases[i].times, "%s: how many",
               cases[i].words);
    }
}

static void
check_no_tiers(void)
{
    static const struct tier worthless = { "jpy1", 1, "GBP", 900 };
    struct planner_means means = { .rate = 1, .currency = "GBP" };
    struct planner_estimate made;

    planner_estimate(10, &means, &made);
    ok(made.top_up.tier == NULL && made.largest.tier == NULL,
       "where nothing is sold nothing is proposed");
    means.tiers = &worthless;
    means.tier_count = 1;
    planner_estimate(10, &means, &made);
    ok(made.top_up.tier == NULL && made.largest.tier == NULL,
       "nor a tier that buys nothing but its bonus");
}

static void
check_lines(void)
{
    static const struct {
        const char *words, *activity, *quality;
        int64_t quantity, credits;
        bool fits;
        const char *sum;
    } cases[] = {
        { "a fraction is charged whole", "livestream_viewing", NULL, 10080, 202,
          true, "10,080 viewer-minutes × 20 per 1,000 = 201.6, charged 202" },
        { "one of it", "clip", "premium", 1, 25, true, "1 clip × 25 = 25" },
        { "nine digits", "chat_reply", "balanced", 999999999, 1999999998, true,
          "999,999,999 replies × 2 = 1,999,999,998" },
        { "a unit of two words", "video_summary", "fast", 15, 8, true,
          "15 minutes of video × 5 per 10 = 7.5, charged 8" },
        { "the most that one may cost", "livestream_room", NULL,
          LIMIT_CREDITS / 2, LIMIT_CREDITS, true,
          "500,000,000,000 minutes × 2 = 1,000,000,000,000" },
        { "and one more", "livestream_room", NULL, LIMIT_CREDITS / 2 + 1,
          LIMIT_CREDITS + 2, false, NULL },
        { "the largest integer", "long_draft", "premium", LIMIT_INTEGER,
          LIMIT_INTEGER * 50, false, NULL },
    };
    const struct price_book *book = price_first_book();

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct charge charge;
        struct planner_line line;
        bool found = price_find(book, cases[i].activity, cases[i].quality,
                                cases[i].quantity, &charge) == PRICE_OK;
        bool fits;

        if (!ok(found, "%s: is in the book", cases[i].words))
            continue;
        charge.book = 1; /* the book of a site has a version */
        fits = planner_line(&(struct price_book){ .version = 1,
                                                  .sections = book->sections,
                                                  .section_count =
                                                      book->section_count },
                            &charge, &line);
        ok(fits == cases[i].fits, "%s: fits or not", cases[i].words);
        is_int(line.credits, cases[i].credits, "%s: credits", cases[i].words);
        if (cases[i].sum != NULL)
            is_text(words_charge(&arena, &line.charge, line.unit, line.credits),
                    cases[i].sum, "%s: in words", cases[i].words);
    }
}

/* --- Caps. --------------------------------------------------------------- */

static void
check_caps(void)
{
    static struct cap caps[] = {
        { .number = 1,
          .on = CAP_FEATURE,
          .value = "clip",
          .credits = 100,
          .per = CAP_TOTAL,
          .used = 30 },
    };
    struct planner_line lines[] = {
        { .charge = { "clip", 1, "fast", 10, 5, 1 }, .credits = 50 },
        { .charge = { "clip", 1, "premium", 1, 25, 1 }, .credits = 25 },
    };
    struct planner_start start = { .plan = 3,
                                   .name = "n",
                                   .campaign = "c",
                                   .lines = lines,
                                   .count = 2,
                                   .lasts_ms = DAY_MS };
    struct wallet wallet;
    struct hold_refusal refusal;
    int64_t first;

    wallet_init(&wallet, &arena, 7, zone_find("Europe/London"));
    wallet.caps = caps;
    wallet.cap_count = 1;
    fund(&wallet, 80, 0);
    is_int(planner_place(&wallet, &start, 0, &first, &refusal), HOLD_CAPPED,
           "the second item would pass a cap");
    ok(wallet.held == 0 && wallet.hold_count == 0 && wallet.caps[0].held == 0,
       "so the first is not held either");
    is_int(refusal.cap_used, 30, "the cap is told as it was before");
    is_int(refusal.required, 75, "and the whole plan's credits");
    fund(&wallet, 20, 0);
    lines[1].charge.quantity = 3;
    lines[1].credits = 75;
    is_int(planner_place(&wallet, &start, 0, &first, &refusal),
           HOLD_INSUFFICIENT, "what is short goes before a cap");
    ok(refusal.cap == NULL && refusal.required == 125 &&
           refusal.available == 100,
       "and says so of the whole plan");
    lines[1].charge.quantity = 0;
    start.count = 1;
    is_int(planner_place(&wallet, &start, 0, &first, &refusal), HOLD_OK,
           "what fits under the cap is held");
    is_int(wallet.caps[0].held, 50, "and counts there");
}

/* --- Price changes. ------------------------------------------------------ */

static void
check_changes(void)
{
    struct price room[] = { { NULL, 2, 1 } }, dearer[] = { { NULL, 3, 1 } };
    struct price clips[] = { { "fast", 5, 1 }, { "premium", 25, 1 } };
    struct price other_clips[] = { { "fast", 50, 10 }, { "balanced", 9, 1 } };
    struct activity before_all[] = { { "room", "Room", "minute", room, 1 },
                                     { "clip", "Clips", "clip", clips, 2 },
                                     { "gone", "Gone", "thing", room, 1 } };
    struct activity after_all[] = { { "new", "New", "thing", dearer, 1 },
                                    { "room", "Room", "minute", dearer, 1 },
                                    { "clip", "Clips", "clip", other_clips,
                                      2 } };
    struct price_section one = { "a", "A", before_all, 3 };
    struct price_section two = { "b", "B", after_all, 3 };
    struct price_book before = { 1, 0, &one, 1 }, after = { 2, 9, &two, 1 };
    static const char *const want[] = {
        "new - 0 3",         "room - 2 3",        "clip fast 5 50",
        "clip balanced 0 9", "clip premium 25 0", "gone - 2 0"
    };
    struct price_change *changes;
    int count;

    price_changes(&arena, &before, &after, &changes, &count);
    is_int(count, COUNT_OF(want), "each price that differs is a change");
    for (int i = 0; i < count && i < (int)COUNT_OF(want); i++) {
        const struct price_change *at = &changes[i];

        is_text(arena_format(&arena, "%s %s %d %d", at->activity->id,
                             at->quality == NULL ? "-" : at->quality,
                             at->before == NULL ? 0 : (int)at->before->credits,
                             at->after == NULL ? 0 : (int)at->after->credits),
                want[i], "change %d", i + 1);
    }
    price_changes(&arena, &before, &before, &changes, &count);
    is_int(count, 0, "a book changes nothing of itself");
}

int
main(void)
{
    arena_init(&arena, (size_t)1024 * 1024, (size_t)64 * 1024 * 1024);
    check_lines();
    check_estimates();
    check_no_tiers();
    check_caps();
    check_changes();
    check_random();
    arena_free(&arena);
    return done();
}
