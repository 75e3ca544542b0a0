/*
 * A byte buffer that grows in an arena up to a ceiling. What does not fit
 * whole is left out, and so is everything after it: the buffer holds a
 * beginning of what was put, without holes. Look at `over` once, at the end.
 */
#ifndef SCRIP_BUF_H
#define SCRIP_BUF_H

#include "arena.h"

struct buf {
    struct arena *arena;
    char *bytes;   /* always NUL-terminated, never NULL; moves as it grows */
    size_t length; /* without the NUL */
    size_t room;   /* bytes there, the NUL's too */
    size_t max;    /* of length */
    bool over;     /* something did not fit */
};

/* Empty, with at most `max` bytes to come (the NUL not counted). */
void buf_init(struct buf *buf, struct arena *arena, size_t max);
/* Empty again, and `over` forgotten; the memory is kept. */
void buf_clear(struct buf *buf);
void buf_put(struct buf *buf, const void *bytes, size_t length);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
/* Decimal, with a '-' where it is below zero. */
void buf_int(struct buf *buf, int64_t value);
/* The same with a comma after every third digit: 1,234,567. */
void buf_int_grouped(struct buf *buf, int64_t value);
void buf_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
