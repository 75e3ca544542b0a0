/*
 * Checkout sessions from open to their end. Every function reads what it
 * decides on inside the transaction it writes in, so two payers (or one who
 * clicks twice) are one after the other here, and the second finds it done.
 */
#include "payment_inside.h"

#include "billing.h"
#include "intent.h"
#include "setup.h"
#include "tell.h"

/* How long a direct debit is on its way, unless a lever says otherwise. */
#define SETTLE_MS (60 * SECOND_MS)

/* Accounts of direct debits that fail, by Stripe's own numbers. */
static const char *const failing_accounts[] = { "22222227", "33333335" };

static bool
subscribes(const struct store_session *session)
{
    return strcmp(session->mode, "subscription") == 0;
}

/* The session's intent, made at the first try to pay. */
static void
intent_of(struct box *box, struct store_session *session,
          struct store_intent *intent)
{
    if (session->intent != NULL &&
        store_intent_get(box, session->intent, intent))
        return;
    *intent = (struct store_intent){
        .session = session->id,
        .amount = session->amount,
        .currency = session->currency,
        .status = "requires_payment_method",
        .metadata = subscribes(session) ? "{}" : session->intent_metadata,
        .description = subscribes(session) ? "Subscription creation" : NULL,
        .future_usage = session->future_usage,
        .customer = session->customer,
        .email = session->email,
    };
    intent_add(box, intent);
    session->intent = intent->id;
    (void)box_run(box, NULL, SQ_SESSION_TRY, TEXT(session->id),
                  TEXT(intent->id));
}

/* Another amount or currency than was asked for, where a lever says so: it
 * works once. */
static void
tamper(struct box *box, struct store_session *session,
       struct store_intent *intent)
{
    int64_t amount, unused;
    const char *currency = box_lever(box, "tamper_currency", &unused);

    (void)box_lever(box, "tamper_amount", &amount);
    if (amount == 0 && currency == NULL)
        return;
    if (amount > 0)
        session->amount = amount;
    if (currency != NULL)
        session->currency = currency;
    intent->amount = session->amount;
    intent->currency = session->currency;
    (void)box_run(box, NULL, SQ_SESSION_TAMPER, TEXT(session->id),
                  INT(session->amount), TEXT(session->currency));
    (void)box_run(box, NULL, SQ_LEVER_SET, TEXT("tamper_amount"), NIL, INT(0));
    (void)box_run(box, NULL, SQ_LEVER_SET, TEXT("tamper_currency"), NIL,
                  INT(0));
}

bool
payment_complete(struct box *box, struct store_session *session,
                 const char *paid)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_SESSION_COMPLETE, TEXT(session->id), TEXT(paid),
                 INT(box_now_s(box))) ||
        rows.changes != 1)
        return false;
    session->status = "complete";
    session->payment_status = paid;
    return true;
}

static enum payment_result
decline(struct box *box, struct store_intent *intent, bool charged,
        const char **words)
{
    *words = intent->error.message;
    intent_refuse(box, intent, charged);
    return PAYMENT_DECLINED;
}

/* The card that has paid: kept for its customer where that was asked for. */
static void
keep(struct box *box, struct store_session *session,
     struct store_intent *intent)
{
    if (session->future_usage == NULL) {
        method_keep(box, &intent->method, NULL, session->email);
        return;
    }
    method_customer(box, session);
    intent->customer = session->customer;
    method_keep(box, &intent->method, session->customer, session->email);
}

/* The subscription that a session was for; `intent` has paid for its first
 * period, or is NULL where that costs nothing. */
static void
subscribe(struct box *box, struct store_session *session,
          const struct store_method *method, const struct store_intent *intent)
{
    struct store_subscription made = {
        .customer = session->customer,
        .metadata = session->intent_metadata,
        .method = method->id,
    };
    struct store_intent refused;
    int count;
    struct store_line *lines = store_lines(box, session->id, &count);

    if (count == 0)
        return;
    made.price = lines[0].price;
    made.quantity = lines[0].quantity;
    billing_start(box, &made, intent, &refused);
    session->subscription = made.id;
    session->invoice = made.latest_invoice;
    (void)box_run(box, NULL, SQ_SESSION_SUBSCRIPTION, TEXT(session->id),
                  TEXT(made.id), TEXT(made.latest_invoice));
}

