/*
 * How often somebody may try to sign in. An attempt is counted before the
 * password is looked at and taken back when it was right, so that any number
 * of attempts at once cannot slip past; what stays are failures, of an email
 * and of an address. Times are the system's.
 */
#ifndef SCRIP_ATTEMPT_H
#define SCRIP_ATTEMPT_H

#include "db.h"
#include "sign.h"

struct attempt {
    uint8_t email[SIGN_SIZE];
    uint8_t address[SIGN_SIZE];
    int64_t at;
    int64_t n;
};

enum attempt_result {
    ATTEMPT_OK = 0,
    ATTEMPT_TOO_MANY, /* *retry_after_s says when the next may come */
    ATTEMPT_BROKEN
};

/* Counts one, unless there were too many: then nothing is counted. `email`
 * as member_email() spells it, or whatever came in its place; `address` as
 * REMOTE_ADDR has it (of IPv6 the first 64 bits count), or NULL. Inside a
 * transaction, to be committed before the password is looked at. */
enum attempt_result attempt_count(struct db *db, struct arena *arena,
                                  const char *email, const char *address,
                                  int64_t now_ms, struct attempt *attempt,
                                  int *retry_after_s);
/* It was right: takes this one back. Inside a transaction. */
enum attempt_result attempt_forget(struct db *db, struct arena *arena,
                                   const struct attempt *attempt);

#endif
