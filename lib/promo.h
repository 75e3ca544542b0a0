/*
 * Promo and gift codes: bonus credits for whoever says the word, once in a
 * Space and no more often than the code may be used. Who said it first is
 * decided by the claim's row, written before the credits.
 *
 * Codes are compared without case, spaces and dashes; they are words to be
 * told and typed, so guessing them has to be limited by the caller.
 */
#ifndef SCRIP_PROMO_H
#define SCRIP_PROMO_H

#include "ledger.h"
#include "member.h"

struct promo {
    int64_t number;
    const char *shown; /* as the operator wrote it */
    int64_t credits;
    int64_t uses;    /* by so many Spaces at most */
    int64_t claimed; /* of those */
    int64_t ends_at; /* claimed no more from then on; NEVER_MS: it stays */
    /* When the credits of a claim end: at a time, or so many days after it
     * (0: not so). NEVER_MS and 0: never. */
    int64_t lot_expires_at;
    int64_t lot_days;
    int64_t created_at;
};

/* In order of precedence. */
enum promo_result {
    PROMO_OK = 0,
    PROMO_INVALID, /* *why says what */
    PROMO_UNKNOWN, /* no such code */
    PROMO_USED,    /* by this Space, or as often as it may be */
    PROMO_EXPIRED, /* its end has passed */
    PROMO_LIMIT,   /* the wallet would pass its limit */
    PROMO_TAKEN,   /* adding: there is one of this code */
    PROMO_BROKEN   /* the database failed; see db_why() */
};

/* A code as it is compared: "spring-25" is "SPRING25". NULL: no code can
 * look like this (4 to 40 letters and digits, spaces and dashes). */
const char *promo_code(struct arena *arena, const char *text);

/* Adds one; `shown` NULL makes a code that nobody guesses. A code ends with
 * its credits at the latest. Inside db_begin(). */
enum promo_result promo_add(struct db *db, struct arena *arena, int64_t now,
                            struct promo *promo, const char **why);

/* Newest first, numbers below `before` (0: all). */
enum promo_result promo_list(struct db *db, struct arena *arena, int64_t before,
                             int limit, struct promo **promos, int *count);

/*
 * Claims a code for the Space whose wallet is locked: the caller saves it and
 * commits, or rolls back what is not PROMO_OK. *event is the bonus.
 */
enum promo_result promo_claim(struct db *db, struct arena *arena,
                              struct wallet *wallet, int64_t now,
                              const struct member *member, const char *code,
                              struct event *event);

#endif
