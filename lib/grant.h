/*
 * Credits that come in without a payment: bonuses, a membership's included
 * allocation, and an operator's adjustments.
 */
#ifndef SCRIP_GRANT_H
#define SCRIP_GRANT_H

#include "ledger.h"

enum grant_kind { GRANT_BONUS = 0, GRANT_INCLUDED, GRANT_ADJUSTMENT };

struct grant {
    enum grant_kind kind;
    int64_t credits;    /* 1 to LIMIT_CREDITS; an adjustment may be negative */
    int64_t expires_at; /* NEVER_MS: never; needed for an allocation */
    int64_t period_start; /* of an allocation: granted once for it */
    const char *reason;
    const char *member; /* who brought it about; NULL: nobody of the Space */
};

/* In order of precedence. */
enum grant_result {
    GRANT_OK = 0,
    GRANT_REPEATED,     /* this period has its allocation: *event is it */
    GRANT_PERIOD_TAKEN, /* it has one of other credits: nothing is done */
    GRANT_INVALID,      /* *why says what */
    GRANT_INSUFFICIENT, /* an adjustment of more than is available */
    GRANT_LIMIT,        /* the wallet would pass its limit */
    GRANT_BROKEN        /* the database failed; see db_why() */
};

/* Decides on a locked wallet; the caller saves it. *event is what it came
 * to; its seq is 0 where a period that has ended was allocated nothing. What
 * is not GRANT_OK has changed nothing. */
enum grant_result grant_decide(struct db *db, struct arena *arena,
                               struct wallet *wallet, const struct grant *grant,
                               int64_t now, struct event *event,
                               const char **why);

/* The same of a Space, locked and saved. Inside db_begin(). */
enum grant_result grant_credits(struct db *db, struct arena *arena,
                                const struct space *space,
                                const struct grant *grant, int64_t clock_ms,
                                struct event *event, const char **why);

/* "bonus", "included_allocation", "adjustment". */
const char *grant_kind_text(enum grant_kind kind);

#endif
