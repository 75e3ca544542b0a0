/*
 * Holds and captures: what is reserved, spent and given back, in which order,
 * and every refusal in its place.
 */
#include "scenario.h"

#include "price.h"

static const struct step spending[] = {
    { "a top-up never ends", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "a bonus that ends late", BONUS, NULL, 50, 90, 0, 150, 0, "2:50 1:100",
      NULL },
    { "included credits that end sooner are spent first", INCLUDED, NULL, 30,
      20, 0, 180, 0, "3:30 2:50 1:100", NULL },
    { "a hold reserves in spending order", HOLD, "a", 40, 1, HOLD_OK, 140, 40,
      "3:30(30) 2:50(10) 1:100", "" },
    { "another goes on behind it", HOLD, "b", 50, 1, HOLD_OK, 90, 90,
      "3:30(30) 2:50(50) 1:100(10)", NULL },
    { "a part is captured in that order", PART, "a", 35, 0, HOLD_OK, 90, 55,
      "2:45(45) 1:100(10)", "captured_usage -35 [[3,-30],[2,-5]] at 0" },
    { "the rest goes back", FINAL, "b", 45, 0, HOLD_OK, 95, 5, "2:5(5) 1:95",
      "captured_usage -45 [[2,-40],[1,-5]] at 0" },
    { "what is left is captured", ALL, "a", 0, 0, HOLD_OK, 95, 0, "1:95",
      "captured_usage -5 [[2,-5]] at 0" },
    { "and is over then", PART, "a", 0, 0, HOLD_NOT_OPEN, 95, 0, "1:95", "" },
    { "at a tie included goes before bonus", BONUS, NULL, 10, 50, 0, 105, 0,
      "4:10 1:95", NULL },
    { "whichever came first", INCLUDED, NULL, 10, 50, 0, 115, 0,
      "5:10 4:10 1:95", NULL },
    { "and the older lot before the newer", BONUS, NULL, 10, 50, 0, 125, 0,
      "5:10 4:10 6:10 1:95", NULL },
    { "a direct capture spends so too", DIRECT, NULL, 25, 0, HOLD_OK, 100, 0,
      "6:5 1:95", "captured_usage -25 [[5,-10],[4,-10],[6,-5]] at 0" },
};

static const struct step refusals[] = {
    { "begins with 100", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "a hold that nobody made", PART, "z", 1, 0, HOLD_UNKNOWN, 100, 0, "1:100",
      "" },
    { "one more than there is", HOLD, "a", 101, 1, HOLD_INSUFFICIENT, 100, 0,
      "1:100", "" },
    { "all that there is", HOLD, "a", 100, 1, HOLD_OK, 0, 100, "1:100(100)",
      NULL },
    { "nothing is left for another", HOLD, "b", 1, 1, HOLD_INSUFFICIENT, 0, 100,
      "1:100(100)", NULL },
    { "nor for a direct capture", DIRECT, NULL, 1, 0, HOLD_INSUFFICIENT, 0, 100,
      "1:100(100)", NULL },
    { "nor for an adjustment", DEBIT, NULL, 1, 0, WALLET_INSUFFICIENT, 0, 100,
      "1:100(100)", NULL },
    { "more than is held captures nothing", PART, "a", 101, 0, HOLD_EXCEEDED, 0,
      100, "1:100(100)", "" },
    { "exceeding goes before insufficient", EXTEND, "a", 101, 500,
      HOLD_EXCEEDED, 0, 100, "1:100(100)", "" },
    { "an extension that does not fit does nothing", EXTEND, "a", 40, 61,
      HOLD_INSUFFICIENT, 0, 100, "1:100(100)", "" },
    { "one that fits goes", EXTEND, "a", 40, 60, HOLD_OK, 0, 60, "1:60(60)",
      NULL },
    { "released", RELEASE, "a", 0, 0, HOLD_OK, 60, 0, "1:60", "" },
    { "twice is fine", RELEASE, "a", 0, 0, HOLD_OK, 60, 0, "1:60", "" },
    { "but it cannot be captured", ALL, "a", 0, 0, HOLD_NOT_OPEN, 60, 0, "1:60",
      NULL },
    { "a hold that is captured", HOLD, "c", 10, 1, HOLD_OK, 50, 10, "1:60(10)",
      NULL },
    { "wholly", ALL, "c", 0, 0, HOLD_OK, 50, 0, "1:50", NULL },
    { "cannot be released", RELEASE, "c", 0, 0, HOLD_NOT_OPEN, 50, 0, "1:50",
      NULL },
    { "not open goes before exceeding", PART, "c", 500, 0, HOLD_NOT_OPEN, 50, 0,
      "1:50", NULL },
};

