/*
 * The provider's objects as plain values: what it answers and what it sends.
 * Only reads what it is handed; programs that never call the provider link
 * this without its calls.
 */
#include "stripe_inside.h"

/* Ids of the provider's are at most 255 characters. */
#define ID_MAX 255

bool
stripe_id_fits(const char *id)
{
    size_t length = id == NULL ? 0 : strlen(id);

    return length > 0 && length <= ID_MAX &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "0123456789_") == length;
}

const char *
stripe_id_at(const struct json *json, const char *member)
{
    const struct json *value = json_at(json, member);

    return json_is_object(value) ? json_text_at(value, "id") : json_text(value);
}

const char *
stripe_lower(struct arena *arena, const char *currency)
{
    char *text = arena_text(arena, currency);

    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return text;
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
        .payment_intent = stripe_id_at(object, "payment_intent"),
        .currency = json_text_at(object, "currency"),
        .amount_total = json_integer_at(object, "amount_total", -1),
        .expires_at_s = json_integer_at(object, "expires_at", 0),
    };
    return kind != NULL && strcmp(kind, "checkout.session") == 0 &&
           stripe_id_fits(session->id) && session->status != NULL &&
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
           stripe_id_fits(intent->id) && intent->status != NULL &&
           json_boolean(json_at(object, "livemode"), &intent->livemode);
}

bool
stripe_event_of(const struct json *json, struct stripe_event *event)
{
    const char *kind = json_text_at(json, "object");

    *event = (struct stripe_event){
        .id = json_text_at(json, "id"),
        .type = json_text_at(json, "type"),
        .created_s = json_integer_at(json, "created", 0),
        .object = json_at(json, "data.object"),
    };
    return kind != NULL && strcmp(kind, "event") == 0 &&
           stripe_id_fits(event->id) && event->type != NULL &&
           json_is_object(event->object) &&
           json_boolean(json_at(json, "livemode"), &event->livemode);
}

bool
stripe_event_read(struct arena *arena, const char *body, size_t length,
                  struct stripe_event *event)
{
    struct json_fault *fault = NULL;

    return stripe_event_of(
        json_parse(arena, body, length, JSON_PROVIDER, &fault), event);
}
