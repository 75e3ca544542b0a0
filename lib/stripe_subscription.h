/*
 * Subscriptions on Stripe's wire: what is asked for and what is read of them
 * and their invoices, as plain values. Like stripe.h it knows neither the
 * database nor the ledger.
 */
#ifndef SCRIP_STRIPE_SUBSCRIPTION_H
#define SCRIP_STRIPE_SUBSCRIPTION_H

#include "stripe.h"

/* Where an object's metadata has our id of a change of membership. */
#define STRIPE_MEMBERSHIP "membership"

/* What a period costs. */
struct stripe_price {
    const char *name; /* of the product: "Creator membership" */
    const char *currency;
    int64_t amount;
    const char *interval; /* "month", "year" */
};

/* A subscription to be begun: everything that its request says, so that a
 * second try sends the very same. */
struct stripe_subscribe {
    const char *change;   /* our id: reference, metadata, Idempotency-Key */
    const char *customer; /* or NULL */
    struct stripe_price price;
    int64_t expires_at_s;
    const char *success_url;
    const char *cancel_url;
    int64_t end_ms; /* clock_monotonic_ms() when to give up */
};

enum stripe_result stripe_subscribe(const struct config *config,
                                    struct arena *arena,
                                    const struct stripe_subscribe *ask,
                                    struct stripe_session *session,
                                    const char **why);

/* What a subscription says, wherever we have it from. -1: not said. */
struct stripe_subscription {
    const char *id;
    const char *status; /* "active", "past_due", "canceled", ... */
    const char *change; /* metadata[membership] */
    const char *item;   /* its first item's id, and that one's product */
    const char *product;
    int64_t period_start_s, period_end_s;
    bool cancel_at_period_end;
    int64_t cancel_at_s;
    int64_t ended_at_s, canceled_at_s;
    bool livemode;
};
/* Reads one; false when it is none. The period is on the items since API
 * 2025-03-31, and on the subscription before: both are read. */
MUST_USE bool
stripe_subscription_read(const struct json *object,
                         struct stripe_subscription *subscription);

/* An invoice of a subscription. -1: not said. */
struct stripe_invoice {
    const char *id;
    const char *subscription;
    const char *change; /* in the subscription's metadata, as it was then */
    const char *status; /* "paid", "open", ... */
    const char *reason; /* "subscription_create", "subscription_cycle", ... */
    const char *currency;
    int64_t amount_paid;
    /* Of the line of the subscription's own period; NULLs and -1 without: */
    int64_t line_amount;
    int64_t line_start_s, line_end_s;
    /* Discounts, used-up balance and other lines' credit, together. */
    int64_t less;
    int64_t created_s;
    int64_t paid_at_s;
    int64_t next_attempt_s;
    const char *hosted_url;
    bool livemode;
};
/* Reads one; false when it is none, or of no subscription. */
MUST_USE bool stripe_invoice_read(const struct json *object,
                                  struct stripe_invoice *invoice);

/* The subscription and its latest invoice; *has_invoice: it has one. */
enum stripe_result stripe_subscription_get(
    const struct config *config, struct arena *arena, const char *id,
    struct stripe_subscription *subscription, struct stripe_invoice *invoice,
    bool *has_invoice, const char **why);

/* Which subscription a checkout session has made; NULL: none yet. */
enum stripe_result
stripe_subscription_of_session(const struct config *config, struct arena *arena,
                               const char *session_id,
                               struct stripe_session *session,
                               const char **subscription, const char **why);
const char *stripe_session_subscription(const struct json *object);

/* Puts another price on a subscription's one item. */
struct stripe_switch {
    const char *subscription, *item;
    const char *change; /* our id, into the metadata */
    int64_t attempt;    /* with the id the Idempotency-Key */
    struct stripe_price price;
    bool at_once; /* what is left of the period is paid now, or nothing is
                     changed; else the next period is paid at it */
};
/* *declined: refused because the payment did not go through. */
enum stripe_result
stripe_subscription_switch(const struct config *config, struct arena *arena,
                           const struct stripe_switch *ask,
                           struct stripe_subscription *subscription,
                           bool *declined, const char **why);

/* Ends it with its period, or takes that back. `key`: Idempotency-Key. */
enum stripe_result
stripe_subscription_cancel(const struct config *config, struct arena *arena,
                           const char *id, bool cancel, const char *key,
                           struct stripe_subscription *subscription,
                           const char **why);

/* Ends a session that nobody shall pay at any more. STRIPE_REFUSED: it is
 * over already, one way or the other. */
enum stripe_result stripe_session_expire(const struct config *config,
                                         struct arena *arena, const char *id,
                                         const char *key, const char **why);

#endif
