/*
 * Saved cards at the provider: see stripe_card.h.
 */
#include "stripe_card.h"

#include "form.h"
#include "stripe_call.h"
#include "stripe_inside.h"

/* Two ids, a name and a few words, encoded. */
#define FORM_MAX (8 * 1024)

enum stripe_result
stripe_card_of(const struct config *config, struct arena *arena,
               const char *intent, struct stripe_card *card, const char **why)
{
    const struct json *answer;
    struct stripe_call call = { .method = "GET" };
    enum stripe_result result;
    const char *id;

    *why = "this is no id";
    if (!stripe_id_fits(intent))
        return STRIPE_MISSING;
    /* "expand[]", encoded. */
    call.path = arena_format(arena, "/v1/payment_intents/%s?expand%%5B%%5D=%s",
                             intent, "payment_method");
    result = stripe_call(config, arena, &call, &answer, why);
    if (result != STRIPE_OK)
        return result;
    id = json_text_at(answer, "id");
    if (id == NULL || strcmp(id, intent) != 0) {
        *why = "the answer is not about this payment";
        return STRIPE_UNAVAILABLE;
    }
    *card = (struct stripe_card){
        .customer = stripe_id_at(answer, "customer"),
        .method = stripe_id_at(answer, "payment_method"),
        .brand = json_text_at(answer, "payment_method.card.brand"),
        .last4 = json_text_at(answer, "payment_method.card.last4"),
    };
    *why = "the payment kept no card";
    return stripe_id_fits(card->customer) && stripe_id_fits(card->method) &&
                   card->brand != NULL && card->last4 != NULL
               ? STRIPE_OK
               : STRIPE_MISSING;
}

static const char *
intent_form(struct arena *arena, const struct stripe_off_session *ask)
{
    struct buf form;

    buf_init(&form, arena, FORM_MAX);
    form_add_int(&form, "amount", ask->amount);
    form_add(&form, "currency", stripe_lower(arena, ask->currency));
    form_add(&form, "customer", ask->customer);
    form_add(&form, "payment_method", ask->method);
    form_add(&form, "off_session", "true");
    form_add(&form, "confirm", "true");
    form_add(&form, "description", ask->description);
    form_add(&form, "metadata[order]", ask->order);
    return form.over ? NULL : form.bytes;
}

enum stripe_result
stripe_pay_off_session(const struct config *config, struct arena *arena,
                       const struct stripe_off_session *ask,
                       struct stripe_intent *intent,
                       struct stripe_decline *decline, const char **why)
{
    const struct json *answer;
    struct stripe_call call = {
        .method = "POST",
        .path = "/v1/payment_intents",
        .body = intent_form(arena, ask),
        .idempotency_key =
            arena_format(arena, "auto-%s-%d", ask->order, ask->attempt),
    };
    const char *type;
    enum stripe_result result;

    *decline = (struct stripe_decline){ .code = NULL };
    if (call.body == NULL) {
        *why = "the request is too large";
        return STRIPE_REFUSED;
    }
    result = stripe_call(config, arena, &call, &answer, why);
    if (result == STRIPE_REFUSED) {
        type = json_text_at(answer, "error.type");
        if (type != NULL && strcmp(type, "card_error") == 0)
            *decline = (struct stripe_decline){
                .code = json_text_at(answer, "error.code"),
                .decline_code = json_text_at(answer, "error.decline_code"),
                .words = json_text_at(answer, "error.message"),
            };
    }
    if (result != STRIPE_OK)
        return result;
    if (!stripe_intent_read(answer, intent) || intent->order == NULL ||
        strcmp(intent->order, ask->order) != 0) {
        *why = "the answer is not about this order";
        return STRIPE_UNAVAILABLE;
    }
    return STRIPE_OK;
}
