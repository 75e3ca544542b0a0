/*
 * Members in the order and with the names of the provider's reference. An
 * object never says anything that is not stored: receipts, addresses and
 * amounts come from the rows as they are.
 */
#include "object.h"

/* The largest object: a session with everything in it expanded. */
#define OBJECT_MAX (256 * 1024)

const struct expand expand_nothing = { .list = NULL, .prefix = "" };

/* Whether `member` is to be an object here, not an id. */
static bool
expands(const struct box *box, const struct expand *expand, const char *member)
{
    const char *wanted, *at;

    if (expand->list == NULL)
        return false;
    wanted = arena_format(box->arena, ",%s%s", expand->prefix, member);
    for (at = expand->list; (at = strstr(at, wanted)) != NULL; at++)
        if (at[strlen(wanted)] == ',' || at[strlen(wanted)] == '.')
            return true;
    return false;
}

static struct expand
deeper(const struct box *box, const struct expand *expand, const char *member)
{
    return (struct expand){
        .list = expand->list,
        .prefix = arena_format(box->arena, "%s%s.", expand->prefix, member),
    };
}

static void
put_nulls(struct json_out *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_put_null(out, names[i]);
}

#define PUT_NULLS(out, ...)                                \
    put_nulls((out), (const char *const[]){ __VA_ARGS__ }, \
              COUNT_OF(((const char *const[]){ __VA_ARGS__ })))

static void
put_address(struct json_out *out)
{
    json_open_object(out, "address");
    PUT_NULLS(out, "city", "country", "line1", "line2", "postal_code", "state");
    json_close_object(out);
}

/* {"enabled": false} */
static void
put_disabled(struct json_out *out, const char *name)
{
    json_open_object(out, name);
    json_put_boolean(out, "enabled", false);
    json_close_object(out);
}

static void
put_empty_list(struct json_out *out, const char *name, const char *url)
{
    json_open_object(out, name);
    json_put_text(out, "object", "list");
    json_open_array(out, "data");
    json_close_array(out);
    json_put_boolean(out, "has_more", false);
    json_put_text(out, "url", url);
    json_close_object(out);
}

/* --- Customers ---------------------------------------------------------- */

void
object_customer(struct json_out *out, const char *name,
                const struct store_customer *customer)
{
    json_open_object(out, name);
    json_put_text(out, "id", customer->id);
    json_put_text(out, "object", "customer");
    json_put_null(out, "address");
    json_put_integer(out, "balance", 0);
    json_put_integer(out, "created", customer->created_s);
    PUT_NULLS(out, "currency", "default_source");
    json_put_boolean(out, "delinquent", false);
    json_put_text(out, "description", customer->description);
    json_put_null(out, "discount");
    json_put_text(out, "email", customer->email);
    json_put_text(out, "invoice_prefix", customer->id + strlen("cus_"));
    json_open_object(out, "invoice_settings");
    PUT_NULLS(out, "custom_fields", "default_payment_method", "footer",
              "rendering_options");
    json_close_object(out);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", customer->metadata);
    json_put_text(out, "name", customer->name);
    json_put_integer(out, "next_invoice_sequence", 1);
    json_put_null(out, "phone");
    json_open_array(out, "preferred_locales");
    json_close_array(out);
    json_put_null(out, "shipping");
    json_put_text(out, "tax_exempt", "none");
    json_put_null(out, "test_clock");
    json_close_object(out);
}

/* An id, or the customer itself. */
static void
put_customer(struct json_out *out, struct box *box, const char *id,
             const struct expand *expand)
{
    struct store_customer customer;

    if (id != NULL && expands(box, expand, "customer") &&
        store_customer_get(box, id, &customer))
        object_customer(out, "customer", &customer);
    else
        json_put_text(out, "customer", id);
}

/* --- Checkout sessions -------------------------------------------------- */

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
    json_put_null(out, "recurring");
    json_put_text(out, "tax_behavior", "unspecified");
    PUT_NULLS(out, "tiers_mode", "transform_quantity");
    json_put_text(out, "type", "one_time");
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

    json_open_object(out, "line_items");
    json_put_text(out, "object", "list");
    json_open_array(out, "data");
    for (int i = 0; i < count; i++)
        object_line(out, session, &lines[i]);
    json_close_array(out);
    json_put_boolean(out, "has_more", false);
    json_put_text(out, "url",
                  arena_format(box->arena,
                               "/v1/checkout/sessions/%s/line_items",
                               session->id));
    json_close_object(out);
}

