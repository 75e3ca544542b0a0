/*
 * When a balance counts as low, and how long it lasts: the warning does not
 * flicker around its threshold, is the same for every reader, and is the
 * same whether anybody wrote in between what was due.
 */
#include "runway.h"
#include "wallet.h"

#include "clock.h"
#include "ledger_world.h"

/* --- The wallet's own sense of it. ------------------------------------------ */

static void
check_threshold(void)
{
    static const struct {
        int64_t threshold, available;
        bool before, low;
        const char *words;
    } cases[] = {
        { 100, 100, false, false, "at the threshold nothing is said" },
        { 100, 99, false, true, "one below it is low" },
        { 100, 100, true, true, "low stays low at the threshold" },
        { 100, 109, true, true, "and above it, until a tenth more is there" },
        { 100, 110, true, false, "a tenth more clears it" },
        { 100, 105, false, false, "what is clear stays clear in between" },
        { 100, -5, false, true, "below zero is low" },
        { 1, 0, false, true, "a threshold of one" },
        { 1, 1, true, true, "of which a tenth is one, too" },
        { 1, 2, true, false, "is cleared by two" },
        { 0, 0, false, false, "a threshold of nought never warns" },
        { 0, 0, true, false, "and clears at once" },
        { -1, -50, true, false, "without a threshold nothing is low" },
        { LIMIT_CREDITS, LIMIT_CREDITS, true, true, "the largest of all" },
        { LIMIT_CREDITS, LIMIT_CREDITS + LIMIT_CREDITS / 10, true, false,
          "has its tenth as well" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct wallet wallet = { .total = cases[i].available + 7,
                                 .held = 7,
                                 .warn_below = cases[i].threshold,
                                 .low = cases[i].before };

        wallet_watch(&wallet);
        ok(wallet.low == cases[i].low, "%s", cases[i].words);
    }
}

static void
check_change(void)
{
    struct wallet wallet = { .total = 104, .warn_below = 100, .low = true };

    wallet_warn_below(&wallet, 100);
    ok(wallet.low && !wallet.changed, "the same threshold changes nothing");
    wallet_warn_below(&wallet, 99);
    ok(!wallet.low && wallet.changed, "another one begins anew");
    wallet_warn_below(&wallet, 105);
    ok(wallet.low, "from below it, too");
    wallet_warn_below(&wallet, -1);
    ok(!wallet.low, "none is none");
    wallet.total = -5;
    wallet_warn_below(&wallet, 50);
    wallet_warn_below(&wallet, -1);
    ok(!wallet.low, "even below zero");
}

/* --- In the ledger. --------------------------------------------------------- */

static void
hold(const struct space *space, int64_t credits, int64_t lasts_ms)
{
    struct hold_ask ask = { .charge = { .feature = "own" },
                            .quantity = credits,
                            .lasts_ms = lasts_ms };
    int64_t number;

    world_lock(space);
    NEED(hold_place(&world.wallet, &ask, world.now, &number, NULL) == HOLD_OK);
    world_commit();
}

static void
set_threshold(const struct space *space, int64_t threshold)
{
    world_lock(space);
    wallet_warn_below(&world.wallet, threshold);
    NEED(db_run(world.db, &world.arena, NULL, Q_SPACE_SET_LOW_THRESHOLD,
                INT(space->number), INT(threshold)) == DB_OK);
    world_commit();
}

static void
is_now(const struct space *space, int64_t available, bool low,
       const char *words)
{
    world_look(space);
    is_int(wallet_available(&world.wallet), available, "%s: available", words);
    ok(world.wallet.low == low, "%s: %s", words, low ? "low" : "clear");
}

/* A lot's end takes the balance below its threshold, a hold's end brings it
 * back, though not clear of it; with a write in between, and without. */
static void
check_due(const struct space *space, bool written)
{
    int64_t start = world.now;

    set_threshold(space, 100);
    is_now(space, 0, true, "nothing is less than the threshold");
    world_grant(space, 150, NEVER_MS);
    is_now(space, 150, false, "150 of 100");
    hold(space, 45, 10 * HOUR_MS);
    hold(space, 10, 2 * HOUR_MS);
    is_now(space, 95, true, "two holds");
    world_grant(space, 30, start + HOUR_MS);
    is_now(space, 125, false, "with a lot of an hour");
    world.now = start + HOUR_MS;
    is_now(space, 95, true, "an hour later");
    if (written) {
        world_lock(space);
        world_commit();
    }
    world.now = start + 2 * HOUR_MS;
    is_now(space, 105, true, written ? "with a write" : "without a write");
    world_grant(space, 4, NEVER_MS);
    is_now(space, 109, true, "one is missing");
    world_grant(space, 1, NEVER_MS);
    is_now(space, 110, false, "clear of it");
    hold(space, 10, HOUR_MS);
    is_now(space, 100, false, "not below it");
    world.now += HOUR_MS;
    is_now(space, 110, false, "and back");
}

/* --- The runway. ------------------------------------------------------------- */

static void
check_days(void)
{
    static const int64_t now = 1000 * DAY_MS;
    static const struct {
        const char *words;
        int64_t used, days, lots[3][2]; /* free credits, and until which day */
        int64_t lasts;
    } cases[] = {
        { "nobody can tell where nothing is used", 0, 30, { { 100, 0 } }, -1 },
        { "or more was refunded", -1, 30, { { 100, 0 } }, -1 },
        { "nothing lasts no day", 30, 30, { { 0, 0 } }, 0 },
        { "one a day", 30, 30, { { 100, 0 } }, 100 },
        { "whole days only", 30, 10, { { 100, 0 } }, 33 },
        { "several lots", 30, 10, { { 50, 0 }, { 25, 0 }, { 25, 0 } }, 33 },
        { "what ends before its turn does not count",
          10,
          10,
          { { 100, 40 }, { 7, 0 } },
          47 },
        { "nor does the rest of what ends within it",
          10,
          10,
          { { 10, 20 }, { 100, 15 }, { 5, 0 } },
          20 },
        { "what is spent before its end counts whole",
          10,
          10,
          { { 10, 20 }, { 5, 0 } },
          15 },
        { "very little use",
          1,
          30,
          { { INT64_C(1000000000000000), 0 } },
          LIMIT_INTEGER },
        { "very much", LIMIT_WALLET, 1, { { 5, 0 } }, 0 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lot lots[3];
        struct wallet wallet = { .lots = lots, .lot_count = 3 };

        for (int k = 0; k < 3; k++)
            lots[k] = (struct lot){
                .number = k + 1,
                .remaining = cases[i].lots[k][0] + 3,
                .reserved = 3,
                .expires_at = cases[i].lots[k][1] == 0
                                  ? NEVER_MS
                                  : now + cases[i].lots[k][1] * DAY_MS,
            };
        is_int(runway_days(&wallet, cases[i].used, cases[i].days * DAY_MS, now),
               cases[i].lasts, "%s", cases[i].words);
    }
}

static void
use(const struct space *space, int64_t credits)
{
    struct hold_ask ask = { .charge = { .feature = "own" },
                            .quantity = credits };
    int64_t seq;

    world_lock(space);
    NEED(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL) ==
         HOLD_OK);
    world_commit();
}

/* Of the last event, a use. */
static void
give_back(const struct space *space, int64_t credits)
{
    struct event event;
    int64_t seq;

    world_lock(space);
    NEED(ledger_refundable(world.db, &world.arena, &world.wallet,
                           world.wallet.seq, &event) == LEDGER_OK);
    NEED(refund_usage(&world.wallet, &event, credits, "why", world.now, &seq) ==
         REFUND_OK);
    world_commit();
}

static int64_t
runway_of(const struct space *space)
{
    int64_t days;

    world_look(space);
    NEED(runway_find(world.db, &world.arena, &world.wallet, world.now, &days));
    return days;
}

static void
check_found(const struct space *space)
{
    is_int(runway_of(space), -1, "before anything was used nobody can tell");
    use(space, 10);
    is_int(runway_of(space), -1, "a first day is too little to tell by");
    world.now += 3 * DAY_MS - 1;
    is_int(runway_of(space), -1, "three days all but a moment are, too");
    world.now += 1;
    is_int(runway_of(space), 30, "three days are enough");
    world.now += 7 * DAY_MS;
    is_int(runway_of(space), 100, "then the pace is that of ten days");
    world.now += 25 * DAY_MS;
    is_int(runway_of(space), -1, "what is over a month old does not count");
    use(space, 30);
    is_int(runway_of(space), 69, "of a month it is the month's pace");
    give_back(space, 15);
    is_int(runway_of(space), 168, "a refund takes its part off");
}

int
main(void)
{
    struct verdict verdict;
    struct space used;

    check_threshold();
    check_change();
    check_days();
    world_begin("2026-11-22T10:00:00Z");
    check_due(&world.space, false);
    check_due(&world.other, true);
    NEED(db_begin(world.db));
    world_space(&used, "used");
    NEED(db_commit(world.db));
    world_grant(&used, 110, NEVER_MS);
    check_found(&used);
    verdict = world_verify(world.db);
    if (!is_int(verdict.faults, 0, "all of it proves right"))
        printf("#   %s\n", verdict.first);
    world_end();
    return done();
}
