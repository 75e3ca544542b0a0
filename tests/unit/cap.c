/*
 * Caps: what they match, their windows, what they count, and that nothing is
 * held over one.
 */
#include "scenario.h"

static void
check_matching(void)
{
    static const struct refs refs = { .livestream = "a",
                                      .campaign = "b",
                                      .member = "c" };
    static const struct {
        const char *words;
        enum cap_on on;
        const char *value;
        bool matches;
    } cases[] = {
        { "a livestream's", CAP_LIVESTREAM, "a", true },
        { "another livestream's", CAP_LIVESTREAM, "b", false },
        { "a campaign's", CAP_CAMPAIGN, "b", true },
        { "a member's", CAP_MEMBER, "c", true },
        { "another member's", CAP_MEMBER, "C", false },
        { "a feature's", CAP_FEATURE, "clip", true },
        { "a part of a feature's name", CAP_FEATURE, "cli", false },
    };
    static const struct refs none;
    enum cap_on on;
    enum cap_per per;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cap cap = { .on = cases[i].on, .value = cases[i].value };

        is_int(cap_matches(&cap, "clip", &refs), cases[i].matches, "%s cap",
               cases[i].words);
        ok(!cap_matches(&cap, NULL, &none),
           "%s cap does not count what names nothing", cases[i].words);
        ok(cap_on_of(cap_on_text(cases[i].on), &on) && on == cases[i].on,
           "%s word and back", cases[i].words);
    }
    for (int i = CAP_DAY; i <= CAP_TOTAL; i++)
        ok(cap_per_of(cap_per_text((enum cap_per)i), &per) && (int)per == i,
           "per %s and back", cap_per_text((enum cap_per)i));
    ok(!cap_on_of("order", &on), "there is no cap on an order");
    ok(!cap_per_of("week", &per), "and none for a week");
}

static int64_t
day_of(const char *date)
{
    int64_t day = 0;

    if (!clock_parse_date(date, &day))
        abort();
    return day;
}

static void
check_windows(void)
{
    is_int(cap_window(CAP_DAY, day_of("2026-02-28")), day_of("2026-02-28"),
           "a day is its own window");
    is_int(cap_window(CAP_MONTH, day_of("2026-02-28")), day_of("2026-02-01"),
           "a month begins on the 1st");
    is_int(cap_window(CAP_MONTH, day_of("2028-02-29")), day_of("2028-02-01"),
           "in a leap year too");
    is_int(cap_window(CAP_MONTH, day_of("2026-03-01")), day_of("2026-03-01"),
           "which is in it");
    is_int(cap_window(CAP_TOTAL, day_of("2026-03-01")),
           cap_window(CAP_TOTAL, day_of("1999-03-01")),
           "all days are one window");
}

static struct event
usage(enum event_kind kind, int64_t credits, int64_t day)
{
    return (struct event){ .kind = kind,
                           .credits = credits,
                           .day = day,
                           .charge = { .feature = "clip" } };
}

static void
check_counting(void)
{
    static const struct {
        const char *words;
        enum event_kind kind;
        int64_t credits, day, used_by_day, used_by_month, used_at_all;
    } steps[] = {
        { "a capture counts", EVENT_CAPTURED_USAGE, -30, 100, 30, 30, 30 },
        { "another adds", EVENT_CAPTURED_USAGE, -20, 100, 50, 50, 50 },
        { "a refund takes away", EVENT_USAGE_REFUND, 10, 100, 40, 40, 40 },
        { "an expiry is no usage", EVENT_EXPIRY, -5, 100, 40, 40, 40 },
        { "a new day begins at nothing", EVENT_CAPTURED_USAGE, -5, 101, 5, 45,
          45 },
        { "a refund lowers its own day, not below 0", EVENT_USAGE_REFUND, 20,
          101, 0, 25, 25 },
        { "so what is used then counts in full", EVENT_CAPTURED_USAGE, -7, 101,
          7, 32, 32 },
        { "a new month begins at nothing too", EVENT_CAPTURED_USAGE, -1, 140, 1,
          1, 33 },
    };
    struct cap caps[3] = {
        { .on = CAP_FEATURE, .value = "clip", .per = CAP_DAY },
        { .on = CAP_FEATURE, .value = "clip", .per = CAP_MONTH },
        { .on = CAP_FEATURE, .value = "clip", .per = CAP_TOTAL },
    };

    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct event event =
            usage(steps[i].kind, steps[i].credits, steps[i].day);

        for (int j = 0; j < 3; j++)
            cap_count(&caps[j], &event);
        is_int(cap_used(&caps[0], steps[i].day), steps[i].used_by_day,
               "%s: of the day", steps[i].words);
        is_int(cap_used(&caps[1], steps[i].day), steps[i].used_by_month,
               "%s: of the month", steps[i].words);
        is_int(cap_used(&caps[2], steps[i].day), steps[i].used_at_all,
               "%s: at all", steps[i].words);
    }
    is_int(cap_used(&caps[0], 141), 0, "a day without usage has none");
}

