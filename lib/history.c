/*
 * Finding events by a filter: see history.h. First the span of seqs, from
 * times and days by halving; then the runs in it that can have what is asked
 * for; then their rows.
 */
#include "history.h"

#include "ledger_inside.h"
#include "ledger_sql.h"

/* Runs of events asked for at a time. */
enum { BLOCKS_READ = 64 };

/* No zone's day begins earlier or ends later than UTC's by more. */
static const int64_t zone_bound_ms = 15 * HOUR_MS;

static const unsigned usage_kinds =
    1u << EVENT_CAPTURED_USAGE | 1u << EVENT_USAGE_REFUND;

/* --- The filter. ---------------------------------------------------------- */

void
history_all(struct history_filter *filter)
{
    *filter = (struct history_filter){ .kinds = (1u << EVENT_KINDS) - 1,
                                       .from_day = INT64_MIN,
                                       .to_day = INT64_MAX,
                                       .from_at = INT64_MIN,
                                       .to_at = INT64_MAX };
}

/* Those that can pass: what has no reference is meant of usage alone. */
static unsigned
kinds_of(const struct history_filter *filter)
{
    unsigned kinds = filter->kinds;

    for (int i = 0; i < USAGE_DIMS; i++)
        if (filter->references[i] != NULL && filter->references[i][0] == '\0')
            kinds &= usage_kinds;
    return kinds;
}

bool
history_matches(const struct history_filter *filter, const struct event *event)
{
    if ((kinds_of(filter) & 1u << event->kind) == 0 ||
        event->day < filter->from_day || event->day > filter->to_day ||
        event->at < filter->from_at || event->at > filter->to_at)
        return false;
    for (int i = 0; i < USAGE_DIMS; i++) {
        const char *has = usage_reference((enum usage_dim)i, event);

        if (filter->references[i] != NULL &&
            strcmp(has == NULL ? "" : has, filter->references[i]) != 0)
            return false;
    }
    return true;
}

const char *
history_text(struct arena *arena, const struct history_filter *filter)
{
    char *text =
        arena_format(arena, "%x %lld %lld %lld %lld", kinds_of(filter),
                     (long long)filter->from_day, (long long)filter->to_day,
                     (long long)filter->from_at, (long long)filter->to_at);

    for (int i = 0; i < USAGE_DIMS; i++)
        if (filter->references[i] != NULL)
            text = arena_format(arena, "%s %d:%zu:%s", text, i,
                                strlen(filter->references[i]),
                                filter->references[i]);
    return text;
}

/* --- The span. ------------------------------------------------------------ */

static int64_t
stored_events(const struct wallet *wallet)
{
    return wallet->seq - (wallet->event_count - wallet->events_saved);
}

/* The first stored event at `at` or later; one behind the last: none is. */
static bool
first_at(struct db *db, struct arena *arena, const struct wallet *wallet,
         int64_t at, int64_t *seq)
{
    int64_t low = 1, high = stored_events(wallet) + 1;

    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        struct rows rows;

        if (db_run(db, arena, &rows, Q_HISTORY_AT, INT(wallet->space),
                   INT(middle)) != DB_OK ||
            rows.n != 1)
            return false;
        if (rows_int(&rows, 0, 0) < at)
            low = middle + 1;
        else
            high = middle;
    }
    *seq = low;
    return true;
}

/* The first event that may be of a day or a later one. Events since the zone
 * is what it is begin their days with it; older ones may have had any. */
static bool
first_of_day(struct db *db, struct arena *arena, const struct wallet *wallet,
             int64_t day, int64_t *seq)
{
    if (!first_at(db, arena, wallet, day * DAY_MS - zone_bound_ms, seq))
        return false;
    return *seq <= wallet->zone_after ||
           first_at(db, arena, wallet, zone_day_start_ms(wallet->zone, day),
                    seq);
}

/* The last that may be of a day or an earlier one. */
static bool
last_of_day(struct db *db, struct arena *arena, const struct wallet *wallet,
            int64_t day, int64_t *seq)
{
    if (!first_at(db, arena, wallet, zone_day_start_ms(wallet->zone, day + 1),
                  seq))
        return false;
    if (*seq > wallet->zone_after) {
        (*seq)--;
        return true;
    }
    if (!first_at(db, arena, wallet, (day + 1) * DAY_MS + zone_bound_ms, seq))
        return false;
    *seq = min_i64(*seq - 1, wallet->zone_after);
    return true;
}

