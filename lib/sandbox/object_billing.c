/*
 * Products, prices, subscriptions. Since API 2025-03-31 the period stands on
 * the subscription's items.
 */
#include "object_inside.h"

void
object_product(struct json_out *out, const char *name,
               const struct store_product *product)
{
    json_open_object(out, name);
    json_put_text(out, "id", product->id);
    json_put_text(out, "object", "product");
    json_put_boolean(out, "active", product->active);
    json_put_integer(out, "created", product->created_s);
    json_put_null(out, "default_price");
    json_put_text(out, "description", product->description);
    json_put_raw(out, "images", "[]");
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "marketing_features", "[]");
    json_put_raw(out, "metadata", product->metadata);
    json_put_text(out, "name", product->name);
    PUT_NULLS(out, "package_dimensions", "shippable", "statement_descriptor",
              "tax_code");
    json_put_text(out, "type", "service");
    json_put_null(out, "unit_label");
    json_put_integer(out, "updated", product->created_s);
    json_put_null(out, "url");
    json_close_object(out);
}

void
object_put_recurring(struct json_out *out, const char *interval,
                     int64_t interval_count)
{
    if (interval == NULL) {
        json_put_null(out, "recurring");
        json_put_text(out, "type", "one_time");
        return;
    }
    json_open_object(out, "recurring");
    json_put_text(out, "interval", interval);
    json_put_integer(out, "interval_count", interval_count);
    PUT_NULLS(out, "meter", "trial_period_days");
    json_put_text(out, "usage_type", "licensed");
    json_close_object(out);
    json_put_text(out, "type", "recurring");
}

void
object_price(struct json_out *out, const char *name, struct box *box,
             const struct store_price *price, const struct expand *expand)
{
    struct store_product product;

    json_open_object(out, name);
    json_put_text(out, "id", price->id);
    json_put_text(out, "object", "price");
    json_put_boolean(out, "active", price->active);
    json_put_text(out, "billing_scheme", "per_unit");
    json_put_integer(out, "created", price->created_s);
    json_put_text(out, "currency", price->currency);
    json_put_null(out, "custom_unit_amount");
    json_put_boolean(out, "livemode", false);
    json_put_null(out, "lookup_key");
    json_put_raw(out, "metadata", price->metadata);
    json_put_text(out, "nickname", price->nickname);
    if (object_expands(box, expand, "product") &&
        store_product_get(box, price->product, &product))
        object_product(out, "product", &product);
    else
        json_put_text(out, "product", price->product);
    object_put_recurring(out, price->interval, price->interval_count);
    json_put_text(out, "tax_behavior", "unspecified");
    PUT_NULLS(out, "tiers_mode", "transform_quantity");
    json_put_integer(out, "unit_amount", price->unit_amount);
    json_put_text(out, "unit_amount_decimal",
                  arena_format(box->arena, "%lld",
                               (long long)price->unit_amount));
    json_close_object(out);
}

/* The older form of a price. */
static void
put_plan(struct json_out *out, struct box *box, const struct store_price *price)
{
    json_open_object(out, "plan");
    json_put_text(out, "id", price->id);
    json_put_text(out, "object", "plan");
    json_put_boolean(out, "active", price->active);
    json_put_integer(out, "amount", price->unit_amount);
    json_put_text(out, "amount_decimal",
                  arena_format(box->arena, "%lld",
                               (long long)price->unit_amount));
    json_put_text(out, "billing_scheme", "per_unit");
    json_put_integer(out, "created", price->created_s);
    json_put_text(out, "currency", price->currency);
    json_put_text(out, "interval", price->interval);
    json_put_integer(out, "interval_count", price->interval_count);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", price->metadata);
    PUT_NULLS(out, "meter", "nickname");
    json_put_text(out, "product", price->product);
    PUT_NULLS(out, "tiers_mode", "transform_usage", "trial_period_days");
    json_put_text(out, "usage_type", "licensed");
    json_close_object(out);
}

