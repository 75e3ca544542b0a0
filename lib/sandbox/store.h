/*
 * What the sandbox keeps, as values: customers, checkout sessions, payment
 * intents, charges. Loading and saving by id and nothing else; what may
 * follow what is payment.h's. Strings lie in the box's arena; metadata are
 * JSON objects as text.
 */
#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

#include "box.h"

struct store_customer {
    const char *id;
    int64_t created_s;
    const char *email;
    const char *name;
    const char *description;
    const char *metadata;
    const char *method; /* its invoices are paid with; or NULL */
    int64_t balance;    /* below zero: owed to it; invoices alone change it */
};

struct store_line {
    int64_t position;
    const char *id;
    const char *price;
    const char *product;
    const char *name;
    const char *description;
    int64_t unit_amount;
    int64_t quantity;
    const char *interval; /* NULL: it is paid once */
    int64_t interval_count;
};

struct store_session {
    const char *id;
    int64_t created_s;
    int64_t expires_s;
    const char *mode;   /* "payment", "setup", "subscription" */
    const char *status; /* as of now: open past its end is "expired" */
    const char *payment_status;
    const char *currency; /* NULL: in mode setup */
    int64_t amount;
    const char *reference;
    const char *metadata;
    const char *intent_metadata; /* of what it makes */
    const char *future_usage;    /* NULL: what pays is not kept */
    const char *methods;         /* "card,bacs_debit" */
    const char *customer;
    const char *email;
    const char *success_url;
    const char *cancel_url;
    const char *intent;
    const char *setup;        /* in mode setup */
    const char *subscription; /* in mode subscription, once it is paid */
    const char *invoice;
};

/* What a payment is made with, without anything worth stealing. */
struct store_method {
    const char *id;   /* NULL: none yet */
    const char *type; /* "card", "bacs_debit" */
    const char *brand;
    const char *last4;
    int64_t month;
    int64_t year;
};

struct store_error {
    const char *code; /* NULL: none */
    const char *decline;
    const char *message;
};

struct store_intent {
    const char *id;
    int64_t created_s;
    const char *session; /* or NULL */
    int64_t amount;
    const char *currency;
    const char *status;
    const char *metadata;
    const char *description;
    const char *future_usage;
    const char *customer;
    const char *email;
    struct store_method method;
    struct store_error error;
    const char *charge;
    int64_t settle_ms; /* NEVER_MS: not by itself */
    bool settle_well;
    int64_t canceled_s; /* 0: it was not */
    const char *cancel_reason;
};

struct store_charge {
    const char *id;
    int64_t created_s;
    const char *intent;
    int64_t amount;
    const char *currency;
    const char *status;
    const char *metadata;
    const char *customer;
    const char *email;
    struct store_method method;
    struct store_error error;
    /* From what has happened to it; the charge keeps none of them. */
    int64_t refunded;
    bool disputed;
    const char *movement; /* of the balance (store_reversal.h), or NULL */
};

/* False when there is none (or the box is broken). */
MUST_USE bool store_customer_get(struct box *box, const char *id,
                                 struct store_customer *customer);
MUST_USE bool store_session_get(struct box *box, const char *id,
                                struct store_session *session);
MUST_USE bool store_intent_get(struct box *box, const char *id,
                               struct store_intent *intent);
MUST_USE bool store_charge_get(struct box *box, const char *id,
                               struct store_charge *charge);
/* In the arena; *count of them. */
struct store_line *store_lines(struct box *box, const char *session,
                               int *count);

void store_customer_add(struct box *box, const struct store_customer *customer);
void store_customer_set(struct box *box, const struct store_customer *customer);
void store_session_add(struct box *box, const struct store_session *session,
                       const struct store_line *lines, int count);
void store_intent_add(struct box *box, const struct store_intent *intent);
void store_intent_set(struct box *box, const struct store_intent *intent);
void store_charge_add(struct box *box, const struct store_charge *charge);

/* Whether `method` is among the session's. */
bool store_session_takes(const struct store_session *session,
                         const char *method);

#endif