static void
not_after(const struct wallet *wallet, struct history_span *span, int64_t seq)
{
    /* Behind the last stored one are those that are due: who knows. */
    if (seq < stored_events(wallet))
        span->high = min_i64(span->high, seq);
}

bool
history_span(struct db *db, struct arena *arena, const struct wallet *wallet,
             const struct history_filter *filter, struct history_span *span)
{
    int64_t seq;

    *span = (struct history_span){ .low = 1, .high = wallet->seq };
    if (filter->from_at != INT64_MIN) {
        if (!first_at(db, arena, wallet, filter->from_at, &seq))
            return false;
        span->low = max_i64(span->low, seq);
    }
    if (filter->from_day != INT64_MIN) {
        if (!first_of_day(db, arena, wallet, filter->from_day, &seq))
            return false;
        span->low = max_i64(span->low, seq);
    }
    if (filter->to_at != INT64_MAX) {
        if (!first_at(db, arena, wallet, filter->to_at + 1, &seq))
            return false;
        not_after(wallet, span, seq - 1);
    }
    if (filter->to_day != INT64_MAX) {
        if (!last_of_day(db, arena, wallet, filter->to_day, &seq))
            return false;
        not_after(wallet, span, seq);
    }
    return true;
}

/* --- Reading. ------------------------------------------------------------- */

struct reading {
    struct db *db;
    struct arena *arena;
    const struct wallet *wallet;
    const struct history_filter *filter;
    bool newest_first;
    unsigned kinds;
    int limit;
    struct event *events;
    int count;
};

/* Events of a run by one of the queries that take these parameters. */
static bool
ask(struct reading *reading, int query, const struct history_span *span,
    int64_t kinds, struct rows *rows)
{
    const struct history_filter *filter = reading->filter;
    const char *const *references = filter->references;

    return db_run(reading->db, reading->arena, rows, query,
                  INT(reading->wallet->space), INT(span->low), INT(span->high),
                  INT(filter->from_day), INT(filter->to_day),
                  TEXT(references[0]), TEXT(references[1]), TEXT(references[2]),
                  TEXT(references[3]), TEXT(references[4]), INT(kinds),
                  INT(reading->limit - reading->count)) == DB_OK;
}

static int
compare_seq(const void *a, const void *b)
{
    const struct event *x = a, *y = b;

    return (x->seq > y->seq) - (x->seq < y->seq);
}

static int
compare_seq_back(const void *a, const void *b)
{
    return compare_seq(b, a);
}

static bool
take_rows(struct reading *reading, const struct rows *rows,
          struct event *events, int *count)
{
    for (int i = 0; i < rows->n; i++)
        if (!ledger_event_of_row(rows, i, reading->arena, &events[(*count)++]))
            return false;
    return true;
}

/* A run of which each kind has an index: the first of each, together. */
static bool
read_kinds(struct reading *reading, const struct history_span *span)
{
    struct rows by_kind[EVENT_KINDS];
    int room = 0, count = 0;
    struct event *found;

    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        by_kind[kind].n = 0;
        if ((reading->kinds & 1u << kind) != 0 &&
            !ask(reading,
                 reading->newest_first ? Q_HISTORY_KIND_NEWEST
                                       : Q_HISTORY_KIND_OLDEST,
                 span, kind, &by_kind[kind]))
            return false;
        room += by_kind[kind].n;
    }
    found = arena_array(reading->arena, (size_t)room, sizeof(*found));
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        if (!take_rows(reading, &by_kind[kind], found, &count))
            return false;
    if (count > 0)
        qsort(found, (size_t)count, sizeof(*found),
              reading->newest_first ? compare_seq_back : compare_seq);
    for (int i = 0; i < count && reading->count < reading->limit; i++)
        reading->events[reading->count++] = found[i];
    return true;
}

static bool
read_run(struct reading *reading, int64_t low, int64_t high)
{
    struct history_span span = { low, high };
    struct rows rows;

    if (low > high || reading->count == reading->limit)
        return true;
    if ((reading->kinds & 1u << EVENT_CAPTURED_USAGE) == 0)
        return read_kinds(reading, &span);
    return ask(reading,
               reading->newest_first ? Q_HISTORY_RUN_NEWEST
                                     : Q_HISTORY_RUN_OLDEST,
               &span, reading->kinds, &rows) &&
           take_rows(reading, &rows, reading->events, &reading->count);
}

