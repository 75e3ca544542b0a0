/*
 * What the files of the door (db.c, db_open.c, db_migrate.c) know of each
 * other: the handle, its failures and its turn, and SQL that is no named
 * query. Nobody else includes this; a program's queries have names.
 */
#ifndef SCRIP_DB_INSIDE_H
#define SCRIP_DB_INSIDE_H

#include <sys/types.h>

#include "db.h"

enum db_state { DB_STATE_IDLE, DB_STATE_READING, DB_STATE_WRITING };

struct db {
    struct engine *engine;
    struct turn *turn; /* NULL until it is first taken */
    const struct db_set *set;
    pid_t owner;
    enum db_state state;
    bool failed;          /* something in this transaction did */
    bool serial;          /* rollback journal: who reads takes the turn too,
                             since SQLite's own waiting starves him */
    bool has_turn;        /* we hold it */
    int checkpoint_pages; /* the WAL's length from which on we checkpoint */
    bool empty_wal;       /* and empty its file then */
    int checkpointed;     /* its length when we last did, in its life */
    enum db_result last;
    char why[640];
};

/* Remembers it for db_last() and db_why(), and returns it; unless it is a
 * conflict, an open transaction is lost. */
enum db_result db_fail(struct db *db, enum db_result result, const char *words);

/* Takes the turn unless we hold it; gives it if we do. */
MUST_USE bool db_take_turn(struct db *db);
void db_give_turn(struct db *db);

/* As db_run(), of one statement that is given as text. */
MUST_USE enum db_result db_run_sql(struct db *db, struct arena *arena,
                                   struct rows *rows, const char *sql,
                                   const struct db_value *values, int count);

/* Several statements, without parameters or rows, in a transaction that
 * writes; DB_BROKEN where they end it. */
MUST_USE enum db_result db_run_script(struct db *db, const char *sql);

#endif
