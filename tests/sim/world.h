/*
 * A run of operations on one Space, from its beginning: by the wallet in
 * memory, or through the ledger's database. Each says what went wrong first.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "model.h"

/* Runs until something stops it: an assertion, a bad pointer, or
 * world_stop(), whose words it gives; NULL: it came to its end. Not nested. */
const char *world_guard(void (*run)(void *context), void *context);
_Noreturn void world_stop(const char *words);

/* How often each operation came to each outcome, over all runs: a test that
 * never meets a refusal proves nothing of it. */
enum { OUTCOMES = OUT_NOTHING + 1 };
extern int64_t world_tally[OP_KINDS][OUTCOMES];

/* The fault, in words, at operation *at (from 0); NULL: none. The words live
 * until the next call. *done counts the operations that were compared. */
const char *world_memory(const struct op *ops, int count, uint64_t seed,
                         int *at, int64_t *done);

/* The same through a database, in which each run has a Space of its own;
 * operations that no time lies between share a transaction at times. */
const char *world_ledger(const struct op *ops, int count, uint64_t seed,
                         int *at, int64_t *done);

/* Opens that database, in a new folder; proves it, faults to standard output
 * (-1: it could not be read), and removes it. */
void world_ledger_open(void);
int64_t world_ledger_close(void);

/* Where and when a run begins, and its model: the same for one seed. */
void world_begin(struct model *model, uint64_t seed, const char **zone);

#endif
