/*
 * Due work: what a transaction leaves to be done after it, because it needs
 * somebody who may not answer. The row is written in the transaction that
 * caused it, so it is never forgotten; `scrip tick` takes what is due, one at
 * a time. Work may be done twice (whoever does it may die before saying so),
 * so doing it again has to come to the same.
 *
 * Times are the system's clock. Which kinds there are, and how they are done,
 * is said in settle_work.c.
 */
#ifndef SCRIP_WORK_H
#define SCRIP_WORK_H

#include "db.h"

/* The card that paid an order is to be kept; the reference is its id. */
#define WORK_CARD "card"
/* The kinds, with what each one's reference is. */
#define WORK_CHARGE_OF "charge_of_order"   /* an order's id */
#define WORK_REFUNDS   "refunds_of_charge" /* the provider's charge */

struct work {
    int64_t number;
    const char *kind;
    int64_t space;         /* 0: of no Space */
    const char *reference; /* what it is about, as its kind says */
    int64_t due_at;
    int attempts;  /* this one included */
    int64_t asked; /* how often it was asked for, when it was taken */
    const char *why;
};

enum work_result {
    WORK_OK = 0,
    WORK_NONE,  /* nothing is due */
    WORK_BROKEN /* the database failed; see db_why() */
};

/* Asks for work, in the transaction of what causes it. What is asked for
 * again (same kind, Space, reference) while it waits is done once, at the
 * sooner time; while it is being done, once more afterwards. */
MUST_USE bool work_add(struct db *db, struct arena *arena, const char *kind,
                       int64_t space, const char *reference, int64_t due_at);

/* Takes what is due first; nobody else is given it for LIMIT_WORK_LEASE_MS.
 * A transaction of its own. */
enum work_result work_take(struct db *db, struct arena *arena, int64_t now,
                           struct work *work);

/* It is done. Best in the transaction of what it did; inside db_begin(). */
MUST_USE bool work_done(struct db *db, struct arena *arena,
                        const struct work *work, int64_t now);
/* It could not be done, and is due again at `due_at`. Inside db_begin(). */
MUST_USE bool work_later(struct db *db, struct arena *arena,
                         const struct work *work, int64_t due_at,
                         const char *why);

/* How long to wait after so many attempts: 10 s, doubling, an hour at most. */
int64_t work_wait_ms(int attempts);

#endif
