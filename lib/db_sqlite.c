/*
 * SQLite behind db_engine.h; the only file that includes sqlite3.h.
 *
 * Automatic checkpoints are off, on commit and on close alike: they would be
 * made outside the write turn, and SQLite before 3.51.3 can then corrupt the
 * database. Statements are stepped to their end at once, since SQLite does
 * not commit over an unfinished one. Never: a cursor that outlives a call, a
 * floating-point number, a value of a row in an error's words.
 */
#include "db_engine.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>

#include "limits.h"

struct engine {
    sqlite3 *sqlite;
    sqlite3_stmt **kept; /* by slot; NULL until first used */
    int kept_count;
    sqlite3_stmt *running; /* between its first step and its reset */
    bool running_kept;     /* otherwise it goes with its end */
    int wal_pages;
    char why[512];
};

/* ------------------------------------------------------------- failures */

/* Whether the system said that nothing more can be written here. */
static bool
system_is_full(struct engine *engine)
{
    int error = sqlite3_system_errno(engine->sqlite);

    return error == ENOSPC || error == EDQUOT || error == EFBIG ||
           error == EROFS;
}

static enum db_result
translate(struct engine *engine, int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return DB_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return DB_BUSY;
    case SQLITE_FULL: return DB_FULL;
    case SQLITE_READONLY:
        return code == SQLITE_READONLY_DBMOVED ? DB_BROKEN : DB_FULL;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: return system_is_full(engine) ? DB_FULL : DB_BROKEN;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE ||
                       code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                       code == SQLITE_CONSTRAINT_ROWID
                   ? DB_CONFLICT
                   : DB_BROKEN;
    default: return DB_BROKEN;
    }
}

/* Keeps the words of what SQLite has just said. */
static enum db_result
judge(struct engine *engine, int code, const char *doing)
{
    enum db_result result = translate(engine, code);

    if (result != DB_OK)
        snprintf(engine->why, sizeof(engine->why), "%s: %s (SQLite %d)", doing,
                 sqlite3_errmsg(engine->sqlite),
                 sqlite3_extended_errcode(engine->sqlite));
    return result;
}

static enum db_result
broken(struct engine *engine, const char *doing, const char *words)
{
    snprintf(engine->why, sizeof(engine->why), "%s: %s", doing, words);
    return DB_BROKEN;
}

const char *
engine_why(const struct engine *engine)
{
    return engine->why;
}

/* -------------------------------------------------- opening and closing */

static int
remember_wal_pages(void *context, sqlite3 *sqlite, const char *name, int pages)
{
    struct engine *engine = context;

    (void)sqlite;
    (void)name;
    engine->wal_pages = pages;
    return SQLITE_OK;
}

