/*
 * What db.c wants of a database engine; only the files of the door
 * include this. An engine is one connection: it runs SQL to its end, translates the
 * engine's errors into enum db_result, and knows nothing of turns, names or
 * who may write when. It never begins or ends a transaction by itself.
 */
#ifndef SCRIP_DB_ENGINE_H
#define SCRIP_DB_ENGINE_H

#include "db.h"

struct engine;

/* How a commit is made durable. */
enum engine_journal {
    ENGINE_WAL,     /* readers and the writer do not wait for each other */
    ENGINE_ROLLBACK /* what a network file system can do */
};

/* Connects to an existing file, with room for `statements` kept ones; reads
 * and writes nothing yet. On failure engine_why() tells; close it all the
 * same. NULL only when memory is out. */
MUST_USE struct engine *engine_open(const char *path, int statements,
                                    enum db_result *result);
/* What every connection needs before it is used; reads the file. */
MUST_USE enum db_result engine_configure(struct engine *engine);
void engine_close(struct engine *engine);

/* The file's whole path, symbolic links resolved. */
const char *engine_path(const struct engine *engine);

/* Reads how the file keeps its journal, and changes it (under the turn). */
MUST_USE enum db_result engine_journal(struct engine *engine,
                                       enum engine_journal *journal);
MUST_USE enum db_result engine_set_journal(struct engine *engine,
                                           enum engine_journal journal);

/* How long a busy database is waited for, from now on. */
void engine_set_wait(struct engine *engine, int64_t wait_ms);

/* Statements without rows or parameters, one or many. */
MUST_USE enum db_result engine_exec(struct engine *engine, const char *sql);

/* One statement, prepared at first use and kept in `slot` (0 to statements -
 * 1; -1: not kept). DB_BROKEN where it has another number of parameters than
 * it says or, unless `write`, would change the database. */
MUST_USE enum db_result engine_run(struct engine *engine, int slot,
                                   const struct db_query *query, bool write,
                                   struct arena *arena, struct rows *rows,
                                   const struct db_value *values);

/* Only prepares; for tests. */
MUST_USE enum db_result engine_prepare(struct engine *engine, int slot,
                                       const struct db_query *query);

/* Whether a statement was left in the middle, by a jump out of the arena;
 * and its end. */
bool engine_running(const struct engine *engine);
void engine_reset(struct engine *engine);

/* False once the engine itself has rolled back (a full disk does that). */
bool engine_in_transaction(const struct engine *engine);

/* Pages of the WAL after the last commit of this connection, and the copying
 * of them into the database, as far as readers allow without being waited
 * for; DB_BUSY where they do not. `whole`: the WAL's file is emptied, too,
 * so that nobody reads it again. */
int engine_wal_pages(const struct engine *engine);
MUST_USE enum db_result engine_checkpoint(struct engine *engine, bool whole);

/* The last failure in words; without values of any row. */
const char *engine_why(const struct engine *engine);

#endif
