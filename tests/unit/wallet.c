/*
 * The wallet itself: what comes in and goes out, what ends and when it is
 * dated, copies that undo, and ticks that change nothing.
 */
#include "scenario.h"

static const struct step moving[] = {
    { "an empty wallet has nothing to take", DEBIT, NULL, 1, 0,
      WALLET_INSUFFICIENT, 0, 0, "", "" },
    { "a top-up with its bonus is one event and two lots", TOP_UP, "1", 100, 20,
      WALLET_OK, 120, 0, "2:20 1:100", "top_up 120 [[2,20],[1,100]] at 0" },
    { "an adjustment takes in spending order", DEBIT, NULL, 30, 0, WALLET_OK,
      90, 0, "1:90", "adjustment -30 [[2,-20],[1,-10]] at 0" },
    { "and not more than there is", DEBIT, NULL, 91, 0, WALLET_INSUFFICIENT, 90,
      0, "1:90", "" },
    { "but all of it", DEBIT, NULL, 90, 0, WALLET_OK, 0, 0, "", NULL },
};

static const struct step ending[] = {
    { "one lot until hour 5", INCLUDED, NULL, 10, 5, 0, 10, 0, "1:10", NULL },
    { "one until hour 3", BONUS, NULL, 20, 3, 0, 30, 0, "2:20 1:10", NULL },
    { "another until hour 3", BONUS, NULL, 5, 3, 0, 35, 0, "2:20 3:5 1:10",
      NULL },
    { "one for ever", BONUS, NULL, 7, 0, 0, 42, 0, "2:20 3:5 1:10 4:7", NULL },
    { NULL, WAIT, NULL, 3, 0, 0, 0, 0, NULL, NULL },
    { "what ends now has ended; the operation sees the rest", DEBIT, NULL, 1, 0,
      WALLET_OK, 16, 0, "1:9 4:7", "adjustment -1 [[1,-1]] at 3 +2" },
    { NULL, WAIT, NULL, 8, 0, 0, 0, 0, NULL, NULL },
    { "the last is dated at its end, not when it was seen", SETTLE, NULL, 0, 0,
      0, 7, 0, "4:7", NULL },
    { "a tick more does nothing", SETTLE, NULL, 0, 0, 0, 7, 0, "4:7", "" },
};

static const struct step ties[] = {
    { "held credits that end at hour 4", INCLUDED, NULL, 10, 4, 0, 10, 0,
      "1:10", NULL },
    { "and some that do not", BONUS, NULL, 10, 0, 0, 20, 0, "1:10 2:10", NULL },
    { "a hold that ends then too", HOLD, "a", 15, 4, 0, 5, 15,
      "1:10(10) 2:10(5)", NULL },
    { NULL, WAIT, NULL, 4, 0, 0, 0, 0, NULL, NULL },
    { "the hold ends first, so that the lot ends whole", DEBIT, NULL, 10, 0,
      WALLET_OK, 0, 0, "", "adjustment -10 [[2,-10]] at 4 +1" },
};

static const struct step debts[] = {
    { "an order of 50", TOP_UP, "1", 50, 0, 0, 50, 0, "1:50", NULL },
    { "it is spent", DIRECT, NULL, 50, 0, 0, 0, 0, "", NULL },
    { "and taken back", TAKE, "1", 50, 0, 0, -50, 0, "debt 50",
      "dispute -50 [[0,-50]] at 0" },
    { "an order pays debt with its soonest lot first", TOP_UP, "2", 40, 20, 0,
      10, 0, "2:10", "top_up 60 [[2,10],[0,50]] at 0" },
};

static void
check_sum(void)
{
    struct scenario s;
    struct step credit = { NULL, TOP_UP, "1", LIMIT_CREDITS, 0,
                           0,    0,      0,   NULL,          NULL };
    int i = 0;

    scenario_begin(&s);
    while (i < 1000 && scenario_do(&s, &credit) == WALLET_OK)
        i++;
    is_int(s.wallet.total, LIMIT_WALLET, "a wallet holds 10^15 credits");
    is_int(scenario_do(&s, &credit), WALLET_LIMIT, "and not one lot more");
    is_int(s.wallet.lots_made, 1000, "what was refused has left no lot");
    arena_free(&s.arena);
}

static void
check_copy(void)
{
    struct scenario s;
    struct wallet before;
    struct step credit = { NULL, TOP_UP, "1", 100, 0, 0, 0, 0, NULL, NULL };
    struct step hold = { NULL, HOLD, "a", 60, 1, 0, 0, 0, NULL, NULL };
    struct step capture = { NULL, PART, "a", 20, 0, 0, 0, 0, NULL, NULL };

    scenario_begin(&s);
    (void)scenario_do(&s, &credit);
    (void)scenario_do(&s, &hold);
    wallet_copy(&before, &s.wallet);
    (void)scenario_do(&s, &capture);
    is_int(s.wallet.total, 80, "20 are captured");
    s.wallet = before;
    is_int(s.wallet.total, 100, "undone they are not");
    is_text(scenario_lots(&s), "1:100(60)", "the lots are as before");
    is_int(s.wallet.holds[0].lots[0].reserved, 60, "and the hold");
    is_int(s.wallet.event_count, 1, "and the event is gone");
    (void)scenario_do(&s, &capture);
    is_text(scenario_event(&s, 1), "captured_usage -20 [[1,-20]] at 0",
            "done again it is the same");
    arena_free(&s.arena);
}

