/*
 * The one function that fulfils an order, and the operator's decision about
 * one under review. The credit, the payment's unique row, the order's status
 * and its receipt are written together or not at all.
 */
#include "auto_top_up.h"
#include "clock.h"
#include "ledger_sql.h"
#include "log.h"
#include "money.h"
#include "order.h"
#include "order_fact.h"
#include "receipt.h"
#include "work.h"

#include <strings.h>

/* Everything one settlement works on. */
struct settling {
    struct db *db;
    struct arena *arena;
    const struct payment *payment;
    struct order order; /* as it is under the lock */
    struct wallet wallet;
    int64_t now;
    enum settled done;
};

/* A payment is kept with its order once somebody has to look at it. */
static bool
set_status(struct settling *s, enum order_status status, const char *why)
{
    bool review = status == ORDER_REVIEW;

    s->wallet.changed = true;
    return db_run(s->db, s->arena, NULL, Q_ORDER_SET_STATUS,
                  INT(s->order.space), INT(s->order.number), INT(status),
                  TEXT(why), TEXT(review ? s->payment->id : NULL),
                  TEXT(s->payment->receipt_url),
                  review ? INT(s->payment->amount) : NIL,
                  TEXT(review ? s->payment->currency : NULL)) == DB_OK &&
           auto_order_is(s->db, s->arena, &s->wallet, &s->order, status) ==
               AUTO_OK;
}

/* Whether an operator has dismissed this very payment: of what was never
 * under review no payment is kept. */
static bool
is_dismissed(const struct settling *s)
{
    return s->order.status == ORDER_FAILED && s->order.payment != NULL &&
           s->payment->id != NULL &&
           strcmp(s->order.payment, s->payment->id) == 0;
}

/* NULL when the payment is what the order asked for, and can be credited;
 * else words. */
static const char *
mismatch(const struct settling *s)
{
    const struct payment *payment = s->payment;
    const struct order *order = &s->order;

    if (payment->id == NULL)
        return "the provider names no payment";
    if (payment->currency == NULL ||
        strcasecmp(payment->currency, order->currency) != 0)
        return arena_format(
            s->arena, "asked for %s, paid in %s", order->currency,
            payment->currency == NULL ? "nothing" : payment->currency);
    if (payment->amount != order->amount)
        return arena_format(s->arena, "asked for %lld, paid %lld (%s)",
                            (long long)order->amount,
                            (long long)payment->amount, order->currency);
    if (s->wallet.total > LIMIT_WALLET - order->credits - order->bonus)
        return "the balance would pass its limit";
    return NULL;
}

/* Claims the payment. ORDER_REPLAYED: it has been credited already. */
static enum order_result
claim_payment(struct settling *s)
{
    const struct payment *payment = s->payment;
    const struct order *order = &s->order;
    struct rows rows;

    if (db_run(s->db, s->arena, &rows, Q_PAYMENT_INSERT,
               TEXT(payment->provider), INT(payment->live), TEXT(payment->id),
               INT(order->space), INT(order->number), INT(payment->amount),
               TEXT(money_code(s->arena, payment->currency)),
               INT(s->now)) != DB_OK)
        return ORDER_BROKEN;
    return rows.changes == 1 ? ORDER_OK : ORDER_REPLAYED;
}

static enum order_result
credit(struct settling *s)
{
    const struct order *order = &s->order;
    const struct event event = {
        .kind = EVENT_TOP_UP,
        .order = order->number,
        .refs = { .member = order->automatic ? NULL : order->member_name },
    };
    const struct credit_lot lots[] = {
        { LOT_TOP_UP, order->credits, NEVER_MS },
        { LOT_BONUS, order->bonus, NEVER_MS },
    };

    if (wallet_credit(&s->wallet, lots, order->bonus > 0 ? 2 : 1, &event,
                      s->now) != WALLET_OK)
        return ORDER_LIMIT;
    s->wallet.changed = true;
    if (db_run(s->db, s->arena, NULL, Q_ORDER_SET_PAID, INT(order->space),
               INT(order->number), INT(s->now), TEXT(s->payment->id),
               TEXT(s->payment->receipt_url)) != DB_OK ||
        auto_order_is(s->db, s->arena, &s->wallet, order, ORDER_PAID) !=
            AUTO_OK ||
        (order_keeps_card(order) &&
         !work_add(s->db, s->arena, WORK_CARD, order->space, order->id, 0)))
        return ORDER_BROKEN;
    /* The receipt's address is the charge's, which nobody has told us. */
    if (!work_add(s->db, s->arena, WORK_CHARGE_OF, order->space, order->id,
                  clock_system_ms()))
        return ORDER_BROKEN;
    s->done = SETTLED_CREDITED;
    if (receipt_issue(s->db, s->arena, order,
                      zone_day(s->wallet.zone, s->now)) != ORDER_OK)
        return ORDER_BROKEN;
    return order_tie_facts(s->db, s->arena, &s->wallet, order, s->now);
}

static enum order_result
review(struct settling *s, const char *why)
{
    if (s->order.status == ORDER_REVIEW)
        return ORDER_OK;
    log_warning("order %s goes under review: %s", s->order.id, why);
    s->done = SETTLED_REVIEW;
    return set_status(s, ORDER_REVIEW, why) ? ORDER_OK : ORDER_BROKEN;
}

