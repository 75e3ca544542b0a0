/*
 * Levers: how the sandbox is told to misbehave, and what befalls payments
 * without their payer. What a lever names and we do not have is a fault at
 * its pointer.
 */
#include "lever.h"

#include "billing.h"
#include "clock.h"
#include "fault.h"
#include "limits.h"
#include "method.h"
#include "money.h"
#include "payment.h"
#include "reversal.h"
#include "tell.h"
#include "text.h"

#define DELAY_MOST_MS DAY_MS
#define AMOUNT_MAX    INT64_C(99999999)
#define CLOCK_MOST_MS (36500 * DAY_MS)
/* Renewals that a moved clock brings at once; the messenger does the rest. */
#define ROUNDS 10

static void
lever_set(struct box *box, const char *name, const char *word, int64_t amount)
{
    (void)box_run(box, NULL, SQ_LEVER_SET, TEXT(name), TEXT(word), INT(amount));
}

static void
pull_webhooks(struct json_reader *in, struct box *box)
{
    static const char *const ways[] = { "deliver", "drop", "duplicate",
                                        "reverse" };
    const char *way = json_want_text(in, "webhooks", LIMIT_TEXT, NULL);
    int64_t delay_ms;

    if (way == NULL)
        return;
    if (text_begins(way, "delay:") &&
        text_int(way + strlen("delay:"), 0, DELAY_MOST_MS, &delay_ms)) {
        lever_set(box, "webhooks", "delay", delay_ms);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (strcmp(way, ways[i]) == 0) {
            lever_set(box, "webhooks", way, 0);
            return;
        }
    json_refuse(in, "webhooks",
                "One of deliver, drop, duplicate, delay:MS, reverse.");
}

static void
pull_api(struct json_reader *in, struct box *box, int64_t times)
{
    const char *word = json_want_text(in, "api", LIMIT_TEXT, NULL);

    if (word == NULL)
        return;
    if (fault_known(word))
        lever_set(box, "api", word, times);
    else
        json_refuse(in, "api", "The sandbox does not know this fault.");
}

/* Why saved cards are declined from now on. */
static void
pull_decline(struct json_reader *in, struct box *box, int64_t times)
{
    static const char *const reasons[] = {
        "generic_decline",
        "insufficient_funds",
        "lost_card",
        "stolen_card",
        "expired_card",
        "do_not_honor",
        "authentication_required",
    };
    int reason =
        json_want_word(in, "decline", reasons, (int)COUNT_OF(reasons), -2);

    if (reason >= 0)
        lever_set(box, "decline", reasons[reason], times);
}

static void
pull_tamper(struct json_reader *in, struct box *box)
{
    int64_t amount = json_want_integer(in, "tamper_amount", 1, 99999999, 0);
    const char *currency = json_want_text(in, "tamper_currency", 3, NULL);
    char upper[4] = "";

    if (amount > 0)
        lever_set(box, "tamper_amount", NULL, amount);
    if (currency == NULL)
        return;
    for (size_t i = 0; currency[i] != '\0' && i < 3; i++)
        upper[i] = (char)(currency[i] >= 'a' && currency[i] <= 'z'
                              ? currency[i] - 'a' + 'A'
                              : '?');
    if (money_digits(upper) < 0)
        json_refuse(in, "tamper_currency", "A currency in lower case.");
    else
        lever_set(box, "tamper_currency", currency, 0);
}

/* --- Payments ----------------------------------------------------------- */

/* The payment intent of what was named: itself, or a session's. */
static const char *
intent_of(struct box *box, const char *name)
{
    struct store_session session;

    if (store_session_get(box, name, &session))
        return session.intent == NULL ? "" : session.intent;
    return name;
}

static void
pull_payments(struct json_reader *in, struct box *box)
{
    const char *settle = json_want_text(in, "settle", LIMIT_TEXT, NULL);
    const char *fail = json_want_text(in, "fail", LIMIT_TEXT, NULL);
    const char *expire = json_want_text(in, "expire", LIMIT_TEXT, NULL);
    const char *resend = json_want_text(in, "resend", LIMIT_TEXT, NULL);
    int64_t after_ms =
        json_want_integer(in, "settle_after_ms", 0, DELAY_MOST_MS, -1);

    if (after_ms >= 0)
        lever_set(box, "settle_after_ms", "ms", after_ms);
    if (settle != NULL && !payment_settle(box, intent_of(box, settle), true) &&
        !reversal_settle(box, settle, true))
        json_refuse(in, "settle", "No payment of this is on its way.");
    if (fail != NULL && !payment_settle(box, intent_of(box, fail), false))
        json_refuse(in, "fail", "No payment of this is on its way.");
    if (expire != NULL && !payment_expire(box, expire))
        json_refuse(in, "expire", "No such session is open.");
    if (resend != NULL && !told_again(box, resend))
        json_refuse(in, "resend", "There is no such event.");
}

/* --- Refunds and disputes ----------------------------------------------- */

/* The charge of what was named: itself, a payment intent's, a session's; ""
 * where there is none. */
static const char *
charge_of(struct box *box, const char *name)
{
    struct store_charge charge;
    struct store_intent intent;

    if (store_charge_get(box, name, &charge))
        return name;
    if (store_intent_get(box, intent_of(box, name), &intent) &&
        intent.charge != NULL)
        return intent.charge;
    return "";
}

/* A row that belongs to a charge, by its own id or by what was paid. */
static const char *
found(struct box *box, int query, const char *name)
{
    struct rows rows;

    if (box_run(box, &rows, query, TEXT(charge_of(box, name))) && rows.n == 1)
        return rows_text(&rows, 0, 0);
    return name;
}

static void
pull_refund(struct json_reader *in, struct box *box, int64_t amount)
{
    const char *paid = json_want_text(in, "refund", LIMIT_TEXT, NULL);
    const char *failed = json_want_text(in, "fail_refund", LIMIT_TEXT, NULL);
    struct refund_ask ask = { .amount = amount, .metadata = "{}" };
    struct store_refund refund;
    struct store_charge charge;

    if (paid != NULL) {
        ask.charge = charge_of(box, paid);
        if (reversal_refund(box, &ask, &refund, &charge) != REFUND_DONE)
            json_refuse(in, "refund", "So much of this cannot be refunded.");
    }
    if (failed != NULL &&
        !reversal_settle(box, found(box, SQ_REFUND_OF_CHARGE, failed), false))
        json_refuse(in, "fail_refund", "There is no refund that can fail.");
}

static void
pull_dispute(struct json_reader *in, struct box *box, int64_t amount)
{
    const char *paid = json_want_text(in, "dispute", LIMIT_TEXT, NULL);
    const char *won = json_want_text(in, "win", LIMIT_TEXT, NULL);
    const char *lost = json_want_text(in, "lose", LIMIT_TEXT, NULL);

    if (paid != NULL && !reversal_dispute(box, charge_of(box, paid), amount))
        json_refuse(in, "dispute", "So much of this cannot be disputed.");
    if (won != NULL &&
        !reversal_close(box, found(box, SQ_DISPUTE_OF_CHARGE, won), true))
        json_refuse(in, "win", "No dispute of this is open.");
    if (lost != NULL &&
        !reversal_close(box, found(box, SQ_DISPUTE_OF_CHARGE, lost), false))
        json_refuse(in, "lose", "No dispute of this is open.");
}

/* --- Subscriptions ------------------------------------------------------ */

/* The subscription of what was named: itself, or a session's. */
static const char *
subscription_of(struct box *box, const char *name)
{
    struct store_session session;

    if (store_session_get(box, name, &session))
        return session.subscription == NULL ? "" : session.subscription;
    return name;
}

/* Pays an open invoice, or a subscription's latest, by a card that is good. */
static bool
pay(struct box *box, const char *name)
{
    struct store_subscription subscription;
    struct store_invoice invoice;
    struct store_intent refused;
    struct store_saved saved;

    if (store_subscription_get(box, subscription_of(box, name),
                               &subscription) &&
        subscription.latest_invoice != NULL)
        name = subscription.latest_invoice;
    return store_invoice_get(box, name, &invoice) &&
           strcmp(invoice.status, "open") == 0 &&
           method_find(box, "pm_card_visa", &saved) &&
           billing_pay(box, &invoice, &saved, false, &refused);
}

static void
pull_billing(struct json_reader *in, struct box *box)
{
    const char *renewed = json_want_text(in, "renew", LIMIT_TEXT, NULL);
    const char *paid = json_want_text(in, "pay", LIMIT_TEXT, NULL);
    int64_t offset_ms = json_want_integer(in, "clock_offset_ms", -CLOCK_MOST_MS,
                                          CLOCK_MOST_MS, NEVER_MS);

    if (renewed != NULL && !billing_renew(box, subscription_of(box, renewed)))
        json_refuse(in, "renew", "No such subscription goes on.");
    if (paid != NULL && !pay(box, paid))
        json_refuse(in, "pay", "No invoice of this is open.");
    if (offset_ms == NEVER_MS)
        return;
    (void)box_run(box, NULL, SQ_CLOCK_SET, INT(offset_ms));
    for (int i = 0; i < ROUNDS && billing_is_due(box); i++)
        billing_due(box);
}

void
lever_pull(struct json_reader *in, struct box *box)
{
    int64_t amount = json_want_integer(in, "amount", 1, AMOUNT_MAX, 0);

    int64_t times =
        json_want_integer(in, "times", 1, LIMIT_INTEGER, LIMIT_INTEGER);

    if (json_want_boolean(in, "reset", false))
        (void)box_run(box, NULL, SQ_LEVER_RESET, NONE);
    pull_webhooks(in, box);
    pull_api(in, box, times);
    pull_decline(in, box, times);
    pull_tamper(in, box);
    pull_payments(in, box);
    pull_refund(in, box, amount);
    pull_dispute(in, box, amount);
    pull_billing(in, box);
}
