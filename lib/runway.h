/*
 * How long what is available lasts at the recent pace. A forecast for
 * people, never a reason to refuse anything.
 */
#ifndef SCRIP_RUNWAY_H
#define SCRIP_RUNWAY_H

#include "db.h"
#include "wallet.h"

/* The pace is that of so many days, today included, or of as many as the
 * Space has a history; of a history shorter than the least nothing is said,
 * since an hour's use tells nobody how a month goes. */
enum { RUNWAY_DAYS = 30, RUNWAY_LEAST_DAYS = 3 };

/*
 * Whole days until the free credits of a settled wallet are spent, in
 * spending order, where `used` were in `during_ms`; what expires before its
 * turn comes does not count. -1: nothing is used, nobody can tell.
 */
int64_t runway_days(const struct wallet *wallet, int64_t used,
                    int64_t during_ms, int64_t now);

/* The same from what the Space used lately, refunds taken off; -1 too where
 * its history is too short to tell. False: the database failed. In one transaction with the wallet. */
MUST_USE bool runway_find(struct db *db, struct arena *arena,
                          const struct wallet *wallet, int64_t now,
                          int64_t *days);

#endif
