/*
 * How often somebody may guess: passwords when signing in, promo codes. An
 * attempt is counted before the answer is looked up and taken back when it
 * was right, so that any number of attempts at once cannot slip past; what
 * stays are failures, of who tried and of their address. Times are the
 * system's.
 */
#ifndef SCRIP_ATTEMPT_H
#define SCRIP_ATTEMPT_H

#include "db.h"
#include "sign.h"

enum attempt_kind { ATTEMPT_SIGN_IN, ATTEMPT_PROMO };

struct attempt {
    uint8_t who[SIGN_SIZE];
    uint8_t address[SIGN_SIZE];
    int64_t at;
    int64_t n;
};

enum attempt_result {
    ATTEMPT_OK = 0,
    ATTEMPT_TOO_MANY, /* *retry_after_s says when the next may come */
    ATTEMPT_BROKEN
};

/* Counts one, unless there were too many: then nothing is counted. Kinds are
 * counted apart. `who` is an email as member_email() spells it (or whatever
 * came in its place), or a member's id; `address` as REMOTE_ADDR has it (of
 * IPv6 the first 64 bits count), or NULL. Inside a transaction, which is
 * committed before the answer is looked up, or whatever the answer is. */
enum attempt_result attempt_count(struct db *db, struct arena *arena,
                                  enum attempt_kind kind, const char *who,
                                  const char *address, int64_t now_ms,
                                  struct attempt *attempt, int *retry_after_s);
/* It was right: takes this one back. Inside a transaction. */
enum attempt_result attempt_forget(struct db *db, struct arena *arena,
                                   const struct attempt *attempt);

#endif
