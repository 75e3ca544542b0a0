/*
 * Stripe's wire: what we send to it and what we read from it, as plain
 * values. Another base address is another provider, the sandbox included.
 * Knows neither the database nor the ledger.
 */
#ifndef SCRIP_STRIPE_H
#define SCRIP_STRIPE_H

#include "config.h"
#include "json.h"

/* Pinned here and nowhere else. */
#define STRIPE_VERSION "2025-03-31.basil"

enum stripe_result {
    STRIPE_OK = 0,
    STRIPE_MISSING,    /* there is no such object, or none that it names */
    STRIPE_REFUSED,    /* another 4xx: it will not do this; words in *why */
    STRIPE_UNAVAILABLE /* no good answer in the time that we have */
};

/* What a checkout session says, wherever we have it from. */
struct stripe_session {
    const char *id;
    const char *url;            /* NULL once it is over */
    const char *status;         /* "open", "complete", "expired" */
    const char *payment_status; /* "paid", "unpaid", "no_payment_required" */
    const char *mode;           /* "payment", "subscription" */
    const char *reference;      /* client_reference_id */
    const char *order;          /* metadata[order] */
    const char *payment_intent; /* id, or NULL */
    const char *currency;       /* lower case, as they write it */
    int64_t amount_total;       /* -1 where absent */
    int64_t expires_at_s;
    bool livemode;
};

/* A top-up to be bought: everything that its request says, so that a second
 * try sends the very same. */
struct stripe_checkout {
    const char *order; /* our id: reference, metadata, Idempotency-Key */
    const char *name;  /* "3,000 credits" */
    const char *currency;
    int64_t amount;
    int64_t expires_at_s;
    const char *success_url;
    const char *cancel_url;
    const char *customer; /* the provider's id of the Space, or NULL */
    bool keep_card;       /* for payments while nobody is there */
    int64_t end_ms; /* clock_monotonic_ms() when to give up; 0: as any call */
};

/* A Space, as the provider's customer. */
struct stripe_customer {
    const char *space; /* our id: metadata[space], Idempotency-Key */
    const char *name;
    int64_t made;   /* the how-manieth it is, in the key too */
    int64_t end_ms; /* as above */
};

/* Makes the customer, or finds what an earlier try made; its id. */
enum stripe_result stripe_customer_create(const struct config *config,
                                          struct arena *arena,
                                          const struct stripe_customer *ask,
                                          const char **id, const char **why);

enum stripe_result stripe_checkout_create(const struct config *config,
                                          struct arena *arena,
                                          const struct stripe_checkout *ask,
                                          struct stripe_session *session,
                                          const char **why);
enum stripe_result stripe_checkout_get(const struct config *config,
                                       struct arena *arena, const char *id,
                                       struct stripe_session *session,
                                       const char **why);
/* The receipt's address and the charge of a payment intent; NULLs where it
 * has none yet. */
enum stripe_result stripe_charge_of(const struct config *config,
                                    struct arena *arena, const char *intent,
                                    const char **charge,
                                    const char **receipt_url, const char **why);

/* Reads a session object; false when it is none. */
MUST_USE bool stripe_session_read(const struct json *object,
                                  struct stripe_session *session);

/* What a payment intent says of one of our orders. */
struct stripe_intent {
    const char *id;
    const char *status;   /* "processing", "succeeded", ... */
    const char *order;    /* metadata[order] */
    const char *currency; /* lower case */
    int64_t received;     /* what has been paid; -1 where absent */
    bool livemode;
};
/* Reads a payment intent; false when it is none. */
MUST_USE bool stripe_intent_read(const struct json *object,
                                 struct stripe_intent *intent);

struct stripe_event {
    const char *id;
    const char *type;
    int64_t created_s;
    bool livemode;
    const struct json *object; /* data.object */
};
/* Reads an event; false when the body is no event. */
MUST_USE bool stripe_event_read(struct arena *arena, const char *body,
                                size_t length, struct stripe_event *event);

/*
 * Whether `header` (Stripe-Signature) signs these raw bytes with one of the
 * two secrets (NULL or empty ones never match) at a time not over
 * LIMIT_SIGNATURE_AGE_S before now and not over that after it. Strict
 * grammar: exactly one t, decimal; one v1 of 64 lower-case hex digits at
 * least, any may match; other schemes are ignored; no spaces.
 */
MUST_USE bool stripe_signature_valid(const char *header, const char *body,
                                     size_t length,
                                     const char *const secrets[2],
                                     int64_t now_s);
/* Makes such a header: for the sandbox. In the arena. */
const char *stripe_signature_make(struct arena *arena, const char *body,
                                  size_t length, const char *secret,
                                  int64_t now_s);

#endif