/* A subscription that costs nothing now: the card is kept for later. */
static enum payment_result
take_nothing(struct box *box, struct store_session *session,
             const struct payment_ask *ask, const char **words)
{
    struct store_method method = method_of(box, ask);
    struct store_error error = payment_answer(ask->card);

    if (error.code != NULL) {
        *words = error.message;
        return PAYMENT_DECLINED;
    }
    method_customer(box, session);
    method_keep(box, &method, session->customer, session->email);
    subscribe(box, session, &method, NULL);
    if (!payment_complete(box, session, "no_payment_required"))
        return PAYMENT_OVER;
    tell_session(box, "checkout.session.completed", session);
    return PAYMENT_DONE;
}

static enum payment_result
take_card(struct box *box, struct store_session *session,
          struct store_intent *intent, const char **words)
{
    if (intent->error.code != NULL)
        return decline(box, intent, true, words);
    tamper(box, session, intent);
    if (!payment_complete(box, session, "paid"))
        return PAYMENT_OVER;
    keep(box, session, intent);
    intent_succeed(box, intent);
    if (subscribes(session))
        subscribe(box, session, &intent->method, intent);
    tell_session(box, "checkout.session.completed", session);
    intent_afterwards(box, intent);
    return PAYMENT_DONE;
}

static enum payment_result
take_debit(struct box *box, struct store_session *session,
           struct store_intent *intent, const char *account)
{
    struct store_charge charge;
    int64_t after;

    tamper(box, session, intent);
    if (!payment_complete(box, session, "unpaid"))
        return PAYMENT_OVER;
    if (box_lever(box, "settle_after_ms", &after) == NULL)
        after = SETTLE_MS;
    intent->status = "processing";
    intent->settle_ms = box->now_ms + after;
    intent->settle_well = true;
    for (size_t i = 0; i < COUNT_OF(failing_accounts); i++)
        if (strcmp(account, failing_accounts[i]) == 0)
            intent->settle_well = false;
    intent_charge(box, intent, "pending", &charge);
    store_intent_set(box, intent);
    tell_charge(box, "charge.pending", &charge);
    tell_intent(box, "payment_intent.processing", intent);
    tell_session(box, "checkout.session.completed", session);
    return PAYMENT_STARTED;
}

/* Reads the session again; false, with the outcome, when there is nothing
 * left to pay. */
static bool
still_open(struct box *box, struct store_session *session,
           enum payment_result *result)
{
    if (!store_session_get(box, session->id, session)) {
        *result = PAYMENT_OVER;
        return false;
    }
    if (strcmp(session->status, "complete") == 0)
        *result = PAYMENT_ALREADY;
    else
        *result = PAYMENT_OVER;
    return strcmp(session->status, "open") == 0;
}

struct store_error
payment_answer(const struct card *card)
{
    if (card->only_saves)
        return (struct store_error){ .code = NULL };
    return (struct store_error){ .code = card->code,
                                 .decline = card->decline,
                                 .message = card->words };
}

enum payment_result
payment_try(struct box *box, struct store_session *session,
            const struct payment_ask *ask, const char **words)
{
    struct store_intent intent;
    enum payment_result result;

    if (!still_open(box, session, &result))
        return result;
    if (session->setup != NULL)
        return setup_try(box, session, ask, words);
    if (session->amount == 0)
        return take_nothing(box, session, ask, words);
    intent_of(box, session, &intent);
    intent.method = method_of(box, ask);
    intent.error = (struct store_error){ .code = NULL };
    if (ask->card == NULL)
        return take_debit(box, session, &intent, ask->account);
    /* Until the payer has confirmed, a refusal to come waits in the intent's
     * error, where nobody reads it. */
    intent.error = payment_answer(ask->card);
    if (!ask->card->asks)
        return take_card(box, session, &intent, words);
    intent.status = "requires_action";
    store_intent_set(box, &intent);
    tell_intent(box, "payment_intent.requires_action", &intent);
    return PAYMENT_ASKS;
}

