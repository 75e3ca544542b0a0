/*
 * The Stripe-Signature header: who vouches for a webhook. Read over the raw
 * bytes, before anything else looks at them. The grammar is strict because
 * whoever forges one chooses its form: what is not exactly as Stripe writes
 * it is refused, and there is no way to switch the check off.
 */
#include "limits.h"
#include "sign.h"
#include "stripe.h"

/* Digits of a time in seconds: enough until the year 33658. */
#define TIME_DIGITS 12
/* Signatures in one header; Stripe sends one, two while a secret rolls. */
#define SIGNATURES_MAX 16

struct signature_header {
    const char *time; /* as it stands in the header: it is what was signed */
    size_t time_length;
    int64_t time_s;
    uint8_t signatures[SIGNATURES_MAX][SIGN_SIZE];
    int count;
};

static bool
read_time(struct signature_header *header, const char *value, size_t length)
{
    if (header->time != NULL || length == 0 || length > TIME_DIGITS ||
        value[0] == '0')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
        header->time_s = header->time_s * 10 + (value[i] - '0');
    }
    header->time = value;
    header->time_length = length;
    return true;
}

static bool
read_signature(struct signature_header *header, const char *value,
               size_t length)
{
    char hex[SIGN_HEX_SIZE];

    if (length != SIGN_HEX_SIZE - 1 || header->count == SIGNATURES_MAX)
        return false;
    memcpy(hex, value, length);
    hex[length] = '\0';
    if (!sign_unhex(header->signatures[header->count], SIGN_SIZE, hex))
        return false;
    header->count++;
    return true;
}

/* One "scheme=value". Other schemes (v0, what may come) prove nothing and
 * break nothing, but they are words of letters and digits too. */
static bool
read_item(struct signature_header *header, const char *item, size_t length)
{
    size_t name = 0;

    for (size_t i = 0; i < length; i++)
        if (item[i] <= ' ' || item[i] > '~')
            return false;
    while (name < length && item[name] != '=')
        name++;
    if (name == 0 || name == length)
        return false;
    if (name == 1 && item[0] == 't')
        return read_time(header, item + 2, length - 2);
    if (name == 2 && memcmp(item, "v1", 2) == 0)
        return read_signature(header, item + 3, length - 3);
    return true;
}

static bool
read_header(struct signature_header *header, const char *text)
{
    if (text == NULL || strlen(text) > LIMIT_HEADER)
        return false;
    *header = (struct signature_header){ .count = 0 };
    for (;;) {
        size_t length = strcspn(text, ",");

        if (!read_item(header, text, length))
            return false;
        if (text[length] == '\0')
            return header->time != NULL && header->count > 0;
        text += length + 1;
    }
}

/* The HMAC of "{t}.{body}"; `room` is at least that long. */
static void
expected(uint8_t out[SIGN_SIZE], char *room,
         const struct signature_header *header, const char *body, size_t length,
         const char *secret)
{
    memcpy(room, header->time, header->time_length);
    room[header->time_length] = '.';
    if (length > 0)
        memcpy(room + header->time_length + 1, body, length);
    sign_hmac(out, secret, strlen(secret), room,
              header->time_length + 1 + length);
}

/* All are compared, whichever matches: the time says nothing. */
static bool
any_equal(const struct signature_header *header,
          const uint8_t wanted[SIGN_SIZE])
{
    bool found = false;

    for (int i = 0; i < header->count; i++)
        if (sign_equal(header->signatures[i], wanted, SIGN_SIZE))
            found = true;
    return found;
}

bool
stripe_signature_valid(const char *header, const char *body, size_t length,
                       const char *const secrets[2], int64_t now_s)
{
    struct signature_header read;
    bool valid = false;
    char *room;

    if (!read_header(&read, header) ||
        read.time_s < now_s - LIMIT_SIGNATURE_AGE_S ||
        read.time_s > now_s + LIMIT_SIGNATURE_AGE_S ||
        length > LIMIT_BODY_LARGE)
        return false;
    room = malloc(TIME_DIGITS + 1 + length);
    if (room == NULL)
        return false;
    for (int i = 0; i < 2; i++) {
        uint8_t wanted[SIGN_SIZE];

        if (secrets[i] == NULL || secrets[i][0] == '\0')
            continue;
        expected(wanted, room, &read, body, length, secrets[i]);
        if (any_equal(&read, wanted))
            valid = true;
    }
    free(room);
    return valid;
}

const char *
stripe_signature_make(struct arena *arena, const char *body, size_t length,
                      const char *secret, int64_t now_s)
{
    char *time = arena_format(arena, "%lld", (long long)now_s);
    struct signature_header header = { .time = time,
                                       .time_length = strlen(time) };
    char *room = arena_alloc(arena, header.time_length + 1 + length);
    uint8_t mac[SIGN_SIZE];
    char hex[SIGN_HEX_SIZE];

    assert(secret != NULL && secret[0] != '\0');
    expected(mac, room, &header, body, length, secret);
    sign_hex(hex, mac, SIGN_SIZE);
    return arena_format(arena, "t=%s,v1=%s", time, hex);
}
