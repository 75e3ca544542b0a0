/*
 * Keeping facts and tying them to orders, and what they come to: see
 * order_fact.h. What the difference does to the wallet is order_reverse.c.
 */
#include "order_fact.h"

#include "clock.h"
#include "ledger_sql.h"
#include "order_inside.h"

#include <strings.h>

__extension__ typedef __int128 wide;

struct facts_sum
order_facts_sum(const struct fact *facts, int count, int64_t amount,
                const char *currency)
{
    struct facts_sum sum = { .status = ORDER_PAID };
    int64_t refunded = 0;
    bool disputed = false;

    for (int i = 0; i < count; i++) {
        const struct fact *fact = &facts[i];

        if (fact->state != FACT_OUT ||
            strcasecmp(fact->currency, currency) != 0)
            continue;
        sum.out = min_i64(amount, sum.out + fact->amount);
        if (fact->kind == FACT_DISPUTE)
            disputed = true;
        else
            refunded = min_i64(amount, refunded + fact->amount);
    }
    if (disputed)
        sum.status = ORDER_DISPUTED;
    else if (refunded > 0)
        sum.status =
            refunded == amount ? ORDER_REFUNDED : ORDER_PARTLY_REFUNDED;
    return sum;
}

int64_t
order_facts_taken(int64_t credits, int64_t out, int64_t amount)
{
    assert(amount > 0 && 0 <= out && out <= amount);
    return (int64_t)((wide)credits * out / amount);
}

/* Keeps it; *news: it was new, or has moved forward. */
static bool
keep(struct db *db, struct arena *arena, const struct fact *fact, bool *news)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_FACT_KEEP, TEXT(fact->provider),
               INT(fact->live), TEXT(fact->id), INT(fact->kind),
               INT(fact->state), TEXT(fact->payment), TEXT(fact->charge),
               INT(fact->amount), TEXT(fact->currency), TEXT(fact->reason),
               INT(clock_system_ms())) != DB_OK)
        return false;
    *news = rows.changes == 1;
    return true;
}

static bool
tie(struct db *db, struct arena *arena, int query, const struct fact *of,
    const char *name, const struct order *order)
{
    return name == NULL ||
           db_run(db, arena, NULL, query, TEXT(of->provider), INT(of->live),
                  TEXT(name), INT(order->space), INT(order->number)) == DB_OK;
}

/* The order whose payment the fact is about. */
static enum order_result
find(struct db *db, struct arena *arena, const struct fact *fact,
     struct order *order)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_FACT_ORDER, TEXT(fact->provider),
               INT(fact->live), TEXT(fact->payment),
               TEXT(fact->charge)) != DB_OK)
        return ORDER_BROKEN;
    if (rows.n == 0)
        return ORDER_UNKNOWN;
    return order_find(db, arena, rows_int(&rows, 0, 0), rows_int(&rows, 0, 1),
                      order);
}

enum order_result
order_tie_facts(struct db *db, struct arena *arena, struct wallet *wallet,
                const struct order *order, int64_t now)
{
    struct rows rows;
    struct fact of;
    int64_t credits;

    if (db_run(db, arena, &rows, Q_FACT_PAYMENT, INT(order->space),
               INT(order->number)) != DB_OK)
        return ORDER_BROKEN;
    if (rows.n == 0)
        return ORDER_OK;
    of = (struct fact){ .provider = rows_text(&rows, 0, 0),
                        .live = rows_int(&rows, 0, 1) != 0 };
    if (!tie(db, arena, Q_FACT_TIE_PAYMENT, &of, rows_text(&rows, 0, 2),
             order) ||
        !tie(db, arena, Q_FACT_TIE_CHARGE, &of, order->charge, order))
        return ORDER_BROKEN;
    return order_reverse(db, arena, wallet, order, NULL, now, &credits);
}

/* The fact's order is known: it is tied, and the difference posted. */
static enum order_result
apply(struct db *db, struct arena *arena, const struct fact *fact,
      const struct order *order, int64_t clock_ms, struct fact_done *done)
{
    struct wallet wallet;
    struct space space;
    int64_t now;
    enum order_result posted;

    if (space_by_number(db, arena, order->space, &space) != SPACE_OK ||
        ledger_lock(db, arena, &space, clock_ms, &wallet, &now) != LEDGER_OK ||
        !tie(db, arena, Q_FACT_TIE_PAYMENT, fact, fact->payment, order) ||
        !tie(db, arena, Q_FACT_TIE_CHARGE, fact, fact->charge, order))
        return ORDER_BROKEN;
    posted =
        order_reverse(db, arena, &wallet, order, fact, now, &done->credits);
    if (posted == ORDER_OK && ledger_save(db, arena, &wallet) != LEDGER_OK)
        return ORDER_BROKEN;
    return posted;
}

enum order_result
order_fact(struct db *db, struct arena *arena, const struct fact *fact,
           int64_t clock_ms, struct fact_done *done)
{
    struct order order;
    enum order_result found;

    *done = (struct fact_done){ .space = 0 };
    if (!keep(db, arena, fact, &done->news))
        return ORDER_BROKEN;
    found = find(db, arena, fact, &order);
    if (found == ORDER_UNKNOWN)
        return ORDER_OK;
    if (found != ORDER_OK)
        return found;
    done->space = order.space;
    done->order = order.number;
    return done->news ? apply(db, arena, fact, &order, clock_ms, done)
                      : ORDER_OK;
}

enum order_result
order_fact_amount(struct db *db, struct arena *arena, int64_t space,
                  int64_t seq, int64_t *amount)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_REVERSAL_ONE, INT(space), INT(seq)) != DB_OK)
        return ORDER_BROKEN;
    *amount = rows.n == 0 ? 0 : rows_int(&rows, 0, 0);
    return ORDER_OK;
}
