/*
 * Sessions and events become payments: see settle.h; asking the provider is
 * settle_ask.c. Nothing here credits anything; order_settle() does, under the
 * rules that stand there.
 */
#include "settle.h"

#include "clock.h"
#include "ledger_sql.h"
#include "log.h"

void
settle_read(const struct config *config, const struct stripe_session *session,
            bool failed, struct payment *payment)
{
    *payment = (struct payment){ .provider = SETTLE_PROVIDER,
                                 .live = session->livemode,
                                 .live_expected = config->livemode,
                                 .id = session->payment_intent,
                                 .currency = session->currency,
                                 .amount = session->amount_total };
    if (session->payment_status != NULL &&
        strcmp(session->payment_status, "paid") == 0)
        payment->state = PAYMENT_PAID;
    else if (failed) {
        payment->state = PAYMENT_FAILED;
        payment->why = "The payment did not go through.";
    } else if (session->status == NULL)
        payment->state = PAYMENT_NONE;
    else if (strcmp(session->status, "expired") == 0)
        payment->state = PAYMENT_EXPIRED;
    else if (strcmp(session->status, "complete") == 0)
        payment->state = PAYMENT_PENDING;
    /* A session that took no payment intent still is one payment. */
    if (payment->id == NULL)
        payment->id = session->id;
}

/* What an event says of a payment, whatever object it is about. */
struct report {
    struct payment payment;
    const char *order;     /* the id in the object's metadata, or NULL */
    const char *reference; /* the session's client_reference_id, or NULL */
    const char *session;   /* NULL: the object is no session */
};

enum kind_object { KIND_SESSION, KIND_INTENT };

struct kind {
    const char *type;
    enum kind_object object;
    bool failed;
};

/* The kinds of event that say something of a top-up's payment. A payment
 * intent that failed is none: its session is still open to another card. */
static const struct kind *
kind_of(const char *type)
{
    static const struct kind kinds[] = {
        { "checkout.session.completed", KIND_SESSION, false },
        { "checkout.session.async_payment_succeeded", KIND_SESSION, false },
        { "checkout.session.async_payment_failed", KIND_SESSION, true },
        { "checkout.session.expired", KIND_SESSION, false },
        { "payment_intent.processing", KIND_INTENT, false },
        { "payment_intent.succeeded", KIND_INTENT, false },
    };

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(type, kinds[i].type) == 0)
            return &kinds[i];
    return NULL;
}

static bool
report_session(struct report *report, const struct config *config,
               const struct stripe_event *event, bool failed)
{
    struct stripe_session session;

    if (!stripe_session_read(event->object, &session) ||
        strcmp(session.mode, "payment") != 0)
        return false;
    settle_read(config, &session, failed, &report->payment);
    report->order = session.order;
    report->reference = session.reference;
    report->session = session.id;
    return true;
}

static bool
report_intent(struct report *report, const struct config *config,
              const struct stripe_event *event)
{
    struct stripe_intent intent;

    if (!stripe_intent_read(event->object, &intent))
        return false;
    report->payment = (struct payment){ .provider = SETTLE_PROVIDER,
                                        .live = intent.livemode,
                                        .live_expected = config->livemode,
                                        .id = intent.id,
                                        .currency = intent.currency,
                                        .amount = intent.received };
    if (strcmp(intent.status, "succeeded") == 0)
        report->payment.state = PAYMENT_PAID;
    else if (strcmp(intent.status, "processing") == 0)
        report->payment.state = PAYMENT_PENDING;
    report->order = intent.order;
    return true;
}

/*
 * The order that is meant. Metadata is the account's own word. A reference
 * is not: whoever pays through a payment link chooses it in the address, so
 * it counts only in the very session that we had made for the order.
 */
static enum order_result
named_order(struct db *db, struct arena *arena, const struct report *report,
            struct order *order)
{
    enum order_result found = order_by_id(db, arena, 0, report->order, order);

    if (found != ORDER_UNKNOWN)
        return found;
    found = order_by_id(db, arena, 0, report->reference, order);
    if (found == ORDER_OK && (order->session == NULL ||
                              strcmp(order->session, report->session) != 0)) {
        *order = (struct order){ .number = 0 };
        return ORDER_UNKNOWN;
    }
    return found;
}

/* A session of the same account that is not the order's own may pay it, but
 * says nothing else of it. */
static bool
is_beside(const struct report *report, const struct order *order)
{
    return report->session != NULL && order->session != NULL &&
           strcmp(order->session, report->session) != 0 &&
           report->payment.state != PAYMENT_PAID;
}

/* Applies one event; *came_to is the operator's word for it. */
static enum settle_result
apply_event(struct db *db, struct arena *arena, const struct config *config,
            const struct stripe_event *event, int64_t clock_ms,
            struct order *order, const char **came_to)
{
    static const char *const words[] = {
        [SETTLED_NOTHING] = "nothing", [SETTLED_CREDITED] = "credited",
        [SETTLED_STATUS] = "status",   [SETTLED_REVIEW] = "review",
        [SETTLED_MODE] = "other_mode",
    };
    const struct kind *kind = kind_of(event->type);
    struct report report = { .order = NULL };
    struct space space;
    enum settled settled;
    enum order_result found;

    *came_to = "unused";
    if (kind == NULL)
        return SETTLE_OK;
    *came_to = "not_ours";
    if (!(kind->object == KIND_INTENT
              ? report_intent(&report, config, event)
              : report_session(&report, config, event, kind->failed)))
        return SETTLE_OK;
    found = named_order(db, arena, &report, order);
    if (found == ORDER_UNKNOWN)
        return SETTLE_OK;
    if (found != ORDER_OK ||
        space_by_number(db, arena, order->space, &space) != SPACE_OK)
        return SETTLE_BROKEN;
    if (event->livemode != report.payment.live) /* no word to rely on */
        report.payment.live = !config->livemode;
    if (is_beside(&report, order)) {
        *came_to = "other_session";
        return SETTLE_OK;
    }
    if (order_settle(db, arena, &space, order, &report.payment, clock_ms,
                     &settled) != ORDER_OK)
        return SETTLE_BROKEN;
    *came_to = words[settled];
    return SETTLE_OK;
}

enum settle_result
settle_event(struct db *db, struct arena *arena, const struct config *config,
             const struct stripe_event *event, int64_t clock_ms,
             bool *duplicate)
{
    struct order order = { 0 };
    const char *came_to;
    struct rows rows;

    *duplicate = false;
    if (!db_begin(db))
        return SETTLE_BROKEN;
    if (db_run(db, arena, &rows, Q_PROVIDER_EVENT_INSERT, TEXT(SETTLE_PROVIDER),
               INT(event->livemode), TEXT(event->id), TEXT(event->type),
               INT(event->created_s * SECOND_MS),
               INT(clock_system_ms())) != DB_OK)
        goto broken;
    if (rows.changes == 0) {
        *duplicate = true;
        db_rollback(db);
        return SETTLE_OK;
    }
    if (apply_event(db, arena, config, event, clock_ms, &order, &came_to) !=
            SETTLE_OK ||
        db_run(db, arena, NULL, Q_PROVIDER_EVENT_CAME_TO, TEXT(SETTLE_PROVIDER),
               INT(event->livemode), TEXT(event->id),
               order.number == 0 ? NIL : INT(order.space),
               order.number == 0 ? NIL : INT(order.number),
               TEXT(came_to)) != DB_OK)
        goto broken;
    if (db_commit(db))
        return SETTLE_OK;
broken:
    db_rollback(db);
    return SETTLE_BROKEN;
}
