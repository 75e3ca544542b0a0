/*
 * One piece of the sandbox's work: a request, or a moment of the messenger.
 * Every query goes through it, and the first that fails spoils it: what
 * follows does nothing, and it cannot be committed. So nothing in here looks
 * at a result twice, and a fault never becomes half a payment.
 *
 * The sandbox knows nothing of the ledger, and lives by the system's clock,
 * as a provider does; subscriptions alone are billed by the business clock,
 * of which it is told (store_clock_s(), the lever clock_offset_ms).
 */
#ifndef SANDBOX_BOX_H
#define SANDBOX_BOX_H

#include "config.h"
#include "db.h"
#include "sandbox_sql.h"

struct box {
    struct db *db;
    struct arena *arena;
    const struct config *config;
    int64_t now_ms;
    const char *request;     /* id of the API call that this is; or NULL */
    const char *request_key; /* and its Idempotency-Key */
    bool broken;             /* a query failed; only a roll back is left */
    bool told;               /* events were recorded */
};

/* False when it is broken, now or before; *rows is empty then. */
#define box_run(box, rows, query, ...)                       \
    box_run_values((box), (rows), (query),                   \
                   (const struct db_value[]){ __VA_ARGS__ }, \
                   (int)COUNT_OF(((const struct db_value[]){ __VA_ARGS__ })))
bool box_run_values(struct box *box, struct rows *rows, int query,
                    const struct db_value *values, int count);

/* A transaction that writes. False: the database is busy or broken. */
MUST_USE bool box_begin(struct box *box);
/* True means durable, and the messenger knows of new events. */
MUST_USE bool box_commit(struct box *box);

int64_t box_now_s(const struct box *box);
/* "pi_" and `length` random letters and digits, as ids of the wire are. */
const char *box_id(const struct box *box, const char *prefix, int length);
/* An address of the sandbox's own, as a browser reaches it. */
const char *box_url(const struct box *box, const char *path, const char *id);

/* "£25" of the wire's lower-case currency. */
const char *box_money(const struct box *box, int64_t amount,
                      const char *currency);

/* A lever of /control: its word (NULL: not set) and its amount. */
const char *box_lever(struct box *box, const char *name, int64_t *amount);

#endif