static void
put_items(struct json_out *out, struct box *box,
          const struct store_subscription *subscription)
{
    struct store_price price;

    object_open_list(out, "items");
    if (store_price_get(box, subscription->price, &price)) {
        json_open_object(out, NULL);
        json_put_text(out, "id", subscription->item);
        json_put_text(out, "object", "subscription_item");
        json_put_integer(out, "created", subscription->created_s);
        json_put_integer(out, "current_period_end", subscription->period_end_s);
        json_put_integer(out, "current_period_start",
                         subscription->period_start_s);
        json_put_raw(out, "discounts", "[]");
        json_put_raw(out, "metadata", "{}");
        put_plan(out, box, &price);
        object_price(out, "price", box, &price, &expand_nothing);
        json_put_integer(out, "quantity", subscription->quantity);
        json_put_text(out, "subscription", subscription->id);
        json_put_raw(out, "tax_rates", "[]");
        json_close_object(out);
    }
    object_close_list(out, false,
                      arena_format(box->arena,
                                   "/v1/subscription_items?subscription=%s",
                                   subscription->id));
}

static void
put_second(struct json_out *out, const char *name, int64_t s)
{
    if (s == 0)
        json_put_null(out, name);
    else
        json_put_integer(out, name, s);
}

static void
put_latest(struct json_out *out, struct box *box,
           const struct store_subscription *subscription,
           const struct expand *expand)
{
    struct store_invoice invoice;

    if (subscription->latest_invoice != NULL &&
        object_expands(box, expand, "latest_invoice") &&
        store_invoice_get(box, subscription->latest_invoice, &invoice)) {
        struct expand inside = object_deeper(box, expand, "latest_invoice");

        object_invoice(out, "latest_invoice", box, &invoice, &inside);
    } else {
        json_put_text(out, "latest_invoice", subscription->latest_invoice);
    }
}

/* Features of billing that nobody has asked for. */
static void
put_unused(struct json_out *out)
{
    PUT_NULLS(out, "application", "application_fee_percent");
    json_open_object(out, "automatic_tax");
    json_put_null(out, "disabled_reason");
    json_put_boolean(out, "enabled", false);
    json_put_null(out, "liability");
    json_close_object(out);
    json_put_null(out, "billing_cycle_anchor_config");
    json_put_text(out, "collection_method", "charge_automatically");
    PUT_NULLS(out, "days_until_due", "default_source");
    json_put_raw(out, "default_tax_rates", "[]");
    json_put_raw(out, "discounts", "[]");
    json_put_raw(out, "invoice_settings",
                 "{\"account_tax_ids\":null,\"issuer\":{\"type\":\"self\"}}");
    PUT_NULLS(out, "next_pending_invoice_item_invoice", "on_behalf_of",
              "pause_collection");
    json_put_raw(out, "payment_settings",
                 "{\"payment_method_options\":null,"
                 "\"payment_method_types\":null,"
                 "\"save_default_payment_method\":\"off\"}");
    PUT_NULLS(out, "pending_invoice_item_interval", "pending_setup_intent",
              "pending_update", "schedule", "test_clock", "transfer_data",
              "trial_end");
    json_put_raw(out, "trial_settings",
                 "{\"end_behavior\":{\"missing_payment_method\":"
                 "\"create_invoice\"}}");
    json_put_null(out, "trial_start");
}

void
object_subscription(struct json_out *out, const char *name, struct box *box,
                    const struct store_subscription *subscription,
                    const struct expand *expand)
{
    bool asked = subscription->canceled_s != 0;

    json_open_object(out, name);
    json_put_text(out, "id", subscription->id);
    json_put_text(out, "object", "subscription");
    json_put_integer(out, "billing_cycle_anchor", subscription->anchor_s);
    put_second(out, "cancel_at",
               subscription->cancel_at_end ? subscription->period_end_s : 0);
    json_put_boolean(out, "cancel_at_period_end", subscription->cancel_at_end);
    put_second(out, "canceled_at", subscription->canceled_s);
    json_open_object(out, "cancellation_details");
    PUT_NULLS(out, "comment", "feedback");
    json_put_text(out, "reason", asked ? "cancellation_requested" : NULL);
    json_close_object(out);
    json_put_integer(out, "created", subscription->created_s);
    json_put_text(out, "currency", subscription->currency);
    object_put_customer(out, box, subscription->customer, expand);
    object_put_method(out, box, "default_payment_method", subscription->method,
                      expand);
    json_put_text(out, "description", subscription->description);
    put_second(out, "ended_at", subscription->ended_s);
    put_items(out, box, subscription);
    put_latest(out, box, subscription, expand);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", subscription->metadata);
    json_put_integer(out, "start_date", subscription->created_s);
    json_put_text(out, "status", subscription->status);
    put_unused(out);
    json_close_object(out);
}
