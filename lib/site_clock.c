/*
 * One row with an offset. A real site has none, and one that was left there
 * by a sandbox is not looked at.
 */
#include "site_clock.h"

#include "ledger_sql.h"

bool
site_clock_now(struct db *db, struct arena *arena, bool sandbox, int64_t *now)
{
    struct rows rows;

    *now = clock_system_ms();
    if (!sandbox)
        return true;
    if (db_run(db, arena, &rows, Q_SITE_CLOCK_READ, NONE) != DB_OK)
        return false;
    if (rows.n == 1)
        *now += rows_int(&rows, 0, 0);
    return true;
}

bool
site_clock_set(struct db *db, struct arena *arena, int64_t offset_ms)
{
    return db_run(db, arena, NULL, Q_SITE_CLOCK_WRITE, INT(offset_ms)) == DB_OK;
}
