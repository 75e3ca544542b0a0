/*
 * Payment intents and charges.
 */
#include "object_inside.h"

/* Refunds that stand inside a charge. */
#define REFUNDS_SHOWN 10

/* --- Payment intents ---------------------------------------------------- */

static void
put_charge_of(struct json_out *out, struct box *box,
              const struct store_intent *intent, const struct expand *expand)
{
    struct store_charge charge;

    if (intent->charge != NULL &&
        object_expands(box, expand, "latest_charge") &&
        store_charge_get(box, intent->charge, &charge)) {
        struct expand inside = object_deeper(box, expand, "latest_charge");

        object_charge(out, "latest_charge", box, &charge, &inside);
    } else {
        json_put_text(out, "latest_charge", intent->charge);
    }
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

void
object_put_question(struct json_out *out, struct box *box, const char *session)
{
    json_open_object(out, "next_action");
    json_open_object(out, "redirect_to_url");
    json_put_null(out, "return_url");
    json_put_text(out, "url",
                  arena_format(box->arena, "%s/confirm",
                               box_url(box, "/pay/", session)));
    json_close_object(out);
    json_put_text(out, "type", "redirect_to_url");
    json_close_object(out);
}

/* Where there is no page, the bank's question is the caller's own matter. */
static void
put_next_action(struct json_out *out, struct box *box,
                const struct store_intent *intent)
{
    if (strcmp(intent->status, "requires_action") != 0)
        json_put_null(out, "next_action");
    else if (intent->session != NULL)
        object_put_question(out, box, intent->session);
    else
        json_put_raw(out, "next_action",
                     "{\"type\":\"use_stripe_sdk\",\"use_stripe_sdk\":{}}");
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
              "automatic_payment_methods");
    if (intent->canceled_s == 0)
        json_put_null(out, "canceled_at");
    else
        json_put_integer(out, "canceled_at", intent->canceled_s);
    json_put_text(out, "cancellation_reason", intent->cancel_reason);
    json_put_text(out, "capture_method", "automatic_async");
    json_put_text(out, "client_secret",
                  arena_format(box->arena, "%s_secret_sandbox", intent->id));
    json_put_text(out, "confirmation_method", "automatic");
    json_put_integer(out, "created", intent->created_s);
    json_put_text(out, "currency", intent->currency);
    object_put_customer(out, box, intent->customer, expand);
    json_put_text(out, "description", intent->description);
    put_last_error(out, intent);
    put_charge_of(out, box, intent, expand);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", intent->metadata);
    put_next_action(out, box, intent);
    json_put_null(out, "on_behalf_of");
    object_put_method(out, box, "payment_method", intent->method.id, expand);
    json_put_null(out, "payment_method_configuration_details");
    json_put_raw(out, "payment_method_options", "{}");
    json_open_array(out, "payment_method_types");
    json_put_text(out, NULL, type == NULL ? "card" : type);
    json_close_array(out);
    PUT_NULLS(out, "processing", "receipt_email", "review");
    json_put_text(out, "setup_future_usage", intent->future_usage);
    PUT_NULLS(out, "shipping", "source", "statement_descriptor",
              "statement_descriptor_suffix");
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
    json_put_integer(out, "amount_refunded", charge->refunded);
    json_put_boolean(out, "captured", !failed);
    json_put_text(out, "failure_code", charge->error.code);
    json_put_text(out, "failure_message", charge->error.message);
    put_outcome(out, charge);
    json_put_boolean(out, "paid", paid);
    json_put_text(out, "receipt_url",
                  failed ? NULL : box_url(box, "/receipts/", charge->id));
    json_put_text(out, "status", charge->status);
}

/* The latest of them, as a list in an object has. */
static void
put_refunds(struct json_out *out, struct box *box,
            const struct store_charge *charge)
{
    struct store_refund refund;
    struct rows rows;

    (void)box_run(box, &rows, SQ_REFUND_LIST, INT(NEVER_MS), INT(0),
                  TEXT(charge->id), NIL, INT(0), INT(NEVER_MS),
                  INT(REFUNDS_SHOWN + 1));
    object_open_list(out, "refunds");
    for (int i = 0; i < rows.n && i < REFUNDS_SHOWN; i++)
        if (store_refund_get(box, rows_text(&rows, i, 0), &refund))
            object_refund(out, NULL, box, &refund, &expand_nothing);
    object_close_list(out, rows.n > REFUNDS_SHOWN,
                      arena_format(box->arena, "/v1/charges/%s/refunds",
                                   charge->id));
}

void
object_charge(struct json_out *out, const char *name, struct box *box,
              const struct store_charge *charge, const struct expand *expand)
{
    json_open_object(out, name);
    json_put_text(out, "id", charge->id);
    json_put_text(out, "object", "charge");
    json_put_integer(out, "amount", charge->amount);
    PUT_NULLS(out, "application", "application_fee", "application_fee_amount");
    object_put_movement(out, box, "balance_transaction", charge->movement,
                        expand);
    json_open_object(out, "billing_details");
    object_put_address(out);
    json_put_text(out, "email", charge->email);
    PUT_NULLS(out, "name", "phone", "tax_id");
    json_close_object(out);
    json_put_text(out, "calculated_statement_descriptor", "SANDBOX");
    json_put_integer(out, "created", charge->created_s);
    json_put_text(out, "currency", charge->currency);
    object_put_customer(out, box, charge->customer, expand);
    json_put_null(out, "description");
    json_put_boolean(out, "disputed", charge->disputed);
    json_put_null(out, "failure_balance_transaction");
    json_put_raw(out, "fraud_details", "{}");
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", charge->metadata);
    json_put_null(out, "on_behalf_of");
    json_put_text(out, "payment_intent", charge->intent);
    json_put_text(out, "payment_method", charge->method.id);
    put_method_details(out, &charge->method);
    PUT_NULLS(out, "receipt_email", "receipt_number");
    json_put_boolean(out, "refunded", charge->refunded == charge->amount);
    if (object_expands(box, expand, "refunds"))
        put_refunds(out, box, charge);
    PUT_NULLS(out, "review", "shipping", "source", "source_transfer",
              "statement_descriptor", "statement_descriptor_suffix");
    put_charge_state(out, box, charge);
    PUT_NULLS(out, "transfer_data", "transfer_group");
    json_close_object(out);
}
