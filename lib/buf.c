/*
 * The growing buffer. Its memory doubles inside the arena and is never given
 * back before the arena is. Never writes past the ceiling, and never a part
 * of a piece.
 */
#include "buf.h"

#include <stdarg.h>

#define ROOM_AT_FIRST 256

void
buf_init(struct buf *buf, struct arena *arena, size_t max)
{
    size_t room = max < ROOM_AT_FIRST ? max + 1 : ROOM_AT_FIRST;

    assert(max < SIZE_MAX);
    *buf = (struct buf){ .arena = arena, .room = room, .max = max };
    buf->bytes = arena_alloc(arena, room);
}

void
buf_clear(struct buf *buf)
{
    buf->length = 0;
    buf->bytes[0] = '\0';
    buf->over = false;
}

/* Room for `more` bytes and the NUL; false when they pass the ceiling. */
static bool
buf_grow(struct buf *buf, size_t more)
{
    size_t need, room;
    char *bytes;

    if (buf->over || more > buf->max - buf->length) {
        buf->over = true;
        return false;
    }
    need = buf->length + more + 1;
    if (need <= buf->room)
        return true;
    room = buf->room > buf->max / 2 ? buf->max + 1 : buf->room * 2;
    if (room < need)
        room = need;
    bytes = arena_alloc(buf->arena, room);
    memcpy(bytes, buf->bytes, buf->length);
    buf->bytes = bytes;
    buf->room = room;
    return true;
}

void
buf_put(struct buf *buf, const void *bytes, size_t length)
{
    if (!buf_grow(buf, length) || length == 0)
        return;
    memcpy(buf->bytes + buf->length, bytes, length);
    buf->length += length;
    buf->bytes[buf->length] = '\0';
}

void
buf_text(struct buf *buf, const char *text)
{
    buf_put(buf, text, strlen(text));
}

void
buf_char(struct buf *buf, char c)
{
    buf_put(buf, &c, 1);
}

/* By hand: printf's grouping asks the locale. */
static void
put_decimal(struct buf *buf, int64_t value, bool grouped)
{
    char text[32];
    size_t at = sizeof(text);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int digits = 0;

    do {
        if (grouped && digits > 0 && digits % 3 == 0)
            text[--at] = ',';
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
        digits++;
    } while (rest > 0);
    if (value < 0)
        text[--at] = '-';
    buf_put(buf, text + at, sizeof(text) - at);
}

void
buf_int(struct buf *buf, int64_t value)
{
    put_decimal(buf, value, false);
}

void
buf_int_grouped(struct buf *buf, int64_t value)
{
    put_decimal(buf, value, true);
}

void
buf_format(struct buf *buf, const char *format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    assert(length >= 0);
    if (!buf_grow(buf, (size_t)length))
        return;
    va_start(list, format);
    (void)vsnprintf(buf->bytes + buf->length, (size_t)length + 1, format, list);
    va_end(list);
    buf->length += (size_t)length;
}
