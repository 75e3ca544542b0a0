/*
 * Metering decided: holds and their captures, extensions and releases, and
 * captures without a hold. Functions of (wallet, request, now): each refuses
 * and has then changed nothing, or changes the wallet and leaves its events
 * behind. The wallet is settled until `now` before, and is again after.
 *
 * A hold reserves free credits in spending order, and what is captured of it
 * is spent in that order among what it reserved. Its price is fixed for life
 * and rounded once: captured = ceil(quantity so far * price / per), however
 * many captures it had.
 */
#ifndef SCRIP_HOLD_H
#define SCRIP_HOLD_H

#include "wallet.h"

/*
 * What an operation can come to. When several apply the topmost is returned,
 * so that each can be pinned by a test.
 */
enum hold_result {
    HOLD_OK = 0,
    HOLD_REPLAYED,     /* this very request was done before: fine */
    HOLD_KEY_REUSED,   /* same key, another request */
    HOLD_UNKNOWN,      /* no such hold in this Space */
    HOLD_NOT_OPEN,     /* released, expired or finally captured; or a plan's,
                          which is drawn on and not captured itself */
    HOLD_EXCEEDED,     /* more than is held; nothing is captured */
    HOLD_TOO_LARGE,    /* over LIMIT_CREDITS, or what a hold can count */
    HOLD_INSUFFICIENT, /* more than is available */
    HOLD_CAPPED,       /* over a cap */
    HOLD_BROKEN        /* the database failed; see db_why() */
};

/* What a refusal tells besides: INSUFFICIENT fills in the first three,
 * CAPPED the cap. May be NULL where nobody wants to know. */
struct hold_refusal {
    int64_t available, held;
    int64_t required; /* of the available credits */
    const struct cap *cap;
    int64_t cap_used;
};

struct hold_ask {
    struct charge charge; /* book 0: the caller's own price */
    struct refs refs;
    /* How much: 1 or more, in the price's units; in credits where it is the
     * caller's own. */
    int64_t quantity;
    int64_t lasts_ms;   /* 1 or more */
    int64_t plan, item; /* what a started plan holds for; else 0 */
};

/*
 * The open hold of a started plan that a request draws on: the one for this
 * campaign, activity and quality, with something left if there are several.
 * NULL: none is loaded. Such a request is charged at that hold's price.
 */
struct hold *hold_of_plan(struct wallet *wallet, const char *campaign,
                          const char *feature, const char *quality);

/* Reserves; TOO_LARGE, INSUFFICIENT and CAPPED refuse. *made is the hold's
 * number. */
enum hold_result hold_place(struct wallet *wallet, const struct hold_ask *ask,
                            int64_t now, int64_t *made,
                            struct hold_refusal *refusal);

struct capture_ask {
    int64_t hold;
    bool all;         /* nothing named: what is left of it */
    int64_t quantity; /* otherwise, 0 or more; units as in hold_ask */
    bool final;       /* the rest is given back, and the hold is over */
    bool extend;      /* never with `final`: what comes is reserved anew */
    int64_t extend_quantity; /* held from now on, what was left included */
    int64_t extend_ms; /* it ends then from now; LIMIT_HOLD_LIFE_MS at most
                          after it was made */
};

/*
 * Captures of an open hold: one captured_usage event, of 0 credits where it
 * rounds to that. Without `extend` neither debt nor a cap can refuse it.
 * *seq is the event's. Refused by UNKNOWN, NOT_OPEN, EXCEEDED, TOO_LARGE,
 * INSUFFICIENT and CAPPED, the last three for an extension alone.
 */
enum hold_result hold_capture(struct wallet *wallet,
                              const struct capture_ask *ask, int64_t now,
                              int64_t *seq, struct hold_refusal *refusal);

/* Gives all that is left back. Released or expired already: OK, nothing is
 * done. Finally captured: NOT_OPEN. */
enum hold_result hold_release(struct wallet *wallet, int64_t hold, int64_t now);

/* Hold and capture in one, without a hold; lasts_ms and plan are not used. */
enum hold_result hold_capture_direct(struct wallet *wallet,
                                     const struct hold_ask *ask, int64_t now,
                                     int64_t *seq,
                                     struct hold_refusal *refusal);

/* "held", "captured", "released", "expired"; back: false for other text. */
const char *hold_state_text(enum hold_state state);
MUST_USE bool hold_state_of(const char *text, enum hold_state *state);

#endif
