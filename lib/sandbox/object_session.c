/*
 * Checkout sessions and their lines.
 */
#include "object_inside.h"

static void
put_price(struct json_out *out, const struct store_session *session,
          const struct store_line *line)
{
    json_open_object(out, "price");
    json_put_text(out, "id", line->price);
    json_put_text(out, "object", "price");
    json_put_boolean(out, "active", false);
    json_put_text(out, "billing_scheme", "per_unit");
    json_put_integer(out, "created", session->created_s);
    json_put_text(out, "currency", session->currency);
    json_put_null(out, "custom_unit_amount");
    json_put_boolean(out, "livemode", false);
    json_put_null(out, "lookup_key");
    json_put_raw(out, "metadata", "{}");
    json_put_null(out, "nickname");
    json_put_text(out, "product", line->product);
    object_put_recurring(out, line->interval, line->interval_count);
    json_put_text(out, "tax_behavior", "unspecified");
    PUT_NULLS(out, "tiers_mode", "transform_quantity");
    json_put_integer(out, "unit_amount", line->unit_amount);
    json_close_object(out);
}

void
object_line(struct json_out *out, const struct store_session *session,
            const struct store_line *line)
{
    int64_t amount = line->unit_amount * line->quantity;

    json_open_object(out, NULL);
    json_put_text(out, "id", line->id);
    json_put_text(out, "object", "item");
    json_put_integer(out, "amount_discount", 0);
    json_put_integer(out, "amount_subtotal", amount);
    json_put_integer(out, "amount_tax", 0);
    json_put_integer(out, "amount_total", amount);
    json_put_text(out, "currency", session->currency);
    json_put_text(out, "description", line->name);
    put_price(out, session, line);
    json_put_integer(out, "quantity", line->quantity);
    json_close_object(out);
}

static void
put_lines(struct json_out *out, struct box *box,
          const struct store_session *session)
{
    int count;
    struct store_line *lines = store_lines(box, session->id, &count);

    object_open_list(out, "line_items");
    for (int i = 0; i < count; i++)
        object_line(out, session, &lines[i]);
    object_close_list(out, false,
                      arena_format(box->arena,
                                   "/v1/checkout/sessions/%s/line_items",
                                   session->id));
}

static void
put_details(struct json_out *out, const struct store_session *session)
{
    if (session->email == NULL) {
        json_put_null(out, "customer_details");
        return;
    }
    json_open_object(out, "customer_details");
    object_put_address(out);
    json_put_text(out, "email", session->email);
    PUT_NULLS(out, "name", "phone");
    json_put_text(out, "tax_exempt", "none");
    json_put_null(out, "tax_ids");
    json_close_object(out);
}

/* What it made: an id, or the object itself. A subscription's payment is its
 * invoice's. */
static void
put_session_intent(struct json_out *out, struct box *box,
                   const struct store_session *session,
                   const struct expand *expand)
{
    bool pays = strcmp(session->mode, "payment") == 0;
    struct store_intent intent;

    if (pays && session->intent != NULL &&
        object_expands(box, expand, "payment_intent") &&
        store_intent_get(box, session->intent, &intent)) {
        struct expand inside = object_deeper(box, expand, "payment_intent");

        object_intent(out, "payment_intent", box, &intent, &inside);
    } else {
        json_put_text(out, "payment_intent", pays ? session->intent : NULL);
    }
}

static void
put_session_setup(struct json_out *out, struct box *box,
                  const struct store_session *session,
                  const struct expand *expand)
{
    struct store_setup setup;

    if (session->setup != NULL && object_expands(box, expand, "setup_intent") &&
        store_setup_get(box, session->setup, &setup)) {
        struct expand inside = object_deeper(box, expand, "setup_intent");

        object_setup(out, "setup_intent", box, &setup, &inside);
    } else {
        json_put_text(out, "setup_intent", session->setup);
    }
}

static void
put_session_billing(struct json_out *out, struct box *box,
                    const struct store_session *session,
                    const struct expand *expand)
{
    struct store_subscription subscription;
    struct store_invoice invoice;
    struct expand inside;

    if (session->subscription != NULL &&
        object_expands(box, expand, "subscription") &&
        store_subscription_get(box, session->subscription, &subscription)) {
        inside = object_deeper(box, expand, "subscription");
        object_subscription(out, "subscription", box, &subscription, &inside);
    } else {
        json_put_text(out, "subscription", session->subscription);
    }
    if (session->invoice != NULL && object_expands(box, expand, "invoice") &&
        store_invoice_get(box, session->invoice, &invoice)) {
        inside = object_deeper(box, expand, "invoice");
        object_invoice(out, "invoice", box, &invoice, &inside);
    } else {
        json_put_text(out, "invoice", session->invoice);
    }
}

