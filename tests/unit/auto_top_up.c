/*
 * Auto top-up's decisions, from facts alone: what may be done next, how long
 * after a decline, and which fall of a balance leads to a charge.
 */
#include "auto_top_up.h"

#include "tap.h"

/* --- What comes next. ----------------------------------------------------- */

static const struct auto_top_up agreed = {
    .enabled = true,
    .agreement = { .number = 1, .tier = "t", .amount = 25, .monthly_max = 100 },
    .card = { .method = "pm_1", .customer = "cus_1", .order = 1 },
};

#define T INT64_C(1000000)

static void
check(const char *words, const struct auto_top_up *top_up,
      struct auto_charge charge, struct auto_facts facts, enum auto_step want,
      const char *want_why)
{
    const char *why;
    enum auto_step step;

    facts.top_up = top_up;
    facts.charge = &charge;
    facts.now = facts.system_now = T;
    step = auto_decide(&facts, &why);
    if (!ok(step == want && (why == NULL) == (want_why == NULL) &&
                (why == NULL || strcmp(why, want_why) == 0),
            "%s", words))
        printf("#   got %d (%s), want %d\n", (int)step, why == NULL ? "-" : why,
               (int)want);
}

static void
check_steps(void)
{
    const struct auto_facts fine = { .below = true,
                                     .may_buy = true,
                                     .same_price = true };
    const struct auto_charge due = { .next_at = T };
    struct auto_facts facts = fine;
    struct auto_charge charge = due;
    struct auto_top_up top_up = agreed;

    check("what is due is sent", &agreed, due, fine, AUTO_SEND, NULL);
    charge.next_at = T + 1;
    check("not before its time", &agreed, charge, fine, AUTO_NOTHING, NULL);
    charge = due;
    charge.leased_until = T + 1;
    check("nor while another has it", &agreed, charge, fine, AUTO_NOTHING,
          NULL);
    facts.spent = 75;
    check("up to the month's ceiling", &agreed, due, facts, AUTO_SEND, NULL);
    facts.spent = 76;
    check("not over it", &agreed, due, facts, AUTO_PUT_OFF, NULL);
    facts = fine;
    facts.below = false;
    check("not where it is not needed", &agreed, due, facts, AUTO_DROP, NULL);
    top_up.enabled = false;
    check("not where it is off", &top_up, due, fine, AUTO_DROP, NULL);
    top_up = agreed;
    top_up.paused = "declined";
    check("or paused", &top_up, due, fine, AUTO_DROP, NULL);
    top_up = agreed;
    top_up.card.method = NULL;
    check("or has no card", &top_up, due, fine, AUTO_DROP, NULL);
    facts = fine;
    facts.may_buy = false;
    check("not on a plan that may not", &agreed, due, facts, AUTO_PAUSE,
          "plan_not_paid");
    facts = fine;
    facts.same_price = false;
    check("not at another price", &agreed, due, facts, AUTO_PAUSE,
          "price_changed");
    charge = due;
    charge.attempts = AUTO_ATTEMPTS;
    check("not a sixth time", &agreed, charge, fine, AUTO_PAUSE, "declined");
}

/* Of an attempt in flight, with one thing that is otherwise. */
#define CHECK_OTHERWISE(words, what)                                      \
    do {                                                                  \
        struct auto_top_up top_up = agreed;                               \
        struct auto_facts facts = wanted;                                 \
        struct auto_charge charge = flying;                               \
                                                                          \
        what;                                                             \
        check("but only looked for where " words, &top_up, charge, facts, \
              AUTO_LOOK, NULL);                                           \
    } while (0)

