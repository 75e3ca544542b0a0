/*
 * A Space's membership: which plan it has and for which period, and the
 * included credits that come with each period, once.
 */
#ifndef SCRIP_MEMBERSHIP_H
#define SCRIP_MEMBERSHIP_H

#include "grant.h"

struct membership {
    const char *plan; /* its id */
    int64_t period_start_ms;
    int64_t period_end_ms;
};

/* In order of precedence. */
enum membership_result {
    MEMBERSHIP_OK = 0,
    MEMBERSHIP_REPEATED,     /* set again; the period has its allocation */
    MEMBERSHIP_PERIOD_TAKEN, /* it has one of other credits: nothing is done */
    MEMBERSHIP_UNKNOWN_PLAN,
    MEMBERSHIP_LIMIT, /* the wallet would pass its limit */
    MEMBERSHIP_BROKEN /* the database failed; see db_why() */
};

/*
 * Sets the plan and the period, and grants what the plan includes for it:
 * until the period ends, or one period longer where the plan lets credits
 * roll over. *event is the allocation's (seq 0: the plan includes nothing, or
 * the period has ended). The wallet is locked before and saved after, by the
 * caller. `space` is read anew.
 */
enum membership_result membership_set(struct db *db, struct arena *arena,
                                      struct space *space,
                                      struct wallet *wallet,
                                      const struct membership *membership,
                                      int64_t now, struct event *event);

/* Grants what the plan includes for the period, once, and no more: *event as
 * above. `zone` is whose calendar the period goes by. */
enum membership_result membership_allocate(struct db *db, struct arena *arena,
                                           struct wallet *wallet,
                                           const struct membership *membership,
                                           const struct zone *zone, int64_t now,
                                           struct event *event);

/* When credits of a period end that roll over: with the next period, which
 * has as many months in the zone's calendar; as long again where those are
 * none. */
int64_t membership_rollover_end(const struct zone *zone, int64_t start_ms,
                                int64_t end_ms);

#endif
