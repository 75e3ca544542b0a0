/*
 * Sessions become payments: see settle.h. Nothing here credits anything;
 * order_settle() does, under the rules that stand there.
 */
#include "settle.h"

#include "clock.h"
#include "ledger_sql.h"
#include "log.h"
#include "words.h"

static const char *const provider = "stripe";

void
settle_read(const struct config *config, const struct stripe_session *session,
            bool failed, struct payment *payment)
{
    *payment = (struct payment){ .provider = provider,
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

enum settle_result
settle_open(struct db *db, struct arena *arena, const struct config *config,
            struct order *order, const char *page, const char **why)
{
    const struct stripe_checkout ask = {
        .order = order->id,
        .name = words_credits(arena, order->credits + order->bonus),
        .currency = order->currency,
        .amount = order->amount,
        .expires_at_s = order->session_expires_at / SECOND_MS,
        .success_url = arena_format(arena, "%s&order=%s", page, order->id),
        .cancel_url =
            arena_format(arena, "%s&order=%s&cancelled=1", page, order->id),
    };
    struct stripe_session session;
    enum stripe_result made =
        stripe_checkout_create(config, arena, &ask, &session, why);

    if (made == STRIPE_UNAVAILABLE)
        return SETTLE_UNAVAILABLE;
    if (made != STRIPE_OK)
        return SETTLE_REFUSED;
    if (session.id == NULL || session.url == NULL) {
        *why = "the provider's session has no address";
        return SETTLE_UNAVAILABLE;
    }
    if (!db_begin(db))
        return SETTLE_BROKEN;
    if (order_keep_session(db, arena, order, session.id, session.url) !=
            ORDER_OK ||
        order_find(db, arena, order->space, order->number, order) != ORDER_OK ||
        !db_commit(db))
        return SETTLE_BROKEN;
    return SETTLE_OK;
}

/* Settles in a transaction of its own and reads the order again. */
static enum settle_result
apply(struct db *db, struct arena *arena, const struct space *space,
      struct order *order, const struct payment *payment, int64_t clock_ms,
      enum settled *settled)
{
    if (!db_begin(db))
        return SETTLE_BROKEN;
    if (order_settle(db, arena, space, order, payment, clock_ms, settled) !=
            ORDER_OK ||
        order_find(db, arena, order->space, order->number, order) != ORDER_OK ||
        !db_commit(db)) {
        db_rollback(db);
        return SETTLE_BROKEN;
    }
    return SETTLE_OK;
}

/* Whether it is our turn to ask; that we ask is stored first. */
static enum settle_result
claim_question(struct db *db, struct arena *arena, const struct order *order,
               int64_t fresh_ms, bool *mine)
{
    int64_t now = clock_system_ms();
    enum order_result noted;

    *mine = false;
    /* Looked at first only to spare the write; the UPDATE decides. */
    if (order->asked_at > now - fresh_ms)
        return SETTLE_OK;
    if (!db_begin(db))
        return SETTLE_BROKEN;
    noted = order_note_asked(db, arena, order, now - fresh_ms, now);
    if (noted == ORDER_BROKEN || !db_commit(db)) {
        db_rollback(db);
        return SETTLE_BROKEN;
    }
    *mine = noted == ORDER_OK;
    return SETTLE_OK;
}

enum settle_result
settle_ask(struct db *db, struct arena *arena, const struct config *config,
           const struct space *space, struct order *order, int64_t fresh_ms,
           int64_t clock_ms, enum settled *settled, const char **why)
{
    struct payment payment = { .provider = provider,
                               .live = config->livemode,
                               .live_expected = config->livemode,
                               .state = PAYMENT_EXPIRED };
    struct stripe_session session;
    enum settle_result claimed;
    enum stripe_result got;
    bool mine;

    *settled = SETTLED_NOTHING;
    if (!order_is_open(order->status))
        return SETTLE_OK;
    if (order->session == NULL) {
        if (clock_system_ms() < order->session_expires_at)
            return SETTLE_OK;
        return apply(db, arena, space, order, &payment, clock_ms, settled);
    }
    claimed = claim_question(db, arena, order, fresh_ms, &mine);
    if (claimed != SETTLE_OK || !mine)
        return claimed;
    got = stripe_checkout_get(config, arena, order->session, &session, why);
    if (got == STRIPE_UNAVAILABLE)
        return SETTLE_UNAVAILABLE;
    if (got != STRIPE_OK)
        return SETTLE_REFUSED;
    settle_read(config, &session, false, &payment);
    if (payment.state == PAYMENT_NONE)
        return SETTLE_OK;
    return apply(db, arena, space, order, &payment, clock_ms, settled);
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
    report->payment = (struct payment){ .provider = provider,
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
    if (db_run(db, arena, &rows, Q_PROVIDER_EVENT_INSERT, TEXT(provider),
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
        db_run(db, arena, NULL, Q_PROVIDER_EVENT_CAME_TO, TEXT(provider),
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