enum payment_result
payment_confirm(struct box *box, struct store_session *session, bool approved,
                const char **words)
{
    struct store_intent intent;
    enum payment_result result;

    if (!still_open(box, session, &result))
        return result;
    if (session->setup != NULL)
        return setup_confirm(box, session, approved, words);
    if (session->intent == NULL ||
        !store_intent_get(box, session->intent, &intent) ||
        strcmp(intent.status, "requires_action") != 0) {
        *words = PAYMENT_NOTHING_ASKED;
        return PAYMENT_DECLINED;
    }
    if (approved)
        return take_card(box, session, &intent, words);
    intent.error = (struct store_error){
        .code = "payment_intent_authentication_failure",
        .message = "We are unable to authenticate your payment method. "
                   "Please choose a different payment method and try again.",
    };
    return decline(box, &intent, false, words);
}

bool
payment_asks(struct box *box, const struct store_session *session)
{
    struct store_intent intent;
    struct store_setup setup;

    if (strcmp(session->status, "open") != 0)
        return false;
    if (session->setup != NULL)
        return store_setup_get(box, session->setup, &setup) &&
               strcmp(setup.status, "requires_action") == 0;
    return session->intent != NULL &&
           store_intent_get(box, session->intent, &intent) &&
           strcmp(intent.status, "requires_action") == 0;
}

bool
payment_settle(struct box *box, const char *id, bool well)
{
    struct store_intent intent;
    struct store_session session;
    struct store_charge charge;
    struct store_error error = { .code = NULL };

    if (!store_intent_get(box, id, &intent) ||
        strcmp(intent.status, "processing") != 0)
        return false;
    if (!well)
        error = (struct store_error){
            .code = "payment_intent_payment_attempt_failed",
            .decline = "insufficient_funds",
            .message = "The customer's account has insufficient funds to "
                       "cover this payment.",
        };
    (void)box_run(box, NULL, SQ_CHARGE_SETTLE, TEXT(intent.charge),
                  TEXT(well ? "succeeded" : "failed"), TEXT(error.code),
                  TEXT(error.decline), TEXT(error.message));
    intent.status = well ? "succeeded" : "requires_payment_method";
    intent.error = error;
    intent.settle_ms = NEVER_MS;
    store_intent_set(box, &intent);
    if (well)
        (void)box_run(box, NULL, SQ_SESSION_PAID, TEXT(intent.session));
    if (!store_charge_get(box, intent.charge, &charge) ||
        !store_session_get(box, intent.session, &session))
        return false;
    if (well)
        intent_take_in(box, &charge);
    tell_charge(box, well ? "charge.succeeded" : "charge.failed", &charge);
    tell_intent(box,
                well ? "payment_intent.succeeded"
                     : "payment_intent.payment_failed",
                &intent);
    tell_session(box,
                 well ? "checkout.session.async_payment_succeeded"
                      : "checkout.session.async_payment_failed",
                 &session);
    return !box->broken;
}

bool
payment_expire(struct box *box, const char *id)
{
    struct store_session session;
    struct rows rows;

    if (!box_run(box, &rows, SQ_SESSION_EXPIRE, TEXT(id)) ||
        rows.changes != 1 || !store_session_get(box, id, &session))
        return false;
    tell_session(box, "checkout.session.expired", &session);
    return !box->broken;
}

bool
payment_is_due(struct box *box)
{
    struct rows sessions, intents;

    return box_run(box, &sessions, SQ_SESSION_OVER, INT(box_now_s(box))) &&
           box_run(box, &intents, SQ_INTENT_DUE, INT(box->now_ms)) &&
           sessions.n + intents.n > 0;
}

void
payment_due(struct box *box)
{
    struct store_intent intent;
    struct rows rows;

    (void)box_run(box, &rows, SQ_SESSION_OVER, INT(box_now_s(box)));
    for (int i = 0; i < rows.n; i++)
        (void)payment_expire(box, rows_text(&rows, i, 0));
    (void)box_run(box, &rows, SQ_INTENT_DUE, INT(box->now_ms));
    for (int i = 0; i < rows.n; i++)
        if (store_intent_get(box, rows_text(&rows, i, 0), &intent))
            (void)payment_settle(box, intent.id, intent.settle_well);
}
