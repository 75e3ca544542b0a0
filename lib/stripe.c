/*
 * Asking the provider. A request is made from nothing but what its caller
 * hands in, so that every try of one order is byte for byte the same; an
 * answer about another thing than was asked for is no answer. Decides nothing
 * about credits.
 */
#include "stripe.h"

#include "form.h"
#include "limits.h"
#include "stripe_call.h"
#include "stripe_inside.h"

/* The longest form that we send: two addresses and a name, encoded. */
#define FORM_MAX (32 * 1024)

static const char *
checkout_form(struct arena *arena, const struct stripe_checkout *ask)
{
    struct buf form;

    buf_init(&form, arena, FORM_MAX);
    form_add(&form, "mode", "payment");
    form_add(&form, "client_reference_id", ask->order);
    form_add(&form, "metadata[order]", ask->order);
    form_add(&form, "payment_intent_data[metadata][order]", ask->order);
    form_add(&form, "line_items[0][quantity]", "1");
    form_add(&form, "line_items[0][price_data][currency]",
             stripe_lower(arena, ask->currency));
    form_add_int(&form, "line_items[0][price_data][unit_amount]", ask->amount);
    form_add(&form, "line_items[0][price_data][product_data][name]", ask->name);
    form_add(&form, "success_url", ask->success_url);
    form_add(&form, "cancel_url", ask->cancel_url);
    form_add_int(&form, "expires_at", ask->expires_at_s);
    if (ask->customer != NULL)
        form_add(&form, "customer", ask->customer);
    if (ask->keep_card)
        form_add(&form, "payment_intent_data[setup_future_usage]",
                 "off_session");
    return form.over ? NULL : form.bytes;
}

static const char *
customer_form(struct arena *arena, const struct stripe_customer *ask)
{
    struct buf form;

    buf_init(&form, arena, FORM_MAX);
    form_add(&form, "name", ask->name);
    form_add(&form, "metadata[space]", ask->space);
    return form.over ? NULL : form.bytes;
}

enum stripe_result
stripe_customer_create(const struct config *config, struct arena *arena,
                       const struct stripe_customer *ask, const char **id,
                       const char **why)
{
    const struct json *answer;
    struct stripe_call call = {
        .method = "POST",
        .path = "/v1/customers",
        .body = customer_form(arena, ask),
        .idempotency_key = arena_format(arena, "customer-%s-%lld", ask->space,
                                        (long long)ask->made),
        .end_ms = ask->end_ms,
    };
    enum stripe_result result;
    const char *space;

    if (call.body == NULL) {
        *why = "the request is too large";
        return STRIPE_REFUSED;
    }
    result = stripe_call(config, arena, &call, &answer, why);
    if (result != STRIPE_OK)
        return result;
    *id = json_text_at(answer, "id");
    space = json_text_at(answer, "metadata.space");
    if (!stripe_id_fits(*id) || space == NULL ||
        strcmp(space, ask->space) != 0) {
        *why = "the answer is not about this Space";
        return STRIPE_UNAVAILABLE;
    }
    return STRIPE_OK;
}

enum stripe_result
stripe_checkout_create(const struct config *config, struct arena *arena,
                       const struct stripe_checkout *ask,
                       struct stripe_session *session, const char **why)
{
    const struct json *answer;
    struct stripe_call call = {
        .method = "POST",
        .path = "/v1/checkout/sessions",
        .body = checkout_form(arena, ask),
        .idempotency_key = arena_format(arena, "checkout-%s", ask->order),
        .end_ms = ask->end_ms,
    };
    enum stripe_result result;

    if (call.body == NULL) {
        *why = "the request is too large";
        return STRIPE_REFUSED;
    }
    result = stripe_call(config, arena, &call, &answer, why);
    if (result != STRIPE_OK)
        return result;
    if (!stripe_session_read(answer, session) || session->order == NULL ||
        strcmp(session->order, ask->order) != 0) {
        *why = "the answer is not about this order";
        return STRIPE_UNAVAILABLE;
    }
    return STRIPE_OK;
}

enum stripe_result
stripe_checkout_get(const struct config *config, struct arena *arena,
                    const char *id, struct stripe_session *session,
                    const char **why)
{
    const struct json *answer;
    struct stripe_call call = { .method = "GET" };
    enum stripe_result result;

    if (!stripe_id_fits(id)) {
        *why = "this is no id";
        return STRIPE_MISSING;
    }
    call.path = arena_format(arena, "/v1/checkout/sessions/%s", id);
    result = stripe_call(config, arena, &call, &answer, why);
    if (result != STRIPE_OK)
        return result;
    if (!stripe_session_read(answer, session) || strcmp(session->id, id) != 0) {
        *why = "the answer is not about this session";
        return STRIPE_UNAVAILABLE;
    }
    return STRIPE_OK;
}

enum stripe_result
stripe_charge_of(const struct config *config, struct arena *arena,
                 const char *intent, const char **charge,
                 const char **receipt_url, const char **why)
{
    const struct json *answer;
    struct stripe_call call = { .method = "GET" };
    enum stripe_result result;
    const char *id;

    *charge = NULL;
    *receipt_url = NULL;
    if (!stripe_id_fits(intent)) {
        *why = "this is no id";
        return STRIPE_MISSING;
    }
    /* "expand[]", encoded. */
    call.path = arena_format(arena, "/v1/payment_intents/%s?expand%%5B%%5D=%s",
                             intent, "latest_charge");
    result = stripe_call(config, arena, &call, &answer, why);
    if (result != STRIPE_OK)
        return result;
    id = json_text_at(answer, "id");
    if (id == NULL || strcmp(id, intent) != 0) {
        *why = "the answer is not about this payment";
        return STRIPE_UNAVAILABLE;
    }
    *charge = stripe_id_at(answer, "latest_charge");
    *receipt_url = json_text_at(answer, "latest_charge.receipt_url");
    return STRIPE_OK;
}