static const struct step under_cap[] = {
    { "there is plenty", TOP_UP, "1", 10000, 0, 0, 10000, 0, "1:10000", NULL },
    { "60 of 100 are held", HOLD, "a", 60, 30, HOLD_OK, 9940, 60, "1:10000(60)",
      NULL },
    { "41 more are over the cap", HOLD, "b", 41, 1, HOLD_CAPPED, 9940, 60,
      "1:10000(60)", "" },
    { "captured directly as well", DIRECT, NULL, 41, 0, HOLD_CAPPED, 9940, 60,
      "1:10000(60)", "" },
    { "40 are not", DIRECT, NULL, 40, 0, HOLD_OK, 9900, 60, "1:9960(60)",
      NULL },
    { "the hold's capture never is", PART, "a", 30, 0, HOLD_OK, 9900, 30,
      "1:9930(30)", NULL },
    { "its extension can be", EXTEND, "a", 0, 31, HOLD_CAPPED, 9900, 30,
      "1:9930(30)", "" },
    { "unless it adds nothing", EXTEND, "a", 10, 20, HOLD_OK, 9900, 20,
      "1:9920(20)", NULL },
    { "what is released can be held again", RELEASE, "a", 0, 0, HOLD_OK, 9920,
      0, "1:9920", NULL },
    { "by another", HOLD, "c", 20, 20, HOLD_OK, 9900, 20, "1:9920(20)", NULL },
    { "what is given back as well", REFUND, NULL, 40, 2, REFUND_OK, 9940, 20,
      "1:9960(20)", NULL },
    { "but not more", HOLD, "d", 41, 1, HOLD_CAPPED, 9940, 20, "1:9960(20)",
      NULL },
    { "too little goes before over the cap", HOLD, "d", 20000, 1,
      HOLD_INSUFFICIENT, 9940, 20, "1:9960(20)", NULL },
    { NULL, WAIT, NULL, 12, 0, 0, 0, 0, NULL, NULL },
    { "the next day only what is held counts", HOLD, "e", 81, 1, HOLD_CAPPED,
      9940, 20, "1:9960(20)", NULL },
    { "the rest is free again", HOLD, "e", 80, 1, HOLD_OK, 9860, 100,
      "1:9960(100)", NULL },
    { "until a hold ends", DIRECT, NULL, 1, 0, HOLD_CAPPED, 9860, 100,
      "1:9960(100)", NULL },
    { NULL, WAIT, NULL, 13, 0, 0, 0, 0, NULL, NULL },
    { "by itself, too", DIRECT, NULL, 80, 0, HOLD_OK, 9860, 20, "1:9880(20)",
      NULL },
};

static void
play_under_cap(void)
{
    struct scenario s;
    struct cap cap = { .number = 1,
                       .on = CAP_FEATURE,
                       .value = "own",
                       .credits = 100,
                       .per = CAP_DAY };

    scenario_begin(&s);
    s.wallet.caps = &cap;
    s.wallet.cap_count = 1;
    scenario_steps(&s, "a cap of 100 a day", under_cap, COUNT_OF(under_cap));
    arena_free(&s.arena);
}

/* A plan's hold is under the campaign's cap once; what draws on it adds
 * nothing there, and counts where only it matches. */
static void
check_plan(void)
{
    struct scenario s;
    struct cap caps[2] = {
        { .number = 1,
          .on = CAP_CAMPAIGN,
          .value = "launch",
          .credits = 100,
          .per = CAP_TOTAL },
        { .number = 2,
          .on = CAP_MEMBER,
          .value = "m",
          .credits = 30,
          .per = CAP_TOTAL },
    };
    struct step credit = { NULL, TOP_UP, "1", 1000, 0, 0, 0, 0, NULL, NULL };
    struct step plan = { NULL, PLAN, "p", 5000, 20, 0, 0, 0, NULL, NULL };
    struct hold_ask ask = {
        .charge = { .feature = "livestream_viewing",
                    .book = 1,
                    .price = 20,
                    .per = 1000 },
        .refs = { .campaign = "launch", .member = "m" },
        .quantity = 2000,
        .lasts_ms = HOUR_MS,
    };
    struct hold_refusal refusal = { 0 };
    int64_t seq;

    scenario_begin(&s);
    s.wallet.caps = caps;
    s.wallet.cap_count = 2;
    (void)scenario_do(&s, &credit);
    is_int(scenario_do(&s, &plan), HOLD_OK,
           "a plan takes a campaign's whole cap");
    is_int(hold_capture_direct(&s.wallet, &ask, s.now, &seq, &refusal),
           HOLD_CAPPED, "a member's cap is another");
    is_int(refusal.cap->number, 2, "and is the one that is named");
    is_int(refusal.cap_used, 0, "with what it has used");
    ask.quantity = 1500;
    is_int(hold_capture_direct(&s.wallet, &ask, s.now, &seq, &refusal), HOLD_OK,
           "under both it goes");
    is_int(cap_used(&caps[0], 0), 100, "the campaign's is as full as before");
    is_int(cap_used(&caps[1], 0), 30, "the member's is full");
    ask.refs.member = NULL;
    ask.quantity = 3501;
    is_int(hold_capture_direct(&s.wallet, &ask, s.now, &seq, &refusal),
           HOLD_CAPPED, "more than the plan has left is over the campaign's");
    is_int(refusal.cap->number, 1, "which is named");
    arena_free(&s.arena);
}

int
main(void)
{
    check_matching();
    check_windows();
    check_counting();
    play_under_cap();
    check_plan();
    return done();
}
