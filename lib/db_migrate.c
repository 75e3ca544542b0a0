/*
 * Migrations: numbered, applied once, each in its own transaction under the
 * write turn, and written down in schema_migration in that transaction. So a
 * crash leaves whole steps, and several programs may try at once.
 *
 * A database may be newer than the program (the next release runs beside
 * us); one whose steps bear other names is another product's, and is never
 * touched.
 */
#include <unistd.h>

#include "clock.h"
#include "db_inside.h"
#include "limits.h"

#define NO_VALUES ((const struct db_value[]){ NONE })

/* The names of all steps at most, and of one. */
#define ARENA_BLOCK ((size_t)4096)
#define ARENA_MAX   ((size_t)1024 * 1024)

static const char make_table[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    "  number INTEGER PRIMARY KEY CHECK (number > 0),"
    "  name TEXT NOT NULL,"
    "  applied_at INTEGER NOT NULL) STRICT";

/* The steps in the database, in order; none in a new one. */
static enum db_result
load(struct db *db, struct arena *arena, struct rows *rows)
{
    struct rows table;
    enum db_result result =
        db_run_sql(db, arena, &table,
                   "SELECT count(*) FROM sqlite_schema"
                   " WHERE type = 'table' AND name = 'schema_migration'",
                   NO_VALUES, 1);

    *rows = (struct rows){ .n = 0 };
    if (result != DB_OK || rows_int(&table, 0, 0) == 0)
        return result;
    return db_run_sql(db, arena, rows,
                      "SELECT number, name FROM schema_migration"
                      " ORDER BY number",
                      NO_VALUES, 1);
}

/* How many of the program's steps the database has, -1 where one of them
 * bears another name there or is missing before a later one. */
static int
compare(const struct db_set *set, const struct rows *rows)
{
    int i;

    for (i = 0; i < rows->n && i < set->migration_count; i++)
        if (rows_int(rows, i, 0) != set->migrations[i].number ||
            strcmp(rows_text(rows, i, 1), set->migrations[i].name) != 0)
            return -1;
    return i;
}

int
db_schema(struct db *db)
{
    struct arena arena;
    struct rows rows;
    int newest = -1;

    arena_init(&arena, ARENA_BLOCK, ARENA_MAX);
    if (load(db, &arena, &rows) == DB_OK)
        newest = rows.n == 0 ? 0 : (int)rows_int(&rows, rows.n - 1, 0);
    arena_free(&arena);
    return newest;
}

bool
db_current(struct db *db)
{
    struct arena arena;
    struct rows rows;
    bool current;

    arena_init(&arena, ARENA_BLOCK, ARENA_MAX);
    current = load(db, &arena, &rows) == DB_OK &&
              compare(db->set, &rows) == db->set->migration_count;
    arena_free(&arena);
    return current;
}

static bool
apply(struct db *db, const struct db_migration *step)
{
    const struct db_value values[] = { INT(step->number), TEXT(step->name),
                                       INT(clock_system_ms()) };

    return db_run_script(db, make_table) == DB_OK &&
           db_run_script(db, step->sql) == DB_OK &&
           db_run_sql(db, NULL, NULL,
                      "INSERT INTO schema_migration (number, name, applied_at)"
                      " VALUES (?1, ?2, ?3)",
                      values, (int)COUNT_OF(values)) == DB_OK;
}

/* The next missing step, in an open transaction. False: nothing to keep. */
static bool
apply_next(struct db *db, struct arena *arena, bool *finished)
{
    const struct db_set *set = db->set;
    struct rows rows;
    int done;

    if (load(db, arena, &rows) != DB_OK)
        return false;
    done = compare(set, &rows);
    if (done < 0) {
        db_fail(db, DB_BROKEN,
                "the database has other migrations than this program");
        return false;
    }
    *finished = done == set->migration_count;
    return *finished || apply(db, &set->migrations[done]);
}

bool
db_begin_patiently(struct db *db)
{
    int64_t until = clock_monotonic_ms() + LIMIT_MIGRATION_MS;

    while (!db_begin(db))
        if (db_last(db) != DB_BUSY || clock_monotonic_ms() >= until)
            return false;
    return true;
}

bool
db_migrate(struct db *db)
{
    struct arena arena;
    bool finished = false;
    bool ok = true;

    arena_init(&arena, ARENA_BLOCK, ARENA_MAX);
    while (ok && !finished) {
        ok = db_begin_patiently(db);
        if (ok)
            ok = apply_next(db, &arena, &finished) && db_commit(db);
        db_rollback(db);
        arena_reset(&arena);
    }
    arena_free(&arena);
    return ok;
}
