/*
 * Who sells credits, as receipts name them: name, address, and VAT where
 * they are registered for it. Set by the operator for one Space or for all
 * that have none of their own. Setting adds, and never changes what a receipt
 * says that was issued before.
 */
#ifndef SCRIP_SELLER_H
#define SCRIP_SELLER_H

#include "db.h"

/* No VAT, and no number of it. */
#define SELLER_NO_VAT (-1)
/* A rate is in hundredths of a per cent: 2000 is 20 %. */
#define SELLER_RATE_UNIT 10000
#define SELLER_RATE_MAX  SELLER_RATE_UNIT

struct seller {
    const char *name;
    const char *address;    /* lines, or NULL */
    const char *vat_number; /* NULL where vat_rate is SELLER_NO_VAT */
    int64_t vat_rate;       /* that prices include */
};

enum seller_result {
    SELLER_OK = 0,
    SELLER_INVALID, /* *why says what */
    SELLER_BROKEN   /* the database failed; see db_why() */
};

/* For the Space of this number, or all that have none of their own (0).
 * Counts for what is paid from now on. Inside db_begin(). */
enum seller_result seller_set(struct db *db, struct arena *arena, int64_t space,
                              const struct seller *seller, int64_t now,
                              const char **why);

/* "20", "17.5", "8.25" as a rate, and back. At most two digits behind the
 * point, 100 at most; *rate is only set on success. */
MUST_USE bool seller_rate_of(const char *text, int64_t *rate);
const char *seller_rate_text(struct arena *arena, int64_t rate);

#endif
