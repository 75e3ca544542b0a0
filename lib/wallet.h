/*
 * A Space's wallet in memory, and what can be decided about it. Operations
 * are functions of (wallet, request, now): each either refuses, and has then
 * changed nothing, or changes the wallet and leaves behind the events, lots
 * and holds that ledger.c saves. No SQL, no JSON, no clock: the simulation
 * drives the very same functions without a database.
 *
 *     total     = sum of lots' remaining - debt
 *     held      = sum of lots' reserved = sum of open holds' credits - captured
 *     available = total - held
 *
 * debt > 0 means that no lot has free credits.
 */
#ifndef SCRIP_WALLET_H
#define SCRIP_WALLET_H

#include "cap.h"
#include "event.h"
#include "limits.h"
#include "zone.h"

enum hold_state { HOLD_HELD = 0, HOLD_CAPTURED, HOLD_RELEASED, HOLD_EXPIRED };

struct hold_lot {
    int64_t lot;
    int64_t reserved; /* now; 0 once it is captured or given back */
    int64_t stored;   /* as the database has it; 0: no row */
};

struct hold {
    int64_t number; /* 1, 2, 3... in its Space */
    enum hold_state state;
    int64_t credits;  /* reserved and captured together */
    int64_t captured; /* of those */
    /* In units of the price; in credits where it is the caller's own. */
    int64_t quantity, quantity_captured;
    struct charge charge; /* its price is fixed for life */
    struct refs refs;
    int64_t created_at;
    int64_t expires_at;
    int64_t ended_at;    /* NEVER_MS while it is open */
    int64_t captured_at; /* last; at first when it was made */
    /* A started plan holds for each of its items, under its campaign: such a
     * hold names both, and its credits are what the plan still has for the
     * item. Others of that campaign, feature and quality draw on it. */
    int64_t plan, item;    /* 0: not of a plan */
    int64_t draws_on;      /* the plan's hold; 0: none */
    int64_t drawn;         /* taken over from it; spent before the rest */
    struct hold_lot *lots; /* in spending order */
    int lot_count, lot_room;
    bool fresh;
    bool changed;
};

/* What has been given back of a usage event. */
struct refunded {
    int64_t seq;
    int64_t credits;
    int64_t captured; /* by the event; set with the first refund */
    bool changed;
};

/* What the balance warns of, stored by its number. */
enum wallet_warning {
    WARNING_NONE = 0,
    WARNING_LOW,
    WARNING_EMPTY,   /* nothing is available */
    WARNING_NEGATIVE /* less than nothing is */
};

struct wallet {
    struct arena *arena; /* of everything below */
    const struct zone *zone;
    int64_t space;

    int64_t total, held, debt;
    int64_t seq; /* of the last event, stored or new */
    int64_t at;  /* its time */
    int64_t due_at;
    int64_t version, folded;
    int64_t warn_below; /* the Space's low-credit threshold; -1: not set */
    bool low;           /* see wallet_watch() */
    enum wallet_warning warning;
    int64_t warned_at;    /* since when; 0: nobody knows */
    int64_t top_up_below; /* top up by itself below this; -1: not now */
    bool below;           /* it is */
    bool top_up_due;      /* it came to be by use: saving writes a charge */
    int64_t zone_after;   /* events behind it have their days from `zone` */
    int64_t lots_made, holds_made, orders_made;
    int64_t plan_holds; /* open holds of started plans */
    int64_t caps_set;   /* caps there are, loaded or not */
    uint8_t hash[SIGN_SIZE];

    struct lot *lots; /* live ones, new ones, and what was asked for */
    int lot_count, lot_room;
    struct hold *holds; /* those that are due, new, or asked for */
    int hold_count, hold_room;
    int64_t later_holds_at; /* no open hold that is not loaded ends sooner */
    struct cap *caps;       /* all of them */
    int cap_count;
    struct refunded *refunded; /* of events that were asked for */
    int refunded_count, refunded_room;
    struct event *events; /* new ones, oldest first */
    int event_count, event_room;
    int events_saved; /* of those */

    int64_t moment; /* everything due until here is done */
    bool changed;
};

/* A new Space's: nothing in it, nothing loaded. */
void wallet_init(struct wallet *wallet, struct arena *arena, int64_t space,
                 const struct zone *zone);

/* total - held; below zero where what was spent has been taken back. */
int64_t wallet_available(const struct wallet *wallet);

/* A deep copy, in the wallet's arena: `wallet = copy` undoes what was
 * decided since. Events that were made stay readable through both. */
void wallet_copy(struct wallet *copy, const struct wallet *wallet);

/* The figures of the balance: what remains, by kind. Expired lots of which
 * a hold still reserves something count until it gives that back. */
struct balance {
    int64_t available, held, total;
    int64_t included, bonus, top_up, debt;
    int64_t included_expires_at; /* the soonest; NEVER_MS: none does */
};
struct balance wallet_balance(const struct wallet *wallet);

