/*
 * What the ledger's files do for each other: rows to structs, and the parts
 * of loading and saving a wallet.
 */
#ifndef SCRIP_LEDGER_INSIDE_H
#define SCRIP_LEDGER_INSIDE_H

#include "ledger.h"

/* NULL for 0. */
struct db_value ledger_number(int64_t number);

/* Row i of a query that selects a lot's columns in their order (lot_one). */
void ledger_lot_of_row(const struct rows *rows, int i, struct lot *lot);
/* The same of a hold (hold_one). */
void ledger_hold_of_row(const struct rows *rows, int i, struct hold *hold);

/* Holds that are due by `now`, where anything is; says when the next is. */
MUST_USE bool ledger_load_due(struct db *db, struct arena *arena,
                              struct wallet *wallet, int64_t now);
MUST_USE bool ledger_load_caps(struct db *db, struct arena *arena,
                               struct wallet *wallet);

/* Holds with their lots, and what was refunded; caps. */
MUST_USE bool ledger_save_holds(struct db *db, struct arena *arena,
                                struct wallet *wallet);
MUST_USE bool ledger_save_caps(struct db *db, struct arena *arena,
                               struct wallet *wallet);

#endif