static void
put_details(struct json_out *out, const struct store_session *session)
{
    if (session->email == NULL) {
        json_put_null(out, "customer_details");
        return;
    }
    json_open_object(out, "customer_details");
    put_address(out);
    json_put_text(out, "email", session->email);
    PUT_NULLS(out, "name", "phone");
    json_put_text(out, "tax_exempt", "none");
    json_put_null(out, "tax_ids");
    json_close_object(out);
}

static void
put_session_intent(struct json_out *out, struct box *box,
                   const struct store_session *session,
                   const struct expand *expand)
{
    struct store_intent intent;

    if (session->intent != NULL && expands(box, expand, "payment_intent") &&
        store_intent_get(box, session->intent, &intent)) {
        struct expand inside = deeper(box, expand, "payment_intent");

        object_intent(out, "payment_intent", box, &intent, &inside);
    } else {
        json_put_text(out, "payment_intent", session->intent);
    }
}

/* Features of checkout that nobody has asked for. */
static void
put_session_unused(struct json_out *out)
{
    PUT_NULLS(out, "after_expiration", "allow_promotion_codes",
              "billing_address_collection", "client_secret",
              "collected_information", "consent", "consent_collection",
              "currency_conversion", "invoice", "locale", "payment_link",
              "payment_method_configuration_details", "permissions",
              "recovered_from", "saved_payment_method_options", "setup_intent",
              "shipping_address_collection", "shipping_cost", "submit_type",
              "subscription", "wallet_options");
    put_disabled(out, "adaptive_pricing");
    put_disabled(out, "phone_number_collection");
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
    json_put_integer(out, "amount_subtotal", session->amount);
    json_put_integer(out, "amount_total", session->amount);
    json_put_text(out, "cancel_url", session->cancel_url);
    json_put_text(out, "client_reference_id", session->reference);
    json_put_integer(out, "created", session->created_s);
    json_put_text(out, "currency", session->currency);
    put_customer(out, box, session->customer, expand);
    json_put_text(out, "customer_creation",
                  session->customer == NULL ? "if_required" : NULL);
    put_details(out, session);
    json_put_text(out, "customer_email",
                  session->customer == NULL ? session->email : NULL);
    json_put_integer(out, "expires_at", session->expires_s);
    if (expands(box, expand, "line_items"))
        put_lines(out, box, session);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", session->metadata);
    json_put_text(out, "mode", "payment");
    put_session_intent(out, box, session, expand);
    json_put_text(out, "payment_method_collection", "if_required");
    put_methods(out, session);
    json_put_text(out, "payment_status", session->payment_status);
    json_put_text(out, "status", session->status);
    json_put_text(out, "success_url", session->success_url);
    json_put_text(out, "ui_mode", "hosted");
    json_put_text(out, "url", open ? box_url(box, "/pay/", session->id) : NULL);
    put_session_unused(out);
    json_close_object(out);
}

/* --- Payment intents ---------------------------------------------------- */

static void
put_charge_of(struct json_out *out, struct box *box,
              const struct store_intent *intent, const struct expand *expand)
{
    struct store_charge charge;

    if (intent->charge != NULL && expands(box, expand, "latest_charge") &&
        store_charge_get(box, intent->charge, &charge))
        object_charge(out, "latest_charge", box, &charge);
    else
        json_put_text(out, "latest_charge", intent->charge);
}

static void
put_last_error(struct json_out *out, const struct store_intent *intent)
{
    if (intent->error.code == NULL ||
        strcmp(intent->status, "requires_payment_method") != 0) {
        json_put_null(out, "last_payment_error");
        return;
    }
    json_open_object(out, "last_payment_error");
    if (intent->charge != NULL)
        json_put_text(out, "charge", intent->charge);
    json_put_text(out, "code", intent->error.code);
    if (intent->error.decline != NULL)
        json_put_text(out, "decline_code", intent->error.decline);
    json_put_text(out, "message", intent->error.message);
    json_put_text(out, "type",
                  strcmp(intent->error.code,
                         "payment_intent_authentication_failure") == 0
                      ? "invalid_request_error"
                      : "card_error");
    json_close_object(out);
}