/* The one `now` of an operation: the clock, or the last event if later. */
int64_t wallet_now(const struct wallet *wallet, int64_t clock_ms);

/*
 * Writes what is due until `now`, one thing at a time, the earliest first,
 * each dated at its end: a hold past its end is released; a lot's free
 * credits expire. The same whoever runs it and whenever: reads run it too,
 * and show the events that it made. Holds that are due have to be loaded.
 */
void wallet_settle(struct wallet *wallet, int64_t now);

/*
 * Whether the balance counts as low: from the moment that less than the
 * threshold is available until a tenth more than the threshold is. Looked at
 * after each thing that was due, at the end of each operation and before
 * saving, and stored with the wallet; so all readers see the same, whenever
 * anybody looks, and it does not flicker around the threshold. With it goes
 * what the balance warns of, and since when it is that. The first
 * changes the threshold (-1: none) and, where it is another, begins anew.
 */
void wallet_warn_below(struct wallet *wallet, int64_t threshold);
void wallet_watch(struct wallet *wallet);

/*
 * Below how many available credits to top up by itself (-1: not); begins
 * anew, so what is below already is due. What was spent or expired makes a
 * top-up due once, until as much is available again; what was taken back
 * (refund, dispute) never does: nobody is charged for having been refunded.
 */
void wallet_top_up_below(struct wallet *wallet, int64_t threshold);

/* Credits that come in with one event. */
struct credit_lot {
    enum lot_kind kind;
    int64_t credits;
    int64_t expires_at; /* NEVER_MS for top-ups, after now */
};

enum wallet_result {
    WALLET_OK = 0,
    WALLET_INSUFFICIENT, /* more than is available */
    WALLET_LIMIT         /* the total would pass LIMIT_WALLET */
};

/*
 * Credits 1 to 2 lots by one event: debt is paid first, in spending order,
 * the rest becomes the lots. `event` gives kind, order, charge and refs; the
 * rest is filled in. Settle before.
 */
enum wallet_result wallet_credit(struct wallet *wallet,
                                 const struct credit_lot *lots, int count,
                                 const struct event *event, int64_t now);

/* Takes free credits, in spending order, as a negative adjustment does. */
enum wallet_result wallet_debit(struct wallet *wallet, int64_t credits,
                                const struct event *event, int64_t now);

/* --- For the other deciding files (hold.c and the like). ---------------- */

struct lot *wallet_lot(struct wallet *wallet, int64_t number);
struct hold *wallet_hold(struct wallet *wallet, int64_t number);
/* What has been given back of an event: its line, made where there is none
 * (a reader of the database fills it in). In refund.c. */
struct refunded *wallet_refunded(struct wallet *wallet, int64_t seq);
/* Adds a loaded or new one; lots stay in spending order. Pointers to lots,
 * holds and events from before are not valid afterwards. */
struct lot *wallet_add_lot(struct wallet *wallet, const struct lot *lot);
struct hold *wallet_add_hold(struct wallet *wallet, const struct hold *hold);
/* Appends an event: seq, balance, day and hash are filled in, total follows;
 * its lot changes have to be in the lots already. */
struct event *wallet_append(struct wallet *wallet, const struct event *event,
                            int64_t now);
/* The same of an event like this one with these credits and lot changes. */
struct event *wallet_append_posted(struct wallet *wallet,
                                   const struct event *like,
                                   const struct postings *postings,
                                   int64_t credits, int64_t now);
/* Reserves credits of a lot for a hold; they have to be free. Free credits
 * in spending order; and the reverse for the i-th lot of a hold. */
void wallet_reserve(struct wallet *wallet, struct hold *hold, int64_t lot,
                    int64_t credits);
void wallet_reserve_free(struct wallet *wallet, struct hold *hold,
                         int64_t credits);
void wallet_unreserve(struct wallet *wallet, struct hold *hold, int i,
                      int64_t credits);
/* Takes over reservation from the plan's hold, in spending order. */
void wallet_draw(struct wallet *wallet, struct hold *hold, struct hold *of_plan,
                 int64_t credits);
/* What a hold still reserves: credits - captured. */
int64_t hold_left(const struct hold *hold);
/* The open plan's hold that it draws on; NULL: none, or it has ended. */
struct hold *wallet_drawn_on(struct wallet *wallet, const struct hold *hold);
/* Gives back what a hold still reserves and ends it in `state`: first to the
 * plan's hold it draws on, if that is open; then free, where it pays debt at
 * once (an adjustment of 0 credits). What of it is past its end expires with
 * the wallet_settle() that has to follow. */
void wallet_end_hold(struct wallet *wallet, struct hold *hold,
                     enum hold_state state, int64_t now);
/* The same for a part of it, the last in spending order first; `credits` of
 * the hold are the caller's to change. */
void wallet_shrink_hold(struct wallet *wallet, struct hold *hold,
                        int64_t credits, int64_t now);
/* Brings due_at down to `at` if that is sooner. */
void wallet_due_by(struct wallet *wallet, int64_t at);

#endif
