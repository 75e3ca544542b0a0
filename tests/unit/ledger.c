/*
 * The ledger's rows: what was decided is read again as it was, what is due is
 * seen before it is written, and nothing of a refusal or a rollback remains.
 */
#include "ledger_world.h"

static void
check_holds(void)
{
    struct hold_ask ask = world_viewing(10080, HOUR_MS);
    struct capture_ask part = { .quantity = 51 };
    struct capture_ask rest = { .all = true, .final = true };
    const struct hold *hold;
    struct hold_refusal refusal;
    int64_t made, seq;

    world_grant(&world.space, 50, world.now + 10 * DAY_MS);
    world_grant(&world.space, 500, NEVER_MS);
    ask.refs = (struct refs){ "live", "o1", "c1", "m1", "a note" };
    world_lock(&world.space);
    is_int(hold_place(&world.wallet, &ask, world.now, &made, NULL), HOLD_OK,
           "a hold is placed");
    world_commit();

    world_lock(&world.space);
    is_int(world.wallet.hold_count, 0, "an open hold is not loaded");
    is_int(wallet_available(&world.wallet), 348, "but what it holds is known");
    is_int(ledger_hold(world.db, &world.arena, &world.wallet, made), LEDGER_OK,
           "it is found by its number");
    hold = wallet_hold(&world.wallet, made);
    is_int(hold->credits, 202, "with its credits");
    is_int(hold->quantity, 10080, "its quantity");
    is_int(hold->charge.price, 20, "its price");
    is_text(hold->refs.order, "o1", "its references");
    is_int(hold->lot_count, 2, "and what it reserves");
    is_int(hold->lots[0].reserved, 50, "of each lot");
    is_int(ledger_hold(world.db, &world.arena, &world.wallet, 99),
           LEDGER_UNKNOWN, "another is not there");
    part.hold = rest.hold = made;
    is_int(hold_capture(&world.wallet, &part, world.now, &seq, NULL), HOLD_OK,
           "a part is captured");
    world_commit();

    world_lock(&world.space);
    NEED(ledger_hold(world.db, &world.arena, &world.wallet, made) == LEDGER_OK);
    is_int(hold_left(wallet_hold(&world.wallet, made)), 200, "200 are left");
    ask.quantity = 1000000;
    is_int(hold_place(&world.wallet, &ask, world.now, &made, &refusal),
           HOLD_INSUFFICIENT, "another is refused");
    is_int(hold_capture(&world.wallet, &rest, world.now, &seq, NULL), HOLD_OK,
           "the rest is captured");
    db_rollback(world.db);

    world_lock(&world.space);
    NEED(ledger_hold(world.db, &world.arena, &world.wallet, rest.hold) ==
         LEDGER_OK);
    is_int(hold_left(wallet_hold(&world.wallet, rest.hold)), 200,
           "rolled back, 200 are left again");
    is_int(hold_release(&world.wallet, rest.hold, world.now), HOLD_OK,
           "released");
    world_commit();
    world_look(&world.space);
    is_int(world.wallet.held, 0, "nothing is held");
    is_int(world.wallet.total, 548, "and 2 were spent");
    is_int(world_verify(world.db).faults, 0, "all of it proves right");
}

/* Two saves in one transaction: the second writes what came since. */
static void
check_saving_twice(void)
{
    struct hold_ask ask = world_viewing(1000, HOUR_MS);
    int64_t made, seq, version;

    world_lock(&world.space);
    version = world.wallet.version;
    is_int(ledger_save(world.db, &world.arena, &world.wallet), LEDGER_OK,
           "where nothing changed nothing is saved");
    is_int(world.wallet.version, version, "and the version stays");
    (void)hold_place(&world.wallet, &ask, world.now, &made, NULL);
    (void)hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL);
    NEED(ledger_save(world.db, &world.arena, &world.wallet) == LEDGER_OK);
    (void)hold_release(&world.wallet, made, world.now);
    (void)hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL);
    world_commit();
    world_look(&world.space);
    is_int(world.wallet.version, version + 2, "two writes are two versions");
    is_int(world.wallet.held, 0, "the second save ended the hold");
    is_int(world.wallet.total, 508, "and both captures are there once");
    is_int(world_verify(world.db).faults, 0, "which proves right");
}

