/*
 * What a membership is, by what is known of it: tables of facts and of what
 * was paid, without a database.
 */
#include "membership_state.h"
#include "tap.h"

/* Days of a month stand for its moments: periods are 1 to 31, 31 to 61. */
enum { NOW = 10, P1 = 1, P2 = 31, P3 = 61 };

static const struct membership_terms creator = { 1,     "creator", 1900,
                                                 "GBP", "month",   P1 };

#define NEVER NEVER_MS

static const struct state_case {
    const char *name;
    enum subscription_status status;
    int64_t start, cancel_at, ended_at; /* of the subscription */
    int64_t paid_start;
    int64_t failed_start, failed_at;
    int64_t now;
    bool begun;
    enum space_status is;
    int64_t period, renews, cancels, ended, since;
} states[] = {
    { "paid and active", SUBSCRIPTION_ACTIVE, P1, NEVER, NEVER, P1, NEVER,
      NEVER, NOW, true, SPACE_ACTIVE, P1, P2, NEVER, NEVER, NEVER },
    { "an invoice alone is a membership", SUBSCRIPTION_UNKNOWN, NEVER, NEVER,
      NEVER, P1, NEVER, NEVER, NOW, true, SPACE_ACTIVE, P1, P2, NEVER, NEVER,
      NEVER },
    { "a session alone is none yet", SUBSCRIPTION_UNKNOWN, NEVER, NEVER, NEVER,
      NEVER, NEVER, NEVER, NOW, false, SPACE_NONE, 0, 0, 0, 0, 0 },
    { "unpaid at first is none yet", SUBSCRIPTION_INCOMPLETE, P1, NEVER, NEVER,
      NEVER, NEVER, NEVER, NOW, false, SPACE_NONE, 0, 0, 0, 0, 0 },
    { "paid before it is said to be active", SUBSCRIPTION_INCOMPLETE, P1, NEVER,
      NEVER, P1, NEVER, NEVER, NOW, true, SPACE_ACTIVE, P1, P2, NEVER, NEVER,
      NEVER },
    { "active without an invoice, as in a trial", SUBSCRIPTION_ACTIVE, P1,
      NEVER, NEVER, NEVER, NEVER, NEVER, NOW, true, SPACE_ACTIVE, P1, P2, NEVER,
      NEVER, NEVER },
    { "a renewal's invoice before the subscription's word", SUBSCRIPTION_ACTIVE,
      P1, NEVER, NEVER, P2, NEVER, NEVER, P2, true, SPACE_ACTIVE, P2, P3, NEVER,
      NEVER, NEVER },
    { "the subscription's word before the renewal's invoice",
      SUBSCRIPTION_ACTIVE, P2, NEVER, NEVER, P1, NEVER, NEVER, P2, true,
      SPACE_ACTIVE, P2, P3, NEVER, NEVER, NEVER },
    { "asked to end with its period", SUBSCRIPTION_ACTIVE, P1, P2, NEVER, P1,
      NEVER, NEVER, NOW, true, SPACE_ACTIVE, P1, NEVER, P2, NEVER, NEVER },
    { "at its end, whether that is said or not", SUBSCRIPTION_ACTIVE, P1, P2,
      NEVER, P1, NEVER, NEVER, P2, true, SPACE_CANCELLED, P1, NEVER, NEVER, P2,
      NEVER },
    { "ended", SUBSCRIPTION_ENDED, P1, NEVER, NOW, P1, NEVER, NEVER, NOW, true,
      SPACE_CANCELLED, P1, NEVER, NEVER, NOW, NEVER },
    { "ended before it was ever paid", SUBSCRIPTION_ENDED, P1, NEVER, NOW,
      NEVER, NEVER, NEVER, NOW, false, SPACE_NONE, 0, 0, 0, 0, 0 },
    { "a failed renewal, by its invoice", SUBSCRIPTION_ACTIVE, P1, NEVER, NEVER,
      P1, P2, P2 + 1, P2 + 2, true, SPACE_PAST_DUE, P1, NEVER, NEVER, NEVER,
      P2 + 1 },
    { "a failed renewal, by the subscription", SUBSCRIPTION_PAST_DUE, P2, NEVER,
      NEVER, P1, NEVER, NEVER, P2 + 2, true, SPACE_PAST_DUE, P2, NEVER, NEVER,
      NEVER, P2 },
    { "paid later, by its invoice, before the subscription says so",
      SUBSCRIPTION_PAST_DUE, P2, NEVER, NEVER, P2, NEVER, NEVER, P2 + 3, true,
      SPACE_ACTIVE, P2, P3, NEVER, NEVER, NEVER },
    { "an old failure, and a later period paid", SUBSCRIPTION_ACTIVE, P2, NEVER,
      NEVER, P2, P1, P1 + 1, P2 + 3, true, SPACE_ACTIVE, P2, P3, NEVER, NEVER,
      NEVER },
    { "past due and asked to end", SUBSCRIPTION_PAST_DUE, P2, P3, NEVER, P1, P2,
      P2 + 1, P2 + 2, true, SPACE_PAST_DUE, P2, NEVER, P3, NEVER, P2 + 1 },
    { "the provider has given up", SUBSCRIPTION_UNPAID, P2, NEVER, NEVER, P1,
      P2, P2 + 1, P2 + 20, true, SPACE_CANCELLED, P2, NEVER, NEVER, NEVER,
      P2 + 1 },
};

