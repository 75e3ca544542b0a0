/*
 * What the tests of the database share: a folder of their own, a small set
 * of queries over one table, and children that say how they ended.
 */
#ifndef DB_WORLD_H
#define DB_WORLD_H

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "db_inside.h"
#include "tap.h"

enum query {
    T_THING_INSERT,
    T_THING_COUNT,
    T_THING_ALL,
    T_THING_DATA,
    T_THING_ADD,
    T_THING_DELETE,
    T_THING_UPSERT,
    T_PART_INSERT,
    T_ECHO,
    T_HALF,
    T_TOO_MUCH,
    T_MANY_ROWS,
    T_FILL,
    T_END,
    T_COUNT
};

static const struct db_query world_queries[] = {
    { "thing_insert",
      "INSERT INTO thing (id, name, n, data) VALUES (?1, ?2, ?3, ?4)", 4 },
    { "thing_count", "SELECT count(*) FROM thing", 0 },
    { "thing_all", "SELECT id, name, n, data FROM thing ORDER BY id", 0 },
    { "thing_data", "SELECT data FROM thing WHERE id = ?1", 1 },
    { "thing_add", "UPDATE thing SET n = n + ?2 WHERE id = ?1 RETURNING n", 2 },
    { "thing_delete", "DELETE FROM thing WHERE id = ?1", 1 },
    { "thing_upsert",
      "INSERT INTO thing (id, name, n, data) VALUES (?1, ?2, ?3, NULL)"
      " ON CONFLICT DO NOTHING",
      3 },
    { "part_insert", "INSERT INTO part (thing, n) VALUES (?1, ?2)", 2 },
    { "echo", "SELECT ?1, ?2, ?3, ?4", 4 },
    { "half", "SELECT ?1 / 2.0", 1 },
    { "too_much",
      "SELECT sum(n) FROM (SELECT 9223372036854775807 AS n"
      " UNION ALL SELECT 1)",
      0 },
    { "many_rows",
      "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
      " WHERE i < ?1) SELECT i, 'row ' || i FROM c",
      1 },
    { "fill", "INSERT INTO part (thing, n, data) VALUES (?1, 0, zeroblob(?2))",
      2 },
    { "end", "COMMIT", 0 },
};

static const struct db_migration world_migrations[] = {
    { 1, "things",
      "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE,\n"
      "  n INTEGER NOT NULL CHECK (n BETWEEN -9223372036854775807 - 1 AND"
      "  9223372036854775807 AND n <> 666), data BLOB) STRICT;\n"
      "CREATE TRIGGER thing_d BEFORE DELETE ON thing WHEN old.id = 1\n"
      "BEGIN SELECT raise(ABORT, 'append-only'); END;\n" },
    { 2, "parts",
      "CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id),\n"
      "  n INTEGER NOT NULL CHECK (n < 100), data BLOB) STRICT;\n" },
};

static const struct db_set world_set = {
    world_queries, T_COUNT, world_migrations, 2, NULL, 0
};

static char world_folder[] = "/tmp/scrip-db-XXXXXX";
static struct arena world_arena;

static inline void
world_begin(void)
{
    if (mkdtemp(world_folder) == NULL)
        _exit(1);
    arena_init(&world_arena, 65536, 16 * 1024 * 1024);
}

/* Removes what lies in the folder. */
static inline void
world_clear(void)
{
    DIR *folder = opendir(world_folder);
    struct dirent *entry;
    char path[512];

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", world_folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (folder != NULL)
        closedir(folder);
}

static inline void
world_end(void)
{
    world_clear();
    rmdir(world_folder);
    arena_free(&world_arena);
}

static inline const char *
world_path(const char *end)
{
    return arena_format(&world_arena, "%s/test.db%s", world_folder, end);
}

/* Opened by a set of one's own, or with the tables above; NULL is a failed
 * check. `option` is what stands behind the path. */
static inline struct db *
world_open_set(const struct db_set *set, const char *option)
{
    const char *why = NULL;
    const char *url =
        arena_format(&world_arena, "sqlite:%s%s", world_path(""), option);
    struct db *db = db_open(url, set, true, &world_arena, &why);

    if (db == NULL)
        ok(false, "opens: %s", why);
    return db;
}

static inline struct db *
world_open(const char *option)
{
    struct db *db = world_open_set(&world_set, option);

    if (db != NULL && !db_migrate(db))
        ok(false, "migrates: %s", db_why(db));
    return db;
}

static inline int64_t
world_size(const char *end)
{
    struct stat found;

    return stat(world_path(end), &found) == 0 ? (int64_t)found.st_size : -1;
}

static inline int64_t
world_count(struct db *db)
{
    struct rows rows;

    if (db_run(db, &world_arena, &rows, T_THING_COUNT, NONE) != DB_OK)
        return -1;
    return rows_int(&rows, 0, 0);
}

/* One thing, in its own transaction. */
static inline bool
world_insert(struct db *db, int64_t id)
{
    bool ok_so = db_begin(db) &&
                 db_run(db, &world_arena, NULL, T_THING_INSERT, INT(id), NIL,
                        INT(0), NIL) == DB_OK &&
                 db_commit(db);

    db_rollback(db);
    return ok_so;
}

static inline bool
world_sound(struct db *db)
{
    struct rows rows;

    return db_run_sql(db, &world_arena, &rows, "PRAGMA integrity_check", NULL,
                      0) == DB_OK &&
           rows.n == 1 && strcmp(rows_text(&rows, 0, 0), "ok") == 0;
}

/* How a child ended: its exit code, or minus the signal. */
static inline int
world_wait(pid_t child)
{
    int status;

    if (waitpid(child, &status, 0) != child)
        return 1000;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Whether `act` stops the program by abort(); its words are not shown. */
static inline bool
world_aborts(void (*act)(struct db *), struct db *db)
{
    pid_t child = fork();

    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
        signal(SIGABRT, SIG_DFL);
        act(db);
        _exit(0);
    }
    return world_wait(child) == -SIGABRT;
}

#endif
