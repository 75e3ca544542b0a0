/*
 * Invoices, their lines and their payments. Since API 2025-03-31 an invoice's
 * subscription stands under `parent`, and its payment under `payments`.
 */
#include "object_inside.h"

static void
put_second(struct json_out *out, const char *name, int64_t s)
{
    if (s == 0)
        json_put_null(out, name);
    else
        json_put_integer(out, name, s);
}

static void
put_parent(struct json_out *out, const struct store_subscription *subscription,
           bool proration)
{
    json_open_object(out, "parent");
    json_put_null(out, "invoice_item_details");
    json_open_object(out, "subscription_item_details");
    json_put_null(out, "invoice_item");
    json_put_boolean(out, "proration", proration);
    json_put_raw(out, "proration_details", "{\"credited_items\":null}");
    json_put_text(out, "subscription", subscription->id);
    json_put_text(out, "subscription_item", subscription->item);
    json_close_object(out);
    json_put_text(out, "type", "subscription_item_details");
    json_close_object(out);
}

void
object_invoice_line(struct json_out *out, struct box *box,
                    const struct store_invoice *invoice,
                    const struct store_subscription *subscription,
                    const struct store_invoice_line *line)
{
    struct store_price price = { .product = NULL };

    json_open_object(out, NULL);
    json_put_text(out, "id", line->id);
    json_put_text(out, "object", "line_item");
    json_put_integer(out, "amount", line->amount);
    json_put_text(out, "currency", invoice->currency);
    json_put_text(out, "description", line->description);
    json_put_raw(out, "discount_amounts", "[]");
    json_put_boolean(out, "discountable", !line->proration);
    json_put_raw(out, "discounts", "[]");
    json_put_text(out, "invoice", invoice->id);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", subscription->metadata);
    put_parent(out, subscription, line->proration);
    json_open_object(out, "period");
    json_put_integer(out, "end", line->end_s);
    json_put_integer(out, "start", line->start_s);
    json_close_object(out);
    json_put_raw(out, "pretax_credit_amounts", "[]");
    json_open_object(out, "pricing");
    json_open_object(out, "price_details");
    json_put_text(out, "price", line->price);
    if (store_price_get(box, line->price, &price))
        json_put_text(out, "product", price.product);
    json_close_object(out);
    json_put_text(out, "type", "price_details");
    json_put_text(out, "unit_amount_decimal",
                  arena_format(box->arena, "%lld",
                               (long long)price.unit_amount));
    json_close_object(out);
    json_put_integer(out, "quantity", line->quantity);
    json_put_raw(out, "taxes", "[]");
    json_close_object(out);
}

static void
put_lines(struct json_out *out, struct box *box,
          const struct store_invoice *invoice,
          const struct store_subscription *subscription)
{
    int count;
    struct store_invoice_line *lines =
        store_invoice_lines(box, invoice->id, &count);

    object_open_list(out, "lines");
    for (int i = 0; i < count; i++)
        object_invoice_line(out, box, invoice, subscription, &lines[i]);
    object_close_list(out, false,
                      arena_format(box->arena, "/v1/invoices/%s/lines",
                                   invoice->id));
}

void
object_invoice_payment(struct json_out *out,
                       const struct store_invoice *invoice)
{
    bool paid = strcmp(invoice->status, "paid") == 0;

    json_open_object(out, NULL);
    json_put_text(out, "id", invoice->id); /* in_...: it has one payment */
    json_put_text(out, "object", "invoice_payment");
    if (paid)
        json_put_integer(out, "amount_paid", invoice->paid);
    else
        json_put_null(out, "amount_paid");
    json_put_integer(out, "amount_requested", invoice->due);
    json_put_integer(out, "created", invoice->created_s);
    json_put_text(out, "currency", invoice->currency);
    json_put_text(out, "invoice", invoice->id);
    json_put_boolean(out, "is_default", true);
    json_put_boolean(out, "livemode", false);
    json_open_object(out, "payment");
    json_put_text(out, "payment_intent", invoice->intent);
    json_put_text(out, "type", "payment_intent");
    json_close_object(out);
    json_put_text(out, "status", paid ? "paid" : "open");
    json_open_object(out, "status_transitions");
    json_put_null(out, "canceled_at");
    put_second(out, "paid_at", invoice->paid_s);
    json_close_object(out);
    json_close_object(out);
}

static void
put_payments(struct json_out *out, struct box *box,
             const struct store_invoice *invoice)
{
    object_open_list(out, "payments");
    if (invoice->intent != NULL)
        object_invoice_payment(out, invoice);
    object_close_list(out, false,
                      arena_format(box->arena,
                                   "/v1/invoice_payments?invoice=%s",
                                   invoice->id));
}

