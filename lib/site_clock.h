/*
 * The clock of the business: the system's, and in the sandbox an offset more
 * that the operator may set, kept in the database. Sessions, rate limits,
 * signatures and time-outs never look here; they keep the system's.
 */
#ifndef SCRIP_SITE_CLOCK_H
#define SCRIP_SITE_CLOCK_H

#include "clock.h"
#include "db.h"

/* Business time now. Where not `sandbox`: the system's, and nothing is read.
 * False when the database failed. */
MUST_USE bool site_clock_now(struct db *db, struct arena *arena, bool sandbox,
                             int64_t *now);
/* Sets the offset, milliseconds; 0 is the system's time again. Inside
 * db_begin(). */
MUST_USE bool site_clock_set(struct db *db, struct arena *arena,
                             int64_t offset_ms);

#endif
