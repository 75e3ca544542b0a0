/*
 * Hashes, signatures, random bytes and comparisons in constant time.
 * Passwords are secret.h's.
 */
#ifndef SCRIP_SIGN_H
#define SCRIP_SIGN_H

#include "base.h"

#define SIGN_SIZE     32 /* bytes of a SHA-256 */
#define SIGN_HEX_SIZE 65 /* in lower-case hex, with its NUL */

void sign_sha256(uint8_t out[SIGN_SIZE], const void *bytes, size_t length);
/* The hash of a then b, as in the ledger's chain. */
void sign_sha256_pair(uint8_t out[SIGN_SIZE], const void *a, size_t a_length,
                      const void *b, size_t b_length);
void sign_hmac(uint8_t out[SIGN_SIZE], const void *key, size_t key_length,
               const void *bytes, size_t length);
/* The kernel's. Stops the program where it has none: nothing can go on. */
void sign_random(void *out, size_t length);

/* Whether n bytes are the same, in time that depends on n alone. */
bool sign_equal(const void *a, const void *b, size_t n);

/* Lower-case hex of n bytes into 2 n + 1 characters, and back: exactly 2 n
 * digits, lower case, else false. */
void sign_hex(char *out, const void *bytes, size_t n);
MUST_USE bool sign_unhex(void *out, size_t n, const char *hex);
/* base64url without padding; out takes 4 * ((n + 2) / 3) + 1 characters.
 * Back: the number of bytes, or -1 when it is not canonical or over `room`. */
void sign_base64url(char *out, const void *bytes, size_t n);
int sign_unbase64url(void *out, size_t room, const char *text);

#endif
