/*
 * Groups of usage, however many references a range has: its days lie in the
 * order of their keys, so they are read side by side, a few rows of each at a
 * time, and every group comes whole, one after the other. What is kept of
 * them is the page that was asked for.
 */
#include "usage.h"

#include "ledger_sql.h"
#include "limits.h"

/* Rows that are read ahead, of all days together, and of one. */
enum { ROWS_AHEAD = 3000, ROWS_LEAST = 4, ROWS_MOST = 256 };
/* A key's bytes: its code points have four at most. */
enum { KEY_BYTES = 4 * LIMIT_TEXT + 1 };

/* The columns of what is merged. */
enum { KEY, CAPTURED, REFUNDED, EVENTS, FIRST_AT, LAST_AT };

/* Groups in the order of their keys: those of a day, read piece by piece; or
 * those of events that are not folded or do not count, read at once. */
struct source {
    struct arena arena; /* of the rows; a day's alone */
    int64_t day;
    struct rows rows;
    int at;
    bool whole;    /* there are no rows behind these */
    bool backward; /* it takes away */
};

struct merge {
    struct db *db;
    struct arena *arena;
    const struct usage_range *range;
    enum usage_dim dim;
    int ahead;            /* rows of a day */
    struct source **heap; /* the least key first */
    struct source *sources;
    int count, opened;
};

static const char *
key_of(const struct source *source)
{
    return rows_text(&source->rows, source->at, KEY);
}

/* --- A heap of sources, by the key that comes next. ------------------------ */

static void
sift_down(struct merge *merge, int at)
{
    for (;;) {
        int least = at;

        for (int child = 2 * at + 1;
             child <= 2 * at + 2 && child < merge->count; child++)
            if (strcmp(key_of(merge->heap[child]), key_of(merge->heap[least])) <
                0)
                least = child;
        if (least == at)
            return;
        struct source *other = merge->heap[at];

        merge->heap[at] = merge->heap[least];
        merge->heap[least] = other;
        at = least;
    }
}

/* The next rows of a day, behind the last one of those that it has. */
static bool
read_on(struct merge *merge, struct source *source)
{
    char last[KEY_BYTES];
    size_t length;

    source->at--;
    length = strlen(key_of(source));
    assert(length < sizeof(last));
    memcpy(last, key_of(source), length + 1);
    arena_reset(&source->arena);
    source->at = 0;
    if (db_run(merge->db, &source->arena, &source->rows, Q_USAGE_DAY_NEXT,
               INT(merge->range->space), INT(merge->dim), INT(source->day),
               TEXT(last), INT(merge->ahead)) != DB_OK)
        return false;
    source->whole = source->rows.n < merge->ahead;
    return true;
}

/* The first source goes on to its next row, or leaves the heap. */
static bool
advance(struct merge *merge)
{
    struct source *source = merge->heap[0];

    source->at++;
    if (source->at == source->rows.n && !source->whole &&
        !read_on(merge, source))
        return false;
    if (source->at == source->rows.n)
        merge->heap[0] = merge->heap[--merge->count];
    sift_down(merge, 0);
    return true;
}

static void
push(struct merge *merge, struct source *source)
{
    if (source->rows.n > 0)
        merge->heap[merge->count++] = source;
}

/* --- The sources. ---------------------------------------------------------- */

static bool
open_day(struct merge *merge, struct source *source, int64_t day)
{
    arena_init(&source->arena, 4096, LIMIT_ARENA);
    source->arena.exhausted = merge->arena->exhausted;
    merge->opened++;
    source->day = day;
    if (db_run(merge->db, &source->arena, &source->rows, Q_USAGE_DAY_FIRST,
               INT(merge->range->space), INT(merge->dim), INT(day),
               INT(merge->ahead)) != DB_OK)
        return false;
    source->whole = source->rows.n < merge->ahead;
    push(merge, source);
    return true;
}

/* Events behind the folded ones that count, or folded ones that do not. */
static bool
open_events(struct merge *merge, struct source *source, bool backward)
{
    const struct usage_range *range = merge->range;

    *source = (struct source){ .whole = true, .backward = backward };
    if (backward && range->until == 0)
        return true;
    if (db_run(merge->db, merge->arena, &source->rows,
               backward ? Q_USAGE_BEHIND : Q_USAGE_TAIL, INT(range->space),
               INT(merge->dim), INT(range->from), INT(range->to),
               INT(range->until == 0 ? INT64_MAX : range->until)) != DB_OK)
        return false;
    push(merge, source);
    return true;
}