static void
check_due(void)
{
    struct hold_ask ask = world_viewing(1000, HOUR_MS);
    int64_t start = world.now, first, second, at, count_before;
    struct event *events;
    int count;

    /* 46 that end in half an hour, all but 6 of which two holds reserve. */
    world_grant(&world.other, 46, start + HOUR_MS / 2);
    world_lock(&world.other);
    (void)hold_place(&world.wallet, &ask, world.now, &first, NULL);
    ask.lasts_ms = 2 * HOUR_MS;
    (void)hold_place(&world.wallet, &ask, world.now, &second, NULL);
    world_commit();

    world.now = start + HOUR_MS / 2 - 1;
    world_look(&world.other);
    is_int(world.wallet.event_count, 0, "before its end nothing is due");
    world.now = start + 3 * HOUR_MS;
    world_look(&world.other);
    is_int(world.wallet.event_count, 3, "a reader sees what is due");
    is_int(world.wallet.events[0].at, start + HOUR_MS / 2,
           "the free part at the lot's end");
    is_int(world.wallet.events[1].at, start + HOUR_MS,
           "what the first hold gave back at that one's");
    is_int(world.wallet.events[2].at, start + 2 * HOUR_MS,
           "and the second's at its own");
    is_int(world.wallet.total, 0, "then nothing is left");
    NEED(ledger_events(world.db, &world.arena, world.other.number, 0, 100,
                       &events, &count) == LEDGER_OK);
    count_before = count;

    world.now = start + HOUR_MS + 1;
    world_lock(&world.other);
    world_commit();
    world.now = start + 3 * HOUR_MS;
    world_lock(&world.other);
    is_int(world.wallet.due_at, NEVER_MS, "afterwards nothing is due");
    world_commit();
    NEED(ledger_events(world.db, &world.arena, world.other.number, 0, 100,
                       &events, &count) == LEDGER_OK);
    is_int(count - count_before, 3, "two ticks write the same three");
    at = events[0].at;
    is_int(at, start + 2 * HOUR_MS, "with the same times");
    NEED(ledger_hold(world.db, &world.arena, &world.wallet, second) ==
         LEDGER_OK);
    is_int(wallet_hold(&world.wallet, second)->state, HOLD_EXPIRED,
           "the hold is expired");
    is_int(wallet_hold(&world.wallet, second)->ended_at, at, "since its end");
}

static void
check_refund(void)
{
    struct hold_ask ask = { .charge = { .feature = "own" }, .quantity = 30 };
    struct event event;
    int64_t seq, back;

    world_grant(&world.other, 10, world.now + DAY_MS);
    world_grant(&world.other, 20, NEVER_MS);
    world_lock(&world.other);
    (void)hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL);
    world_commit();
    world.now += 2 * DAY_MS;
    world_lock(&world.other);
    is_int(ledger_refundable(world.db, &world.arena, &world.wallet, 999,
                             &event),
           LEDGER_UNKNOWN, "an event that is not there");
    is_int(ledger_refundable(world.db, &world.arena, &world.wallet, seq,
                             &event),
           LEDGER_OK, "spent lots are loaded for a refund");
    is_int(refund_usage(&world.wallet, &event, 25, "why", world.now, &back),
           REFUND_OK, "a part goes back");
    is_int(refund_left(&world.wallet, &event), 5, "5 are left");
    world_commit();
    world_lock(&world.other);
    NEED(ledger_refundable(world.db, &world.arena, &world.wallet, seq,
                           &event) == LEDGER_OK);
    is_int(refund_left(&world.wallet, &event), 5, "which is remembered");
    is_int(refund_usage(&world.wallet, &event, 6, "why", world.now, &back),
           REFUND_EXCEEDED, "so that 6 are too many");
    is_int(refund_usage(&world.wallet, &event, 0, "why", world.now, &back),
           REFUND_OK, "and the rest is 5");
    world_commit();
    world_look(&world.other);
    is_int(world.wallet.total, 30, "all is back");
    is_int(world_verify(world.db).faults, 0, "and proves right");
}

