/*
 * Taking an order's credits back as its facts say, and undoing that: loads
 * the facts and the stack of takings, lets takeback.c decide, saves. See
 * order_fact.h.
 */
#include "ledger_sql.h"
#include "money.h"
#include "order_inside.h"
#include "takeback.h"

/* One order's reversal in the making. */
struct reversing {
    struct db *db;
    struct arena *arena;
    struct wallet *wallet;
    const struct order *order;
    int64_t now;
    int64_t amount; /* what was paid */
    const char *currency;
    struct fact *facts;
    int count;
    struct takings takings;
};

static bool
load_payment(struct reversing *r)
{
    struct rows rows;

    if (db_run(r->db, r->arena, &rows, Q_FACT_PAYMENT, INT(r->order->space),
               INT(r->order->number)) != DB_OK ||
        rows.n != 1)
        return false;
    r->amount = rows_int(&rows, 0, 3);
    r->currency = rows_text(&rows, 0, 4);
    return true;
}

static bool
load_facts(struct reversing *r)
{
    struct rows rows;

    if (db_run(r->db, r->arena, &rows, Q_FACT_OF_ORDER, INT(r->order->space),
               INT(r->order->number)) != DB_OK)
        return false;
    r->count = rows.n;
    r->facts = arena_array(r->arena, (size_t)rows.n + 1, sizeof(*r->facts));
    for (int i = 0; i < rows.n; i++)
        r->facts[i] =
            (struct fact){ .id = rows_text(&rows, i, 0),
                           .kind = (enum fact_kind)rows_int(&rows, i, 1),
                           .state = (enum fact_state)rows_int(&rows, i, 2),
                           .amount = rows_int(&rows, i, 3),
                           .currency = rows_text(&rows, i, 4),
                           .reason = rows_text(&rows, i, 5) };
    return true;
}

/* The stack, and into the wallet the lots that it names. */
static bool
load_takings(struct reversing *r)
{
    struct takings *takings = &r->takings;
    struct rows rows;

    if (db_run(r->db, r->arena, &rows, Q_TAKEN_OF_ORDER, INT(r->order->space),
               INT(r->order->number)) != DB_OK)
        return false;
    *takings = (struct takings){ .order = r->order->number };
    for (int i = 0; i < rows.n; i++) {
        struct taken part = { .lot = rows_int(&rows, i, 1),
                              .credits = rows_int(&rows, i, 2) };

        if (part.lot != 0 && part.credits > 0 &&
            ledger_bring_lot(r->db, r->arena, r->wallet, part.lot) != LEDGER_OK)
            return false;
        arena_grow(r->wallet->arena, (void **)&takings->parts, takings->count,
                   &takings->room, sizeof(*takings->parts));
        takings->parts[takings->count++] = part;
    }
    return true;
}

/* The money of the events so far, which is not always that of the facts: what
 * was too little for a credit goes with the next one. */
static bool
load_moved(const struct reversing *r, int64_t *moved)
{
    struct rows rows;

    if (db_run(r->db, r->arena, &rows, Q_REVERSAL_SUM, INT(r->order->space),
               INT(r->order->number)) != DB_OK)
        return false;
    *moved = rows_int(&rows, 0, 0);
    return true;
}

static bool
save_takings(const struct reversing *r)
{
    for (int i = 0; i < r->takings.count; i++) {
        const struct taken *part = &r->takings.parts[i];

        if (part->changed &&
            db_run(r->db, r->arena, NULL, Q_TAKEN_KEEP, INT(r->order->space),
                   INT(r->order->number), INT(i + 1), INT(part->lot),
                   INT(part->credits)) != DB_OK)
            return false;
    }
    return true;
}

/* What moved the order: the fact that did, or the weightiest that waited. */
static const struct fact *
cause_of(const struct reversing *r, const struct fact *cause)
{
    if (cause != NULL)
        return cause;
    for (int i = 0; i < r->count; i++)
        if (r->facts[i].state == FACT_OUT &&
            (cause == NULL || r->facts[i].kind == FACT_DISPUTE))
            cause = &r->facts[i];
    return cause;
}