/* Nothing is paid in mode setup. */
static void
put_amount(struct json_out *out, const char *name,
           const struct store_session *session)
{
    if (strcmp(session->mode, "setup") == 0)
        json_put_null(out, name);
    else
        json_put_integer(out, name, session->amount);
}

/* Features of checkout that nobody has asked for. */
static void
put_session_unused(struct json_out *out)
{
    PUT_NULLS(out, "after_expiration", "allow_promotion_codes",
              "billing_address_collection", "client_secret",
              "collected_information", "consent", "consent_collection",
              "currency_conversion", "locale", "payment_link",
              "payment_method_configuration_details", "permissions",
              "recovered_from", "saved_payment_method_options",
              "shipping_address_collection", "shipping_cost", "submit_type",
              "wallet_options");
    object_put_disabled(out, "adaptive_pricing");
    object_put_disabled(out, "phone_number_collection");
    json_open_object(out, "automatic_tax");
    json_put_boolean(out, "enabled", false);
    PUT_NULLS(out, "liability", "provider", "status");
    json_close_object(out);
    json_open_array(out, "custom_fields");
    json_close_array(out);
    json_open_object(out, "custom_text");
    PUT_NULLS(out, "after_submit", "shipping_address", "submit",
              "terms_of_service_acceptance");
    json_close_object(out);
    json_open_array(out, "discounts");
    json_close_array(out);
    json_open_object(out, "invoice_creation");
    json_put_boolean(out, "enabled", false);
    json_open_object(out, "invoice_data");
    PUT_NULLS(out, "account_tax_ids", "custom_fields", "description", "footer",
              "issuer");
    json_put_raw(out, "metadata", "{}");
    json_put_null(out, "rendering_options");
    json_close_object(out);
    json_close_object(out);
    json_put_raw(out, "payment_method_options", "{}");
    json_open_array(out, "shipping_options");
    json_close_array(out);
    json_open_object(out, "total_details");
    json_put_integer(out, "amount_discount", 0);
    json_put_integer(out, "amount_shipping", 0);
    json_put_integer(out, "amount_tax", 0);
    json_close_object(out);
}

static void
put_methods(struct json_out *out, const struct store_session *session)
{
    json_open_array(out, "payment_method_types");
    if (store_session_takes(session, "card"))
        json_put_text(out, NULL, "card");
    if (store_session_takes(session, "bacs_debit"))
        json_put_text(out, NULL, "bacs_debit");
    json_close_array(out);
}

void
object_session(struct json_out *out, const char *name, struct box *box,
               const struct store_session *session, const struct expand *expand)
{
    bool open = strcmp(session->status, "open") == 0;

    json_open_object(out, name);
    json_put_text(out, "id", session->id);
    json_put_text(out, "object", "checkout.session");
    put_amount(out, "amount_subtotal", session);
    put_amount(out, "amount_total", session);
    json_put_text(out, "cancel_url", session->cancel_url);
    json_put_text(out, "client_reference_id", session->reference);
    json_put_integer(out, "created", session->created_s);
    json_put_text(out, "currency", session->currency);
    object_put_customer(out, box, session->customer, expand);
    json_put_text(out, "customer_creation",
                  session->customer == NULL ? "if_required" : NULL);
    put_details(out, session);
    json_put_text(out, "customer_email",
                  session->customer == NULL ? session->email : NULL);
    json_put_integer(out, "expires_at", session->expires_s);
    if (object_expands(box, expand, "line_items"))
        put_lines(out, box, session);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", session->metadata);
    json_put_text(out, "mode", session->mode);
    put_session_intent(out, box, session, expand);
    put_session_setup(out, box, session, expand);
    json_put_text(out, "payment_method_collection",
                  strcmp(session->mode, "payment") == 0 ? "if_required"
                                                        : "always");
    put_methods(out, session);
    json_put_text(out, "payment_status", session->payment_status);
    json_put_text(out, "status", session->status);
    put_session_billing(out, box, session, expand);
    json_put_text(out, "success_url", session->success_url);
    json_put_text(out, "ui_mode", "hosted");
    json_put_text(out, "url", open ? box_url(box, "/pay/", session->id) : NULL);
    put_session_unused(out);
    json_close_object(out);
}