static void
put_next_action(struct json_out *out, struct box *box,
                const struct store_intent *intent)
{
    if (strcmp(intent->status, "requires_action") != 0) {
        json_put_null(out, "next_action");
        return;
    }
    json_open_object(out, "next_action");
    json_open_object(out, "redirect_to_url");
    json_put_null(out, "return_url");
    json_put_text(out, "url",
                  arena_format(box->arena, "%s/confirm",
                               box_url(box, "/pay/", intent->session)));
    json_close_object(out);
    json_put_text(out, "type", "redirect_to_url");
    json_close_object(out);
}

void
object_intent(struct json_out *out, const char *name, struct box *box,
              const struct store_intent *intent, const struct expand *expand)
{
    bool paid = strcmp(intent->status, "succeeded") == 0;
    const char *type = intent->method.type;

    json_open_object(out, name);
    json_put_text(out, "id", intent->id);
    json_put_text(out, "object", "payment_intent");
    json_put_integer(out, "amount", intent->amount);
    json_put_integer(out, "amount_capturable", 0);
    json_put_raw(out, "amount_details", "{\"tip\":{}}");
    json_put_integer(out, "amount_received", paid ? intent->amount : 0);
    PUT_NULLS(out, "application", "application_fee_amount",
              "automatic_payment_methods", "canceled_at",
              "cancellation_reason");
    json_put_text(out, "capture_method", "automatic_async");
    json_put_text(out, "client_secret",
                  arena_format(box->arena, "%s_secret_sandbox", intent->id));
    json_put_text(out, "confirmation_method", "automatic");
    json_put_integer(out, "created", intent->created_s);
    json_put_text(out, "currency", intent->currency);
    put_customer(out, box, intent->customer, expand);
    json_put_null(out, "description");
    put_last_error(out, intent);
    put_charge_of(out, box, intent, expand);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", intent->metadata);
    put_next_action(out, box, intent);
    json_put_null(out, "on_behalf_of");
    json_put_text(out, "payment_method", intent->method.id);
    json_put_null(out, "payment_method_configuration_details");
    json_put_raw(out, "payment_method_options", "{}");
    json_open_array(out, "payment_method_types");
    json_put_text(out, NULL, type == NULL ? "card" : type);
    json_close_array(out);
    PUT_NULLS(out, "processing", "receipt_email", "review",
              "setup_future_usage", "shipping", "source",
              "statement_descriptor", "statement_descriptor_suffix");
    json_put_text(out, "status", intent->status);
    PUT_NULLS(out, "transfer_data", "transfer_group");
    json_close_object(out);
}

/* --- Charges ------------------------------------------------------------ */

static void
put_card(struct json_out *out, const struct store_method *method)
{
    json_open_object(out, "card");
    json_put_null(out, "amount_authorized");
    json_put_text(out, "brand", method->brand);
    json_open_object(out, "checks");
    PUT_NULLS(out, "address_line1_check", "address_postal_code_check");
    json_put_text(out, "cvc_check", "pass");
    json_close_object(out);
    json_put_text(out, "country", "GB");
    json_put_integer(out, "exp_month", method->month);
    json_put_integer(out, "exp_year", method->year);
    json_put_text(out, "funding", "credit");
    PUT_NULLS(out, "installments");
    json_put_text(out, "last4", method->last4);
    json_put_null(out, "mandate");
    json_put_text(out, "network", method->brand);
    PUT_NULLS(out, "three_d_secure", "wallet");
    json_close_object(out);
}

static void
put_method_details(struct json_out *out, const struct store_method *method)
{
    json_open_object(out, "payment_method_details");
    if (strcmp(method->type, "card") == 0) {
        put_card(out, method);
    } else {
        json_open_object(out, "bacs_debit");
        json_put_null(out, "fingerprint");
        json_put_text(out, "last4", method->last4);
        json_put_null(out, "mandate");
        json_put_text(out, "sort_code", "108800");
        json_close_object(out);
    }
    json_put_text(out, "type", method->type);
    json_close_object(out);
}

