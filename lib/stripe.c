/*
 * The provider's objects as plain values. A request is made from nothing but
 * what its caller hands in, so that every try of one order is byte for byte
 * the same; an answer about another thing than was asked for is no answer.
 * Decides nothing about credits.
 */
#include "stripe.h"

#include "form.h"
#include "limits.h"
#include "stripe_call.h"

/* The longest form that we send: two addresses and a name, encoded. */
#define FORM_MAX (32 * 1024)
/* Ids of the provider's are at most 255 characters. */
#define ID_MAX 255

/* An id goes into a path: nothing but what ids are made of. */
static bool
id_fits(const char *id)
{
    size_t length = id == NULL ? 0 : strlen(id);

    return length > 0 && length <= ID_MAX &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "0123456789_") == length;
}

/* An id, also where the object itself was expanded in its place. */
static const char *
id_at(const struct json *json, const char *member)
{
    const struct json *value = json_at(json, member);

    return json_is_object(value) ? json_text_at(value, "id") : json_text(value);
}

/* As the wire spells currencies: "gbp". */
static const char *
lower(struct arena *arena, const char *currency)
{
    char *text = arena_text(arena, currency);

    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return text;
}

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
             lower(arena, ask->currency));
    form_add_int(&form, "line_items[0][price_data][unit_amount]", ask->amount);
    form_add(&form, "line_items[0][price_data][product_data][name]", ask->name);
    form_add(&form, "success_url", ask->success_url);
    form_add(&form, "cancel_url", ask->cancel_url);
    form_add_int(&form, "expires_at", ask->expires_at_s);
    if (ask->email != NULL)
        form_add(&form, "customer_email", ask->email);
    return form.over ? NULL : form.bytes;
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

    if (!id_fits(id)) {
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
    if (!id_fits(intent)) {
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
    *charge = id_at(answer, "latest_charge");
    *receipt_url = json_text_at(answer, "latest_charge.receipt_url");
    return STRIPE_OK;
}

bool
stripe_session_read(const struct json *object, struct stripe_session *session)
{
    const char *kind = json_text_at(object, "object");

    *session = (struct stripe_session){
        .id = json_text_at(object, "id"),
        .url = json_text_at(object, "url"),
        .status = json_text_at(object, "status"),
        .payment_status = json_text_at(object, "payment_status"),
        .mode = json_text_at(object, "mode"),
        .reference = json_text_at(object, "client_reference_id"),
        .order = json_text_at(object, "metadata.order"),
        .payment_intent = id_at(object, "payment_intent"),
        .currency = json_text_at(object, "currency"),
        .amount_total = json_integer_at(object, "amount_total", -1),
        .expires_at_s = json_integer_at(object, "expires_at", 0),
    };
    return kind != NULL && strcmp(kind, "checkout.session") == 0 &&
           id_fits(session->id) && session->status != NULL &&
           session->payment_status != NULL && session->mode != NULL &&
           json_boolean(json_at(object, "livemode"), &session->livemode);
}

bool
stripe_intent_read(const struct json *object, struct stripe_intent *intent)
{
    const char *kind = json_text_at(object, "object");

    *intent = (struct stripe_intent){
        .id = json_text_at(object, "id"),
        .status = json_text_at(object, "status"),
        .order = json_text_at(object, "metadata.order"),
        .currency = json_text_at(object, "currency"),
        .received = json_integer_at(object, "amount_received", -1),
    };
    return kind != NULL && strcmp(kind, "payment_intent") == 0 &&
           id_fits(intent->id) && intent->status != NULL &&
           json_boolean(json_at(object, "livemode"), &intent->livemode);
}

bool
stripe_event_read(struct arena *arena, const char *body, size_t length,
                  struct stripe_event *event)
{
    struct json_fault *fault = NULL;
    const struct json *json =
        json_parse(arena, body, length, JSON_PROVIDER, &fault);
    const char *kind = json_text_at(json, "object");

    *event = (struct stripe_event){
        .id = json_text_at(json, "id"),
        .type = json_text_at(json, "type"),
        .created_s = json_integer_at(json, "created", 0),
        .object = json_at(json, "data.object"),
    };
    return kind != NULL && strcmp(kind, "event") == 0 && id_fits(event->id) &&
           event->type != NULL && json_is_object(event->object) &&
           json_boolean(json_at(json, "livemode"), &event->livemode);
}