static const struct step rounding[] = {
    { "begins with 100", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "a hold is rounded up", VIEWING, "a", 1001, 1, HOLD_OK, 79, 21,
      "1:100(21)", NULL },
    { "1 unit is 1 credit", PART, "a", 1, 0, HOLD_OK, 79, 20, "1:99(20)",
      "captured_usage -1 [[1,-1]] at 0" },
    { "49 more are paid by it", PART, "a", 49, 0, HOLD_OK, 79, 20, "1:99(20)",
      "captured_usage 0 [] at 0" },
    { "the next one is not", PART, "a", 1, 0, HOLD_OK, 79, 19, "1:98(19)",
      "captured_usage -1 [[1,-1]] at 0" },
    { "nothing is an event too", PART, "a", 0, 0, HOLD_OK, 79, 19, "1:98(19)",
      "captured_usage 0 [] at 0" },
    { "an extension counts from the beginning", EXTEND, "a", 0, 949, HOLD_OK,
      80, 18, "1:98(18)", NULL },
    { "all of it costs what one capture would", ALL, "a", 0, 0, HOLD_OK, 80, 0,
      "1:80", "captured_usage -18 [[1,-18]] at 0" },
};

static const struct step lasting[] = {
    { "credits that end at hour 10", INCLUDED, NULL, 100, 10, 0, 100, 0,
      "1:100", NULL },
    { "a hold until hour 12", HOLD, "a", 60, 12, HOLD_OK, 40, 60, "1:100(60)",
      NULL },
    { NULL, WAIT, NULL, 10, 0, 0, 0, 0, NULL, NULL },
    { "what is free ends with the lot", SETTLE, NULL, 0, 0, 0, 0, 60,
      "1:60(60)", NULL },
    { NULL, WAIT, NULL, 11, 0, 0, 0, 0, NULL, NULL },
    { "a capture still spends what is reserved", PART, "a", 20, 0, HOLD_OK, 0,
      40, "1:40(40)", "captured_usage -20 [[1,-20]] at 11" },
    { "what is given back ends at once", FINAL, "a", 10, 0, HOLD_OK, 0, 0, "",
      "expiry -30 [[1,-30]] at 11 +1" },
    { "more, until hour 30", INCLUDED, NULL, 50, 30, 0, 50, 0, "2:50", NULL },
    { "a hold past that end", HOLD, "b", 50, 40, HOLD_OK, 0, 50, "2:50(50)",
      NULL },
    { NULL, WAIT, NULL, 90, 0, 0, 0, 0, NULL, NULL },
    { "expired as if seen at its time", SETTLE, NULL, 0, 0, 0, 0, 0, "", NULL },
    { "it is not open then", ALL, "b", 0, 0, HOLD_NOT_OPEN, 0, 0, "", "" },
    { "and releasing it is fine", RELEASE, "b", 0, 0, HOLD_OK, 0, 0, "", "" },
};

static const struct step extending[] = {
    { "begins with 100", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "a tick of 10", HOLD, "a", 10, 1, HOLD_OK, 90, 10, "1:100(10)", NULL },
    { "captures 7 and holds 10 again", EXTEND, "a", 7, 10, HOLD_OK, 83, 10,
      "1:93(10)", "captured_usage -7 [[1,-7]] at 0" },
    { "or fewer", EXTEND, "a", 10, 4, HOLD_OK, 79, 4, "1:83(4)", NULL },
    { "or captures nothing and lives on", EXTEND, "a", 0, 4, HOLD_OK, 79, 4,
      "1:83(4)", "captured_usage 0 [] at 0" },
    { NULL, WAIT, NULL, 1, 0, 0, 0, 0, NULL, NULL },
    { "an hour later it is over", EXTEND, "a", 0, 4, HOLD_NOT_OPEN, 83, 0,
      "1:83", "" },
};