static const char *
reason_text(const struct fact *fact)
{
    static const struct {
        const char *reason, *words;
    } known[] = {
        { "requested_by_customer", "asked for by the buyer" },
        { "duplicate", "paid twice" },
        { "fraudulent", "said to be fraud" },
        { "product_not_received", "not received" },
        { "product_unacceptable", "not as described" },
        { "subscription_canceled", "a cancelled subscription" },
        { "unrecognized", "not recognised by the card's holder" },
        { "credit_not_processed", "a refund that did not come" },
        { "expired_uncaptured_charge", "never collected" },
    };

    for (size_t i = 0; fact->reason != NULL && i < COUNT_OF(known); i++)
        if (strcmp(fact->reason, known[i].reason) == 0)
            return known[i].words;
    return NULL; /* "general" says nothing */
}

/* A payment under review may have been in any currency. */
static const char *
money_of(const struct reversing *r, int64_t amount)
{
    return money_digits(r->currency) < 0
               ? arena_format(r->arena, "%lld %s", (long long)amount,
                              r->currency)
               : money_text(r->arena, amount, r->currency);
}

/* The event's words: what happened to the money, and why. `moved` is below
 * zero where it went back to the payer. */
static const char *
say_why(const struct reversing *r, const struct fact *cause, int64_t moved)
{
    bool dispute = cause->kind == FACT_DISPUTE;
    const char *reason = reason_text(cause);
    const char *money = money_of(r, moved < 0 ? -moved : moved);

    if (moved > 0)
        return dispute
                   ? arena_format(r->arena, "The dispute over %s was won",
                                  money)
                   : arena_format(r->arena,
                                  "The refund of %s did not go through", money);
    if (-moved != r->amount)
        money =
            arena_format(r->arena, "%s of %s", money, money_of(r, r->amount));
    return arena_format(r->arena, "%s %s%s%s", money,
                        dispute ? "disputed by the payer's bank" : "refunded",
                        reason == NULL ? "" : ": ",
                        reason == NULL ? "" : reason);
}

static enum event_kind
kind_of(const struct fact *cause, int64_t credits)
{
    if (cause->kind == FACT_REFUND)
        return EVENT_TOP_UP_REFUND;
    return credits < 0 ? EVENT_DISPUTE : EVENT_DISPUTE_REVERSAL;
}

/* Moves `credits` (below zero: takes) by one event. */
static enum order_result
post(struct reversing *r, const struct fact *cause, int64_t credits,
     int64_t moved)
{
    const struct event event = { .kind = kind_of(cause, credits),
                                 .order = r->order->number,
                                 .refs = { .note = say_why(r, cause, moved) } };
    int64_t seq;
    bool fits = credits < 0 ? takeback_take(r->wallet, &r->takings, -credits,
                                            &event, r->now, &seq)
                            : takeback_return(r->wallet, &r->takings, credits,
                                              &event, r->now, &seq);

    if (!fits)
        return ORDER_LIMIT;
    if (!save_takings(r) ||
        db_run(r->db, r->arena, NULL, Q_REVERSAL_INSERT, INT(r->order->space),
               INT(seq), INT(r->order->number), INT(moved)) != DB_OK)
        return ORDER_BROKEN;
    return ORDER_OK;
}

enum order_result
order_reverse(struct db *db, struct arena *arena, struct wallet *wallet,
              const struct order *order, const struct fact *cause, int64_t now,
              int64_t *credits)
{
    struct reversing r = {
        .db = db, .arena = arena, .wallet = wallet, .order = order, .now = now
    };
    struct facts_sum sum;
    int64_t taken, moved;

    *credits = 0;
    if (!load_payment(&r) || !load_facts(&r) || !load_takings(&r))
        return ORDER_BROKEN;
    sum = order_facts_sum(r.facts, r.count, r.amount, r.currency);
    taken = order_facts_taken(order->credits + order->bonus, sum.out, r.amount);
    *credits = takeback_taken(&r.takings) - taken;
    if (*credits != 0) {
        enum order_result posted;

        if (!load_moved(&r, &moved))
            return ORDER_BROKEN;
        posted = post(&r, cause_of(&r, cause), *credits, -sum.out - moved);
        if (posted != ORDER_OK)
            return posted;
    }
    wallet->changed = true; /* the order has moved, whatever the credits did */
    return db_run(db, arena, NULL, Q_ORDER_SET_REVERSED, INT(order->space),
                  INT(order->number), INT(sum.status), INT(sum.out),
                  INT(taken)) == DB_OK
               ? ORDER_OK
               : ORDER_BROKEN;
}
