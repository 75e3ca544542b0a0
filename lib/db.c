/*
 * The door: who may write when. Transactions under the write turn, queries
 * by name, and the rule that a transaction in which a statement failed is
 * never committed, whatever the caller thinks of it. The engine behind it is
 * db_engine.h's.
 *
 * Never: a write or a checkpoint without the turn; a handle carried over a
 * fork (SQLite's locks would be lost), which stops the program.
 */
#include "db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "db_engine.h"
#include "db_inside.h"
#include "limits.h"
#include "log.h"
#include "mount.h"
#include "turn.h"

enum state { STATE_IDLE, STATE_READING, STATE_WRITING };

struct db {
    struct engine *engine;
    struct turn *turn;
    const struct db_set *set;
    pid_t owner;
    enum state state;
    bool failed;          /* something in this transaction did */
    int checkpoint_pages; /* the WAL's length from which on we checkpoint */
    int checkpointed;     /* its length when we last did, in its life */
    enum db_result last;
    char why[640];
};

/* ------------------------------------------------------------- failures */

enum db_result
db_last(const struct db *db)
{
    return db->last;
}

const char *
db_why(const struct db *db)
{
    return db->why;
}

/* Of the write turn and of files. */
static enum db_result
of_errno(int error)
{
    if (error == ETIMEDOUT)
        return DB_BUSY;
    if (error == EROFS || error == ENOSPC || error == EDQUOT)
        return DB_FULL;
    return DB_BROKEN;
}

/* Remembers; a transaction in which this happens is lost. */
static enum db_result
fail(struct db *db, enum db_result result, const char *words)
{
    db->last = result;
    snprintf(db->why, sizeof(db->why), "%s", words);
    if (result != DB_CONFLICT && db->state != STATE_IDLE)
        db->failed = true;
    return result;
}

/* The same of the turn, from errno. */
static enum db_result
fail_turn(struct db *db)
{
    enum db_result result = of_errno(errno);
    char words[128];

    snprintf(words, sizeof(words), "write turn: %s", strerror(errno));
    return fail(db, result, words);
}

/* -------------------------------------------------- opening and closing */

/* "sqlite:PATH", "sqlite:PATH?journal=truncate". A path is never taken for
 * one of SQLite's own names (":memory:", "file:"). NULL: no such address. */
static const char *
path_of(const char *url, struct arena *arena, bool *rollback)
{
    static const char scheme[] = "sqlite:";
    static const char option[] = "?journal=truncate";
    size_t length = strlen(url);
    size_t end = sizeof(option) - 1;

    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
        return NULL;
    url += sizeof(scheme) - 1;
    length -= sizeof(scheme) - 1;
    *rollback = length > end && strcmp(url + length - end, option) == 0;
    if (*rollback)
        length -= end;
    if (length == 0)
        return NULL;
    return arena_format(arena, "%s%.*s", url[0] == '/' ? "" : "./", (int)length,
                        url);
}

/* Only ever makes a file: opening one that is there, and closing it again,
 * would drop the locks that SQLite has on it. */
static bool
make_file(const char *path)
{
    int file =
        open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (file < 0)
        return errno == EEXIST;
    close(file);
    return true;
}

/* The turn lies beside the file itself, not beside a link to it, so that
 * all who open it by whatever name meet there. */
static struct turn *
open_turn(struct db *db, struct arena *arena, bool rollback)
{
    const char *path = arena_format(arena, "%s-turn", engine_path(db->engine));

    return turn_open(path, rollback ? TURN_FILE : TURN_MEMORY);
}

/* Brings the file to the journal that we want, if it is not so already. */
static enum db_result
settle_journal(struct db *db, bool rollback)
{
    enum engine_journal want = rollback ? ENGINE_ROLLBACK : ENGINE_WAL;
    enum engine_journal is = want;
    enum db_result result = engine_journal(db->engine, &is);

    if (result == DB_OK && is == ENGINE_WAL && want == ENGINE_WAL)
        return DB_OK;
    if (result == DB_OK) {
        if (!turn_take(db->turn, LIMIT_TURN_MS))
            return fail_turn(db);
        result = engine_set_journal(db->engine, want);
        turn_give(db->turn);
    }
    return result == DB_OK ? DB_OK : fail(db, result, engine_why(db->engine));
}