static void
check_plan(void)
{
    struct hold_ask plan = world_viewing(5000, DAY_MS);
    struct hold_ask ask = world_viewing(2000, HOUR_MS);
    int64_t of_plan, made, seq;

    plan.plan = 4;
    plan.item = 1;
    plan.refs.campaign = ask.refs.campaign = "launch";
    world_lock(&world.space);
    NEED(hold_place(&world.wallet, &plan, world.now, &of_plan, NULL) ==
         HOLD_OK);
    world_commit();

    world_lock(&world.space);
    NEED(ledger_plan_holds(world.db, &world.arena, &world.wallet, "other",
                           ask.charge.feature) == LEDGER_OK);
    is_int(world.wallet.hold_count, 0, "another campaign has no plan");
    NEED(ledger_plan_holds(world.db, &world.arena, &world.wallet, "launch",
                           ask.charge.feature) == LEDGER_OK);
    is_int(world.wallet.hold_count, 1, "this one has");
    NEED(hold_place(&world.wallet, &ask, world.now, &made, NULL) == HOLD_OK);
    NEED(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL) ==
         HOLD_OK);
    world_commit();

    world_lock(&world.space);
    NEED(ledger_hold(world.db, &world.arena, &world.wallet, made) == LEDGER_OK);
    is_int(wallet_hold(&world.wallet, made)->drawn, 40,
           "what a hold drew is remembered");
    ok(wallet_hold(&world.wallet, of_plan) != NULL,
       "and the plan's hold comes with it");
    is_int(hold_left(wallet_hold(&world.wallet, of_plan)), 20,
           "which has what both left");
    db_rollback(world.db);
    world.now += 2 * HOUR_MS;
    world_lock(&world.space);
    world_commit();
    world_lock(&world.space);
    NEED(ledger_holds_of_plan(world.db, &world.arena, &world.wallet, 4) ==
         LEDGER_OK);
    is_int(hold_left(wallet_hold(&world.wallet, of_plan)), 60,
           "a hold that ended by itself gave back to the plan");
    NEED(hold_release(&world.wallet, of_plan, world.now) == HOLD_OK);
    is_int(world.wallet.plan_holds, 0, "the plan is finished");
    world_commit();
    is_int(world_verify(world.db).faults, 0, "all of it proves right");
}

static void
check_lists(void)
{
    static const struct {
        const char *words;
        enum hold_list which;
        int64_t before;
        int limit, count;
        int64_t first;
    } cases[] = {
        { "all, newest first", HOLD_LIST_ALL, 0, 100, 6, 6 },
        { "a page", HOLD_LIST_ALL, 0, 2, 2, 6 },
        { "and the next", HOLD_LIST_ALL, 5, 2, 2, 4 },
        { "held", HOLD_LIST_HELD, 0, 100, 1, 6 },
        { "captured", HOLD_LIST_CAPTURED, 0, 100, 2, 4 },
        { "captured, the next page", HOLD_LIST_CAPTURED, 4, 100, 1, 1 },
        { "released", HOLD_LIST_RELEASED, 0, 100, 1, 2 },
        { "expired, written and not", HOLD_LIST_EXPIRED, 0, 100, 2, 5 },
    };
    struct space space;
    struct hold_ask ask = { .charge = { .feature = "own" }, .quantity = 1 };
    struct capture_ask all = { .all = true, .final = true };
    int64_t made, seq;

    NEED(db_begin(world.db));
    world_space(&space, "lists");
    NEED(db_commit(world.db));
    world_grant(&space, 100, NEVER_MS);
    for (int i = 1; i <= 6; i++) {
        ask.lasts_ms = i == 3 ? MINUTE_MS : i == 5 ? HOUR_MS : DAY_MS;
        world_lock(&space);
        NEED(hold_place(&world.wallet, &ask, world.now, &made, NULL) ==
             HOLD_OK);
        all.hold = made;
        if (i == 1 || i == 4)
            NEED(hold_capture(&world.wallet, &all, world.now, &seq, NULL) ==
                 HOLD_OK);
        if (i == 2)
            NEED(hold_release(&world.wallet, made, world.now) == HOLD_OK);
        world_commit();
        if (i == 3)
            world.now += 2 * MINUTE_MS;
    }
    world.now += 2 * HOUR_MS;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct hold *holds;
        int count;

        NEED(ledger_holds(world.db, &world.arena, space.number, cases[i].which,
                          world.now, cases[i].before, cases[i].limit, &holds,
                          &count) == LEDGER_OK);
        is_int(count, cases[i].count, "holds: %s: how many", cases[i].words);
        is_int(count > 0 ? holds[0].number : 0, cases[i].first,
               "holds: %s: the first", cases[i].words);
        for (int j = 0; j < count && cases[i].which != HOLD_LIST_ALL; j++)
            is_int(holds[j].state, cases[i].which, "holds: %s: the state",
                   cases[i].words);
    }
}

