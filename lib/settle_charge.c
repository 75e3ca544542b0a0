/*
 * Due work about charges: which refunds one has, and which charge, with which
 * receipt, has paid an order.
 */
#include "settle_inside.h"

/* Applies a page of refunds in one transaction. */
static enum settle_result
apply_refunds(struct db *db, struct arena *arena, const struct config *config,
              const struct stripe_reversal *refunds, int count,
              int64_t clock_ms)
{
    if (!db_begin(db))
        return SETTLE_BROKEN;
    for (int i = 0; i < count; i++) {
        struct fact fact =
            settle_fact_of(config, arena, &refunds[i], FACT_REFUND);
        struct fact_done done;

        if (order_fact(db, arena, &fact, clock_ms, &done) != ORDER_OK) {
            db_rollback(db);
            return SETTLE_BROKEN;
        }
    }
    return db_commit(db) ? SETTLE_OK : SETTLE_BROKEN;
}

static enum settle_result
result_of(enum stripe_result result)
{
    switch (result) {
    case STRIPE_OK: return SETTLE_OK;
    case STRIPE_MISSING: return SETTLE_NOT_OURS;
    case STRIPE_REFUSED: return SETTLE_REFUSED;
    case STRIPE_UNAVAILABLE: break;
    }
    return SETTLE_UNAVAILABLE;
}

enum settle_result
settle_refunds_of(struct db *db, struct arena *arena,
                  const struct config *config, const struct work *work,
                  int64_t clock_ms, const char **why)
{
    const char *after = NULL;
    bool more = true;

    while (more) {
        struct stripe_reversal *refunds;
        int count;
        enum settle_result done =
            result_of(stripe_refunds_of(config, arena, work->reference, after,
                                        &refunds, &count, &more, why));

        if (done == SETTLE_OK)
            done = apply_refunds(db, arena, config, refunds, count, clock_ms);
        if (done != SETTLE_OK)
            return done;
        if (more)
            after = refunds[count - 1].id;
    }
    return SETTLE_OK;
}

/* Keeps the charge, and with it what was told of it alone. */
static enum settle_result
keep_charge(struct db *db, struct arena *arena, const struct work *work,
            const char *charge, const char *receipt_url, int64_t clock_ms)
{
    struct order order;
    struct space space;
    struct wallet wallet;
    int64_t now;

    if (!db_begin(db))
        return SETTLE_BROKEN;
    if (space_by_number(db, arena, work->space, &space) == SPACE_OK &&
        ledger_lock(db, arena, &space, clock_ms, &wallet, &now) == LEDGER_OK &&
        order_by_id(db, arena, space.number, work->reference, &order) ==
            ORDER_OK &&
        order_keep_charge(db, arena, &order, charge, receipt_url) == ORDER_OK &&
        order_find(db, arena, order.space, order.number, &order) == ORDER_OK &&
        order_tie_facts(db, arena, &wallet, &order, now) == ORDER_OK &&
        ledger_save(db, arena, &wallet) == LEDGER_OK && db_commit(db))
        return SETTLE_OK;
    db_rollback(db);
    return SETTLE_BROKEN;
}

enum settle_result
settle_charge_of(struct db *db, struct arena *arena,
                 const struct config *config, const struct work *work,
                 int64_t clock_ms, const char **why)
{
    struct order order;
    const char *charge, *receipt_url;
    enum settle_result got;

    switch (order_by_id(db, arena, work->space, work->reference, &order)) {
    case ORDER_OK: break;
    case ORDER_UNKNOWN: return SETTLE_NOT_OURS;
    default: return SETTLE_BROKEN;
    }
    got = result_of(stripe_charge_of(config, arena, order.payment, &charge,
                                     &receipt_url, why));
    if (got != SETTLE_OK || charge == NULL)
        return got;
    return keep_charge(db, arena, work, charge, receipt_url, clock_ms);
}
