/*
 * What a Space's membership is, as a pure function of what the provider has
 * said of its subscription and of what was asked for. Facts come in any
 * order, late and more than once; the same facts come to the same state.
 */
#ifndef SCRIP_MEMBERSHIP_STATE_H
#define SCRIP_MEMBERSHIP_STATE_H

#include "space.h"

/* As the provider has it; kept in rows, so numbers stay as they are. */
enum subscription_status {
    SUBSCRIPTION_UNKNOWN = 0, /* nothing but an invoice or a session names it */
    SUBSCRIPTION_INCOMPLETE,  /* its first payment has not gone through */
    SUBSCRIPTION_ACTIVE,
    SUBSCRIPTION_PAST_DUE,
    SUBSCRIPTION_UNPAID, /* the provider has given up asking for money */
    SUBSCRIPTION_ENDED   /* for good */
};

/* A plan that was asked for, and from when it counts. */
struct membership_terms {
    int64_t change; /* numbered in the order of asking */
    const char *plan;
    int64_t amount;
    const char *currency;
    const char *interval;
    int64_t effective_at;
};

/* Everything known; NEVER_MS where nothing is. */
struct membership_facts {
    enum subscription_status status;
    int64_t period_start_ms, period_end_ms; /* the subscription's */
    int64_t cancel_at;                      /* it was asked to end then */
    int64_t ended_at;                       /* it has ended */
    int64_t paid_start_ms, paid_end_ms;     /* the last period paid for */
    int64_t failed_start_ms;                /* the last renewal that failed and
                                               is not paid: its period, */
    int64_t failed_at, retries_at;          /* since when, tried again when */
    const struct membership_terms *terms;   /* the last asked for first */
    int term_count;
};

struct membership_state {
    bool begun; /* false: there is no membership yet, nothing below counts */
    /* The plan that counts now, at its price; NULL: not known. */
    const struct membership_terms *terms;
    enum space_status status;
    int64_t period_start_ms, period_end_ms;
    /* NEVER_MS where it does not apply: */
    int64_t renews_at;
    int64_t cancels_at;     /* it ends then, and has been paid until then */
    int64_t ended_at;       /* it has ended */
    int64_t past_due_since; /* a renewal is not paid */
    int64_t retries_at;     /* the provider asks for it again */
    /* What the next period is paid at; NULL: as this one. */
    const struct membership_terms *next;
};

void membership_state_of(const struct membership_facts *facts, int64_t now,
                         struct membership_state *state);

/* A subscription's invoice, as far as it says what was paid for. */
struct membership_paid {
    int64_t amount; /* of the line of the period, before what is taken off */
    int64_t less;   /* discounts and credit: what counts as paid already */
    int64_t paid;   /* the money that came */
    const char *currency;
    int64_t period_start_ms, period_end_ms; /* NEVER_MS: of no period */
};

enum membership_worth {
    MEMBERSHIP_WORTH_PERIOD = 0, /* it pays the period at these terms */
    MEMBERSHIP_WORTH_NOTHING,    /* nothing was paid, or not for a period */
    MEMBERSHIP_WORTH_OTHER /* another amount or currency than was asked for */
};
enum membership_worth membership_worth(const struct membership_paid *paid,
                                       const struct membership_terms *terms);

#endif
