/*
 * Lots: see lot.h. Arithmetic and order alone; whoever changes a lot keeps
 * 0 <= reserved <= remaining <= granted, and the schema checks it again.
 */
#include "lot.h"

#include "buf.h"

const char *
lot_kind_text(enum lot_kind kind)
{
    static const char *const texts[] = { "included", "bonus", "top_up" };

    assert((size_t)kind < COUNT_OF(texts));
    return texts[kind];
}

int64_t
lot_free(const struct lot *lot)
{
    return lot->remaining - lot->reserved;
}

static int
compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int
lot_order(const struct lot *a, const struct lot *b)
{
    int order = compare(a->expires_at, b->expires_at);

    if (order == 0)
        order = compare(a->kind, b->kind);
    if (order == 0)
        order = compare(a->number, b->number);
    return order;
}

static int
compare_lots(const void *a, const void *b)
{
    return lot_order(a, b);
}

void
lot_sort(struct lot *lots, int count)
{
    if (count > 1)
        qsort(lots, (size_t)count, sizeof(*lots), compare_lots);
}

const char *
lot_changes_text(struct arena *arena, const struct lot_change *changes,
                 int count)
{
    struct buf buf;

    buf_init(&buf, arena, SIZE_MAX / 2);
    buf_char(&buf, '[');
    for (int i = 0; i < count; i++) {
        buf_text(&buf, i == 0 ? "[" : ",[");
        buf_int(&buf, changes[i].lot);
        buf_char(&buf, ',');
        buf_int(&buf, changes[i].credits);
        buf_char(&buf, ']');
    }
    buf_char(&buf, ']');
    return buf.bytes;
}

/* One integer at *at, moved behind it; no sign but '-', no leading zero. */
static bool
read_integer(const char **at, int64_t *value)
{
    const char *p = *at;
    bool negative = *p == '-';
    int64_t sum = 0;

    if (negative)
        p++;
    if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
        return false;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, *p - '0', &sum))
            return false;
    *value = negative ? -sum : sum;
    *at = p;
    return true;
}

int
lot_changes_read(struct arena *arena, const char *text,
                 struct lot_change **changes)
{
    int count = 0, room = 1;
    const char *at = text;

    for (const char *p = text; *p != '\0'; p++)
        room += *p == '[';
    *changes = arena_array(arena, (size_t)room, sizeof(**changes));
    if (*at++ != '[')
        return -1;
    while (*at != ']') {
        struct lot_change *change = &(*changes)[count];

        if (count > 0 && *at++ != ',')
            return -1;
        if (*at++ != '[' || !read_integer(&at, &change->lot) || *at++ != ',' ||
            !read_integer(&at, &change->credits) || *at++ != ']')
            return -1;
        count++;
    }
    return at[1] == '\0' ? count : -1;
}
