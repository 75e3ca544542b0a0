/*
 * Usage given back: captured credits return to the lots that they came from,
 * the last spent first, so that capturing c and giving back r at once leaves
 * the lots as capturing c - r would have. Pure, as hold.h.
 */
#ifndef SCRIP_REFUND_H
#define SCRIP_REFUND_H

#include "wallet.h"

/* In order of precedence. */
enum refund_result {
    REFUND_OK = 0,
    REFUND_REPLAYED,   /* this very request was done before: fine */
    REFUND_KEY_REUSED, /* same key, another request */
    REFUND_UNKNOWN,    /* no such event in this Space */
    REFUND_EXCEEDED,   /* more than is left of what it captured */
    REFUND_LIMIT,      /* the total would pass LIMIT_WALLET */
    REFUND_BROKEN      /* the database failed; see db_why() */
};

/* What is left to be given back of an event; 0 of all that is no usage. */
int64_t refund_left(struct wallet *wallet, const struct event *of);

/*
 * Gives `credits` (0: all that is left) of a captured_usage back, by one
 * usage_refund event with its references and `reason` as note. Debt is paid
 * first, in spending order; a lot that has ended comes back as a lot of its
 * kind for LIMIT_RETURNED_MS. Nothing returns into a hold.
 *
 * The lots that the event names, and what was refunded of it before
 * (wallet_refunded()), have to be loaded. *seq is the new event's.
 */
enum refund_result refund_usage(struct wallet *wallet, const struct event *of,
                                int64_t credits, const char *reason,
                                int64_t now, int64_t *seq);

/* Credits that come back to a lot; a lot is named once. */
struct returned {
    int64_t lot;
    int64_t credits; /* above zero */
};

/*
 * Credits that come back to lots by one event, as above; *seq is the event's.
 * `debt` more come back that had become debt: they pay it, before the others
 * do, or become a new top-up lot of the event's order where it is paid.
 */
void refund_to_lots(struct wallet *wallet, const struct returned *returned,
                    int count, int64_t debt, const struct event *event,
                    int64_t now, int64_t *seq);

#endif
