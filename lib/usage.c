/*
 * Folding and reading usage: see usage.h. A fold adds up a run of events in
 * memory and writes each sum once, in the order of its key.
 */
#include "usage.h"

#include "ledger_sql.h"

static const char *const dim_texts[USAGE_DIMS] = { "livestream", "order",
                                                   "campaign", "feature",
                                                   "member" };

const char *
usage_dim_text(enum usage_dim dim)
{
    assert(dim < USAGE_DIMS);
    return dim_texts[dim];
}

bool
usage_dim_of(const char *text, enum usage_dim *dim)
{
    for (int i = 0; i < USAGE_DIMS; i++)
        if (strcmp(dim_texts[i], text) == 0) {
            *dim = (enum usage_dim)i;
            return true;
        }
    return false;
}

const char *
usage_reference(enum usage_dim dim, const struct event *event)
{
    switch (dim) {
    case USAGE_LIVESTREAM: return event->refs.livestream;
    case USAGE_ORDER: return event->refs.order;
    case USAGE_CAMPAIGN: return event->refs.campaign;
    case USAGE_FEATURE: return event->charge.feature;
    case USAGE_MEMBER: return event->refs.member;
    case USAGE_DIMS: break;
    }
    return NULL;
}

/* --- Folding. ------------------------------------------------------------ */

/* One event's part in one group, and then a group's sum. */
struct part {
    int dim;
    int64_t day;
    const char *key;
    bool usage; /* or any other event: for its block alone */
    int64_t captured, refunded, events;
    int64_t first_at, last_at;
};

static int
compare_parts(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    int order = (x->dim > y->dim) - (x->dim < y->dim);

    if (order == 0)
        order = (x->day > y->day) - (x->day < y->day);
    return order == 0 ? strcmp(x->key, y->key) : order;
}

/* The columns of usage_events. */
enum { SEQ, KIND, CREDITS, AT, DAY, FIRST_REFERENCE };

static int
parts_of(const struct rows *rows, struct part *parts)
{
    int count = 0;

    for (int i = 0; i < rows->n; i++) {
        int64_t kind = rows_int(rows, i, KIND);
        int64_t credits = rows_int(rows, i, CREDITS);
        bool usage = kind == EVENT_CAPTURED_USAGE || kind == EVENT_USAGE_REFUND;

        for (int dim = 0; dim < USAGE_DIMS; dim++) {
            const char *key = rows_text(rows, i, FIRST_REFERENCE + dim);

            if (key == NULL && !usage)
                continue;
            parts[count++] = (struct part){
                .dim = dim,
                .day = rows_int(rows, i, DAY),
                .key = key == NULL ? "" : key,
                .usage = usage,
                .captured = kind == EVENT_CAPTURED_USAGE ? -credits : 0,
                .refunded = kind == EVENT_USAGE_REFUND ? credits : 0,
                .events = 1,
                .first_at = rows_int(rows, i, AT),
                .last_at = rows_int(rows, i, AT),
            };
        }
    }
    return count;
}

static void
merge(struct part *into, const struct part *part)
{
    if (!part->usage)
        return;
    if (!into->usage) {
        *into = *part;
        return;
    }
    into->captured += part->captured;
    into->refunded += part->refunded;
    into->events += part->events;
    into->first_at = min_i64(into->first_at, part->first_at);
    into->last_at = max_i64(into->last_at, part->last_at);
}

/* Sorted and added up: one part for each group that is left. */
static int
add_up(struct part *parts, int count)
{
    int groups = 0;

    if (count == 0)
        return 0;
    qsort(parts, (size_t)count, sizeof(*parts), compare_parts);
    for (int i = 1; i < count; i++)
        if (compare_parts(&parts[groups], &parts[i]) == 0)
            merge(&parts[groups], &parts[i]);
        else
            parts[++groups] = parts[i];
    return groups + 1;
}

static bool
save_part(struct db *db, struct arena *arena, int64_t space, int64_t block,
          const struct part *part)
{
    if (part->usage &&
        db_run(db, arena, NULL, Q_USAGE_ROLLUP_ADD, INT(space), INT(part->dim),
               INT(part->day), TEXT(part->key), INT(part->captured),
               INT(part->refunded), INT(part->events), INT(part->first_at),
               INT(part->last_at)) != DB_OK)
        return false;
    return db_run(db, arena, NULL, Q_USAGE_BLOCK_INSERT, INT(space),
                  INT(part->dim), TEXT(part->key), INT(block)) == DB_OK;
}

static bool
fold_block(struct db *db, struct arena *arena, const struct wallet *wallet)
{
    struct rows rows;
    struct part *parts;
    int count;

    if (db_run(db, arena, &rows, Q_USAGE_EVENTS, INT(wallet->space),
               INT(wallet->folded), INT(USAGE_BLOCK)) != DB_OK)
        return false;
    assert(rows.n == USAGE_BLOCK);
    parts = arena_array(arena, (size_t)rows.n * USAGE_DIMS, sizeof(*parts));
    count = add_up(parts, parts_of(&rows, parts));
    for (int i = 0; i < count; i++)
        if (!save_part(db, arena, wallet->space, wallet->folded / USAGE_BLOCK,
                       &parts[i]))
            return false;
    return true;
}

bool
usage_fold(struct db *db, struct arena *arena, struct wallet *wallet)
{
    while (wallet->seq - wallet->folded >= USAGE_BLOCK) {
        struct arena own;
        bool went;

        arena_init(&own, (size_t)1024 * 1024, LIMIT_ARENA);
        own.exhausted = arena->exhausted;
        went = fold_block(db, &own, wallet);
        arena_free(&own);
        if (!went)
            return false;
        wallet->folded += USAGE_BLOCK;
    }
    return true;
}

/* --- Reading. ------------------------------------------------------------ */

static int64_t
until(const struct usage_range *range)
{
    return range->until == 0 ? INT64_MAX : range->until;
}

bool
usage_days(struct db *db, struct arena *arena, const struct usage_range *range,
           struct usage_day **days, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_USAGE_DAYS, INT(range->space),
               INT(range->from), INT(range->to), INT(until(range))) != DB_OK)
        return false;
    *count = rows.n;
    *days = arena_array(arena, (size_t)rows.n, sizeof(**days));
    for (int i = 0; i < rows.n; i++)
        (*days)[i] = (struct usage_day){ .day = rows_int(&rows, i, 0),
                                         .captured = rows_int(&rows, i, 1),
                                         .refunded = rows_int(&rows, i, 2),
                                         .events = rows_int(&rows, i, 3) };
    return true;
}

bool
usage_of(struct db *db, struct arena *arena, const struct usage_range *range,
         enum usage_dim dim, const char *key, struct usage_group *group)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_USAGE_OF_KEY, INT(range->space), INT(dim),
               TEXT(key), INT(range->from), INT(range->to),
               INT(until(range))) != DB_OK)
        return false;
    *group = (struct usage_group){ .key = key,
                                   .captured = rows_int(&rows, 0, 0),
                                   .refunded = rows_int(&rows, 0, 1),
                                   .events = rows_int(&rows, 0, 2) };
    return true;
}
