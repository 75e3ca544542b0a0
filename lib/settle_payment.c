/*
 * A top-up's payment, as sessions and payment intents tell of it: see
 * settle.h; asking the provider is settle_ask.c. Nothing here credits
 * anything; order_settle() does, under the rules that stand there.
 */
#include "settle_inside.h"

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

void
settle_read_intent(const struct config *config,
                   const struct stripe_intent *intent, struct payment *payment)
{
    *payment = (struct payment){ .provider = SETTLE_PROVIDER,
                                 .live = intent->livemode,
                                 .live_expected = config->livemode,
                                 .id = intent->id,
                                 .currency = intent->currency,
                                 .amount = intent->received };
    if (strcmp(intent->status, "succeeded") == 0)
        payment->state = PAYMENT_PAID;
    else if (strcmp(intent->status, "processing") == 0)
        payment->state = PAYMENT_PENDING;
}

/* What an event says of a payment, whatever object it is about. */
struct report {
    struct payment payment;
    const char *order;     /* the id in the object's metadata, or NULL */
    const char *reference; /* the session's client_reference_id, or NULL */
    const char *session;   /* NULL: the object is no session */
};

static bool
report_session(struct report *report, const struct incoming *in, bool failed)
{
    struct stripe_session session;

    if (!stripe_session_read(in->event->object, &session) ||
        strcmp(session.mode, "payment") != 0)
        return false;
    settle_read(in->config, &session, failed, &report->payment);
    report->order = session.order;
    report->reference = session.reference;
    report->session = session.id;
    return true;
}

static bool
report_intent(struct report *report, const struct incoming *in)
{
    struct stripe_intent intent;

    if (!stripe_intent_read(in->event->object, &intent))
        return false;
    settle_read_intent(in->config, &intent, &report->payment);
    if (strcmp(intent.status, "requires_payment_method") == 0) {
        report->payment.state = PAYMENT_DECLINED;
        report->payment.why = "The payment did not go through.";
    }
    report->order = intent.order;
    return true;
}

/*
 * The order that is meant. Metadata is the account's own word. A reference
 * is not: whoever pays through a payment link chooses it in the address, so
 * it counts only in the very session that we had made for the order.
 */
static enum order_result
named_order(const struct incoming *in, const struct report *report,
            struct order *order)
{
    enum order_result found =
        order_by_id(in->db, in->arena, 0, report->order, order);

    if (found != ORDER_UNKNOWN)
        return found;
    found = order_by_id(in->db, in->arena, 0, report->reference, order);
    if (found == ORDER_OK && (order->session == NULL ||
                              strcmp(order->session, report->session) != 0))
        return ORDER_UNKNOWN;
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

static enum settle_result
apply(struct incoming *in, struct report *report)
{
    static const char *const words[] = {
        [SETTLED_NOTHING] = "nothing", [SETTLED_CREDITED] = "credited",
        [SETTLED_STATUS] = "status",   [SETTLED_REVIEW] = "review",
        [SETTLED_MODE] = "other_mode",
    };
    struct order order;
    struct space space;
    enum settled settled;
    enum order_result found = named_order(in, report, &order);

    if (found == ORDER_UNKNOWN)
        return SETTLE_OK;
    if (found != ORDER_OK ||
        space_by_number(in->db, in->arena, order.space, &space) != SPACE_OK)
        return SETTLE_BROKEN;
    in->space = order.space;
    in->order = order.number;
    if (in->event->livemode != report->payment.live) /* no word to rely on */
        report->payment.live = !in->config->livemode;
    if (is_beside(report, &order)) {
        in->came_to = "other_session";
        return SETTLE_OK;
    }
    if (order_settle(in->db, in->arena, &space, &order, &report->payment,
                     in->clock_ms, &settled) != ORDER_OK)
        return SETTLE_BROKEN;
    in->came_to = words[settled];
    return SETTLE_OK;
}

static enum settle_result
session_told(struct incoming *in)
{
    struct report report = { .order = NULL };

    return report_session(&report, in, false) ? apply(in, &report)
                                              : SETTLE_NOT_OURS;
}

static enum settle_result
session_failed(struct incoming *in)
{
    struct report report = { .order = NULL };

    return report_session(&report, in, true) ? apply(in, &report)
                                             : SETTLE_NOT_OURS;
}

static enum settle_result
intent_told(struct incoming *in)
{
    struct report report = { .order = NULL };

    return report_intent(&report, in) ? apply(in, &report) : SETTLE_NOT_OURS;
}

const struct settle_kind settle_payment_kinds[] = {
    { "checkout.session.completed", session_told },
    { "checkout.session.async_payment_succeeded", session_told },
    { "checkout.session.async_payment_failed", session_failed },
    { "checkout.session.expired", session_told },
    { "payment_intent.payment_failed", intent_told },
    { "payment_intent.processing", intent_told },
    { "payment_intent.succeeded", intent_told },
    { NULL, NULL },
};