static enum order_result
settle_paid(struct settling *s)
{
    const char *wrong = mismatch(s);
    enum order_result claimed;

    if (order_was_paid(s->order.status)) {
        if (s->payment->id != NULL && s->order.payment != NULL &&
            strcmp(s->payment->id, s->order.payment) != 0)
            log_error("order %s was paid by %s and is reported paid by %s "
                      "too: look at it at the provider",
                      s->order.id, s->order.payment, s->payment->id);
        return ORDER_OK;
    }
    if (s->order.status == ORDER_REVIEW || is_dismissed(s))
        return ORDER_OK; /* only an operator ends that */
    if (wrong != NULL)
        return review(s, wrong);
    claimed = claim_payment(s);
    if (claimed == ORDER_REPLAYED)
        return review(s, "its payment has been credited to another order");
    return claimed == ORDER_OK ? credit(s) : claimed;
}

/* What is not paid moves an order on only while it is open. */
static enum order_result
settle_unpaid(struct settling *s, enum order_status status)
{
    bool pending = s->order.status == ORDER_PROCESSING;

    if (!order_is_open(s->order.status) || s->order.status == status)
        return ORDER_OK;
    /* A session that expires says nothing of a payment under way. */
    if (pending && status == ORDER_EXPIRED)
        return ORDER_OK;
    s->done = SETTLED_STATUS;
    return set_status(s, status, s->payment->why) ? ORDER_OK : ORDER_BROKEN;
}

static enum order_result
settle(struct settling *s)
{
    switch (s->payment->state) {
    case PAYMENT_NONE: return ORDER_OK;
    case PAYMENT_DECLINED:
        return s->order.status == ORDER_PROCESSING
                   ? settle_unpaid(s, ORDER_FAILED)
                   : ORDER_OK;
    case PAYMENT_PENDING: return settle_unpaid(s, ORDER_PROCESSING);
    case PAYMENT_FAILED: return settle_unpaid(s, ORDER_FAILED);
    case PAYMENT_EXPIRED: return settle_unpaid(s, ORDER_EXPIRED);
    case PAYMENT_PAID: return settle_paid(s);
    }
    return ORDER_BROKEN;
}

static enum order_result
begin(struct settling *s, const struct space *space, int64_t number,
      int64_t clock_ms)
{
    if (ledger_lock(s->db, s->arena, space, clock_ms, &s->wallet, &s->now) !=
        LEDGER_OK)
        return ORDER_BROKEN;
    return order_find(s->db, s->arena, space->number, number, &s->order);
}

enum order_result
order_settle(struct db *db, struct arena *arena, const struct space *space,
             const struct order *order, const struct payment *payment,
             int64_t clock_ms, enum settled *settled)
{
    struct settling s = { .db = db, .arena = arena, .payment = payment };
    enum order_result done;

    *settled = SETTLED_NOTHING;
    if (payment->live != payment->live_expected) {
        log_warning("order %s: a %s payment reached a %s site and is ignored",
                    order->id, payment->live ? "live" : "test",
                    payment->live_expected ? "live" : "test");
        *settled = SETTLED_MODE;
        return ORDER_OK;
    }
    done = begin(&s, space, order->number, clock_ms);
    if (done == ORDER_OK)
        done = settle(&s);
    if (done != ORDER_OK || s.done == SETTLED_NOTHING)
        return done;
    if (ledger_save(db, arena, &s.wallet) != LEDGER_OK)
        return ORDER_BROKEN;
    *settled = s.done;
    return ORDER_OK;
}

enum order_result
order_resolve(struct db *db, struct arena *arena, const struct space *space,
              const struct order *order, bool give, int64_t clock_ms)
{
    struct payment payment = { .provider = "stripe" };
    struct settling s = { .db = db, .arena = arena, .payment = &payment };
    enum order_result done = begin(&s, space, order->number, clock_ms);

    if (done != ORDER_OK)
        return done;
    if (s.order.status != ORDER_REVIEW)
        return ORDER_NOT_OPEN;
    payment.id = s.order.payment;
    payment.amount = s.order.amount;
    payment.currency = s.order.currency;
    /* What was really paid is what can go back; where that was nothing, the
     * operator's word stands for all of it. */
    if (s.order.paid_currency != NULL && s.order.paid_amount > 0) {
        payment.amount = s.order.paid_amount;
        payment.currency = s.order.paid_currency;
    }
    if (!give)
        done = set_status(&s, ORDER_FAILED, "dismissed by the operator")
                   ? ORDER_OK
                   : ORDER_BROKEN;
    else {
        /* A payment that was credited elsewhere is credited to nobody else,
         * so this order's own name stands for it. */
        if (payment.id == NULL)
            payment.id = s.order.id;
        done = claim_payment(&s);
        if (done == ORDER_REPLAYED) {
            payment.id = s.order.id;
            done = claim_payment(&s);
        }
        if (done == ORDER_OK)
            done = credit(&s);
    }
    if (done == ORDER_OK && ledger_save(db, arena, &s.wallet) != LEDGER_OK)
        done = ORDER_BROKEN;
    return done;
}
