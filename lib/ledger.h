/*
 * The ledger's rows: loads a Space's wallet, saves what was decided about
 * it, reads its history, and proves it. Load, decide (wallet.h, hold.h),
 * save, all in one transaction of the caller's.
 *
 * A wallet knows its live lots, its caps, and the holds that are due; what
 * else an operation names (a hold, a plan's hold, an event to refund) it
 * loads first.
 *
 * Every write of a Space begins with ledger_lock(): its wallet row is the
 * lock that serialises the Space. A refusal has then written nothing.
 */
#ifndef SCRIP_LEDGER_H
#define SCRIP_LEDGER_H

#include "db.h"
#include "space.h"
#include "wallet.h"

enum ledger_result {
    LEDGER_OK = 0,
    LEDGER_UNKNOWN, /* no such Space, event or lot */
    LEDGER_BROKEN   /* the database failed; see db_why() */
};

/* The row of an empty wallet, for a new Space. Inside a transaction. */
enum ledger_result ledger_make(struct db *db, struct arena *arena,
                               int64_t space);

/* Locks and loads the wallet of a Space with its live lots, settles it until
 * *now = max(clock_ms, last event). Inside db_begin(). */
enum ledger_result ledger_lock(struct db *db, struct arena *arena,
                               const struct space *space, int64_t clock_ms,
                               struct wallet *wallet, int64_t *now);

/* The same for reading: shows the wallet as it is at *now, what is due but
 * not written included (wallet->events). Never saved. */
enum ledger_result ledger_look(struct db *db, struct arena *arena,
                               const struct space *space, int64_t clock_ms,
                               struct wallet *wallet, int64_t *now);

/* Brings a hold of the Space into the wallet, with its lots and the plan's
 * hold that it draws on; LEDGER_UNKNOWN: there is none such. After lock or
 * look, and before anything is decided about it. */
enum ledger_result ledger_hold(struct db *db, struct arena *arena,
                               struct wallet *wallet, int64_t number);

/* The same for the open holds of started plans that a request of this
 * campaign and feature could draw on. Costs nothing where no plan is started
 * or no campaign (NULL) is named. */
enum ledger_result ledger_plan_holds(struct db *db, struct arena *arena,
                                     struct wallet *wallet,
                                     const char *campaign, const char *feature);

/* The open holds of one plan, which is to be finished. */
enum ledger_result ledger_holds_of_plan(struct db *db, struct arena *arena,
                                        struct wallet *wallet, int64_t plan);

/* An event to be given back, stored or made in this transaction, and into
 * the wallet what was given back of it and the lots that it names. */
enum ledger_result ledger_refundable(struct db *db, struct arena *arena,
                                     struct wallet *wallet, int64_t seq,
                                     struct event *event);

/* Any lot of the Space, spent ones too, into the wallet. */
enum ledger_result ledger_bring_lot(struct db *db, struct arena *arena,
                                    struct wallet *wallet, int64_t number);

/* Which holds a list is of. */
enum hold_list {
    HOLD_LIST_HELD = HOLD_HELD,
    HOLD_LIST_CAPTURED = HOLD_CAPTURED,
    HOLD_LIST_RELEASED = HOLD_RELEASED,
    HOLD_LIST_EXPIRED = HOLD_EXPIRED,
    HOLD_LIST_ALL
};

/*
 * Holds with a number below `before` (0: all), newest first, `limit` at most,
 * as they are at `now`: one past its end counts as expired, at its end,
 * whether that is written or not. Their lots are not loaded.
 */
enum ledger_result ledger_holds(struct db *db, struct arena *arena,
                                int64_t space, enum hold_list which,
                                int64_t now, int64_t before, int limit,
                                struct hold **holds, int *count);

/*
 * Replaces the Space's caps, whose on, value, credits and per are given; what
 * each has used is kept, or counted from the events and holds. Values stand
 * once for each `on` and `per`. Inside db_begin(), saved by ledger_save().
 */
enum ledger_result ledger_set_caps(struct db *db, struct arena *arena,
                                   struct wallet *wallet,
                                   const struct cap *caps, int count);

/* Writes what changed: lots, holds, caps, events, the rollups where they are
 * due, the wallet row. Does nothing where nothing did; may be called again
 * after more was decided. */
enum ledger_result ledger_save(struct db *db, struct arena *arena,
                               struct wallet *wallet);

/* Any lot of a Space, spent ones too. */
enum ledger_result ledger_lot(struct db *db, struct arena *arena, int64_t space,
                              int64_t number, struct lot *lot);

/*
 * Stored events with seq below `before` (0: all), newest first, `limit` at
 * most. What is due but not written is not among them: ledger_look() has it.
 */
enum ledger_result ledger_events(struct db *db, struct arena *arena,
                                 int64_t space, int64_t before, int limit,
                                 struct event **events, int *count);
enum ledger_result ledger_event(struct db *db, struct arena *arena,
                                int64_t space, int64_t seq,
                                struct event *event);

/* Row i of any query that selects an event's columns in their order (as
 * event_one does). False when the row is damaged. */
MUST_USE bool ledger_event_of_row(const struct rows *rows, int i,
                                  struct arena *arena, struct event *event);

/* One broken rule, in words: the Space, where, and what. */
typedef void ledger_fault(void *context, const char *words);
/* Told after each step: how many of how many Spaces are done. */
typedef void ledger_progress(void *context, int64_t done, int64_t all);

/*
 * Proves everything: each rule of verify.sql, and each Space's chain and
 * lots, recomputed from its events. Reads one moment of the database.
 * *faults counts what was reported. False when it could not be read.
 */
MUST_USE bool ledger_verify(struct db *db, struct arena *arena,
                            ledger_fault *report, ledger_progress *progress,
                            void *context, int64_t *faults);

#endif
