/*
 * Due work: see work.h. The row's due_at is its lease as well: whoever dies
 * over it leaves it to be taken again when that time has come.
 */
#include "work.h"

#include "clock.h"
#include "ledger_sql.h"
#include "limits.h"

static const int64_t wait_first_ms = 10 * SECOND_MS;
static const int64_t wait_most_ms = HOUR_MS;

bool
work_add(struct db *db, struct arena *arena, const char *kind, int64_t space,
         const char *reference, int64_t due_at)
{
    return db_run(db, arena, NULL, Q_WORK_ADD, TEXT(kind), INT(space),
                  TEXT(reference), INT(due_at)) == DB_OK;
}

static enum work_result
take(struct db *db, struct arena *arena, int64_t now, struct work *work)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_WORK_FIRST, INT(now)) != DB_OK)
        return WORK_BROKEN;
    if (rows.n == 0)
        return WORK_NONE;
    *work = (struct work){ .number = rows_int(&rows, 0, 0),
                           .kind = rows_text(&rows, 0, 1),
                           .space = rows_int(&rows, 0, 2),
                           .reference = rows_text(&rows, 0, 3),
                           .due_at = now + LIMIT_WORK_LEASE_MS,
                           .attempts = (int)rows_int(&rows, 0, 5) + 1,
                           .asked = rows_int(&rows, 0, 6),
                           .why = rows_text(&rows, 0, 7) };
    return db_run(db, arena, NULL, Q_WORK_LEASE, INT(work->number),
                  INT(work->due_at)) == DB_OK
               ? WORK_OK
               : WORK_BROKEN;
}

enum work_result
work_take(struct db *db, struct arena *arena, int64_t now, struct work *work)
{
    struct rows rows;
    enum work_result taken;

    /* Looked at first only to spare the write. */
    if (db_run(db, arena, &rows, Q_WORK_FIRST, INT(now)) != DB_OK)
        return WORK_BROKEN;
    if (rows.n == 0)
        return WORK_NONE;
    if (!db_begin(db))
        return WORK_BROKEN;
    taken = take(db, arena, now, work);
    if (taken == WORK_OK)
        return db_commit(db) ? WORK_OK : WORK_BROKEN;
    db_rollback(db);
    return taken;
}

bool
work_done(struct db *db, struct arena *arena, const struct work *work,
          int64_t now)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_WORK_DONE, INT(work->number),
               INT(work->asked)) != DB_OK)
        return false;
    return rows.changes == 1 || db_run(db, arena, NULL, Q_WORK_AGAIN,
                                       INT(work->number), INT(now)) == DB_OK;
}

bool
work_later(struct db *db, struct arena *arena, const struct work *work,
           int64_t due_at, const char *why)
{
    return db_run(db, arena, NULL, Q_WORK_LATER, INT(work->number), INT(due_at),
                  TEXT(why), INT(work->asked)) == DB_OK;
}

int64_t
work_wait_ms(int attempts)
{
    int64_t wait = wait_first_ms;

    for (int i = 1; i < attempts && wait < wait_most_ms; i++)
        wait *= 2;
    return min_i64(wait, wait_most_ms);
}
