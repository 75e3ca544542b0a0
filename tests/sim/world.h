/*
 * A run of operations on one Space, from its beginning: by the wallet in
 * memory, or through the ledger's database. Each says what went wrong first.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "op.h"

struct db;

/* How often each operation came to each outcome, over all runs: a test that
 * never meets a refusal proves nothing of it. */
enum { OUTCOMES = 8 };
extern int64_t world_tally[OP_KINDS][OUTCOMES];

/* The fault, in words, at operation *at (from 0); NULL: none. The words live
 * until the next call. *done counts the operations that were compared. */
const char *world_memory(const struct op *ops, int count, uint64_t seed,
                         int *at, int64_t *done);

/* Each operation one transaction in a database made at `path`, which is
 * proved at the end. */
const char *world_ledger(const struct op *ops, int count, uint64_t seed,
                         int *at, int64_t *done);

#endif