static bool
open_sources(struct merge *merge)
{
    const struct usage_range *range = merge->range;
    struct rows days;

    if (db_run(merge->db, merge->arena, &days, Q_USAGE_DAYS_THERE,
               INT(range->space), INT(merge->dim), INT(range->from),
               INT(range->to)) != DB_OK)
        return false;
    merge->ahead = days.n == 0 ? ROWS_LEAST : ROWS_AHEAD / days.n;
    merge->ahead = merge->ahead < ROWS_LEAST  ? ROWS_LEAST
                   : merge->ahead > ROWS_MOST ? ROWS_MOST
                                              : merge->ahead;
    merge->sources =
        arena_array(merge->arena, (size_t)days.n + 2, sizeof(*merge->sources));
    merge->heap =
        arena_array(merge->arena, (size_t)days.n + 2, sizeof(*merge->heap));
    for (int i = 0; i < days.n; i++)
        if (!open_day(merge, &merge->sources[i], rows_int(&days, i, 0)))
            return false;
    if (!open_events(merge, &merge->sources[days.n], false) ||
        !open_events(merge, &merge->sources[days.n + 1], true))
        return false;
    for (int i = merge->count / 2; i >= 0; i--)
        if (merge->count > 0)
            sift_down(merge, i);
    return true;
}

static void
close_sources(struct merge *merge)
{
    for (int i = 0; i < merge->opened; i++)
        arena_free(&merge->sources[i].arena);
}

/* --- One group after the other. -------------------------------------------- */

static void
add_row(struct usage_group *group, const struct source *source)
{
    const struct rows *rows = &source->rows;
    int64_t sign = source->backward ? -1 : 1;

    group->captured += sign * rows_int(rows, source->at, CAPTURED);
    group->refunded += sign * rows_int(rows, source->at, REFUNDED);
    group->events += sign * rows_int(rows, source->at, EVENTS);
    if (source->backward)
        return;
    group->first_at =
        min_i64(group->first_at, rows_int(rows, source->at, FIRST_AT));
    group->last_at =
        max_i64(group->last_at, rows_int(rows, source->at, LAST_AT));
}

/* The group that comes next, its key in `key`. */
static bool
next_group(struct merge *merge, char key[KEY_BYTES], struct usage_group *group)
{
    size_t length = strlen(key_of(merge->heap[0]));

    assert(length < KEY_BYTES);
    memcpy(key, key_of(merge->heap[0]), length + 1);
    *group = (struct usage_group){ .key = key, .first_at = INT64_MAX };
    while (merge->count > 0 && strcmp(key_of(merge->heap[0]), key) == 0) {
        add_row(group, merge->heap[0]);
        if (!advance(merge))
            return false;
    }
    return true;
}

/* --- The page of them. ----------------------------------------------------- */

struct page {
    struct usage_group *groups; /* in their order; keys lie in slots of ours */
    int count, limit;
};

static int
compare(int64_t net, const char *key, int64_t other_net, const char *other)
{
    if (net != other_net)
        return net > other_net ? -1 : 1;
    return strcmp(key, other);
}

static int64_t
net_of(const struct usage_group *group)
{
    return group->captured - group->refunded;
}

/* Puts a group where it belongs; the last one makes room, with its slot. */
static void
keep(struct page *page, const struct usage_group *group)
{
    int at = page->count;
    char *slot;

    while (at > 0 &&
           compare(net_of(group), group->key, net_of(&page->groups[at - 1]),
                   page->groups[at - 1].key) < 0)
        at--;
    if (at == page->limit)
        return;
    if (page->count < page->limit)
        page->count++;
    slot = (char *)page->groups[page->count - 1].key;
    memmove(&page->groups[at + 1], &page->groups[at],
            (size_t)(page->count - 1 - at) * sizeof(*page->groups));
    page->groups[at] = *group;
    memcpy(slot, group->key, strlen(group->key) + 1);
    page->groups[at].key = slot;
}

static bool
fill(struct merge *merge, const struct usage_cursor *after, struct page *page)
{
    char *key = arena_alloc(merge->arena, KEY_BYTES);
    struct usage_group group;

    while (merge->count > 0) {
        if (!next_group(merge, key, &group))
            return false;
        if (group.events > 0 &&
            (after == NULL ||
             compare(net_of(&group), key, after->net, after->key) > 0))
            keep(page, &group);
    }
    return true;
}

bool
usage_groups(struct db *db, struct arena *arena,
             const struct usage_range *range, enum usage_dim dim,
             const struct usage_cursor *after, int limit,
             struct usage_group **groups, int *count)
{
    struct merge merge = {
        .db = db, .arena = arena, .range = range, .dim = dim
    };
    struct page page = { .limit = limit };
    bool read;

    page.groups = arena_array(arena, (size_t)limit, sizeof(*page.groups));
    for (int i = 0; i < limit; i++)
        page.groups[i].key = arena_alloc(arena, KEY_BYTES);
    read = open_sources(&merge) && fill(&merge, after, &page);
    close_sources(&merge);
    for (int i = 0; i < page.count; i++)
        if (page.groups[i].key[0] == '\0')
            page.groups[i].key = NULL;
    *groups = page.groups;
    *count = page.count;
    return read;
}
