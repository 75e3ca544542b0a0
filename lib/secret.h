/*
 * Passwords: Argon2id by libsodium, and nothing else. The parameters are in
 * the hash itself, so they can be raised later.
 */
#ifndef SCRIP_SECRET_H
#define SCRIP_SECRET_H

#include "base.h"

#define SECRET_HASH_SIZE 128
/* Bytes of a password: at least, at most. */
#define SECRET_MIN 8
#define SECRET_MAX 1024

/* 19 MiB, 2 passes (OWASP). False when the password is shorter or longer
 * than allowed, or when there is not the memory for it. */
MUST_USE bool secret_hash(char out[SECRET_HASH_SIZE], const char *password);
/* Whether this is the password. With hash NULL (no such member) it works as
 * long and says no, so that time tells nobody who exists. No as well, at
 * once, to what is longer than any password. */
MUST_USE bool secret_matches(const char *hash, const char *password);

#endif
