/*
 * Migrations: applied once and whole, by however many programs at once,
 * whoever is killed at it; and what does not fit is left alone.
 */
#include "db_world.h"

#include <time.h>

/* Steps that write themselves down, so that one applied twice shows. */
#define STEP(number, name)                                                    \
    {                                                                         \
        (number), (name),                                                     \
            "INSERT INTO done (step) VALUES (" #number ");"                   \
            "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c" \
            " WHERE i < 500) INSERT INTO done (step) SELECT 1000 + i FROM c;" \
    }

static const struct db_migration steps[] = {
    { 1, "done", "CREATE TABLE done (step INTEGER NOT NULL) STRICT;" },
    STEP(2, "two"),
    STEP(3, "three"),
    STEP(4, "four"),
    STEP(5, "five"),
    STEP(6, "six"),
    STEP(7, "seven"),
    STEP(8, "eight"),
};

enum { ALL = 8, Q_DONE = 0, Q_NOTED = 1 };

static const struct db_query queries[] = {
    { "done",
      "SELECT count(*), count(DISTINCT step) FROM done"
      " WHERE step < 1000",
      0 },
    { "noted", "SELECT count(*), min(applied_at) FROM schema_migration", 0 },
};

/* A program that knows the first `count` steps. */
static struct db_set
knows(int count)
{
    return (struct db_set){ queries, 2, steps, count, NULL, 0 };
}

static int64_t
ask(struct db *db, int query, int column)
{
    struct rows rows;

    if (db_run(db, &world_arena, &rows, query, NONE) != DB_OK)
        return -1;
    return rows_int(&rows, 0, column);
}

static void
is_at(struct db *db, int step, bool current, const char *words)
{
    is_int(db_schema(db), step, "%s: is at step %d", words, step);
    ok(db_current(db) == current, "%s: and %s", words,
       current ? "fits" : "does not fit");
}

static void
try_one_after_another(void)
{
    struct db_set five = knows(5);
    struct db_set all = knows(ALL);
    struct db *db = world_open_set(&five, "");
    struct db *newer;
    int64_t first;

    is_at(db, 0, false, "a new database");
    ok(db_migrate(db), "is migrated");
    is_at(db, 5, true, "migrated");
    first = ask(db, Q_NOTED, 1);
    ok(db_migrate(db) && ask(db, Q_DONE, 0) == 4 && ask(db, Q_NOTED, 0) == 5 &&
           ask(db, Q_NOTED, 1) == first,
       "once more changes nothing");
    ok(first > INT64_C(1700000000000), "each is noted with its time");

    newer = world_open_set(&all, "");
    is_at(newer, 5, false, "to the next release");
    ok(db_migrate(newer) && ask(newer, Q_DONE, 0) == ALL - 1,
       "the next release applies what is missing");
    is_at(newer, ALL, true, "the next release");
    is_at(db, ALL, true, "beside it this one");
    ok(db_migrate(db), "which migrates nothing, and well");
    is_at(db, ALL, true, "and then still");
    db_close(newer);
    db_close(db);
}

static void
try_misfits(void)
{
    static const struct db_migration other[] = {
        { 1, "another-product", "CREATE TABLE other (x INTEGER) STRICT;" },
        { 2, "two", "SELECT 1;" },
        { 3, "three", "SELECT 1;" },
    };
    struct db_set ours = knows(2);
    struct db_set theirs = { queries, 2, other, 3, NULL, 0 };
    struct db *db = world_open_set(&ours, "");
    struct db *stranger = world_open_set(&theirs, "");
    bool done_so = db_migrate(db);

    ok(done_so && !db_current(stranger), "another product's does not fit");
    done_so = db_migrate(stranger);
    ok(!done_so && strstr(db_why(stranger), "other migrations") != NULL,
       "and is not migrated: %s", db_why(stranger));
    is_at(db, 2, true, "afterwards it");
    ok(!db_in_transaction(stranger) && db_begin(db), "and nothing is held");
    db_rollback(db);
    db_close(stranger);
    db_close(db);
}

static void
try_broken_steps(void)
{
    static const struct {
        const char *name;
        const char *sql;
        const char *words;
    } cases[] = {
        { "wrong SQL", "CREATE TABLE late (x INTEGER) STRICT; CREATE TABEL y;",
          "syntax error" },
        { "a table that is there",
          "CREATE TABLE late (x INTEGER) STRICT; CREATE TABLE done (x ANY);",
          "already exists" },
        { "a CHECK that fails",
          "CREATE TABLE late (x INTEGER CHECK (x > 0)) STRICT;"
          "INSERT INTO late VALUES (0);",
          "CHECK constraint failed" },
        { "the transaction's end", "ROLLBACK;", "ended its transaction" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct db_migration bad[] = { steps[0],
                                      steps[1],
                                      { 3, "three", cases[i].sql } };
        struct db_migration good[] = { steps[0],
                                       steps[1],
                                       { 3, "three",
                                         "CREATE TABLE late (x INTEGER)"
                                         " STRICT;" } };
        struct db_set wrong = { queries, 2, bad, 3, NULL, 0 };
        struct db_set right = { queries, 2, good, 3, NULL, 0 };
        struct db *db = world_open_set(&wrong, "");
        bool done_so = db_migrate(db);

        ok(!done_so && strstr(db_why(db), cases[i].words) != NULL,
           "a step with %s fails: %s", cases[i].name, db_why(db));
        is_at(db, 2, false, "  the database then");
        db_close(db);
        db = world_open_set(&right, "");
        ok(db_migrate(db) && db_current(db), "  and nothing of it was left");
        db_close(db);
        world_clear();
    }
}

/* Ends with 0 where it migrated and all is there once. */
static void
migrate_as_child(void)
{
    struct db_set all = knows(ALL);
    struct db *db = world_open_set(&all, "");

    _exit(db == NULL || !db_migrate(db) || !db_current(db) ||
          ask(db, Q_DONE, 0) != ALL - 1 || ask(db, Q_DONE, 1) != ALL - 1);
}

static void
try_together(void)
{
    enum { CHILDREN = 8 };
    pid_t children[CHILDREN];
    int bad = 0;

    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == 0)
            migrate_as_child();
    }
    for (int i = 0; i < CHILDREN; i++)
        bad += world_wait(children[i]) != 0;
    is_int(bad, 0, "eight programs migrate a new database at once");
}

/* Killed at a time that grows until the first comes through. */
static void
try_killed(void)
{
    int killed = 0;
    bool whole = true;

    for (long delay_us = 0; whole; delay_us += 1000 + delay_us / 8) {
        struct timespec pause = { delay_us / 1000000,
                                  delay_us % 1000000 * 1000 };
        struct db_set all = knows(ALL);
        pid_t child = fork();
        struct db *db;
        int came_to;

        if (child == 0)
            migrate_as_child();
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        came_to = world_wait(child);
        db = world_open_set(&all, "");
        whole = db != NULL && db_schema(db) >= 0 && db_migrate(db) &&
                ask(db, Q_DONE, 0) == ALL - 1 && ask(db, Q_DONE, 1) == ALL - 1;
        db_close(db);
        world_clear();
        arena_reset(&world_arena);
        if (came_to == 0)
            break;
        killed++;
    }
    ok(whole && killed > 3,
       "whoever is killed at it, the next one finishes it (%d times)", killed);
}

int
main(void)
{
    static void (*const acts[])(void) = { try_one_after_another, try_misfits,
                                          try_broken_steps, try_together,
                                          try_killed };

    world_begin();
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        acts[i]();
        world_clear();
    }
    world_end();
    return done();
}