/* Everything of a handle; db->why on false. */
static bool
open_parts(struct db *db, const char *path, bool rollback, struct arena *arena)
{
    enum db_result result = DB_BROKEN;

    db->engine = engine_open(path, db->set->query_count, &result);
    if (db->engine == NULL) {
        fail(db, DB_BROKEN, "out of memory");
        return false;
    }
    if (result != DB_OK) {
        fail(db, result, engine_why(db->engine));
        return false;
    }
    db->turn = open_turn(db, arena, rollback);
    if (db->turn == NULL) {
        fail_turn(db);
        return false;
    }
    return settle_journal(db, rollback) == DB_OK;
}

static struct db *
open_file(const char *path, const struct db_set *set, bool rollback,
          struct arena *arena, const char **why)
{
    struct db *db = calloc(1, sizeof(*db));

    *why = "out of memory";
    if (db == NULL)
        return NULL;
    db->set = set;
    db->owner = getpid();
    db->checkpoint_pages = LIMIT_WAL_PAGES;
    *why = NULL;
    if (open_parts(db, path, rollback, arena))
        return db;
    *why = arena_format(arena, "%s: %s", path, db->why);
    db_close(db);
    return NULL;
}

struct db *
db_open(const char *url, const struct db_set *set, bool create,
        struct arena *arena, const char **why)
{
    bool rollback;
    const char *path = path_of(url, arena, &rollback);

