/*
 * Names as they stand in a text, decoded, and JSON pointers of them: where a
 * fault is, in words that a caller's program understands. What comes here
 * was scanned before, so every escape is whole.
 */
#include "json_scan.h"

const char *
json_pointer(struct arena *arena, const char *prefix, const char *name)
{
    struct buf buf;

    buf_init(&buf, arena, strlen(prefix) + 2 * strlen(name) + 1);
    buf_text(&buf, prefix);
    buf_char(&buf, '/');
    for (; *name != '\0'; name++) {
        if (*name == '~')
            buf_text(&buf, "~0");
        else if (*name == '/')
            buf_text(&buf, "~1");
        else
            buf_char(&buf, *name);
    }
    return buf.bytes;
}

unsigned
json_hex4(const char *digits)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        unsigned digit = c <= '9'   ? (unsigned)(c - '0')
                         : c <= 'F' ? (unsigned)(c - 'A' + 10)
                                    : (unsigned)(c - 'a' + 10);
        value = value * 16 + digit;
    }
    return value;
}

/* One code point, never half of a pair, into at most 4 bytes. */
static size_t
encode(char *out, uint32_t c)
{
    static const unsigned char mark[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (size == 1) {
        out[0] = (char)c;
        return 1;
    }
    for (size_t i = size - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(mark[size] | c);
    return size;
}

const char *
json_decoded(struct arena *arena, const char *raw, size_t length)
{
    static const char short_from[] = "\"\\/bfnrt";
    static const char short_to[] = "\"\\/\b\f\n\r\t";
    char *out = arena_alloc(arena, length + 1);
    const char *end = raw + length;
    size_t used = 0;

    while (raw < end) {
        if (*raw != '\\') {
            out[used++] = *raw++;
        } else if (raw[1] != 'u') {
            out[used++] = short_to[strchr(short_from, raw[1]) - short_from];
            raw += 2;
        } else {
            uint32_t c = json_hex4(raw + 2);
            raw += 6;
            if (c >= 0xd800 && c <= 0xdbff) {
                c = 0x10000 + ((c - 0xd800) << 10) +
                    (json_hex4(raw + 2) - 0xdc00);
                raw += 6;
            }
            used += encode(out + used, c);
        }
    }
    return out;
}
