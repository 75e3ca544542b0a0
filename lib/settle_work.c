/*
 * Doing due work: each kind has its worker. Settle is where it is done
 * because most of it asks the provider.
 */
#include "settle_inside.h"

#include "clock.h"
#include "log.h"

static const struct {
    const char *kind;
    settle_worker *work;
} workers[] = {
    { WORK_CARD, settle_card_work },
    { WORK_CHARGE_OF, settle_charge_of },
    { WORK_REFUNDS, settle_refunds_of },
    { NULL, NULL },
};

static settle_worker *
worker_of(const char *kind)
{
    for (size_t i = 0; workers[i].kind != NULL; i++)
        if (strcmp(kind, workers[i].kind) == 0)
            return workers[i].work;
    return NULL;
}

/* Ends what was taken: done, or due again later. */
static bool
end(struct db *db, struct arena *arena, const struct work *work, bool done,
    const char *why)
{
    int64_t now = clock_system_ms();
    bool ended;

    if (!db_begin(db))
        return false;
    ended = done ? work_done(db, arena, work, now)
                 : work_later(db, arena, work,
                              now + work_wait_ms(work->attempts), why);
    if (ended && db_commit(db))
        return true;
    db_rollback(db);
    return false;
}

/* One piece; false: the database failed, and the lease ends by itself. */
static bool
do_one(struct db *db, struct arena *arena, const struct config *config,
       const struct work *work, int64_t clock_ms, enum settle_result *came_to)
{
    settle_worker *worker = worker_of(work->kind);
    const char *why = NULL;

    if (worker == NULL) {
        /* Of a newer release, which runs beside us. */
        *came_to = SETTLE_REFUSED;
        why = "this program does not know the kind";
    } else
        *came_to = worker(db, arena, config, work, clock_ms, &why);
    switch (*came_to) {
    case SETTLE_OK:
    case SETTLE_NOT_OURS: return end(db, arena, work, true, NULL);
    case SETTLE_REFUSED:
    case SETTLE_UNAVAILABLE: break;
    case SETTLE_BROKEN: return false;
    }
    log_warning("due work %s of %s, attempt %d: %s", work->kind,
                work->reference, work->attempts, why == NULL ? "-" : why);
    return end(db, arena, work, false, why);
}

enum settle_result
settle_work(struct db *db, struct arena *arena, const struct config *config,
            int64_t clock_ms, struct settle_worked *worked)
{
    *worked = (struct settle_worked){ 0 };
    for (int i = 0; i < LIMIT_WORK_AT_ONCE; i++) {
        struct arena_mark mark = arena_mark(arena);
        enum settle_result came_to;
        struct work work;

        switch (work_take(db, arena, clock_system_ms(), &work)) {
        case WORK_OK: break;
        case WORK_NONE: return SETTLE_OK;
        case WORK_BROKEN: return SETTLE_BROKEN;
        }
        if (!do_one(db, arena, config, &work, clock_ms, &came_to))
            return SETTLE_BROKEN;
        arena_rewind(arena, mark);
        worked->done += came_to == SETTLE_OK || came_to == SETTLE_NOT_OURS;
        worked->later +=
            came_to == SETTLE_REFUSED || came_to == SETTLE_UNAVAILABLE;
        /* Nobody answers: the rest would only wait for nothing. */
        if (came_to == SETTLE_UNAVAILABLE)
            return SETTLE_OK;
    }
    return SETTLE_OK;
}