static const struct step debt[] = {
    { "an order of 100", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "60 are held", HOLD, "a", 60, 9, HOLD_OK, 40, 60, "1:100(60)", NULL },
    { "taking 70 back leaves the held ones", TAKE, "1", 70, 0, 0, -30, 60,
      "1:60(60) debt 30", "dispute -70 [[1,-40],[0,-30]] at 0" },
    { "new holds are refused", HOLD, "b", 1, 1, HOLD_INSUFFICIENT, -30, 60,
      "1:60(60) debt 30", NULL },
    { "captures of the open hold are not", PART, "a", 10, 0, HOLD_OK, -30, 50,
      "1:50(50) debt 30", NULL },
    { "an extension that adds nothing is not", EXTEND, "a", 10, 40, HOLD_OK,
      -30, 40, "1:40(40) debt 30", NULL },
    { "one that adds is", EXTEND, "a", 0, 41, HOLD_INSUFFICIENT, -30, 40,
      "1:40(40) debt 30", NULL },
    { "one that gives back pays debt", EXTEND, "a", 0, 35, HOLD_OK, -25, 35,
      "1:35(35) debt 25", "adjustment 0 [[1,-5],[0,5]] at 0 +1" },
    { "what comes in pays debt first", BONUS, NULL, 10, 5, 0, -15, 35,
      "1:35(35) debt 15", "bonus 10 [[0,10]] at 0" },
    { "the end of the hold pays the rest", RELEASE, "a", 0, 0, HOLD_OK, 20, 0,
      "1:20", "adjustment 0 [[1,-15],[0,15]] at 0" },
};

static const struct step ended_pays[] = {
    { "an order of 50", TOP_UP, "1", 50, 0, 0, 50, 0, "1:50", NULL },
    { "included credits until hour 5", INCLUDED, NULL, 40, 5, 0, 90, 0,
      "2:40 1:50", NULL },
    { "held until hour 8", HOLD, "a", 40, 8, HOLD_OK, 50, 40, "2:40(40) 1:50",
      NULL },
    { "more is taken than is free", TAKE, "1", 60, 0, 0, -10, 40,
      "2:40(40) debt 10", NULL },
    { NULL, WAIT, NULL, 9, 0, 0, 0, 0, NULL, NULL },
    { "what the hold gives back pays before it ends", SETTLE, NULL, 0, 0, 0, 0,
      0, "", NULL },
};

static const struct step plans[] = {
    { "begins with 1,000", TOP_UP, "1", 1000, 0, 0, 1000, 0, "1:1000", NULL },
    { "a plan holds 100 for viewing", PLAN, "p", 5000, 20, HOLD_OK, 900, 100,
      "1:1000(100)", NULL },
    { "its hold is not captured itself", PART, "p", 1, 0, HOLD_NOT_OPEN, 900,
      100, "1:1000(100)", NULL },
    { "a capture under its campaign takes from it, at its price", DIRECT_PLAN,
      NULL, 1000, 0, HOLD_OK, 900, 80, "1:980(80)",
      "captured_usage -20 [[1,-20]] at 0" },
    { "one that names no campaign does not", DIRECT_VIEWING, NULL, 1000, 0,
      HOLD_OK, 880, 80, "1:960(80)", NULL },
    { "a hold takes over what is left, and the rest is available", UNDER_PLAN,
      "a", 5000, 1, HOLD_OK, 860, 100, "1:960(100)", NULL },
    { "what it spends is the plan's first", PART, "a", 2000, 0, HOLD_OK, 860,
      60, "1:920(60)", NULL },
    { "what it gives back returns there, the plan's part", RELEASE, "a", 0, 0,
      HOLD_OK, 880, 40, "1:920(40)", NULL },
    { "so it is there for the next", UNDER_PLAN, "b", 2000, 9, HOLD_OK, 880, 40,
      "1:920(40)", NULL },
    { "the plan is finished", RELEASE, "p", 0, 0, HOLD_OK, 880, 40, "1:920(40)",
      NULL },
    { "what comes back then is available", RELEASE, "b", 0, 0, HOLD_OK, 920, 0,
      "1:920", NULL },
    { "and the campaign is charged as any other", DIRECT_PLAN, NULL, 1000, 0,
      HOLD_OK, 899, 0, "1:899", NULL },
};

static const struct step plan_in_debt[] = {
    { "an order of 100", TOP_UP, "1", 100, 0, 0, 100, 0, "1:100", NULL },
    { "all of it is a plan's", PLAN, "p", 5000, 20, HOLD_OK, 0, 100,
      "1:100(100)", NULL },
    { "the payment is disputed", TAKE, "1", 100, 0, 0, -100, 100,
      "1:100(100) debt 100", NULL },
    { "what the plan holds can be used all the same", DIRECT_PLAN, NULL, 1000,
      0, HOLD_OK, -100, 80, "1:80(80) debt 100", NULL },
    { "and no more", DIRECT_PLAN, NULL, 5000, 0, HOLD_INSUFFICIENT, -100, 80,
      "1:80(80) debt 100", "" },
};

