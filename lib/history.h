/*
 * Reading a Space's events by a filter, in the order of their seq, from
 * either end. What a filter finds is found without reading all the rest:
 * times and days become a range of seqs, references lead to the runs of
 * events that have them, and kinds that are rare have an index.
 *
 * What is due but not written is where it will be: ask ledger_look() first,
 * in the same transaction, and hand its wallet over.
 */
#ifndef SCRIP_HISTORY_H
#define SCRIP_HISTORY_H

#include "ledger.h"
#include "usage.h"

struct history_filter {
    unsigned kinds; /* a bit (1u << kind) for each that is wanted */
    /* By enum usage_dim. NULL: any; "": usage, and refunds of it, that have
     * no such reference, which is the group of usage.h without a key. */
    const char *references[USAGE_DIMS];
    /* All included; days are the events' own. */
    int64_t from_day, to_day;
    int64_t from_at, to_at;
};

/* A filter that lets everything through. */
void history_all(struct history_filter *filter);

/* Whether an event passes. */
bool history_matches(const struct history_filter *filter,
                     const struct event *event);

/* The filter as a text, the same for the same filter and for no other. */
const char *history_text(struct arena *arena,
                         const struct history_filter *filter);

enum history_order { HISTORY_NEWEST_FIRST, HISTORY_OLDEST_FIRST };

/* From low to high, both included; none where low > high. */
struct history_span {
    int64_t low, high;
};

/* The seqs among which the filter's events are, due ones included. */
MUST_USE bool history_span(struct db *db, struct arena *arena,
                           const struct wallet *wallet,
                           const struct history_filter *filter,
                           struct history_span *span);

/* The first `limit` events of a span that pass, in this order. False: the
 * database failed. */
MUST_USE bool history_read(struct db *db, struct arena *arena,
                           const struct wallet *wallet,
                           const struct history_filter *filter,
                           const struct history_span *span,
                           enum history_order order, int limit,
                           struct event **events, int *count);

/*
 * What became of one event, of what is stored, oldest first, `limit` at most:
 * the refunds of usage; what took a top-up's credits back or gave them back
 * again; the reversal of a dispute, or of a refund that failed.
 */
MUST_USE bool history_followed(struct db *db, struct arena *arena,
                               int64_t space, const struct event *event,
                               int limit, struct event **events, int *count);

/* The top-up that an order's payment brought; its seq is 0 where it brought
 * none. */
MUST_USE bool history_top_up(struct db *db, struct arena *arena, int64_t space,
                             int64_t order, struct event *event);

#endif