static void
check_in_flight(void)
{
    const struct auto_facts wanted = {
        .below = true, .may_buy = true, .same_price = true, .same_order = true
    };
    const struct auto_charge flying = { .in_flight = true,
                                        .attempts = 5,
                                        .method = agreed.card.method,
                                        .next_at = T + HOUR_MS,
                                        .sent_at = T - 20 * HOUR_MS + 1 };

    check("what is in flight is asked about", &agreed, flying, wanted, AUTO_ASK,
          NULL);
    CHECK_OTHERWISE("it is off", top_up.enabled = false);
    CHECK_OTHERWISE("it is paused", top_up.paused = "review");
    CHECK_OTHERWISE("the balance is above again", facts.below = false);
    CHECK_OTHERWISE("something else is agreed to", facts.same_order = false);
    CHECK_OTHERWISE("less a month is", facts.spent = 76);
    CHECK_OTHERWISE("it costs something else", facts.same_price = false);
    CHECK_OTHERWISE("the plan may not buy", facts.may_buy = false);
    CHECK_OTHERWISE("there is no card", top_up.card.method = NULL);
    CHECK_OTHERWISE("there is another card", charge.method = "pm_other");
    CHECK_OTHERWISE("the provider has forgotten its key", charge.sent_at--);
}

static void
check_waiting(void)
{
    const struct auto_facts none = { .below = false };
    struct auto_charge charge = { .waits = AUTO_WAITS_CONFIRMATION,
                                  .attempts = 5,
                                  .next_at = T };

    check("what the bank wants confirmed gets a page", &agreed, charge,
          (struct auto_facts){ .below = true }, AUTO_CONFIRM, NULL);
    check("once", &agreed, charge,
          (struct auto_facts){ .below = true, .has_page = true }, AUTO_NOTHING,
          NULL);
    charge = (struct auto_charge){ .waits = AUTO_WAITS_PROCESSING,
                                   .sent_at = T,
                                   .next_at = T + 1 };
    check("what the provider is still working on is left alone", &agreed,
          charge, none, AUTO_NOTHING, NULL);
    charge.next_at = T;
    check("and looked at after a while, not sent anew", &agreed, charge, none,
          AUTO_LOOK, NULL);
}

static void
check_waits(void)
{
    static const int64_t hours[] = { -1, 0, 1, 3, 7, -1, -1 };

    for (int i = 0; i < (int)COUNT_OF(hours); i++)
        is_int(auto_wait_ms(i), hours[i] < 0 ? -1 : hours[i] * HOUR_MS,
               "the wait after attempt %d", i);
}

/* --- Which fall is one. --------------------------------------------------- */

static void
check_fall(void)
{
    struct wallet wallet = { .total = 100, .top_up_below = 100 };

    wallet_watch(&wallet);
    ok(!wallet.below && !wallet.top_up_due, "at the threshold is not below");
    wallet.held = 1;
    wallet_watch(&wallet);
    ok(wallet.below && wallet.top_up_due, "one below it is, held ones too");
    wallet.top_up_due = false; /* it was saved */
    wallet.total = 50;
    wallet_watch(&wallet);
    ok(wallet.below && !wallet.top_up_due, "falling on is the same fall");
    wallet.total = 101;
    wallet_watch(&wallet);
    ok(!wallet.below, "until as much is available again");
    wallet.total = 0;
    wallet_watch(&wallet);
    ok(wallet.top_up_due, "the next fall is another");
    wallet.total = 500;
    wallet_watch(&wallet);
    ok(!wallet.top_up_due, "what comes in before it is saved undoes it");
    wallet_top_up_below(&wallet, 1000);
    ok(wallet.below && wallet.top_up_due && wallet.changed,
       "what is below already is due when it is turned on");
    wallet_top_up_below(&wallet, -1);
    ok(!wallet.below && !wallet.top_up_due, "and not when it is turned off");
}

static void
check_taken_back(void)
{
    static const struct {
        enum event_kind kind;
        bool due;
    } cases[] = {
        { EVENT_CAPTURED_USAGE, true }, { EVENT_EXPIRY, true },
        { EVENT_ADJUSTMENT, true },     { EVENT_TOP_UP_REFUND, false },
        { EVENT_DISPUTE, false },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct event event = { .kind = cases[i].kind };
        struct wallet wallet = {
            .top_up_below = 100, .total = 50, .events = &event, .event_count = 1
        };

        wallet_watch(&wallet);
        ok(wallet.below && wallet.top_up_due == cases[i].due, "a fall by %s %s",
           event_kind_text(cases[i].kind),
           cases[i].due ? "is charged for" : "charges nobody");
    }
}

int
main(void)
{
    check_steps();
    check_in_flight();
    check_waiting();
    check_waits();
    check_fall();
    check_taken_back();
    return done();
}
