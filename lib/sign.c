/*
 * libsodium behind sign.h, and the two encodings that tokens are written in.
 * Secrets are compared with sign_equal() alone, never with memcmp.
 *
 * Not OpenSSL: as plain CGI a program is started for one request, and before
 * the first hash OpenSSL makes tables of all that it knows; linked in, it is
 * two thirds of the program. These hashes are plain functions over their
 * arguments, for which libsodium need not even be started.
 */
#include "sign.h"

#include <limits.h>
#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>
#include <unistd.h>

/* getentropy(3) gives no more at once. */
#define RANDOM_MAX ((size_t)256)

static_assert(SIGN_SIZE == crypto_hash_sha256_BYTES &&
                  SIGN_SIZE == crypto_auth_hmacsha256_BYTES,
              "room for a hash");

void
sign_sha256(uint8_t out[SIGN_SIZE], const void *bytes, size_t length)
{
    crypto_hash_sha256(out, bytes, length);
}

void
sign_sha256_pair(uint8_t out[SIGN_SIZE], const void *a, size_t a_length,
                 const void *b, size_t b_length)
{
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, a, a_length);
    crypto_hash_sha256_update(&state, b, b_length);
    crypto_hash_sha256_final(&state, out);
}

void
sign_hmac(uint8_t out[SIGN_SIZE], const void *key, size_t key_length,
          const void *bytes, size_t length)
{
    crypto_auth_hmacsha256_state state;
    const void *some_key = key_length == 0 ? "" : key; /* never NULL */

    crypto_auth_hmacsha256_init(&state, some_key, key_length);
    crypto_auth_hmacsha256_update(&state, bytes, length);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}

void
sign_random(void *out, size_t length)
{
    unsigned char *at = out;

    while (length > 0) {
        size_t part = length > RANDOM_MAX ? RANDOM_MAX : length;

        if (getentropy(at, part) != 0) {
            fputs("sign: the system gives no random bytes\n", stderr);
            abort();
        }
        at += part;
        length -= part;
    }
}

bool
sign_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void
sign_hex(char *out, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *in = bytes;

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[in[i] >> 4];
        *out++ = digits[in[i] & 15];
    }
    *out = '\0';
}

/* The value of a lower-case hex digit, -1 of anything else. */
static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
sign_unhex(void *out, size_t n, const char *hex)
{
    uint8_t *to = out;

    for (size_t i = 0; i < n; i++) {
        int high = hex_value(hex[0]);
        int low = high < 0 ? -1 : hex_value(hex[1]);

        if (low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
        hex += 2;
    }
    return *hex == '\0';
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-_";

void
sign_base64url(char *out, const void *bytes, size_t n)
{
    const uint8_t *in = bytes;
    unsigned held = 0;
    int count = 0;

    for (size_t i = 0; i < n; i++) {
        held = (held << 8 | in[i]) & 0xfff;
        for (count += 8; count >= 6; count -= 6)
            *out++ = base64url[held >> (count - 6) & 63];
    }
    if (count > 0)
        *out++ = base64url[held << (6 - count) & 63];
    *out = '\0';
}

int
sign_unbase64url(void *out, size_t room, const char *text)
{
    uint8_t *to = out;
    size_t filled = 0;
    unsigned held = 0;
    int count = 0;

    for (; *text != '\0'; text++) {
        const char *found = strchr(base64url, *text);

        if (found == NULL)
            return -1;
        held = (held << 6 | (unsigned)(found - base64url)) & 0xfff;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        if (filled == room || filled == INT_MAX)
            return -1;
        to[filled++] = (uint8_t)(held >> count & 0xff);
    }
    /* Six bits over are half a byte's; others must be zero: one spelling. */
    if (count == 6 || (held & ((1u << count) - 1)) != 0)
        return -1;
    return (int)filled;
}
