/*
 * The SQL that the programs carry: each set's migrations make a database in
 * which every query compiles, and whose rules find nothing while it is new.
 */
#include "db_world.h"

#include "ledger_sql.h"
#include "sandbox_sql.h"

static void
try_rules(struct db *db, const struct db_set *set, const char *name)
{
    for (int i = 0; i < set->rule_count; i++) {
        struct rows rows = { .n = -1 };
        enum db_result result =
            db_run(db, &world_arena, &rows, set->rules[i].query, NONE);

        ok(result == DB_OK && rows.n == 0, "%s: %s", name, set->rules[i].words);
    }
}

static void
try_set(const struct db_set *set, const char *name)
{
    struct db *db = world_open_set(set, "");
    bool done_so = db_migrate(db);

    ok(done_so && db_current(db) && db_schema(db) == set->migration_count,
       "%s: migrates to %d %s", name, set->migration_count, db_why(db));
    done_so = db_prepare_all(db);
    ok(done_so, "%s: all %d queries compile %s", name, set->query_count,
       db_why(db));
    ok(world_sound(db), "%s: the file is sound", name);
    try_rules(db, set, name);
    db_close(db);
    world_clear();
}

int
main(void)
{
    world_begin();
    try_set(&ledger_set, "ledger");
    try_set(&sandbox_set, "sandbox");
    world_end();
    return done();
}
