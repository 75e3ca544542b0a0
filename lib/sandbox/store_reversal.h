/*
 * What the sandbox keeps about money that goes back: refunds, disputes, and
 * the movements of the merchant's balance ("balance transactions" on the
 * wire). As store.h: loading and saving, no rules.
 */
#ifndef SANDBOX_STORE_REVERSAL_H
#define SANDBOX_STORE_REVERSAL_H

#include "box.h"

struct store_refund {
    const char *id;
    int64_t created_s;
    const char *charge;
    const char *intent; /* the charge's */
    int64_t amount;
    const char *currency;
    const char *status; /* "pending", "succeeded", "failed", "canceled" */
    const char *reason; /* or NULL, as the next one */
    const char *failure_reason;
    const char *metadata;
    int64_t settle_ms; /* NEVER_MS: not by itself */
    bool settle_well;
    const char *method;           /* the charge's: "card", "bacs_debit" */
    const char *movement;         /* or NULL, as the next one */
    const char *failure_movement; /* the money that came back to us */
};

struct store_dispute {
    const char *id;
    int64_t created_s;
    const char *charge;
    const char *intent;
    int64_t amount;
    const char *currency;
    const char *reason;
    const char *status;   /* "needs_response", "under_review", "won", "lost" */
    const char *evidence; /* what was handed in (uncategorized_text); or NULL */
    int64_t submissions;
    int64_t due_s;
    const char *metadata;
    const char *brand; /* of the card; NULL by direct debit */
};

struct store_movement {
    const char *id;
    int64_t created_s;
    const char *category; /* "charge", "refund", "refund_failure", "dispute",
                             "dispute_reversal" */
    const char *source;   /* whose it is: a charge's, a refund's ... */
    int64_t amount;       /* below zero: out of the balance */
    const char *currency;
};

/* False when there is none (or the box is broken). */
MUST_USE bool store_refund_get(struct box *box, const char *id,
                               struct store_refund *refund);
MUST_USE bool store_dispute_get(struct box *box, const char *id,
                                struct store_dispute *dispute);
MUST_USE bool store_movement_get(struct box *box, const char *id,
                                 struct store_movement *movement);
/* The movement of this category and source. */
MUST_USE bool store_movement_of(struct box *box, const char *source,
                                const char *category,
                                struct store_movement *movement);

void store_refund_add(struct box *box, const struct store_refund *refund);
/* Its status, failure_reason, metadata and settling. */
void store_refund_set(struct box *box, const struct store_refund *refund);
void store_dispute_add(struct box *box, const struct store_dispute *dispute);
/* Its status, evidence, submissions and metadata. */
void store_dispute_set(struct box *box, const struct store_dispute *dispute);
/* Makes a movement of now; its id. Once for a source and category. */
const char *store_movement_add(struct box *box, const char *category,
                               const char *source, int64_t amount,
                               const char *currency);

#endif