enum db_result
engine_configure(struct engine *engine)
{
    static const struct {
        int option;
        int on;
    } options[] = {
        { SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },
        { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
        { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
        { SQLITE_DBCONFIG_DQS_DDL, 0 }, /* "x" is a name, never a text */
        { SQLITE_DBCONFIG_DQS_DML, 0 },
        /* A way is chosen without looking at the values: otherwise each new
         * value prepares a query anew that might use a partial index. */
        { SQLITE_DBCONFIG_ENABLE_QPSG, 1 },
    };
    char sql[256];
    enum db_result result = DB_OK;

    for (size_t i = 0; i < COUNT_OF(options) && result == DB_OK; i++)
        result = judge(engine,
                       sqlite3_db_config(engine->sqlite, options[i].option,
                                         options[i].on, NULL),
                       "configure");
    snprintf(sql, sizeof(sql),
             "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
             "PRAGMA cache_size = -%d; PRAGMA temp_store = MEMORY;"
             "PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 0;"
             "PRAGMA journal_size_limit = %d",
             LIMIT_CACHE_KB, 2 * LIMIT_WAL_PAGES * 4096);
    if (result == DB_OK)
        result = engine_exec(engine, sql);
    if (result == DB_OK) /* after the pragma, which sets a hook of its own */
        sqlite3_wal_hook(engine->sqlite, remember_wal_pages, engine);
    return result;
}

/* Nobody asks how much memory SQLite has; counting takes a lock each time. */
static void
set_up_library(void)
{
    /* refused where SQLite runs already, and no harm then */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct engine *
engine_open(const char *path, int statements, enum db_result *result)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct engine *engine = calloc(1, sizeof(*engine));
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;

    *result = DB_BROKEN;
    if (engine == NULL)
        return NULL;
    pthread_once(&once, set_up_library);
    engine->kept = calloc((size_t)statements + 1, sizeof(sqlite3_stmt *));
    engine->kept_count = statements;
    if (engine->kept == NULL) {
        free(engine);
        return NULL;
    }
    if (sqlite3_libversion_number() < 3037000) {
        broken(engine, "open", "SQLite is older than 3.37: no STRICT tables");
        return engine;
    }
    *result = judge(engine, sqlite3_open_v2(path, &engine->sqlite, flags, NULL),
                    "open");
    if (*result != DB_OK)
        return engine;
    engine_set_wait(engine, LIMIT_TURN_MS);
    if (sqlite3_db_readonly(engine->sqlite, "main") != 0)
        *result = broken(engine, "open", "the file may only be read");
    return engine;
}

void
engine_close(struct engine *engine)
{
    int code;

    engine_reset(engine);
    for (int i = 0; i < engine->kept_count; i++)
        sqlite3_finalize(engine->kept[i]);
    code = sqlite3_close(engine->sqlite);
    assert(code == SQLITE_OK);
    (void)code;
    free(engine->kept);
    free(engine);
}

const char *
engine_path(const struct engine *engine)
{
    return sqlite3_db_filename(engine->sqlite, "main");
}

void
engine_set_wait(struct engine *engine, int64_t wait_ms)
{
    sqlite3_busy_timeout(engine->sqlite, (int)wait_ms);
}

/* ------------------------------------------------------------ statements */

enum db_result
engine_exec(struct engine *engine, const char *sql)
{
    int code = sqlite3_exec(engine->sqlite, sql, NULL, NULL, NULL);

    return judge(engine, code, "exec");
}

static bool
is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n;")] == '\0';
}

static enum db_result
compile(struct engine *engine, const struct db_query *query,
        sqlite3_stmt **statement)
{
    const char *rest = "";
    int code = sqlite3_prepare_v3(engine->sqlite, query->sql, -1,
                                  SQLITE_PREPARE_PERSISTENT, statement, &rest);
    enum db_result result = judge(engine, code, query->name);

    if (result != DB_OK)
        return result;
    if (*statement == NULL || !is_blank(rest))
        result = broken(engine, query->name, "is not one statement");
    else if (sqlite3_bind_parameter_count(*statement) != query->parameters)
        result = broken(engine, query->name, "has other parameters");
    if (result != DB_OK) {
        sqlite3_finalize(*statement);
        *statement = NULL;
    }
    return result;
}

enum db_result
engine_prepare(struct engine *engine, int slot, const struct db_query *query)
{
    assert(slot >= 0 && slot < engine->kept_count);
    if (engine->kept[slot] != NULL)
        return DB_OK;
    return compile(engine, query, &engine->kept[slot]);
}

/* The bytes stay the caller's: they are bound only until the reset. */
static int
bind(sqlite3_stmt *statement, int at, const struct db_value *value)
{
    switch (value->type) {
    case DB_INT: return sqlite3_bind_int64(statement, at, value->i);
    case DB_TEXT:
        return sqlite3_bind_text64(statement, at, value->bytes, value->length,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(statement, at, value->bytes, value->length,
                                   SQLITE_STATIC);
    case DB_NULL:
    case DB_NONE: break;
    }
    return sqlite3_bind_null(statement, at);
}

static bool
copy_value(struct arena *arena, sqlite3_stmt *statement, int column,
           struct db_value *value)
{
    const void *bytes;

    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: *value = NIL; return true;
    case SQLITE_INTEGER:
        *value = INT(sqlite3_column_int64(statement, column));
        return true;
    case SQLITE_TEXT:
        value->type = DB_TEXT;
        bytes = sqlite3_column_text(statement, column);
        break;
    case SQLITE_BLOB:
        value->type = DB_BLOB;
        bytes = sqlite3_column_blob(statement, column);
        break;
    default: return false; /* nothing of ours is a floating-point number */
    }
    value->length = (size_t)sqlite3_column_bytes(statement, column);
    if (bytes == NULL && value->length > 0)
        return false; /* out of memory */
    value->bytes =
        arena_copy(arena, value->length == 0 ? "" : bytes, value->length);
    return true;
}

/* `room` counts the rows that fit into what was allocated. */
static bool
copy_row(struct arena *arena, sqlite3_stmt *statement, struct rows *rows,
         int *room)
{
    size_t columns = (size_t)rows->columns;
    struct db_value *more;

    if (rows->n == *room) {
        *room = *room == 0 ? 4 : *room * 2;
        more = arena_array(arena, (size_t)*room * columns, sizeof(*more));
        if (rows->n > 0)
            memcpy(more, rows->values,
                   (size_t)rows->n * columns * sizeof(*more));
        rows->values = more;
    }
    more = rows->values + (size_t)rows->n * columns;
    for (int i = 0; i < rows->columns; i++)
        if (!copy_value(arena, statement, i, &more[i]))
            return false;
    rows->n++;
    return true;
}

/* From the first row to the last. The arena may jump out of here; then the
 * statement stays `running` until the next reset. */
static enum db_result
step_all(struct engine *engine, const struct db_query *query,
         struct arena *arena, struct rows *rows)
{
    sqlite3_stmt *statement = engine->running;
    int room = 0;
    int code;

    if (rows != NULL)
        rows->columns = sqlite3_column_count(statement);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        if (rows != NULL && !copy_row(arena, statement, rows, &room))
            return broken(engine, query->name, "a value cannot be read");
    if (code == SQLITE_DONE && rows != NULL &&
        !sqlite3_stmt_readonly(statement))
        rows->changes = sqlite3_changes64(engine->sqlite);
    return judge(engine, code, query->name);
}

enum db_result
engine_run(struct engine *engine, int slot, const struct db_query *query,
           bool write, struct arena *arena, struct rows *rows,
           const struct db_value *values)
{
    sqlite3_stmt *statement = NULL;
    enum db_result result;

    engine_reset(engine);
    if (slot >= 0) {
        result = engine_prepare(engine, slot, query);
        statement = engine->kept[slot];
    } else {
        result = compile(engine, query, &statement);
    }
    if (result != DB_OK)
        return result;
    engine->running = statement;
    engine->running_kept = slot >= 0;
    if (!write && !sqlite3_stmt_readonly(statement))
        result = broken(engine, query->name, "writes outside a transaction");
    for (int i = 0; i < query->parameters && result == DB_OK; i++)
        result = judge(engine, bind(statement, i + 1, &values[i]), query->name);
    if (result == DB_OK)
        result = step_all(engine, query, arena, rows);
    engine_reset(engine);
    return result;
}

bool
engine_running(const struct engine *engine)
{
    return engine->running != NULL;
}

void
engine_reset(struct engine *engine)
{
    if (engine->running == NULL)
        return;
    if (engine->running_kept) {
        sqlite3_reset(engine->running);
        sqlite3_clear_bindings(engine->running);
    } else {
        sqlite3_finalize(engine->running);
    }
    engine->running = NULL;
}

/* ------------------------------------------- the journal and checkpoints */

/* PRAGMA journal_mode, which answers with the mode that it is after all. */
static enum db_result
ask_journal(struct engine *engine, const char *sql, enum engine_journal *is)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(engine->sqlite, sql, -1, &statement, NULL);
    const char *mode;

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        mode = (const char *)sqlite3_column_text(statement, 0);
        *is = mode != NULL && strcmp(mode, "wal") == 0 ? ENGINE_WAL
                                                       : ENGINE_ROLLBACK;
    } else if (code == SQLITE_DONE) {
        code = SQLITE_ERROR;
    }
    sqlite3_finalize(statement);
    return judge(engine, code, "journal mode");
}