/* What is due, what was paid, and when. */
static void
put_state(struct json_out *out, const struct store_invoice *invoice)
{
    bool draft = strcmp(invoice->status, "draft") == 0;

    json_put_integer(out, "amount_due", invoice->due);
    json_put_integer(out, "amount_overpaid", 0);
    json_put_integer(out, "amount_paid", invoice->paid);
    json_put_integer(out, "amount_remaining", invoice->due - invoice->paid);
    json_put_integer(out, "amount_shipping", 0);
    json_put_integer(out, "attempt_count", invoice->attempts);
    json_put_boolean(out, "attempted", invoice->attempts > 0);
    json_put_boolean(out, "auto_advance", false);
    if (draft)
        json_put_null(out, "ending_balance");
    else
        json_put_integer(out, "ending_balance", invoice->balance_after);
    json_put_null(out, "next_payment_attempt");
    json_put_integer(out, "starting_balance", invoice->balance_before);
    json_put_text(out, "status", invoice->status);
    json_open_object(out, "status_transitions");
    put_second(out, "finalized_at", invoice->finalized_s);
    json_put_null(out, "marked_uncollectible_at");
    put_second(out, "paid_at", invoice->paid_s);
    put_second(out, "voided_at", invoice->voided_s);
    json_close_object(out);
    json_put_integer(out, "subtotal", invoice->total);
    json_put_integer(out, "subtotal_excluding_tax", invoice->total);
    json_put_integer(out, "total", invoice->total);
    json_put_raw(out, "total_discount_amounts", "[]");
    json_put_integer(out, "total_excluding_tax", invoice->total);
    json_put_raw(out, "total_pretax_credit_amounts", "[]");
    json_put_raw(out, "total_taxes", "[]");
}

static void
put_buyer(struct json_out *out, struct box *box,
          const struct store_invoice *invoice, const struct expand *expand)
{
    struct store_customer customer;

    if (!store_customer_get(box, invoice->customer, &customer))
        return;
    object_put_customer(out, box, invoice->customer, expand);
    json_put_null(out, "customer_address");
    json_put_text(out, "customer_email", customer.email);
    json_put_text(out, "customer_name", customer.name);
    PUT_NULLS(out, "customer_phone", "customer_shipping");
    json_put_text(out, "customer_tax_exempt", "none");
    json_put_raw(out, "customer_tax_ids", "[]");
}

/* Features of invoices that nobody has asked for. */
static void
put_unused(struct json_out *out)
{
    json_put_text(out, "account_country", "GB");
    PUT_NULLS(out, "account_name", "account_tax_ids", "application",
              "automatically_finalizes_at");
    json_put_raw(out, "automatic_tax",
                 "{\"disabled_reason\":null,\"enabled\":false,"
                 "\"liability\":null,\"provider\":null,\"status\":null}");
    json_put_text(out, "collection_method", "charge_automatically");
    PUT_NULLS(out, "custom_fields", "default_payment_method", "default_source");
    json_put_raw(out, "default_tax_rates", "[]");
    json_put_null(out, "description");
    json_put_raw(out, "discounts", "[]");
    PUT_NULLS(out, "due_date", "footer", "from_invoice", "hosted_invoice_url",
              "invoice_pdf");
    json_put_raw(out, "issuer", "{\"type\":\"self\"}");
    PUT_NULLS(out, "last_finalization_error", "latest_revision");
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", "{}");
    json_put_null(out, "on_behalf_of");
    json_put_raw(out, "payment_settings",
                 "{\"default_mandate\":null,\"payment_method_options\":null,"
                 "\"payment_method_types\":null}");
    json_put_integer(out, "post_payment_credit_notes_amount", 0);
    json_put_integer(out, "pre_payment_credit_notes_amount", 0);
    PUT_NULLS(out, "receipt_number", "rendering", "shipping_cost",
              "shipping_details", "statement_descriptor", "test_clock",
              "webhooks_delivered_at");
}

void
object_invoice(struct json_out *out, const char *name, struct box *box,
               const struct store_invoice *invoice, const struct expand *expand)
{
    struct store_subscription subscription;

    if (!store_subscription_get(box, invoice->subscription, &subscription))
        return;
    json_open_object(out, name);
    json_put_text(out, "id", invoice->id);
    json_put_text(out, "object", "invoice");
    json_put_text(out, "billing_reason", invoice->reason);
    json_put_integer(out, "created", invoice->created_s);
    json_put_text(out, "currency", invoice->currency);
    put_buyer(out, box, invoice, expand);
    put_second(out, "effective_at", invoice->finalized_s);
    put_lines(out, box, invoice, &subscription);
    if (invoice->finalized_s == 0)
        json_put_null(out, "number");
    else
        json_put_text(out, "number",
                      arena_format(box->arena, "SANDBOX-%06lld",
                                   (long long)invoice->number));
    json_open_object(out, "parent");
    json_put_null(out, "quote_details");
    json_open_object(out, "subscription_details");
    json_put_raw(out, "metadata", subscription.metadata);
    if (object_expands(box, expand, "parent.subscription_details.subscription"))
        object_subscription(out, "subscription", box, &subscription,
                            &expand_nothing);
    else
        json_put_text(out, "subscription", invoice->subscription);
    json_close_object(out);
    json_put_text(out, "type", "subscription_details");
    json_close_object(out);
    if (object_expands(box, expand, "payments"))
        put_payments(out, box, invoice);
    json_put_integer(out, "period_end", invoice->period_end_s);
    json_put_integer(out, "period_start", invoice->period_start_s);
    put_state(out, invoice);
    put_unused(out);
    json_close_object(out);
}
