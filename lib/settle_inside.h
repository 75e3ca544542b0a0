/*
 * What settle's files do for each other. An event of the provider's is done
 * by a handler, found by the event's type in the tables of kinds below; due
 * work by a worker, found in settle_work.c's table. A new subject is a file
 * with a table of its own, and a line where the tables are listed.
 */
#ifndef SCRIP_SETTLE_INSIDE_H
#define SCRIP_SETTLE_INSIDE_H

#include "order_fact.h"
#include "settle.h"
#include "stripe_charge.h"
#include "work.h"

/* An event that is being applied, and what it came to. */
struct incoming {
    struct db *db;
    struct arena *arena;
    const struct config *config;
    const struct stripe_event *event;
    int64_t clock_ms;

    /* Filled in by the handler: */
    int64_t space, order; /* numbers that it is about; 0: of none of ours */
    const char *came_to;  /* the operator's word: "credited", "not_ours" */
};

/*
 * Applies one event, inside the transaction that notes it. Never calls the
 * provider: what has to be asked becomes due work. SETTLE_NOT_OURS: its
 * object is none that this handler is for, and another one may know it (a
 * session may be a top-up's or a membership's). SETTLE_BROKEN undoes all, and
 * the provider tells it again. Anything else is SETTLE_OK.
 */
typedef enum settle_result settle_handler(struct incoming *in);

struct settle_kind {
    const char *type; /* "checkout.session.completed"; NULL ends a table */
    settle_handler *handle;
};

/* Whether there is a handler for events of this type. */
bool settle_uses(const char *type);

/* The tables, each with the file that it stands in. */
extern const struct settle_kind settle_payment_kinds[];
extern const struct settle_kind settle_membership_kinds[];
extern const struct settle_kind settle_fact_kinds[];

/* A refund or dispute of the provider's, as a fact of this site's mode. */
struct fact settle_fact_of(const struct config *config, struct arena *arena,
                           const struct stripe_reversal *reversal,
                           enum fact_kind kind);

/*
 * Does one piece of due work. Calls to the provider are made outside any
 * transaction, and what comes of them is applied in one of its own. SETTLE_OK
 * and SETTLE_NOT_OURS: there is nothing left to do; UNAVAILABLE and REFUSED:
 * to be tried later, words in *why; BROKEN: the database failed.
 */
typedef enum settle_result settle_worker(struct db *db, struct arena *arena,
                                         const struct config *config,
                                         const struct work *work,
                                         int64_t clock_ms, const char **why);

/* WORK_CARD: the card that paid an order is kept for auto top-up. */
settle_worker settle_card_work;
settle_worker settle_refunds_of, settle_charge_of; /* settle_charge.c */

#endif
