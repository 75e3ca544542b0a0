/*
 * Invoices. Drafts last no longer than the transaction that makes them: the
 * sandbox finalizes at once where Stripe waits an hour.
 */
#include "invoice.h"

#include "intent.h"
#include "tell.h"

static int64_t
balance_of(struct box *box, const char *customer)
{
    struct rows rows;

    return box_run(box, &rows, SQ_CUSTOMER_BALANCE, TEXT(customer)) &&
                   rows.n == 1
               ? rows_int(&rows, 0, 0)
               : 0;
}

void
invoice_open(struct box *box, const struct store_subscription *subscription,
             const char *reason, int64_t cycle_s, int64_t created_s,
             struct store_invoice *invoice)
{
    int64_t balance = balance_of(box, subscription->customer);

    *invoice = (struct store_invoice){
        .id = box_id(box, "in_", 24),
        .created_s = created_s,
        .customer = subscription->customer,
        .subscription = subscription->id,
        .reason = reason,
        .cycle_s = cycle_s,
        .currency = subscription->currency,
        .status = "draft",
        .balance_before = balance,
        .balance_after = balance,
        .period_start_s = subscription->period_start_s,
        .period_end_s = subscription->period_end_s,
    };
    store_invoice_add(box, invoice);
    (void)box_run(box, NULL, SQ_INVOICE_LINE_GATHER, TEXT(subscription->id),
                  TEXT(invoice->id));
}

void
invoice_line(struct box *box, const struct store_subscription *subscription,
             const struct store_invoice *invoice,
             const struct store_invoice_line *line)
{
    struct store_invoice_line added = *line;

    added.id = box_id(box, "il_", 24);
    store_invoice_line_add(box, subscription->id,
                           invoice == NULL ? NULL : invoice->id, &added);
}

void
invoice_finalize(struct box *box, struct store_invoice *invoice)
{
    struct rows rows;
    int64_t owed;

    if (!box_run(box, &rows, SQ_INVOICE_LINE_SUM, TEXT(invoice->id)) ||
        rows.n == 0)
        return;
    invoice->total = rows_int(&rows, 0, 0);
    store_invoice_set(box, invoice);
    tell_invoice(box, "invoice.created", invoice);
    owed = invoice->total + invoice->balance_before;
    invoice->due = max_i64(0, owed);
    invoice->balance_after = min_i64(0, owed);
    invoice->status = "open";
    invoice->finalized_s = invoice->created_s;
    (void)box_run(box, NULL, SQ_CUSTOMER_OWE, TEXT(invoice->customer),
                  INT(invoice->balance_after));
    store_invoice_set(box, invoice);
    tell_invoice(box, "invoice.finalized", invoice);
}

void
invoice_paid(struct box *box, struct store_invoice *invoice, const char *intent)
{
    invoice->status = "paid";
    invoice->paid = invoice->due;
    invoice->paid_s = max_i64(invoice->created_s, store_clock_s(box));
    invoice->intent = intent;
    if (intent != NULL)
        invoice->attempts++;
    store_invoice_set(box, invoice);
    tell_invoice(box, "invoice.paid", invoice);
    tell_invoice(box, "invoice.payment_succeeded", invoice);
}

/* The invoice's own payment, made at the first try. */
static void
intent_of(struct box *box, const struct store_invoice *invoice,
          struct store_intent *intent)
{
    struct store_customer customer = { .email = NULL };

    if (invoice->intent != NULL &&
        store_intent_get(box, invoice->intent, intent) &&
        strcmp(intent->status, "canceled") != 0)
        return;
    if (!store_customer_get(box, invoice->customer, &customer))
        return;
    *intent = (struct store_intent){
        .amount = invoice->due,
        .currency = invoice->currency,
        .status = "requires_payment_method",
        .metadata = "{}",
        .description = strcmp(invoice->reason, "subscription_create") == 0
                           ? "Subscription creation"
                           : "Subscription update",
        .customer = invoice->customer,
        .email = customer.email,
    };
    intent_add(box, intent);
}

bool
invoice_charge(struct box *box, struct store_invoice *invoice,
               const struct store_saved *saved, bool alone,
               struct store_intent *refused)
{
    enum intent_result result = INTENT_DECLINED;

    *refused = (struct store_intent){ .id = NULL };
    if (invoice->due == 0) {
        invoice_paid(box, invoice, NULL);
        return true;
    }
    if (saved != NULL) {
        intent_of(box, invoice, refused);
        invoice->intent = refused->id;
        result = intent_confirm(box, refused, saved, alone);
    }
    if (result == INTENT_PAID) {
        invoice_paid(box, invoice, refused->id);
        return true;
    }
    invoice->attempts++;
    store_invoice_set(box, invoice);
    tell_invoice(box, "invoice.payment_failed", invoice);
    if (result == INTENT_ASKS ||
        (refused->error.code != NULL &&
         strcmp(refused->error.code, "authentication_required") == 0))
        tell_invoice(box, "invoice.payment_action_required", invoice);
    return false;
}

bool
invoice_void(struct box *box, struct store_invoice *invoice)
{
    if (strcmp(invoice->status, "open") != 0)
        return false;
    invoice->status = "void";
    invoice->voided_s = store_clock_s(box);
    store_invoice_set(box, invoice);
    tell_invoice(box, "invoice.voided", invoice);
    return !box->broken;
}
