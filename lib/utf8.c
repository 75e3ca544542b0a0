/*
 * The table of RFC 3629, section 4, in code: what may follow a first byte
 * decides about overlong forms, surrogates and the upper end at once.
 */
#include "utf8.h"

static bool
between(char byte, unsigned low, unsigned high)
{
    unsigned value = (unsigned char)byte;

    return value >= low && value <= high;
}

int
utf8_length(const char *text, size_t length)
{
    unsigned first, low = 0x80, high = 0xbf;
    int size;

    if (length == 0)
        return 0;
    first = (unsigned char)text[0];
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length < (size_t)size)
        return 0;
    if (first == 0xe0)
        low = 0xa0; /* overlong */
    if (first == 0xed)
        high = 0x9f; /* surrogates */
    if (first == 0xf0)
        low = 0x90; /* overlong */
    if (first == 0xf4)
        high = 0x8f; /* over U+10FFFF */
    if (!between(text[1], low, high))
        return 0;
    for (int i = 2; i < size; i++)
        if (!between(text[i], 0x80, 0xbf))
            return 0;
    return size;
}

size_t
utf8_count(const char *text)
{
    size_t left = strlen(text), count = 0;

    while (left > 0) {
        int size = utf8_length(text, left);
        if (size == 0)
            return SIZE_MAX;
        text += size;
        left -= (size_t)size;
        count++;
    }
    return count;
}

int
utf8_encode(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        if (c >= 0xd800 && c <= 0xdfff)
            return 0;
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    if (c > 0x10ffff)
        return 0;
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}
