/*
 * The door: who may write when. Transactions under the write turn, queries
 * by name, and the rule that a transaction in which a statement failed is
 * never committed, whatever the caller thinks of it. The engine behind it is
 * db_engine.h's.
 *
 * Never: a write or a checkpoint without the turn; a handle carried over a
 * fork (SQLite's locks would be lost), which stops the program.
 */
#include <errno.h>
#include <unistd.h>

#include "clock.h"
#include "db_engine.h"
#include "db_inside.h"
#include "limits.h"
#include "log.h"
#include "turn.h"

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
enum db_result
db_fail(struct db *db, enum db_result result, const char *words)
{
    db->last = result;
    snprintf(db->why, sizeof(db->why), "%s", words);
    if (result != DB_CONFLICT && db->state != DB_STATE_IDLE)
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
    return db_fail(db, result, words);
}

/* -------------------------------------------------------------- the turn */

/* The turn lies beside the file itself, not beside a link to it, so that
 * all who open it by whatever name meet there. Opened when it is first
 * wanted: a plain CGI process that only reads shall not pay for it. */
static bool
open_turn(struct db *db)
{
    const char *database = engine_path(db->engine);
    size_t size = strlen(database) + sizeof("-turn");
    char *path = malloc(size);

    if (path == NULL)
        return false;
    snprintf(path, size, "%s-turn", database);
    db->turn = turn_open(path, db->serial ? TURN_FILE : TURN_MEMORY);
    free(path);
    return db->turn != NULL;
}

bool
db_take_turn(struct db *db)
{
    if (db->has_turn)
        return true;
    db->has_turn = (db->turn != NULL || open_turn(db)) &&
                   turn_take(db->turn, LIMIT_TURN_MS);
    if (!db->has_turn)
        fail_turn(db);
    return db->has_turn;
}

void
db_give_turn(struct db *db)
{
    if (db->has_turn)
        turn_give(db->turn);
    db->has_turn = false;
}

/* ---------------------------------------------------------- transactions */

static void
start(struct db *db, enum db_state state)
{
    db->state = state;
    db->failed = false;
}

bool
db_begin(struct db *db)
{
    int64_t began = clock_monotonic_ms();
    enum db_result result;

    assert(db->owner == getpid() && db->state == DB_STATE_IDLE);
    engine_reset(db->engine);
    if (!db_take_turn(db))
        return false;
    /* A writer that is not ours, sqlite3(1) say, may have what is left. */
    engine_set_wait(db->engine,
                    max_i64(LIMIT_TURN_MS - (clock_monotonic_ms() - began), 1));
    result = engine_exec(db->engine, "BEGIN IMMEDIATE");
    engine_set_wait(db->engine, LIMIT_TURN_MS);
    if (result != DB_OK) {
        db_give_turn(db);
        db_fail(db, result, engine_why(db->engine));
        return false;
    }
    start(db, DB_STATE_WRITING);
    return true;
}

bool
db_begin_read(struct db *db)
{
    enum db_result result;

    assert(db->owner == getpid() && db->state == DB_STATE_IDLE);
    engine_reset(db->engine);
    if (db->serial && !db_take_turn(db))
        return false;
    result = engine_exec(db->engine, "BEGIN");
    if (result != DB_OK) {
        db_give_turn(db);
        db_fail(db, result, engine_why(db->engine));
        return false;
    }
    start(db, DB_STATE_READING);
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
    if (engine_checkpoint(db->engine, db->empty_wal) > DB_BUSY)
        log_warning("%s", engine_why(db->engine));
}

bool
db_commit(struct db *db)
{
    enum db_result result;

    assert(db->owner == getpid() && db->state != DB_STATE_IDLE);
    if (engine_running(db->engine) && !db->failed)
        db_fail(db, DB_BROKEN, "commit: a query was left in the middle");
    if (!db->failed) {
        result = engine_exec(db->engine, "COMMIT");
        if (result != DB_OK)
            db_fail(db, result, engine_why(db->engine));
    }
    if (db->failed) {
        db_rollback(db);
        return false;
    }
    if (db->state == DB_STATE_WRITING)
        checkpoint_when_due(db);
    db_give_turn(db);
    db->state = DB_STATE_IDLE;
    return true;
}

void
db_rollback(struct db *db)
{
    assert(db->owner == getpid());
    engine_reset(db->engine);
    /* After a full disk or the like SQLite has rolled back already. */
    if (engine_in_transaction(db->engine) &&
        engine_exec(db->engine, "ROLLBACK") != DB_OK)
        log_error("rollback: %s", engine_why(db->engine));
    assert(!engine_in_transaction(db->engine));
    db->state = DB_STATE_IDLE;
    db->failed = false;
    db_give_turn(db);
}

bool
db_in_transaction(const struct db *db)
{
    return db->state != DB_STATE_IDLE;
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
    bool alone = db->serial && db->state == DB_STATE_IDLE;
    enum db_result result;

    assert(db->owner == getpid());
    if (rows != NULL)
        *rows = (struct rows){ .n = 0 };
    if (db->failed)
        return db->last; /* nothing of this transaction will be kept */
    if (alone && !db_take_turn(db))
        return db->last;
    result = engine_run(db->engine, slot, query, db->state == DB_STATE_WRITING,
                        arena, rows, values);
    if (alone)
        db_give_turn(db); /* after a jump out of the arena db_rollback() does */
    if (result == DB_OK && db->state != DB_STATE_IDLE &&
        !engine_in_transaction(db->engine))
        return db_fail(db, DB_BROKEN, "the transaction was ended by a query");
    if (result == DB_OK)
        return DB_OK;
    if (rows != NULL)
        *rows = (struct rows){ .n = 0 };
    return db_fail(db, result, engine_why(db->engine));
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

    assert(db->owner == getpid() && db->state == DB_STATE_WRITING);
    result = engine_exec(db->engine, sql);
    if (result == DB_OK && engine_in_transaction(db->engine))
        return DB_OK;
    if (result == DB_OK)
        return db_fail(db, DB_BROKEN, "a script ended its transaction");
    return db_fail(db, result, engine_why(db->engine));
}

bool
db_prepare_all(struct db *db)
{
    for (int i = 0; i < db->set->query_count; i++) {
        enum db_result result =
            engine_prepare(db->engine, i, &db->set->queries[i]);

        if (result != DB_OK) {
            db_fail(db, result, engine_why(db->engine));
            return false;
        }
    }
    return true;
}
