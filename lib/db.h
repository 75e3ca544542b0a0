/*
 * The one door to the database. Queries live in .sql files and have names;
 * embed.awk makes of a folder of them a `struct db_set`, and of each name an
 * enum constant, so a misspelt query does not compile. A query runs to its
 * end and its rows are copied to the arena: no cursor is ever held.
 *
 * Writes: db_begin() waits for the write turn (turn.h) and then holds the
 * only writing transaction; everything not committed is rolled back by
 * db_rollback(), which is always safe to call. A commit that returned true is
 * durable. Nothing here knows what the tables mean.
 */
#ifndef SCRIP_DB_H
#define SCRIP_DB_H

#include "arena.h"

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB, DB_NONE };

struct db_value {
    enum db_type type;
    int64_t i;         /* DB_INT */
    const char *bytes; /* DB_TEXT (NUL-terminated), DB_BLOB */
    size_t length;     /* of bytes, without the NUL */
};

/* Parameters of a query, in its order: db_run(..., Q_X, INT(1), TEXT("a")).
 * A query without any takes NONE. TEXT(NULL) and BLOB(NULL, 0) are NULL. */
#define INT(value) ((struct db_value){ .type = DB_INT, .i = (int64_t)(value) })
#define TEXT(text) db_text_value(text)
#define BLOB(data, count) \
    ((struct db_value){   \
        .type = DB_BLOB, .bytes = (const char *)(data), .length = (count) })
#define NIL  ((struct db_value){ .type = DB_NULL })
#define NONE ((struct db_value){ .type = DB_NONE })

static inline struct db_value
db_text_value(const char *text)
{
    return (struct db_value){ .type = text == NULL ? DB_NULL : DB_TEXT,
                              .bytes = text,
                              .length = text == NULL ? 0 : strlen(text) };
}

/* What a query brought: n rows of `columns` values, in the arena. */
struct rows {
    int n;
    int columns;
    struct db_value *values;
    int64_t changes; /* rows that an INSERT, UPDATE or DELETE touched */
};

/* Row and column count from 0; asking beyond them, or for a number where a
 * text is, stops the program. A NULL is 0 as a number, NULL as a text. */
const struct db_value *rows_at(const struct rows *rows, int row, int column);
int64_t rows_int(const struct rows *rows, int row, int column);
const char *rows_text(const struct rows *rows, int row, int column);
bool rows_null(const struct rows *rows, int row, int column);

/* A set of queries and migrations, made by embed.awk. */
struct db_query {
    const char *name;
    const char *sql;
    int parameters;
};
struct db_migration {
    int number; /* 1, 2, 3... */
    const char *name;
    const char *sql;
};
/* A query that must find nothing, and the rule that it proves, in words. */
struct db_rule {
    int query;
    const char *words;
};
struct db_set {
    const struct db_query *queries;
    int query_count;
    const struct db_migration *migrations;
    int migration_count;
    const struct db_rule *rules;
    int rule_count;
};

enum db_result {
    DB_OK = 0,
    DB_CONFLICT, /* a UNIQUE or primary key said no: the row is there already;
                    the transaction goes on without this statement */
    DB_BUSY,     /* another holds the database longer than we wait */
    DB_FULL,     /* no space, or the file system went read-only */
    DB_BROKEN    /* anything else, a CHECK that failed included; db_why() */
};

/*
 * Of these only OK and CONFLICT leave a transaction alive. After any other
 * each further query comes to the same without being run, and db_commit()
 * rolls back and returns false.
 */

struct db;

/*
 * Opens "sqlite:PATH". Makes the file (mode 600) where `create`, otherwise a
 * missing one is an error. Does not migrate. NULL with words in *why (static
 * or in the arena). The handle belongs to one thread at a time, and to the
 * process that opened it: a child of fork() opens its own.
 *
 * On a network file system, or with "?journal=truncate" after the path, the
 * journal is one that needs no shared memory; slower, and readers wait for
 * the writer. All programs have to open a file the same way.
 */
struct db *db_open(const char *url, const struct db_set *set, bool create,
                   struct arena *arena, const char **why);
void db_close(struct db *db);

/* A commit checkpoints where it leaves the WAL longer than LIMIT_WAL_PAGES;
 * from here on, where longer than `pages`, and empties its file unless a
 * reader is in the way. For plain CGI, where each process reads the whole
 * WAL anew, what is in the database by now too. */
void db_set_checkpoint(struct db *db, int pages);

/* The number of the newest migration in this database, 0 in a new one; -1
 * where it cannot be read. db_current() is whether it fits this program: all
 * of ours are applied (newer ones, by the next release, are fine). */
int db_schema(struct db *db);
bool db_current(struct db *db);
/* Applies what is missing, each in its transaction, under the turn; any
 * number of programs may do so at once. False: db_why(). */
MUST_USE bool db_migrate(struct db *db);

/* A transaction that writes: takes the turn (waits LIMIT_TURN_MS at most),
 * then BEGIN IMMEDIATE. Not nested. False: nothing is open, and db_last()
 * says why: BUSY, FULL, BROKEN. */
MUST_USE bool db_begin(struct db *db);
/* The same where others migrate or fill the database, which may take long:
 * waits LIMIT_MIGRATION_MS at most. */
MUST_USE bool db_begin_patiently(struct db *db);
/* A transaction that only reads, all from one moment. */
MUST_USE bool db_begin_read(struct db *db);
/* Ends either; true means durable. On false everything is rolled back.
 * May checkpoint afterwards, still under the turn. */
MUST_USE bool db_commit(struct db *db);
/* Undoes what is open; does nothing where nothing is. */
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);

/* One query, run to its end; rows may be NULL. Outside a transaction only
 * queries that read are allowed (DB_BROKEN otherwise). */
#define db_run(db, arena, rows, query, ...)                 \
    db_run_values((db), (arena), (rows), (query),           \
                  (const struct db_value[]){ __VA_ARGS__ }, \
                  (int)COUNT_OF(((const struct db_value[]){ __VA_ARGS__ })))
MUST_USE enum db_result db_run_values(struct db *db, struct arena *arena,
                                      struct rows *rows, int query,
                                      const struct db_value *values, int count);

/* What the last failing call came to, and in words, for the log only. */
enum db_result db_last(const struct db *db);
const char *db_why(const struct db *db);

/* Prepares every query of the set; false at the first that does not compile
 * (tests call it against a migrated database). */
MUST_USE bool db_prepare_all(struct db *db);

#endif
