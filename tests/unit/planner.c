/*
 * The planner: lines and their words, what an estimate is worth, what is
 * short and what covers it; a plan under a cap is held for whole or not at
 * all; and what one price book changes of another. Random plans are
 * planner_random.c's.
 */
#include "planner.h"

#include "price_change.h"
#include "tap.h"
#include "words.h"

static struct arena arena;

/* Credits in one lot. */
static void
fund(struct wallet *wallet, int64_t credits)
{
    static const struct event event = { .kind = EVENT_BONUS };
    const struct credit_lot lot = { .kind = LOT_BONUS,
                                    .credits = credits,
                                    .expires_at = NEVER_MS };

    ok(wallet_credit(wallet, &lot, 1, &event, 0) == WALLET_OK,
       "%d credits come in", (int)credits);
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
    fund(&wallet, 80);
    is_int(planner_place(&wallet, &start, 0, &first, &refusal), HOLD_CAPPED,
           "the second item would pass a cap");
    ok(wallet.held == 0 && wallet.hold_count == 0 && wallet.caps[0].held == 0,
       "so the first is not held either");
    is_int(refusal.cap_used, 30, "the cap is told as it was before");
    is_int(refusal.required, 75, "and the whole plan's credits");
    fund(&wallet, 20);
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
    arena_free(&arena);
    return done();
}
