/*
 * Usage by day and by reference: what captured_usage and usage_refund events
 * come to for each livestream, order, campaign, feature and member. A refund
 * counts on its own day, in the groups of what it refunds.
 *
 * Rollups hold the events up to wallet.folded, a multiple of USAGE_BLOCK; the
 * write that makes the tail that long folds it in its own transaction, and
 * every reader adds the tail. So figures are exact at every moment.
 *
 * They can be asked for as they were when an event was the last one, so that
 * all pages of groups show one moment; that takes as long as there are events
 * behind it.
 */
#ifndef SCRIP_USAGE_H
#define SCRIP_USAGE_H

#include "db.h"
#include "wallet.h"

enum { USAGE_BLOCK = 1024 };

enum usage_dim {
    USAGE_LIVESTREAM = 0,
    USAGE_ORDER,
    USAGE_CAMPAIGN,
    USAGE_FEATURE,
    USAGE_MEMBER,
    USAGE_DIMS
};

/* "livestream", "order", ...; back: false for any other text. */
const char *usage_dim_text(enum usage_dim dim);
MUST_USE bool usage_dim_of(const char *text, enum usage_dim *dim);
/* An event's reference; NULL: it has none. */
const char *usage_reference(enum usage_dim dim, const struct event *event);

struct usage_group {
    const char *key; /* NULL: what has no such reference */
    int64_t captured, refunded, events;
    int64_t first_at, last_at;
};

struct usage_day {
    int64_t day;
    int64_t captured, refunded, events;
};

/* Days from..to, both included. */
struct usage_range {
    int64_t space;
    int64_t from, to;
    int64_t until; /* the last event that counts; 0: all do */
};

/* Where a page of groups goes on: behind this one. */
struct usage_cursor {
    int64_t net;
    const char *key; /* "" for the group without a reference */
};

/* Groups of a range, the largest net first, then by key; behind `after`
 * (NULL: from the first), `limit` at most. However many there are, little
 * memory is used: usage_groups.c. last_at of a group is that of its last
 * event, whatever `until` is. False: db_why(). Read in one transaction with
 * the days. */
MUST_USE bool usage_groups(struct db *db, struct arena *arena,
                           const struct usage_range *range, enum usage_dim dim,
                           const struct usage_cursor *after, int limit,
                           struct usage_group **groups, int *count);

/* The days of a range on which something was used, oldest first. */
MUST_USE bool usage_days(struct db *db, struct arena *arena,
                         const struct usage_range *range,
                         struct usage_day **days, int *count);

/* What one reference comes to in a range. */
MUST_USE bool usage_of(struct db *db, struct arena *arena,
                       const struct usage_range *range, enum usage_dim dim,
                       const char *key, struct usage_group *group);

/* Folds what is due. Only ledger_save() calls it, with the events saved. */
MUST_USE bool usage_fold(struct db *db, struct arena *arena,
                         struct wallet *wallet);

#endif
