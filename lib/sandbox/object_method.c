/*
 * Payment methods and setup intents.
 */
#include "object_inside.h"

void
object_put_method(struct json_out *out, struct box *box, const char *member,
                  const char *id, const struct expand *expand)
{
    struct store_saved saved;

    if (id != NULL && object_expands(box, expand, member) &&
        store_saved_get(box, id, &saved))
        object_saved(out, member, &saved);
    else
        json_put_text(out, member, id);
}

static void
put_card(struct json_out *out, const struct store_method *method)
{
    json_open_object(out, "card");
    json_put_text(out, "brand", method->brand);
    json_open_object(out, "checks");
    PUT_NULLS(out, "address_line1_check", "address_postal_code_check");
    json_put_text(out, "cvc_check", "pass");
    json_close_object(out);
    json_put_text(out, "country", "GB");
    json_put_text(out, "display_brand", method->brand);
    json_put_integer(out, "exp_month", method->month);
    json_put_integer(out, "exp_year", method->year);
    json_put_null(out, "fingerprint");
    json_put_text(out, "funding", "credit");
    json_put_null(out, "generated_from");
    json_put_text(out, "last4", method->last4);
    json_open_object(out, "networks");
    json_open_array(out, "available");
    json_put_text(out, NULL, method->brand);
    json_close_array(out);
    json_put_null(out, "preferred");
    json_close_object(out);
    json_put_null(out, "regulated_status");
    json_put_raw(out, "three_d_secure_usage", "{\"supported\":true}");
    json_put_null(out, "wallet");
    json_close_object(out);
}

void
object_saved(struct json_out *out, const char *name,
             const struct store_saved *saved)
{
    json_open_object(out, name);
    json_put_text(out, "id", saved->method.id);
    json_put_text(out, "object", "payment_method");
    json_put_text(out, "allow_redisplay", "unspecified");
    json_open_object(out, "billing_details");
    object_put_address(out);
    json_put_text(out, "email", saved->email);
    PUT_NULLS(out, "name", "phone", "tax_id");
    json_close_object(out);
    put_card(out, &saved->method);
    json_put_integer(out, "created", saved->created_s);
    json_put_text(out, "customer", saved->customer);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", saved->metadata);
    json_put_text(out, "type", "card");
    json_close_object(out);
}

static void
put_setup_error(struct json_out *out, const struct store_setup *setup)
{
    if (setup->error.code == NULL ||
        strcmp(setup->status, "requires_payment_method") != 0) {
        json_put_null(out, "last_setup_error");
        return;
    }
    json_open_object(out, "last_setup_error");
    json_put_text(out, "code", setup->error.code);
    if (setup->error.decline != NULL)
        json_put_text(out, "decline_code", setup->error.decline);
    json_put_text(out, "message", setup->error.message);
    json_put_text(out, "type", "card_error");
    json_close_object(out);
}

void
object_setup(struct json_out *out, const char *name, struct box *box,
             const struct store_setup *setup, const struct expand *expand)
{
    json_open_object(out, name);
    json_put_text(out, "id", setup->id);
    json_put_text(out, "object", "setup_intent");
    PUT_NULLS(out, "application", "automatic_payment_methods",
              "cancellation_reason");
    json_put_text(out, "client_secret",
                  arena_format(box->arena, "%s_secret_sandbox", setup->id));
    json_put_integer(out, "created", setup->created_s);
    object_put_customer(out, box, setup->customer, expand);
    PUT_NULLS(out, "description", "flow_directions");
    put_setup_error(out, setup);
    json_put_null(out, "latest_attempt");
    json_put_boolean(out, "livemode", false);
    json_put_null(out, "mandate");
    json_put_raw(out, "metadata", setup->metadata);
    if (strcmp(setup->status, "requires_action") == 0)
        object_put_question(out, box, setup->session);
    else
        json_put_null(out, "next_action");
    json_put_null(out, "on_behalf_of");
    object_put_method(out, box, "payment_method", setup->method.id, expand);
    json_put_null(out, "payment_method_configuration_details");
    json_put_raw(out, "payment_method_options", "{}");
    json_put_raw(out, "payment_method_types", "[\"card\"]");
    json_put_null(out, "single_use_mandate");
    json_put_text(out, "status", setup->status);
    json_put_text(out, "usage", "off_session");
    json_close_object(out);
}
