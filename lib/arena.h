/*
 * Memory that belongs to a request. Everything a request makes lies in its
 * arena and goes with arena_reset(); nobody frees a piece of it.
 *
 * arena_alloc() never returns NULL. When memory or the ceiling is exhausted
 * it jumps to `arena->exhausted` if that is set (serve.c sets it, rolls the
 * database back and answers 503), and aborts otherwise. So never call it
 * while a foreign library stands between you and the caller with state of
 * its own that a jump would tear.
 */
#ifndef SCRIP_ARENA_H
#define SCRIP_ARENA_H

#include <setjmp.h>

#include "base.h"

struct arena_block;

struct arena {
    struct arena_block *first;   /* kept over resets */
    struct arena_block *current; /* where the next piece comes from */
    size_t total;                /* bytes of all blocks */
    size_t max;                  /* ceiling of `total` */
    jmp_buf *exhausted;          /* or NULL: abort */
};

/* `block` bytes at first; never more than `max` in all. */
void arena_init(struct arena *arena, size_t block, size_t max);

/* Gives everything back to the system. */
void arena_free(struct arena *arena);

/* Forgets all pieces, keeps the first block, gives back the others. */
void arena_reset(struct arena *arena);

/* A moment of the arena; arena_rewind() forgets all pieces since, and gives
 * back the blocks that came with them. Marks are rewound last first. */
struct arena_mark {
    struct arena_block *block;
    size_t used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* `size` zeroed bytes, aligned for anything. */
void *arena_alloc(struct arena *arena, size_t size);

/* count * size, checked for overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Room for one more item in an array that grows: where `count` has come to
 * `*room`, *items is a copy twice as large. What pointed into it is stale. */
void arena_grow(struct arena *arena, void **items, int count, int *room,
                size_t size);

/* Copies: bytes with a NUL behind them, and a string. */
char *arena_copy(struct arena *arena, const void *bytes, size_t length);
char *arena_text(struct arena *arena, const char *text);

/* A formatted string. */
char *arena_format(struct arena *arena, const char *format, ...)
    PRINTF_LIKE(2, 3);

#endif
