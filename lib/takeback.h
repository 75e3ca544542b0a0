/*
 * Taking a payment's credits back, and undoing that: refunds of top-ups,
 * disputes, and disputes that were won. Pure, as hold.h.
 *
 * What is taken is what is free: the order's own lots first, then others in
 * spending order; the rest becomes debt. What an open hold reserved is never
 * touched. The takings of an order are a stack, so that what comes back goes
 * where the last was taken from.
 */
#ifndef SCRIP_TAKEBACK_H
#define SCRIP_TAKEBACK_H

#include "wallet.h"

struct taken {
    int64_t lot; /* 0: became debt */
    int64_t credits;
    bool changed; /* differs from what was loaded */
};

struct takings {
    int64_t order;
    struct taken *parts; /* last taken, last; emptied ones have 0 credits */
    int count, room;
};

/* What an order's takings come to. */
int64_t takeback_taken(const struct takings *takings);

/* Takes 1 or more credits by one event, which gives kind, order and refs.
 * False, and nothing is done, where the total would pass -LIMIT_WALLET.
 * *seq is the event's. */
MUST_USE bool takeback_take(struct wallet *wallet, struct takings *takings,
                            int64_t credits, const struct event *event,
                            int64_t now, int64_t *seq);

/*
 * Gives 1 to takeback_taken() credits back by one event, the last taken
 * first: what had become debt pays debt, or becomes a new top-up lot of the
 * order where that is paid; the rest goes to the lots that it came from (an
 * ended one's to a lot of its kind for LIMIT_RETURNED_MS), after debt. The
 * lots that the takings name have to be loaded. False: over LIMIT_WALLET.
 */
MUST_USE bool takeback_return(struct wallet *wallet, struct takings *takings,
                              int64_t credits, const struct event *event,
                              int64_t now, int64_t *seq);

#endif
