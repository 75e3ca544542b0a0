/*
 * Blocks of memory in a chain; pieces are cut from the newest. The first
 * block stays over resets, so that a request costs no call of malloc in the
 * usual case. Under the address sanitizer what is not handed out is poisoned
 * and pieces stand apart: an overrun inside a block is found like any other.
 * Never hands out NULL, and never memory that was not set to zero.
 */
#include "arena.h"

#include <limits.h>
#include <stdarg.h>

#ifdef __SANITIZE_ADDRESS__
/* As in sanitizer/asan_interface.h, whose const arguments make gcc 12 warn
 * of reading what was not yet written. */
void __asan_poison_memory_region(void volatile *at, size_t size);
void __asan_unpoison_memory_region(void volatile *at, size_t size);
#define POISON(at, size)   __asan_poison_memory_region((at), (size))
#define UNPOISON(at, size) __asan_unpoison_memory_region((at), (size))
#define GAP                16
#else
#define POISON(at, size)   ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#define GAP                0
#endif

#define ALIGN _Alignof(max_align_t)

struct arena_block {
    struct arena_block *older;
    size_t size;
    size_t used;
    max_align_t start[];
};

static struct arena_block *
block_new(size_t size)
{
    struct arena_block *block;

    if (size > SIZE_MAX - sizeof(*block))
        return NULL;
    block = malloc(sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->older = NULL;
    block->size = size;
    block->used = 0;
    POISON(block->start, size);
    return block;
}

static void
block_free(struct arena_block *block)
{
    UNPOISON(block->start, block->size);
    free(block);
}

static NORETURN void
exhausted(struct arena *arena)
{
    if (arena->exhausted != NULL)
        longjmp(*arena->exhausted, 1);
    fputs("arena: out of memory\n", stderr);
    abort();
}

void
arena_init(struct arena *arena, size_t block, size_t max)
{
    assert(block > 0 && block <= max);
    *arena = (struct arena){ .max = max };
    arena->first = block_new(block);
    if (arena->first == NULL)
        exhausted(arena);
    arena->current = arena->first;
    arena->total = block;
}

void
arena_free(struct arena *arena)
{
    if (arena->first == NULL)
        return;
    arena_reset(arena);
    block_free(arena->first);
    *arena = (struct arena){ .max = 0 };
}

void
arena_reset(struct arena *arena)
{
    arena_rewind(arena, (struct arena_mark){ .block = arena->first });
}

struct arena_mark
arena_mark(const struct arena *arena)
{
    return (struct arena_mark){ .block = arena->current,
                                .used = arena->current->used };
}

void
arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->current != mark.block) {
        struct arena_block *older = arena->current->older;
        arena->total -= arena->current->size;
        block_free(arena->current);
        arena->current = older;
    }
    /* What was never handed out is poisoned still. */
    POISON((char *)mark.block->start + mark.used, mark.block->used - mark.used);
    mark.block->used = mark.used;
}

/* A block with room for `size`, twice the newest one where that is allowed. */
static void
grow(struct arena *arena, size_t size)
{
    size_t left = arena->max - arena->total;
    size_t want = arena->current->size;
    struct arena_block *block;

    if (size > left)
        exhausted(arena);
    want = want > left / 2 ? left : want * 2;
    if (want < size)
        want = size;
    block = block_new(want);
    if (block == NULL && want > size) {
        want = size;
        block = block_new(want);
    }
    if (block == NULL)
        exhausted(arena);
    block->older = arena->current;
    arena->current = block;
    arena->total += want;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block;
    size_t step;
    char *piece;

    if (size > SIZE_MAX - ALIGN - GAP)
        exhausted(arena);
    /* A piece of nothing has an address of its own all the same. */
    step = size == 0 ? 1 : size;
    step = (step + GAP + ALIGN - 1) / ALIGN * ALIGN;
    if (step > arena->current->size - arena->current->used)
        grow(arena, step);
    block = arena->current;
    piece = (char *)block->start + block->used;
    block->used += step;
    UNPOISON(piece, size);
    memset(piece, 0, size);
    return piece;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        exhausted(arena);
    return arena_alloc(arena, bytes);
}

void
arena_grow(struct arena *arena, void **items, int count, int *room, size_t size)
{
    int bigger;
    void *copy;

    if (count < *room)
        return;
    if (*room > INT_MAX / 2)
        exhausted(arena);
    bigger = *room == 0 ? 8 : *room * 2;
    copy = arena_array(arena, (size_t)bigger, size);
    if (count > 0)
        memcpy(copy, *items, (size_t)count * size);
    *items = copy;
    *room = bigger;
}

char *
arena_copy(struct arena *arena, const void *bytes, size_t length)
{
    char *copy;

    if (length == SIZE_MAX)
        exhausted(arena);
    copy = arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *
arena_text(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *
arena_format(struct arena *arena, const char *format, ...)
{
    va_list list;
    char *text;
    int length;

    assert(format != NULL);
    va_start(list, format);
    length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    assert(length >= 0);
    text = arena_alloc(arena, (size_t)length + 1);
    va_start(list, format);
    (void)vsnprintf(text, (size_t)length + 1, format, list);
    va_end(list);
    return text;
}