/* Reads the blocks of one answer, those in a row together. */
static bool
read_block_rows(struct reading *reading, const struct rows *rows,
                const struct history_span *span)
{
    int step = reading->newest_first ? -1 : 1;

    for (int i = 0; i < rows->n;) {
        int64_t first = rows_int(rows, i, 0), last = first;

        for (i++; i < rows->n && rows_int(rows, i, 0) == last + step; i++)
            last += step;
        if (!read_run(
                reading,
                max_i64(span->low, min_i64(first, last) * USAGE_BLOCK + 1),
                min_i64(span->high, (max_i64(first, last) + 1) * USAGE_BLOCK)))
            return false;
    }
    return true;
}

/* The part of a span that is folded, by the blocks that have all that is
 * asked for. `dim` is one of the references that are. */
static bool
read_blocks(struct reading *reading, int dim, const struct history_span *span)
{
    const char *const *references = reading->filter->references;
    int64_t first = (span->low - 1) / USAGE_BLOCK;
    int64_t last = (span->high - 1) / USAGE_BLOCK;
    struct rows rows;

    while (reading->count < reading->limit && first <= last) {
        if (db_run(reading->db, reading->arena, &rows,
                   reading->newest_first ? Q_HISTORY_BLOCKS_NEWEST
                                         : Q_HISTORY_BLOCKS_OLDEST,
                   INT(reading->wallet->space), INT(dim), TEXT(references[dim]),
                   INT(first), INT(last), TEXT(references[0]),
                   TEXT(references[1]), TEXT(references[2]),
                   TEXT(references[3]), TEXT(references[4]),
                   INT(BLOCKS_READ)) != DB_OK ||
            !read_block_rows(reading, &rows, span))
            return false;
        if (rows.n < BLOCKS_READ)
            break;
        if (reading->newest_first)
            last = rows_int(&rows, rows.n - 1, 0) - 1;
        else
            first = rows_int(&rows, rows.n - 1, 0) + 1;
    }
    return true;
}

/* What is stored: by blocks where a reference is asked for, as far as they
 * are made; else as it lies. */
static bool
read_stored(struct reading *reading, const struct history_span *span)
{
    int64_t folded = reading->wallet->folded;
    struct history_span blocks = { span->low, min_i64(span->high, folded) };
    int64_t tail = max_i64(span->low, folded + 1);
    int dim = 0;

    while (dim < USAGE_DIMS && reading->filter->references[dim] == NULL)
        dim++;
    if (dim == USAGE_DIMS)
        return read_run(reading, span->low, span->high);
    if (reading->newest_first && !read_run(reading, tail, span->high))
        return false;
    if (blocks.low <= blocks.high && !read_blocks(reading, dim, &blocks))
        return false;
    return reading->newest_first || read_run(reading, tail, span->high);
}

static void
take_due(struct reading *reading, const struct history_span *span)
{
    const struct wallet *wallet = reading->wallet;
    int due = wallet->event_count - wallet->events_saved;

    for (int i = 0; i < due && reading->count < reading->limit; i++) {
        const struct event *event =
            &wallet->events[reading->newest_first ? wallet->event_count - 1 - i
                                                  : wallet->events_saved + i];

        if (event->seq >= span->low && event->seq <= span->high &&
            history_matches(reading->filter, event))
            reading->events[reading->count++] = *event;
    }
}

bool
history_read(struct db *db, struct arena *arena, const struct wallet *wallet,
             const struct history_filter *filter,
             const struct history_span *span, enum history_order order,
             int limit, struct event **events, int *count)
{
    struct reading reading = {
        .db = db,
        .arena = arena,
        .wallet = wallet,
        .filter = filter,
        .newest_first = order == HISTORY_NEWEST_FIRST,
        .kinds = kinds_of(filter),
        .limit = limit,
        .events = arena_array(arena, (size_t)limit, sizeof(struct event)),
    };
    struct history_span stored = { max_i64(span->low, 1),
                                   min_i64(span->high, stored_events(wallet)) };

    if (reading.newest_first)
        take_due(&reading, span);
    if (!read_stored(&reading, &stored))
        return false;
    if (!reading.newest_first)
        take_due(&reading, span);
    *events = reading.events;
    *count = reading.count;
    return true;
}
