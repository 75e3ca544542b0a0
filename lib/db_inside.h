/*
 * What db.c does for db_migrate.c alone: SQL that is no named query. Nobody
 * else includes this; a program's queries have names.
 */
#ifndef SCRIP_DB_INSIDE_H
#define SCRIP_DB_INSIDE_H

#include "db.h"

const struct db_set *db_set(const struct db *db);

/* As db_run(), of one statement that is given as text. */
MUST_USE enum db_result db_run_sql(struct db *db, struct arena *arena,
                                   struct rows *rows, const char *sql,
                                   const struct db_value *values, int count);

/* Several statements, without parameters or rows, in a transaction that
 * writes; DB_BROKEN where they end it. */
MUST_USE enum db_result db_run_script(struct db *db, const char *sql);

/* Says why an otherwise good transaction is not to be committed. */
void db_refuse(struct db *db, const char *words);

#endif