static void
put_outcome(struct json_out *out, const struct store_charge *charge)
{
    bool failed = strcmp(charge->status, "failed") == 0;

    json_open_object(out, "outcome");
    PUT_NULLS(out, "advice_code", "network_advice_code",
              "network_decline_code");
    json_put_text(out, "network_status",
                  failed ? "declined_by_network" : "approved_by_network");
    json_put_text(out, "reason", failed ? charge->error.decline : NULL);
    json_put_text(out, "seller_message",
                  failed ? "The bank did not approve this charge."
                         : "Payment complete.");
    json_put_text(out, "type", failed ? "issuer_declined" : "authorized");
    json_close_object(out);
}

/* Members that depend on how far the charge has come. */
static void
put_charge_state(struct json_out *out, struct box *box,
                 const struct store_charge *charge)
{
    bool paid = strcmp(charge->status, "succeeded") == 0;
    bool failed = strcmp(charge->status, "failed") == 0;

    json_put_integer(out, "amount_captured", failed ? 0 : charge->amount);
    json_put_integer(out, "amount_refunded", 0);
    json_put_boolean(out, "captured", !failed);
    json_put_text(out, "failure_code", charge->error.code);
    json_put_text(out, "failure_message", charge->error.message);
    put_outcome(out, charge);
    json_put_boolean(out, "paid", paid);
    json_put_text(out, "receipt_url",
                  failed ? NULL : box_url(box, "/receipts/", charge->id));
    json_put_text(out, "status", charge->status);
}

void
object_charge(struct json_out *out, const char *name, struct box *box,
              const struct store_charge *charge)
{
    json_open_object(out, name);
    json_put_text(out, "id", charge->id);
    json_put_text(out, "object", "charge");
    json_put_integer(out, "amount", charge->amount);
    PUT_NULLS(out, "application", "application_fee", "application_fee_amount",
              "balance_transaction");
    json_open_object(out, "billing_details");
    put_address(out);
    json_put_text(out, "email", charge->email);
    PUT_NULLS(out, "name", "phone", "tax_id");
    json_close_object(out);
    json_put_text(out, "calculated_statement_descriptor", "SANDBOX");
    json_put_integer(out, "created", charge->created_s);
    json_put_text(out, "currency", charge->currency);
    json_put_text(out, "customer", charge->customer);
    json_put_null(out, "description");
    json_put_boolean(out, "disputed", false);
    json_put_null(out, "failure_balance_transaction");
    json_put_raw(out, "fraud_details", "{}");
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", charge->metadata);
    json_put_null(out, "on_behalf_of");
    json_put_text(out, "payment_intent", charge->intent);
    json_put_text(out, "payment_method", charge->method.id);
    put_method_details(out, &charge->method);
    PUT_NULLS(out, "receipt_email", "receipt_number");
    json_put_boolean(out, "refunded", false);
    put_empty_list(out, "refunds",
                   arena_format(box->arena, "/v1/charges/%s/refunds",
                                charge->id));
    PUT_NULLS(out, "review", "shipping", "source", "source_transfer",
              "statement_descriptor", "statement_descriptor_suffix");
    put_charge_state(out, box, charge);
    PUT_NULLS(out, "transfer_data", "transfer_group");
    json_close_object(out);
}

/* --- As texts ----------------------------------------------------------- */

static void
text_begin(struct box *box, struct buf *buf, struct json_out *out)
{
    buf_init(buf, box->arena, OBJECT_MAX);
    json_begin(out, buf);
}

const char *
object_session_text(struct box *box, const struct store_session *session)
{
    struct json_out out;
    struct buf buf;

    text_begin(box, &buf, &out);
    object_session(&out, NULL, box, session, &expand_nothing);
    assert(!buf.over);
    return buf.bytes;
}

const char *
object_intent_text(struct box *box, const struct store_intent *intent)
{
    struct json_out out;
    struct buf buf;

    text_begin(box, &buf, &out);
    object_intent(&out, NULL, box, intent, &expand_nothing);
    assert(!buf.over);
    return buf.bytes;
}

const char *
object_charge_text(struct box *box, const struct store_charge *charge)
{
    struct json_out out;
    struct buf buf;

    text_begin(box, &buf, &out);
    object_charge(&out, NULL, box, charge);
    assert(!buf.over);
    return buf.bytes;
}

const char *
object_customer_text(struct box *box, const struct store_customer *customer)
{
    struct json_out out;
    struct buf buf;

    text_begin(box, &buf, &out);
    object_customer(&out, NULL, customer);
    assert(!buf.over);
    return buf.bytes;
}
