/*
 * What an event names by number, looked up: its lots, its order, its hold,
 * its price book's words, and the event that it refunds or takes back. For
 * the two ways in which events are shown (view.h), as JSON and as CSV.
 */
#ifndef SCRIP_VIEW_NAMES_H
#define SCRIP_VIEW_NAMES_H

#include "view.h"
#include "words.h"

struct view_names {
    char id[ID_SIZE];
    char hold[ID_SIZE];      /* "" where it names none */
    char refund_of[ID_SIZE]; /* the same */
    struct order order;      /* where words.order is not NULL */
    int64_t amount;          /* of that order's money that moved, signed */
    const struct lot **lots; /* one for each lot change; NULL for debt */
    struct words_context words;
};

/* All of it lies in the view's arena. False: the database failed, or the
 * event names what is not there. */
MUST_USE bool view_names(struct view *view, const struct event *event,
                         struct view_names *names);

#endif