    if (path == NULL) {
        *why = "a database is given as sqlite:PATH";
        return NULL;
    }
    if (create ? !make_file(path) : access(path, F_OK) != 0) {
        *why = arena_format(arena, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (!rollback && mount_is_remote(path)) {
        log_warning("%s lies on a network file system: its journal is slower",
                    path);
        rollback = true;
    }
    return open_file(path, set, rollback, arena, why);
}

void
db_close(struct db *db)
{
    if (db == NULL || db->owner != getpid())
        return; /* a child's copy: its parent's locks are not ours to drop */
    if (db->engine != NULL) {
        db_rollback(db);
        engine_close(db->engine);
    }
    turn_close(db->turn);
    free(db);
}

void
db_set_checkpoint(struct db *db, int pages)
{
    db->checkpoint_pages = pages;
}

const struct db_set *
db_set(const struct db *db)
{
    return db->set;
}

/* ---------------------------------------------------------- transactions */

static void
start(struct db *db, enum state state)
{
    db->state = state;
    db->failed = false;
}

bool
db_begin(struct db *db)
{
    int64_t began = clock_monotonic_ms();
    enum db_result result;

    assert(db->owner == getpid() && db->state == STATE_IDLE);
    engine_reset(db->engine);
    if (!turn_take(db->turn, LIMIT_TURN_MS)) {
        fail_turn(db);
        return false;
    }
    /* A writer that is not ours, sqlite3(1) say, may have what is left. */
    engine_set_wait(db->engine,
                    max_i64(LIMIT_TURN_MS - (clock_monotonic_ms() - began), 1));
    result = engine_exec(db->engine, "BEGIN IMMEDIATE");
    engine_set_wait(db->engine, LIMIT_TURN_MS);
    if (result != DB_OK) {
        turn_give(db->turn);
        fail(db, result, engine_why(db->engine));
        return false;
    }
    start(db, STATE_WRITING);
    return true;
}

bool
db_begin_read(struct db *db)
{
    enum db_result result;

    assert(db->owner == getpid() && db->state == STATE_IDLE);
    engine_reset(db->engine);
    result = engine_exec(db->engine, "BEGIN");
    if (result != DB_OK) {
        fail(db, result, engine_why(db->engine));
        return false;
    }
    start(db, STATE_READING);
    return true;
}

/* Under the turn. The commit is durable whatever comes of this; where a
 * reader is in the way, some commit after more pages tries again. */
static void
checkpoint_when_due(struct db *db)
{
    int pages = engine_wal_pages(db->engine);

    if (pages < db->checkpointed)
        db->checkpointed = 0; /* the WAL has begun anew */
    if (pages <= db->checkpoint_pages ||
        (db->checkpointed > 0 &&
         pages - db->checkpointed < LIMIT_WAL_RETRY_PAGES))
        return;
    db->checkpointed = pages;
    if (engine_checkpoint(db->engine) > DB_BUSY)
        log_warning("%s", engine_why(db->engine));
}

bool
db_commit(struct db *db)
{
    enum db_result result;

    assert(db->owner == getpid() && db->state != STATE_IDLE);
    if (engine_running(db->engine) && !db->failed)
        fail(db, DB_BROKEN, "commit: a query was left in the middle");
    if (!db->failed) {
        result = engine_exec(db->engine, "COMMIT");
        if (result != DB_OK)
            fail(db, result, engine_why(db->engine));
    }
    if (db->failed) {
        db_rollback(db);
        return false;
    }
    if (db->state == STATE_WRITING) {
        checkpoint_when_due(db);
        turn_give(db->turn);
    }
    db->state = STATE_IDLE;
    return true;
}

void
db_rollback(struct db *db)
{
    enum state state = db->state;

    assert(db->owner == getpid());
    engine_reset(db->engine);
    if (state == STATE_IDLE)
        return;
    /* After a full disk or the like SQLite has rolled back already. */
    if (engine_in_transaction(db->engine) &&
        engine_exec(db->engine, "ROLLBACK") != DB_OK)
        log_error("rollback: %s", engine_why(db->engine));
    assert(!engine_in_transaction(db->engine));
    db->state = STATE_IDLE;
    db->failed = false;
    if (state == STATE_WRITING)
        turn_give(db->turn);
}

bool
db_in_transaction(const struct db *db)
{
    return db->state != STATE_IDLE;
}

/* --------------------------------------------------------------- queries */

static int
count_given(const struct db_value *values, int count)
{
    return count == 1 && values[0].type == DB_NONE ? 0 : count;
}

static enum db_result
run(struct db *db, int slot, const struct db_query *query, struct arena *arena,
    struct rows *rows, const struct db_value *values)
{
    enum db_result result;

    assert(db->owner == getpid());
    if (rows != NULL)
        *rows = (struct rows){ .n = 0 };
    if (db->failed)
        return db->last; /* nothing of this transaction will be kept */
    result = engine_run(db->engine, slot, query, db->state == STATE_WRITING,
                        arena, rows, values);
    if (result == DB_OK && db->state != STATE_IDLE &&
        !engine_in_transaction(db->engine))
        return fail(db, DB_BROKEN, "the transaction was ended by a query");
    if (result == DB_OK)
        return DB_OK;
    if (rows != NULL)
        *rows = (struct rows){ .n = 0 };
    return fail(db, result, engine_why(db->engine));
}

enum db_result
db_run_values(struct db *db, struct arena *arena, struct rows *rows, int query,
              const struct db_value *values, int count)
{
    assert(query >= 0 && query < db->set->query_count);
    assert(count_given(values, count) == db->set->queries[query].parameters);
    return run(db, query, &db->set->queries[query], arena, rows, values);
}

enum db_result
db_run_sql(struct db *db, struct arena *arena, struct rows *rows,
           const char *sql, const struct db_value *values, int count)
{
    struct db_query query = { "schema", sql, count_given(values, count) };

    return run(db, -1, &query, arena, rows, values);
}

enum db_result
db_run_script(struct db *db, const char *sql)
{
    enum db_result result;

    assert(db->owner == getpid() && db->state == STATE_WRITING);
    result = engine_exec(db->engine, sql);
    if (result == DB_OK && engine_in_transaction(db->engine))
        return DB_OK;
    if (result == DB_OK)
        return fail(db, DB_BROKEN, "a script ended its transaction");
    return fail(db, result, engine_why(db->engine));
}

void
db_refuse(struct db *db, const char *words)
{
    (void)fail(db, DB_BROKEN, words);
}

bool
db_prepare_all(struct db *db)
{
    for (int i = 0; i < db->set->query_count; i++) {
        enum db_result result =
            engine_prepare(db->engine, i, &db->set->queries[i]);

        if (result != DB_OK) {
            fail(db, result, engine_why(db->engine));
            return false;
        }
    }
    return true;
}