static void
check_life(void)
{
    struct scenario s;
    struct hold_ask ask = { .charge = { .feature = "own" },
                            .quantity = 1,
                            .lasts_ms = LIMIT_HOLD_MS };
    struct capture_ask tick = { .extend = true,
                                .extend_quantity = 1,
                                .extend_ms = LIMIT_HOLD_MS };
    struct step credit = { NULL, TOP_UP, "1", 1000, 0, 0, 0, 0, NULL, NULL };
    int64_t seq, made;

    scenario_begin(&s);
    (void)scenario_do(&s, &credit);
    made = hold_place(&s.wallet, &ask, s.now, &tick.hold, NULL);
    is_int(made, HOLD_OK, "a hold for a week");
    for (int day = 6; day <= 24; day += 6) {
        wallet_settle(&s.wallet, s.start + day * DAY_MS);
        is_int(hold_capture(&s.wallet, &tick, s.start + day * DAY_MS, &seq,
                            NULL),
               HOLD_OK, "is extended for a week on day %d", day);
    }
    is_int(s.wallet.holds[0].expires_at, s.start + LIMIT_HOLD_LIFE_MS,
           "and ends 30 days after it was made all the same");
    arena_free(&s.arena);
}

static void
check_large(void)
{
    struct scenario s;
    struct hold_ask ask = {
        .charge = { .feature = "x", .book = 1, .price = 1000, .per = 1 },
        .quantity = LIMIT_INTEGER,
        .lasts_ms = 1,
    };
    struct capture_ask capture = { .extend = true,
                                   .extend_quantity = LIMIT_INTEGER,
                                   .extend_ms = 1 };
    struct hold_refusal refusal = { 0 };
    struct step credit = { NULL, TOP_UP, "1", LIMIT_CREDITS, 0,
                           0,    0,      0,   NULL,          NULL };
    int64_t made, seq;

    scenario_begin(&s);
    (void)scenario_do(&s, &credit);
    is_int(hold_place(&s.wallet, &ask, s.now, &made, NULL), HOLD_TOO_LARGE,
           "a hold beyond 10^12 credits is too large");
    is_int(hold_capture_direct(&s.wallet, &ask, s.now, &seq, NULL),
           HOLD_TOO_LARGE, "and so is a direct capture");
    ask.quantity = LIMIT_CREDITS / 1000;
    is_int(hold_place(&s.wallet, &ask, s.now, &capture.hold, NULL), HOLD_OK,
           "10^12 credits are not");
    is_int(hold_capture(&s.wallet, &capture, s.now, &seq, NULL), HOLD_TOO_LARGE,
           "an extension can be too large as well");
    ask.quantity = 1;
    is_int(hold_place(&s.wallet, &ask, s.now, &made, &refusal),
           HOLD_INSUFFICIENT, "too little is available");
    is_int(refusal.required, 1000, "and the refusal says what was needed");
    is_int(refusal.available, 0, "what was there");
    is_int(refusal.held, LIMIT_CREDITS, "and what is held");
    arena_free(&s.arena);
}

/* A livestream of 90 minutes in 90 ticks of odd viewer counts. */
static void
check_livestream(void)
{
    struct scenario s;
    struct step credit = { NULL, TOP_UP, "1", 100000, 0, 0, 0, 0, NULL, NULL };
    struct step hold = { NULL, VIEWING, "a", 137, 1, 0, 0, 0, NULL, NULL };
    struct step release = { NULL, RELEASE, "a", 0, 0, 0, 0, 0, NULL, NULL };
    int64_t viewers = 137, sum = 0;

    scenario_begin(&s);
    (void)scenario_do(&s, &credit);
    (void)scenario_do(&s, &hold);
    for (int minute = 1; minute <= 90; minute++) {
        struct step tick = { NULL,
                             EXTEND,
                             "a",
                             viewers,
                             viewers = (viewers * 7 + minute) % 401 + 1,
                             0,
                             0,
                             0,
                             NULL,
                             NULL };

        s.now += MINUTE_MS;
        wallet_settle(&s.wallet, s.now);
        sum += tick.n;
        if (scenario_do(&s, &tick) != HOLD_OK)
            break;
    }
    (void)scenario_do(&s, &release);
    is_int(s.wallet.event_count, 91, "ninety ticks are ninety events");
    is_int(100000 - s.wallet.total, price_credits(sum, 20, 1000),
           "and cost what one capture of all would");
    is_int(s.wallet.held, 0, "nothing stays held");
    arena_free(&s.arena);
}

int
main(void)
{
    PLAY("spending order", spending);
    PLAY("refusals", refusals);
    PLAY("rounding", rounding);
    PLAY("ends", lasting);
    PLAY("extending", extending);
    PLAY("debt", debt);
    PLAY("debt and an ended lot", ended_pays);
    PLAY("a plan", plans);
    PLAY("a plan in debt", plan_in_debt);
    check_life();
    check_large();
    check_livestream();
    return done();
}
