/*
 * Periods of a subscription: pure. They end on the anchor's day of the month
 * and at its time of day, in UTC; in a shorter month on its last day, and in
 * the next one on the anchor's day again (31 January, 28 February, 31 March).
 */
#ifndef SANDBOX_PERIOD_H
#define SANDBOX_PERIOD_H

#include "base.h"

/* The first end after `start_s`. `interval` is "day", "week", "month" or
 * "year", `count` how many of them a period has. Seconds since 1970. */
int64_t period_end(int64_t anchor_s, int64_t start_s, const char *interval,
                   int64_t count);
/* The part of `amount` that `left_s` of a period of `all_s` costs, rounded
 * half up. */
int64_t period_part(int64_t amount, int64_t left_s, int64_t all_s);

#endif