enum db_result
engine_journal(struct engine *engine, enum engine_journal *journal)
{
    return ask_journal(engine, "PRAGMA journal_mode", journal);
}

/* In rollback mode this also names the kind of rollback journal, which is a
 * connection's own and not the file's. */
enum db_result
engine_set_journal(struct engine *engine, enum engine_journal journal)
{
    enum engine_journal is = ENGINE_WAL;
    enum db_result result =
        ask_journal(engine,
                    journal == ENGINE_WAL ? "PRAGMA journal_mode = WAL"
                                          : "PRAGMA journal_mode = TRUNCATE",
                    &is);

    if (result == DB_OK && is != journal)
        result = broken(engine, "journal mode", "cannot be changed here");
    return result;
}

bool
engine_in_transaction(const struct engine *engine)
{
    return sqlite3_get_autocommit(engine->sqlite) == 0;
}

int
engine_wal_pages(const struct engine *engine)
{
    return engine->wal_pages;
}

enum db_result
engine_checkpoint(struct engine *engine, bool whole)
{
    int mode = whole ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    int code;

    /* Where a reader is in the way, what can be done is done at once. */
    engine_set_wait(engine, 0);
    code = sqlite3_wal_checkpoint_v2(engine->sqlite, "main", mode, NULL, NULL);
    engine_set_wait(engine, LIMIT_TURN_MS);
    return judge(engine, code, "checkpoint");
}