static void
try_states(void)
{
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        const struct state_case *c = &states[i];
        const struct membership_facts facts = {
            .status = c->status,
            .period_start_ms = c->start,
            .period_end_ms = c->start == NEVER ? NEVER : c->start + 30,
            .cancel_at = c->cancel_at,
            .ended_at = c->ended_at,
            .paid_start_ms = c->paid_start,
            .paid_end_ms = c->paid_start == NEVER ? NEVER : c->paid_start + 30,
            .failed_start_ms = c->failed_start,
            .failed_at = c->failed_at,
            .retries_at = NEVER,
            .terms = &creator,
            .term_count = 1,
        };
        struct membership_state state;

        membership_state_of(&facts, c->now, &state);
        ok(state.begun == c->begun &&
               (!c->begun ||
                (state.status == c->is && state.period_start_ms == c->period &&
                 state.renews_at == c->renews &&
                 state.cancels_at == c->cancels && state.ended_at == c->ended &&
                 state.past_due_since == c->since)),
           "%s", c->name);
    }
}

/* The last asked for stands first, as they are loaded. */
static const struct plan_case {
    const char *name;
    struct membership_terms terms[3];
    int count;
    int64_t now;
    const char *plan, *next;
} plan_cases[] = {
    { "one plan", { { 1, "a", 1, "GBP", "month", P1 } }, 1, NOW, "a", NULL },
    { "an upgrade counts at once",
      { { 2, "b", 2, "GBP", "month", 5 }, { 1, "a", 1, "GBP", "month", P1 } },
      2,
      NOW,
      "b",
      NULL },
    { "a downgrade waits for the next period",
      { { 2, "a", 1, "GBP", "month", P2 }, { 1, "b", 2, "GBP", "month", P1 } },
      2,
      NOW,
      "b",
      "a" },
    { "and counts then",
      { { 2, "a", 1, "GBP", "month", P2 }, { 1, "b", 2, "GBP", "month", P1 } },
      2,
      P2,
      "a",
      NULL },
    { "taken back, it never counts",
      { { 3, "b", 2, "GBP", "month", 6 },
        { 2, "a", 1, "GBP", "month", P2 },
        { 1, "b", 2, "GBP", "month", P1 } },
      3,
      P2,
      "b",
      NULL },
    { "an upgrade while a downgrade waits",
      { { 3, "c", 3, "GBP", "month", 6 },
        { 2, "a", 1, "GBP", "month", P2 },
        { 1, "b", 2, "GBP", "month", P1 } },
      3,
      NOW,
      "c",
      NULL },
};

static void
try_plans(void)
{
    for (size_t i = 0; i < COUNT_OF(plan_cases); i++) {
        const struct plan_case *c = &plan_cases[i];
        const struct membership_facts facts = {
            .status = SUBSCRIPTION_ACTIVE,
            .period_start_ms = P1,
            .period_end_ms = P3,
            .cancel_at = NEVER,
            .ended_at = NEVER,
            .paid_start_ms = P1,
            .paid_end_ms = P3,
            .failed_start_ms = NEVER,
            .failed_at = NEVER,
            .retries_at = NEVER,
            .terms = c->terms,
            .term_count = c->count,
        };
        struct membership_state state;

        membership_state_of(&facts, c->now, &state);
        ok(state.terms != NULL && strcmp(state.terms->plan, c->plan) == 0 &&
               (c->next == NULL ? state.next == NULL
                                : state.next != NULL &&
                                      strcmp(state.next->plan, c->next) == 0),
           "%s", c->name);
    }
}

static const struct worth_case {
    const char *name;
    int64_t amount, less, paid;
    const char *currency;
    int64_t start;
    enum membership_worth worth;
} worths[] = {
    { "what was asked for", 1900, 0, 1900, "gbp", P1, MEMBERSHIP_WORTH_PERIOD },
    { "zero, as in a trial", 0, 0, 0, "gbp", P1, MEMBERSHIP_WORTH_NOTHING },
    { "zero after a discount of all of it", 1900, 1900, 0, "gbp", P1,
      MEMBERSHIP_WORTH_NOTHING },
    { "the rest after a discount", 1900, 900, 1000, "gbp", P1,
      MEMBERSHIP_WORTH_PERIOD },
    { "less than the rest", 1900, 900, 999, "gbp", P1, MEMBERSHIP_WORTH_OTHER },
    { "a penny less", 1900, 0, 1899, "gbp", P1, MEMBERSHIP_WORTH_OTHER },
    { "with tax on top", 1900, 0, 2280, "gbp", P1, MEMBERSHIP_WORTH_PERIOD },
    { "another currency", 1900, 0, 1900, "usd", P1, MEMBERSHIP_WORTH_OTHER },
    { "another plan's price", 4900, 0, 4900, "gbp", P1,
      MEMBERSHIP_WORTH_OTHER },
    { "a proration pays no period", -1, 0, 1500, "gbp", NEVER_MS,
      MEMBERSHIP_WORTH_NOTHING },
};

static void
try_worths(void)
{
    for (size_t i = 0; i < COUNT_OF(worths); i++) {
        const struct worth_case *c = &worths[i];
        const struct membership_paid paid = {
            .amount = c->amount,
            .less = c->less,
            .paid = c->paid,
            .currency = c->currency,
            .period_start_ms = c->start,
            .period_end_ms = c->start == NEVER_MS ? NEVER_MS : c->start + 30,
        };

        ok(membership_worth(&paid, &creator) == c->worth, "%s", c->name);
    }
}

int
main(void)
{
    try_states();
    try_plans();
    try_worths();
    return done();
}
