/*
 * Reading the provider's own list of events: what no webhook has told, and
 * where none can come, all of it. See settle.h. The list is newest first;
 * how far it was read is kept after each page.
 */
#include "clock.h"
#include "ledger_sql.h"
#include "settle_inside.h"

/* As long as the provider keeps events; and how much of what was read before
 * is read again, since an event may be listed a little late. */
static const int64_t kept_s = 30 * DAY_MS / SECOND_MS;
static const int64_t overlap_s = HOUR_MS / SECOND_MS;

struct walk {
    struct db *db;
    struct arena *arena;
    const struct config *config;
    int64_t clock_ms;
    struct settle_walked *walked;
    const char *after; /* the last event that was read; NULL: the newest next */
    int64_t top_s;     /* the first event's time; 0: not known yet */
    int64_t until_s;   /* older events are left */
};

static bool
load(struct walk *walk)
{
    struct rows rows;

    if (db_run(walk->db, walk->arena, &rows, Q_WALK_ONE, TEXT(SETTLE_PROVIDER),
               INT(walk->config->livemode)) != DB_OK)
        return false;
    if (rows.n == 0)
        return true;
    walk->after = rows_text(&rows, 0, 0);
    walk->top_s = rows_int(&rows, 0, 1);
    walk->until_s = rows_int(&rows, 0, 2);
    return true;
}

static bool
save(const struct walk *walk)
{
    if (!db_begin(walk->db))
        return false;
    if (db_run(walk->db, walk->arena, NULL, Q_WALK_SET, TEXT(SETTLE_PROVIDER),
               INT(walk->config->livemode), TEXT(walk->after), INT(walk->top_s),
               INT(walk->until_s)) == DB_OK)
        return db_commit(walk->db);
    db_rollback(walk->db);
    return false;
}

/* Applies a page; *over: it came to the end of what is wanted. */
static enum settle_result
apply_page(struct walk *walk, const struct stripe_event *events, int count,
           bool *over)
{
    for (int i = 0; i < count; i++) {
        struct settle_told told;

        if (events[i].created_s < walk->until_s) {
            *over = true;
            return SETTLE_OK;
        }
        walk->top_s = max_i64(walk->top_s, events[i].created_s);
        walk->walked->events++;
        if (!settle_uses(events[i].type))
            continue;
        if (settle_event(walk->db, walk->arena, walk->config, &events[i],
                         walk->clock_ms, &told) != SETTLE_OK)
            return SETTLE_BROKEN;
        walk->walked->unheard += !told.duplicate && told.ours;
    }
    return SETTLE_OK;
}

/* Reads on, page by page, to the end. */
static enum settle_result
walk_on(struct walk *walk, const char **why)
{
    bool more = true, over = false;

    while (more && !over) {
        struct stripe_event *events;
        int count;
        enum stripe_result got =
            stripe_events_list(walk->config, walk->arena, walk->after, &events,
                               &count, &more, why);
        enum settle_result done;

        if (got == STRIPE_MISSING && walk->after != NULL)
            break; /* so old that it is gone: as is all behind it */
        if (got != STRIPE_OK)
            return got == STRIPE_UNAVAILABLE ? SETTLE_UNAVAILABLE
                                             : SETTLE_REFUSED;
        done = apply_page(walk, events, count, &over);
        if (done != SETTLE_OK)
            return done;
        if (count > 0)
            walk->after = events[count - 1].id;
        if (!save(walk))
            return SETTLE_BROKEN;
    }
    walk->after = NULL;
    return save(walk) ? SETTLE_OK : SETTLE_BROKEN;
}

enum settle_result
settle_walk(struct db *db, struct arena *arena, const struct config *config,
            int64_t clock_ms, struct settle_walked *walked, const char **why)
{
    struct walk walk = { .db = db,
                         .arena = arena,
                         .config = config,
                         .clock_ms = clock_ms,
                         .walked = walked };
    int64_t until_s = clock_system_ms() / SECOND_MS - kept_s;

    *walked = (struct settle_walked){ 0 };
    if (!load(&walk))
        return SETTLE_BROKEN;
    if (walk.after != NULL) {
        enum settle_result done = walk_on(&walk, why);

        if (done != SETTLE_OK)
            return done;
        until_s = walk.top_s - overlap_s;
    }
    walk.until_s = until_s;
    walk.top_s = 0;
    return walk_on(&walk, why);
}