/* What a balance says of kinds, and of the soonest end. */
static void
check_balance(void)
{
    struct scenario s;
    struct step steps[] = {
        { NULL, TOP_UP, "1", 100, 20, 0, 0, 0, NULL, NULL },
        { NULL, INCLUDED, NULL, 30, 7, 0, 0, 0, NULL, NULL },
        { NULL, INCLUDED, NULL, 40, 9, 0, 0, 0, NULL, NULL },
        { NULL, HOLD, "a", 35, 8, 0, 0, 0, NULL, NULL },
    };
    struct balance balance;

    scenario_begin(&s);
    balance = wallet_balance(&s.wallet);
    is_int(balance.included_expires_at, NEVER_MS,
           "nothing included ends never");
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        (void)scenario_do(&s, &steps[i]);
    balance = wallet_balance(&s.wallet);
    is_int(balance.available, 155, "available is what is not held");
    is_int(balance.held, 35, "held");
    is_int(balance.total, 190, "and total both");
    is_int(balance.included, 70, "included of both lots");
    is_int(balance.bonus, 20, "bonus");
    is_int(balance.top_up, 100, "topped up");
    is_int(balance.included_expires_at, s.start + 7 * HOUR_MS,
           "the soonest end");
    arena_free(&s.arena);
}

/* A month of things that end, ticked never and ticked every hour. */
static void
check_ticks(void)
{
    struct scenario rare, often;
    struct step steps[] = {
        { NULL, INCLUDED, NULL, 100, 40, 0, 0, 0, NULL, NULL },
        { NULL, BONUS, NULL, 100, 30, 0, 0, 0, NULL, NULL },
        { NULL, TOP_UP, "1", 100, 10, 0, 0, 0, NULL, NULL },
        { NULL, HOLD, "a", 120, 40, 0, 0, 0, NULL, NULL },
        { NULL, HOLD, "b", 60, 35, 0, 0, 0, NULL, NULL },
        { NULL, TAKE, "1", 200, 0, 0, 0, 0, NULL, NULL },
        { NULL, WAIT, NULL, 100, 0, 0, 0, 0, NULL, NULL },
        { NULL, BONUS, NULL, 10, 0, 0, 0, 0, NULL, NULL },
    };

    scenario_begin(&rare);
    scenario_begin(&often);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        (void)scenario_do(&rare, &steps[i]);
        wallet_settle(&rare.wallet, rare.now);
        (void)scenario_do(&often, &steps[i]);
        for (int hour = 1; steps[i].act == WAIT && hour <= steps[i].n; hour++)
            wallet_settle(&often.wallet, often.start + hour * HOUR_MS);
        wallet_settle(&often.wallet, often.now);
    }
    is_int(often.wallet.event_count, rare.wallet.event_count,
           "ticks make no event more");
    ok(memcmp(often.wallet.hash, rare.wallet.hash, SIGN_SIZE) == 0,
       "nor another");
    is_text(scenario_lots(&often), scenario_lots(&rare),
            "and leave the same lots");
    arena_free(&rare.arena);
    arena_free(&often.arena);
}

static void
check_days(void)
{
    struct scenario s;
    struct step credit = { NULL, TOP_UP, "1", 1, 0, 0, 0, 0, NULL, NULL };
    int64_t day;

    scenario_begin(&s);
    day = zone_day(s.wallet.zone, s.start);
    s.now = s.start + 11 * HOUR_MS + 59 * MINUTE_MS; /* 23:59 */
    (void)scenario_do(&s, &credit);
    s.now += MINUTE_MS;
    (void)scenario_do(&s, &credit);
    s.now += 25 * HOUR_MS - 1;
    (void)scenario_do(&s, &credit);
    s.now += 1;
    (void)scenario_do(&s, &credit);
    is_int(s.wallet.events[0].day, day, "a minute before midnight is that day");
    is_int(s.wallet.events[1].day, day + 1, "midnight is the next");
    is_int(s.wallet.events[2].day, day + 1, "which has 25 hours");
    is_int(s.wallet.events[3].day, day + 2, "and then ends");
    is_int(wallet_now(&s.wallet, s.start), s.now,
           "a clock set back stays at the last event");
    is_int(wallet_now(&s.wallet, s.now + 5), s.now + 5,
           "and goes on from there");
    arena_free(&s.arena);
}

int
main(void)
{
    PLAY("moving", moving);
    PLAY("ending", ending);
    PLAY("ties", ties);
    PLAY("debt", debts);
    check_sum();
    check_copy();
    check_balance();
    check_ticks();
    check_days();
    return done();
}
