/*
 * Saved cards at the provider: which one paid, and charging it while nobody
 * is there. Knows neither the database nor the ledger.
 */
#ifndef SCRIP_STRIPE_CARD_H
#define SCRIP_STRIPE_CARD_H

#include "stripe.h"

struct stripe_card {
    const char *customer;
    const char *method; /* the payment method's id */
    const char *brand;
    const char *last4;
};

/* The card that paid an intent and was kept for later; STRIPE_MISSING: it is
 * no card, or was not kept. */
enum stripe_result stripe_card_of(const struct config *config,
                                  struct arena *arena, const char *intent,
                                  struct stripe_card *card, const char **why);

/* One attempt: everything that its request says, so that asking again what
 * became of it sends the very same. */
struct stripe_off_session {
    const char *order; /* our id: metadata, Idempotency-Key */
    int attempt;       /* the how-manieth, in the key too */
    const char *description;
    const char *currency;
    int64_t amount;
    const char *customer;
    const char *method;
};

/* Why a card did not pay; NULLs where not said. */
struct stripe_decline {
    const char *code;         /* "card_declined", "authentication_required" */
    const char *decline_code; /* "insufficient_funds", "lost_card" */
    const char *words;        /* the provider's, for people */
};

/* STRIPE_OK: *intent says how it stands. STRIPE_REFUSED: nothing was taken,
 * *decline says why where the card is to blame (code NULL: it is not).
 * STRIPE_MISSING: the provider has no such card or customer.
 * STRIPE_UNAVAILABLE: nobody knows; ask again with the same words. */
enum stripe_result stripe_pay_off_session(const struct config *config,
                                          struct arena *arena,
                                          const struct stripe_off_session *ask,
                                          struct stripe_intent *intent,
                                          struct stripe_decline *decline,
                                          const char **why);

/* What a customer was charged, or was to be: from `after` on (NULL: the
 * newest), 100 at most, newest first; *more: there are further ones. */
enum stripe_result stripe_intents_of(const struct config *config,
                                     struct arena *arena, const char *customer,
                                     const char *after,
                                     struct stripe_intent **intents, int *count,
                                     bool *more, const char **why);

#endif
