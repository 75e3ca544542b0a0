/*
 * ULIDs: 128 bits in 26 characters of five bits, the first of which can only
 * be 0 to 7. Sixteen bytes, big-endian, stand between: 6 of time, 4 of the
 * Space's number, 6 of the thing's. Never accepts two spellings of one id.
 */
#include "id.h"

#define ULID_BYTES  16
#define ULID_LENGTH 26
#define PREFIX_MAX  4
#define MS_MAX      ((INT64_C(1) << 48) - 1)
#define SPACE_MAX   ((INT64_C(1) << 32) - 1)
#define NUMBER_MAX  ((INT64_C(1) << 48) - 1)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void
put_big_endian(uint8_t *bytes, int count, int64_t value)
{
    for (int i = count - 1; i >= 0; i--) {
        bytes[i] = (uint8_t)(value & 0xff);
        value >>= 8;
    }
}

static int64_t
take_big_endian(const uint8_t *bytes, int count)
{
    int64_t value = 0;

    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void
put_text(char text[ID_SIZE], const char *prefix,
         const uint8_t bytes[ULID_BYTES])
{
    size_t length = strlen(prefix);
    unsigned held = 0; /* bits not yet written; two of zero go first */
    int count = 2;
    char *out;

    assert(length >= 1 && length <= PREFIX_MAX);
    memcpy(text, prefix, length);
    text[length] = '_';
    out = text + length + 1;
    for (int i = 0; i < ULID_BYTES; i++) {
        held = (held << 8 | bytes[i]) & 0xfff;
        for (count += 8; count >= 5; count -= 5)
            *out++ = alphabet[held >> (count - 5) & 31];
    }
    *out = '\0';
}

void
id_format(char text[ID_SIZE], const char *prefix, int64_t ms, int64_t space,
          int64_t number)
{
    uint8_t bytes[ULID_BYTES];

    assert(space >= 0 && space <= SPACE_MAX);
    assert(number >= 0 && number <= NUMBER_MAX);
    put_big_endian(bytes, 6, min_i64(max_i64(ms, 0), MS_MAX));
    put_big_endian(bytes + 6, 4, space);
    put_big_endian(bytes + 10, 6, number);
    put_text(text, prefix, bytes);
}

void
id_format_random(char text[ID_SIZE], const char *prefix, int64_t ms,
                 const uint8_t random[10])
{
    uint8_t bytes[ULID_BYTES];

    put_big_endian(bytes, 6, min_i64(max_i64(ms, 0), MS_MAX));
    memcpy(bytes + 6, random, 10);
    put_text(text, prefix, bytes);
}

static bool
take_text(uint8_t bytes[ULID_BYTES], const char *text)
{
    unsigned held = 0;
    int count = -2; /* the two bits that have no byte */
    int filled = 0;

    for (int i = 0; i < ULID_LENGTH; i++) {
        const char *found = text[i] == '\0' ? NULL : strchr(alphabet, text[i]);

        if (found == NULL || (i == 0 && found - alphabet > 7))
            return false;
        held = (held << 5 | (unsigned)(found - alphabet)) & 0xfff;
        count += 5;
        if (count >= 8) {
            count -= 8;
            bytes[filled++] = (uint8_t)(held >> count & 0xff);
        }
    }
    return text[ULID_LENGTH] == '\0';
}

bool
id_parse(const char *text, const char *prefix, struct id *id)
{
    size_t length = strlen(prefix);
    uint8_t bytes[ULID_BYTES];

    if (strncmp(text, prefix, length) != 0 || text[length] != '_' ||
        !take_text(bytes, text + length + 1))
        return false;
    id->ms = take_big_endian(bytes, 6);
    id->space = take_big_endian(bytes + 6, 4);
    id->number = take_big_endian(bytes + 10, 6);
    return true;
}
