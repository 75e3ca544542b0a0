/*
 * Subscriptions and their invoices as plain values. API 2025-03-31 moved the
 * period of a subscription to its items and the subscription of an invoice
 * under `parent`; accounts and stored events have either, so both places are
 * read. Only reads what it is handed.
 */
#include "limits.h"
#include "stripe_inside.h"
#include "stripe_subscription.h"

bool
stripe_subscription_read(const struct json *object,
                         struct stripe_subscription *subscription)
{
    const char *kind = json_text_at(object, "object");

    *subscription = (struct stripe_subscription){
        .id = json_text_at(object, "id"),
        .status = json_text_at(object, "status"),
        .change = json_text_at(object, "metadata." STRIPE_MEMBERSHIP),
        .item = json_text_at(object, "items.data.0.id"),
        .product = stripe_id_at(object, "items.data.0.price.product"),
        .period_start_s = json_integer_at(
            object, "items.data.0.current_period_start",
            json_integer_at(object, "current_period_start", -1)),
        .period_end_s =
            json_integer_at(object, "items.data.0.current_period_end",
                            json_integer_at(object, "current_period_end", -1)),
        .cancel_at_period_end =
            json_boolean_at(object, "cancel_at_period_end", false),
        .cancel_at_s = json_integer_at(object, "cancel_at", -1),
        .ended_at_s = json_integer_at(object, "ended_at", -1),
        .canceled_at_s = json_integer_at(object, "canceled_at", -1),
    };
    return kind != NULL && strcmp(kind, "subscription") == 0 &&
           stripe_id_fits(subscription->id) && subscription->status != NULL &&
           json_boolean(json_at(object, "livemode"), &subscription->livemode);
}

const char *
stripe_session_subscription(const struct json *object)
{
    const char *id = stripe_id_at(object, "subscription");

    return stripe_id_fits(id) ? id : NULL;
}

/* Whether a line is for what is left of a period after a change in it. */
static bool
is_proration(const struct json *line)
{
    return json_boolean_at(
        line, "parent.subscription_item_details.proration",
        json_boolean_at(line, "parent.invoice_item_details.proration",
                        json_boolean_at(line, "proration", false)));
}

/* Whether it is for the subscription itself, not an item of its own. */
static bool
is_period(const struct json *line)
{
    const char *parent = json_text_at(line, "parent.type");
    const char *type = json_text_at(line, "type");

    if (is_proration(line))
        return false;
    if (parent != NULL)
        return strcmp(parent, "subscription_item_details") == 0;
    return type == NULL || strcmp(type, "subscription") == 0;
}

/* Bounded, whatever is sent. */
static void
take_off(struct stripe_invoice *invoice, int64_t amount)
{
    if (amount > 0)
        invoice->less = min_i64(invoice->less + amount, LIMIT_INTEGER);
}

/* The line of the period, and what the others take off. */
static void
read_lines(const struct json *object, struct stripe_invoice *invoice)
{
    const struct json *line = json_first(json_at(object, "lines.data"));

    for (; line != NULL; line = json_next(line)) {
        int64_t amount = json_integer_at(line, "amount", 0);
        int64_t start = json_integer_at(line, "period.start", -1);

        if (is_period(line) && start > invoice->line_start_s) {
            invoice->line_amount = amount;
            invoice->line_start_s = start;
            invoice->line_end_s = json_integer_at(line, "period.end", -1);
        } else {
            take_off(invoice, -amount);
        }
    }
}

/* The customer's balance is below zero where it is in their favour. */
static void
read_reductions(const struct json *object, struct stripe_invoice *invoice)
{
    const struct json *each =
        json_first(json_at(object, "total_discount_amounts"));
    int64_t before = json_integer_at(object, "starting_balance", 0);
    int64_t after = json_integer_at(object, "ending_balance", before);

    for (; each != NULL; each = json_next(each))
        take_off(invoice, json_integer_at(each, "amount", 0));
    if (before < 0)
        take_off(invoice, min_i64(after, 0) - before);
}

bool
stripe_invoice_read(const struct json *object, struct stripe_invoice *invoice)
{
    const char *kind = json_text_at(object, "object");
    const char *new =
        stripe_id_at(object, "parent.subscription_details.subscription");
    const char *change =
        json_text_at(object,
                     "parent.subscription_details.metadata." STRIPE_MEMBERSHIP);

    *invoice = (struct stripe_invoice){
        .id = json_text_at(object, "id"),
        .subscription =
            new == NULL ? stripe_id_at(object, "subscription") : new,
        .change = change == NULL
                      ? json_text_at(
                            object,
                            "subscription_details.metadata." STRIPE_MEMBERSHIP)
                      : change,
        .status = json_text_at(object, "status"),
        .reason = json_text_at(object, "billing_reason"),
        .currency = json_text_at(object, "currency"),
        .amount_paid = json_integer_at(object, "amount_paid", -1),
        .line_amount = -1,
        .line_start_s = -1,
        .line_end_s = -1,
        .created_s = json_integer_at(object, "created", -1),
        .paid_at_s = json_integer_at(object, "status_transitions.paid_at", -1),
        .next_attempt_s = json_integer_at(object, "next_payment_attempt", -1),
        .hosted_url = json_text_at(object, "hosted_invoice_url"),
    };
    read_lines(object, invoice);
    read_reductions(object, invoice);
    return kind != NULL && strcmp(kind, "invoice") == 0 &&
           stripe_id_fits(invoice->id) &&
           stripe_id_fits(invoice->subscription) && invoice->status != NULL &&
           invoice->currency != NULL &&
           json_boolean(json_at(object, "livemode"), &invoice->livemode);
}
