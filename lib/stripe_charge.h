/*
 * What happens to a charge after it was paid, as the provider tells it:
 * refunds and disputes, from its events or read in lists. As stripe.h, knows
 * neither the database nor the ledger.
 */
#ifndef SCRIP_STRIPE_CHARGE_H
#define SCRIP_STRIPE_CHARGE_H

#include "stripe.h"

/* Where the money of a refund or dispute is, whatever it is called there. */
enum stripe_money {
    STRIPE_MONEY_PENDING, /* has not moved */
    STRIPE_MONEY_OUT,     /* went back to the payer */
    STRIPE_MONEY_BACK     /* came back: it failed, or was won */
};

struct stripe_reversal {
    const char *id;
    const char *payment_intent; /* or NULL */
    const char *charge;         /* or NULL; one of both is there */
    const char *currency;       /* lower case */
    int64_t amount;
    const char *reason; /* or NULL */
    enum stripe_money money;
    bool livemode; /* of a dispute; a refund does not say */
};

/* Read a refund and a dispute; false when the object is none. */
MUST_USE bool stripe_refund_read(const struct json *object,
                                 struct stripe_reversal *refund);
MUST_USE bool stripe_dispute_read(const struct json *object,
                                  struct stripe_reversal *dispute);

/* A charge's refunds, from `after` on (NULL: the newest), 100 at most, newest
 * first; *more: there are further ones behind the last. */
enum stripe_result stripe_refunds_of(const struct config *config,
                                     struct arena *arena, const char *charge,
                                     const char *after,
                                     struct stripe_reversal **refunds,
                                     int *count, bool *more, const char **why);

/* Events of the account, in the same way, 50 at most. The provider keeps
 * them for 30 days. */
enum stripe_result stripe_events_list(const struct config *config,
                                      struct arena *arena, const char *after,
                                      struct stripe_event **events, int *count,
                                      bool *more, const char **why);

#endif
