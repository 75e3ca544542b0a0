/*
 * arena.h: pieces are zeroed, aligned and apart; the ceiling holds; sizes
 * that overflow are refused as exhaustion and never as a small piece.
 */
#include "arena.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static bool
all_zero(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static void
pieces(void)
{
    static const size_t sizes[] = { 0, 1, 7, 15, 16, 17, 100, 4096, 70000 };
    struct arena arena;
    char *before = NULL;

    arena_init(&arena, 1024, 1024 * 1024);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        char *piece = arena_alloc(&arena, sizes[i]);

        ok(all_zero(piece, sizes[i]), "%zu bytes are zero", sizes[i]);
        is_int((int64_t)((uintptr_t)piece % _Alignof(max_align_t)), 0,
               "%zu bytes are aligned", sizes[i]);
        ok(piece != before, "%zu bytes have an address of their own", sizes[i]);
        memset(piece, 0xff, sizes[i]);
        before = piece;
    }
    arena_free(&arena);
}

static void
resets(void)
{
    struct arena arena;
    char *first, *again;
    bool same = true, clean = true;
    size_t total;

    arena_init(&arena, 1024, 1024 * 1024);
    first = arena_alloc(&arena, 500);
    memset(first, 0xff, 500);
    (void)arena_alloc(&arena, 300000);
    total = arena.total;
    ok(total > 300000, "a large piece makes a block of its own");
    arena_reset(&arena);
    is_int((int64_t)arena.total, 1024, "a reset gives other blocks back");
    again = arena_alloc(&arena, 500);
    ok(again == first && all_zero(again, 500),
       "the first block is used again, zeroed");
    for (int i = 0; i < 1000; i++) {
        arena_reset(&arena);
        for (int j = 0; j < 50; j++)
            (void)arena_alloc(&arena, 200);
        same = same && arena.total < 64 * 1024;
        clean = clean && all_zero(arena_alloc(&arena, 100), 100);
    }
    ok(same && clean, "a thousand requests do not grow it");
    arena_free(&arena);
    arena_free(&arena);
    ok(arena.first == NULL, "freeing twice is harmless");
}

static void
marks(void)
{
    struct arena arena;
    struct arena_mark mark;
    char *kept, *first;
    bool same = true, clean = true;

    arena_init(&arena, 1024, 64 * 1024);
    kept = arena_alloc(&arena, 100);
    memset(kept, 'k', 100);
    mark = arena_mark(&arena);
    first = arena_alloc(&arena, 100);
    for (int i = 0; i < 100; i++) {
        char *again;

        (void)arena_alloc(&arena, 40000);
        arena_rewind(&arena, mark);
        again = arena_alloc(&arena, 100);
        same = same && again == first;
        clean = clean && all_zero(again, 100);
        memset(again, 0xff, 100);
    }
    ok(same && clean, "what came after a mark is forgotten, over and over");
    is_int((int64_t)arena.total, 1024, "its blocks are given back");
    ok(kept[0] == 'k' && kept[99] == 'k', "what was before it stays");
    arena_free(&arena);
}

enum how { ALLOC, ARRAY, COPY };

/* What cannot be had, by its way of asking. The first fits exactly. */
static const struct {
    const char *name;
    enum how how;
    size_t count, size;
    bool had;
} asks[] = {
    { "a piece under the ceiling", ALLOC, 1, 50000, true },
    { "a piece over the ceiling", ALLOC, 1, 64 * 1024, false },
    { "the largest size there is", ALLOC, 1, SIZE_MAX, false },
    { "a size that rounds up to nothing", ALLOC, 1, SIZE_MAX - 15, false },
    { "an array", ARRAY, 100, 100, true },
    { "an array of none", ARRAY, 0, SIZE_MAX, true },
    { "an array whose size overflows to a small one", ARRAY, SIZE_MAX / 16 + 2,
      16, false },
    { "an array whose size is just over all memory", ARRAY, SIZE_MAX / 2 + 1, 2,
      false },
    { "an array over the ceiling", ARRAY, 1024, 1024, false },
    { "a copy of more bytes than there are", COPY, 1, SIZE_MAX, false },
};

static void
ceilings(void)
{
    for (volatile size_t i = 0; i < COUNT_OF(asks); i++) {
        struct arena arena;
        jmp_buf out;
        volatile bool had = false;

        arena_init(&arena, 1024, 64 * 1024);
        arena.exhausted = &out;
        if (setjmp(out) == 0) {
            if (asks[i].how == ALLOC)
                (void)arena_alloc(&arena, asks[i].size);
            else if (asks[i].how == ARRAY)
                (void)arena_array(&arena, asks[i].count, asks[i].size);
            else
                (void)arena_copy(&arena, "x", asks[i].size);
            had = true;
        }
        is_int(had, asks[i].had, "%s %s", asks[i].name,
               asks[i].had ? "is had" : "jumps out");
        ok(arena.total <= arena.max, "%s: the ceiling holds", asks[i].name);
        arena_free(&arena);
    }
}

/* Many small pieces come to the ceiling too, and it works afterwards. */
static void
exhaustion(void)
{
    struct arena arena;
    jmp_buf out;
    volatile size_t bytes = 0;
    volatile int jumps = 0;

    arena_init(&arena, 1024, 64 * 1024);
    arena.exhausted = &out;
    for (int round = 0; round < 3; round++) {
        if (setjmp(out) == 0) {
            for (;;) {
                (void)arena_alloc(&arena, 256);
                bytes += 256;
            }
        }
        jumps++;
        arena_reset(&arena);
    }
    is_int(jumps, 3, "after a reset it serves and is exhausted again");
    ok(bytes / 3 > 32 * 1024 && bytes / 3 <= 64 * 1024,
       "most of what is allowed can be had");
    arena_free(&arena);
}

static void
aborts(void)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct arena arena;

        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
        arena_init(&arena, 16, 16);
        (void)arena_alloc(&arena, 17);
        _exit(0);
    }
    ok(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT,
       "without a way out an exhausted arena ends the program");
}

static void
growing(void)
{
    struct arena arena;
    void *items = NULL;
    int room = 0, wrong = 0;

    arena_init(&arena, 64, 1024 * 1024);
    for (int i = 0; i < 1000; i++) {
        void *before = items;
        int had = room;

        arena_grow(&arena, &items, i, &room, sizeof(int));
        wrong += room <= i || (i < had && items != before);
        ((int *)items)[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        wrong += ((int *)items)[i] != i;
    is_int(wrong, 0, "an array grows item by item and keeps them all");
    arena_free(&arena);
}

static void
texts(void)
{
    struct arena arena;
    char bytes[3] = { 'a', '\0', 'b' };
    char *copy;

    arena_init(&arena, 64, 1024 * 1024);
    copy = arena_copy(&arena, bytes, 3);
    ok(memcmp(copy, "a\0b", 4) == 0, "a copy keeps NULs and adds one");
    is_text(arena_copy(&arena, NULL, 0), "", "a copy of nothing is empty");
    is_text(arena_text(&arena, "grüße"), "grüße", "a string is copied");
    is_text(arena_format(&arena, "%s-%d", "a", 5), "a-5", "and formatted");
    is_text(arena_format(&arena, "%s", ""), "", "also to nothing");
    is_int((int64_t)strlen(arena_format(&arena, "%5000d", 1)), 5000,
           "and to more than its first block");
    arena_free(&arena);
}

int
main(void)
{
    pieces();
    resets();
    marks();
    ceilings();
    exhaustion();
    aborts();
    growing();
    texts();
    return done();
}
