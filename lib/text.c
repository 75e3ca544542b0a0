/*
 * UTF-8 by its table of well-formed byte sequences (Unicode 15, table 3-7),
 * and decimal numbers. Never reads past the length or the NUL it was given.
 */
#include "text.h"

size_t
text_character(const char *bytes, size_t left)
{
    const unsigned char *at = (const unsigned char *)bytes;
    unsigned char low = 0x80, high = 0xbf; /* of the second byte */
    size_t length;

    if (left == 0)
        return 0;
    if (at[0] < 0x80)
        return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4)
        return 0;
    length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (length > left)
        return 0;
    if (at[0] == 0xe0)
        low = 0xa0; /* overlong below */
    else if (at[0] == 0xed)
        high = 0x9f; /* surrogates above */
    else if (at[0] == 0xf0)
        low = 0x90; /* overlong below */
    else if (at[0] == 0xf4)
        high = 0x8f; /* over U+10FFFF above */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

bool
text_is_utf8(const char *bytes, size_t length)
{
    while (length > 0) {
        size_t step = text_character(bytes, length);

        if (step == 0)
            return false;
        bytes += step;
        length -= step;
    }
    return true;
}

size_t
text_code_points(const char *bytes, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return count;
}

bool
text_fits(const char *bytes, size_t length, size_t min, size_t max)
{
    size_t count;

    if (length > 0 && memchr(bytes, '\0', length) != NULL)
        return false;
    if (!text_is_utf8(bytes, length))
        return false;
    count = text_code_points(bytes, length);
    return count >= min && count <= max;
}

bool
text_printable_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~')
            return false;
    }
    return true;
}

bool
text_int(const char *text, int64_t min, int64_t max, int64_t *value)
{
    bool negative = text[0] == '-';
    const char *at = text + negative;
    int64_t sum = 0;

    if (*at < '0' || *at > '9' || (*at == '0' && (at[1] != '\0' || negative)))
        return false;
    for (; *at >= '0' && *at <= '9'; at++) {
        int64_t digit = negative ? '0' - *at : *at - '0';

        /* counted downwards where negative: INT64_MIN has no positive */
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    if (*at != '\0' || sum < min || sum > max)
        return false;
    *value = sum;
    return true;
}

bool
text_begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}
