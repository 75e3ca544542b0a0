/*
 * Money as people write it. Amounts are minor units of an ISO 4217 currency
 * (pence, cents, yen).
 */
#ifndef SCRIP_MONEY_H
#define SCRIP_MONEY_H

#include "arena.h"

/* Digits behind the point (GBP 2, JPY 0, KWD 3); -1 for a currency that we
 * do not sell in. Upper case. */
int money_digits(const char *currency);

/* A currency's code as the ledger spells it: in upper case. */
const char *money_code(struct arena *arena, const char *currency);

/* Minor units in one major unit: 100, 1, 1000. The currency is known. */
int64_t money_unit(const char *currency);

/* "£25", "£25.50", "CHF 25.50"; whole amounts without a fraction. */
const char *money_text(struct arena *arena, int64_t amount,
                       const char *currency);
/* The same with every digit, for columns of figures: "£25.00". */
const char *money_text_exact(struct arena *arena, int64_t amount,
                             const char *currency);

#endif