/* Caps that are set late know what was used before. */
static void
check_caps(void)
{
    struct cap caps[] = {
        { .on = CAP_MEMBER, .value = "m", .credits = 50, .per = CAP_DAY },
        { .on = CAP_MEMBER, .value = "m", .credits = 60, .per = CAP_MONTH },
        { .on = CAP_MEMBER, .value = "m", .credits = 70, .per = CAP_TOTAL },
        { .on = CAP_FEATURE, .value = "x", .credits = 5, .per = CAP_TOTAL },
    };
    struct hold_ask ask = { .charge = { .feature = "own" },
                            .refs = { .member = "m" },
                            .quantity = 10,
                            .lasts_ms = 40 * DAY_MS < LIMIT_HOLD_MS
                                            ? DAY_MS
                                            : LIMIT_HOLD_MS };
    struct space space;
    struct event event;
    int64_t seq, first, made, day;

    NEED(db_begin(world.db));
    world_space(&space, "caps");
    NEED(db_commit(world.db));
    NEED(clock_parse("2027-01-31T12:00:00Z", &world.now));
    world_grant(&space, 1000, NEVER_MS);
    world_lock(&space);
    NEED(hold_capture_direct(&world.wallet, &ask, world.now, &first, NULL) ==
         HOLD_OK);
    world_commit();
    NEED(clock_parse("2027-02-01T12:00:00Z", &world.now));
    world_lock(&space);
    NEED(ledger_refundable(world.db, &world.arena, &world.wallet, first,
                           &event) == LEDGER_OK);
    NEED(refund_usage(&world.wallet, &event, 4, "why", world.now, &seq) ==
         REFUND_OK);
    NEED(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL) ==
         HOLD_OK);
    world_commit();
    NEED(clock_parse("2027-02-02T12:00:00Z", &world.now));
    world_lock(&space);
    NEED(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL) ==
         HOLD_OK);
    NEED(hold_place(&world.wallet, &ask, world.now, &made, NULL) == HOLD_OK);
    NEED(ledger_set_caps(world.db, &world.arena, &world.wallet, caps, 4) ==
         LEDGER_OK);
    day = zone_day(world.wallet.zone, world.now);
    is_int(cap_used(&world.wallet.caps[0], day), 20,
           "set late, a day's cap knows today's capture and the hold");
    is_int(cap_used(&world.wallet.caps[1], day), 30,
           "a month's all of the month, its refund not below 0");
    is_int(cap_used(&world.wallet.caps[2], day), 36, "a total's everything");
    is_int(cap_used(&world.wallet.caps[3], day), 0, "another's nothing");
    world_commit();
    is_int(world_verify(world.db).faults, 0, "which proves right");

    world_lock(&space);
    is_int(world.wallet.cap_count, 4, "they are loaded");
    ask.quantity = 31;
    is_int(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL),
           HOLD_CAPPED, "and enforced");
    caps[0].credits = 51;
    NEED(ledger_set_caps(world.db, &world.arena, &world.wallet, caps, 1) ==
         LEDGER_OK);
    is_int(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL),
           HOLD_OK, "replaced, by the new figures");
    world_commit();
    is_int(world_verify(world.db).faults, 0, "which proves right again");
    world_look(&space);
    is_int(world.wallet.cap_count, 1, "those that were left out are gone");
    is_int(world.wallet.caps[0].used, 41, "and the one that stayed counted on");
}

int
main(void)
{
    world_begin("2026-11-22T10:00:00Z");
    check_holds();
    check_saving_twice();
    check_due();
    check_refund();
    check_plan();
    check_lists();
    check_caps();
    world_end();
    return done();
}
