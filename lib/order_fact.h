/*
 * What happens to an order's money after it was paid. A refund and a dispute
 * are each one fact, kept as it comes, also before the payment is known; a
 * fact only moves forward: pending, out, back. What is taken of the order's
 * credits, and its status, are pure functions of its facts:
 *
 *     out   = min(amount, sum of the facts that are out)
 *     taken = floor(credits with bonus * out / amount)
 *
 * so whatever comes twice, late or in another order comes to the same. One
 * function posts the difference to what is taken so far, as one event.
 */
#ifndef SCRIP_ORDER_FACT_H
#define SCRIP_ORDER_FACT_H

#include "order.h"

enum fact_kind { FACT_REFUND = 0, FACT_DISPUTE };
enum fact_state {
    FACT_PENDING = 0, /* no money has moved */
    FACT_OUT,
    FACT_BACK /* the refund failed, the dispute was won */
};

struct fact {
    const char *provider; /* "stripe" */
    bool live;
    const char *id;
    enum fact_kind kind;
    enum fact_state state;
    const char *payment;  /* as order.h's; or NULL, and the charge is known */
    const char *charge;   /* or NULL */
    int64_t amount;       /* minor units */
    const char *currency; /* upper case */
    const char *reason;   /* the provider's word, or NULL */
};

/* What facts come to, of a payment of so much. */
struct facts_sum {
    int64_t out; /* min(amount, ...): what has gone back */
    enum order_status status;
};
struct facts_sum order_facts_sum(const struct fact *facts, int count,
                                 int64_t amount, const char *currency);
/* The credits that are to be taken where `out` of `amount` has gone back. */
int64_t order_facts_taken(int64_t credits, int64_t out, int64_t amount);

/* What order_fact() did. */
struct fact_done {
    int64_t space, order; /* numbers; 0: its payment is not known as yet */
    int64_t credits;      /* what moved: taken below zero, given back above */
    bool news;            /* the fact was new, or moved forward */
};

/*
 * Keeps a fact, and posts what it changes where its payment is known; else it
 * waits for that. Inside db_begin(). ORDER_LIMIT: the wallet would pass its
 * limit, and nothing of it may be committed.
 */
enum order_result order_fact(struct db *db, struct arena *arena,
                             const struct fact *fact, int64_t clock_ms,
                             struct fact_done *done);

/* The facts that waited for an order's payment, which is known now, or for
 * its charge, are the order's; posts the difference. The wallet is locked
 * before and saved after, by the caller. */
enum order_result order_tie_facts(struct db *db, struct arena *arena,
                                  struct wallet *wallet,
                                  const struct order *order, int64_t now);

/* The money behind an event of a refund or dispute: below zero where it went
 * back to the payer. 0: the event is none such. */
enum order_result order_fact_amount(struct db *db, struct arena *arena,
                                    int64_t space, int64_t seq,
                                    int64_t *amount);

#endif
