/*
 * OpenSSL behind sign.h, and the two encodings that tokens are written in.
 * Secrets are compared with sign_equal() alone, never with memcmp. A library
 * that fails here leaves nothing to trust: the program stops.
 */
#include "sign.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

/* getentropy(3) gives no more at once. */
#define RANDOM_MAX ((size_t)256)

static void
need(bool worked, const char *what)
{
    if (worked)
        return;
    fprintf(stderr, "sign: OpenSSL failed in %s\n", what);
    abort();
}

/* Before the first use: nothing in the system's openssl.cnf is for us, and
 * reading it costs a program of one request more than its answer. */
static void
begin(void)
{
    need(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1,
         "OpenSSL");
}

void
sign_sha256(uint8_t out[SIGN_SIZE], const void *bytes, size_t length)
{
    begin();
    need(EVP_Digest(bytes, length, out, NULL, EVP_sha256(), NULL) == 1,
         "SHA-256");
}

void
sign_sha256_pair(uint8_t out[SIGN_SIZE], const void *a, size_t a_length,
                 const void *b, size_t b_length)
{
    EVP_MD_CTX *context;

    begin();
    context = EVP_MD_CTX_new();
    need(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
             EVP_DigestUpdate(context, a, a_length) &&
             EVP_DigestUpdate(context, b, b_length) &&
             EVP_DigestFinal_ex(context, out, NULL),
         "SHA-256");
    EVP_MD_CTX_free(context);
}

void
sign_hmac(uint8_t out[SIGN_SIZE], const void *key, size_t key_length,
          const void *bytes, size_t length)
{
    /* A NULL key would mean "the one before" to the library. */
    const void *some_key = key_length == 0 ? "" : key;

    begin();
    need(key_length <= INT_MAX && HMAC(EVP_sha256(), some_key, (int)key_length,
                                       bytes, length, out, NULL) != NULL,
         "HMAC");
}

void
sign_random(void *out, size_t length)
{
    unsigned char *at = out;

    /* The kernel's, as it is: OpenSSL's generator has to be seeded first. */
    while (length > 0) {
        size_t part = length > RANDOM_MAX ? RANDOM_MAX : length;

        need(getentropy(at, part) == 0, "random");
        at += part;
        length -= part;
    }
}

bool
sign_equal(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
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
