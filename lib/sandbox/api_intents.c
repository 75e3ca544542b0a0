/*
 * Payment intents: create, retrieve, update, confirm, cancel, list. A
 * checkout session makes its own; a call makes those that charge a saved card
 * with nobody there.
 */
#include "api.h"
#include "intent.h"
#include "limits.h"
#include "method.h"

#define AMOUNT_MAX   INT64_C(99999999)
#define WORDS_MAX    1000
#define EXPANDS      ",latest_charge,customer,payment_method,"
#define LIST_EXPANDS ",data.latest_charge,data.customer,data.payment_method,"

static bool
load(struct api *api, struct store_intent *intent)
{
    if (store_intent_get(&api->box, api->id, intent))
        return true;
    api_missing(api, "payment_intent", "intent", api->id, 404);
    return false;
}

static void
put(struct api *api, const struct store_intent *intent)
{
    object_intent(&api->out, NULL, &api->box, intent, &api->expand);
}

/* A method that may pay for this customer (NULL: for anybody once). */
static void
read_method(struct api *api, const char *id, const char *customer,
            struct store_saved *saved)
{
    struct params *params = &api->params;

    if (!method_find(&api->box, id, saved))
        api_missing(api, "PaymentMethod", "payment_method", id, 400);
    else if (saved->over)
        params_invalid(params, NULL, "payment_method",
                       "The provided PaymentMethod was previously used "
                       "without Customer attachment or was detached from a "
                       "Customer. It may not be used again.");
    else if (saved->customer != NULL &&
             (customer == NULL || strcmp(saved->customer, customer) != 0))
        params_invalid(params, NULL, "payment_method",
                       "The payment method belongs to a Customer. Please "
                       "include the Customer in the `customer` parameter.");
}

/* Pays it; the answer, or the refusal, which stands. */
static void
confirm(struct api *api, struct store_intent *intent,
        const struct store_saved *saved, bool alone)
{
    if (intent_confirm(&api->box, intent, saved, alone) == INTENT_DECLINED)
        api_declined(api, intent);
    else
        put(api, intent);
}

/* Parameters that change nothing here, as callers send them. */
static void
read_unused(struct params *params)
{
    static const char *const names[] = {
        "automatic_payment_methods[enabled]",
        "automatic_payment_methods[allow_redirects]",
        "capture_method",
        "confirmation_method",
        "error_on_requires_action",
        "receipt_email",
        "return_url",
        "statement_descriptor",
        "statement_descriptor_suffix",
    };
    int count;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)params_text(params, names[i], WORDS_MAX, NULL);
    (void)params_list(params, "payment_method_types", &count);
}

static const char *
read_customer(struct api *api, struct store_intent *intent)
{
    struct store_customer customer;
    const char *id = params_text(&api->params, "customer", LIMIT_KEY, NULL);

    if (id == NULL)
        return NULL;
    if (store_customer_get(&api->box, id, &customer))
        intent->email = customer.email;
    else
        api_missing(api, "customer", "customer", id, 400);
    return id;
}

static void
refuse_unpaid(struct params *params)
{
    params_invalid(params, "payment_intent_unexpected_state", NULL,
                   "You cannot confirm this PaymentIntent because it's "
                   "missing a payment method.");
}

static void
intent_create(struct api *api)
{
    struct params *params = &api->params;
    struct store_intent intent = {
        .status = "requires_payment_method",
        .amount = params_need_integer(params, "amount", 30, AMOUNT_MAX),
        .currency = params_currency(params, "currency"),
        .description = params_text(params, "description", WORDS_MAX, NULL),
        .future_usage =
            params_text(params, "setup_future_usage", LIMIT_TEXT, NULL),
        .metadata = params_metadata(params, "metadata", NULL),
    };
    const char *method = params_text(params, "payment_method", LIMIT_KEY, NULL);
    bool now = params_boolean(params, "confirm");
    bool alone = params_boolean(params, "off_session");
    struct store_saved saved;

    intent.customer = read_customer(api, &intent);
    read_unused(params);
    if (alone && !now)
        params_invalid(params, NULL, "off_session",
                       "You can only set `off_session` when `confirm` is "
                       "true.");
    if (now && method == NULL)
        refuse_unpaid(params);
    if (method != NULL)
        read_method(api, method, intent.customer, &saved);
    if (!params_done(params))
        return;
    if (method != NULL) {
        intent.method = saved.method;
        intent.status = "requires_confirmation";
    }
    intent_add(&api->box, &intent);
    if (now) {
        confirm(api, &intent, &saved, alone);
        return;
    }
    store_intent_set(&api->box, &intent);
    put(api, &intent);
}

/* What may still be changed or paid. */
static bool
is_waiting(struct api *api, const struct store_intent *intent)
{
    if (intent->session == NULL &&
        (strcmp(intent->status, "requires_payment_method") == 0 ||
         strcmp(intent->status, "requires_confirmation") == 0 ||
         strcmp(intent->status, "requires_action") == 0))
        return true;
    params_invalid(&api->params, "payment_intent_unexpected_state", NULL,
                   arena_format(api->box.arena,
                                "This PaymentIntent cannot be changed or "
                                "confirmed: it has a status of %s%s.",
                                intent->status,
                                intent->session != NULL
                                    ? ", and belongs to a Checkout Session"
                                    : ""));
    return false;
}

static void
intent_update(struct api *api)
{
    struct params *params = &api->params;
    struct store_intent intent;
    const char *method, *words;
    struct store_saved saved;

    if (!load(api, &intent))
        return;
    intent.metadata = params_metadata(params, "metadata", intent.metadata);
    words = params_text(params, "description", WORDS_MAX, NULL);
    method = params_text(params, "payment_method", LIMIT_KEY, NULL);
    if (words != NULL)
        intent.description = words;
    if (method != NULL && is_waiting(api, &intent)) {
        read_method(api, method, intent.customer, &saved);
        intent.method = saved.method;
        intent.status = "requires_confirmation";
    }
    if (!params_done(params))
        return;
    store_intent_set(&api->box, &intent);
    put(api, &intent);
}

static void
confirm_now(struct api *api)
{
    struct params *params = &api->params;
    const char *method = params_text(params, "payment_method", LIMIT_KEY, NULL);
    bool alone = params_boolean(params, "off_session");
    struct store_intent intent;
    struct store_saved saved;

    read_unused(params);
    if (!load(api, &intent) || !is_waiting(api, &intent))
        return;
    if (method == NULL)
        method = intent.method.id;
    if (method == NULL)
        refuse_unpaid(params);
    else
        read_method(api, method, intent.customer, &saved);
    if (params_done(params))
        confirm(api, &intent, &saved, alone);
}

static void
cancel(struct api *api)
{
    const char *reason =
        params_text(&api->params, "cancellation_reason", LIMIT_TEXT, NULL);
    struct store_intent intent;

    if (!params_done(&api->params) || !load(api, &intent))
        return;
    if (intent_cancel(&api->box, &intent, reason))
        put(api, &intent);
    else
        params_invalid(&api->params, "payment_intent_unexpected_state", NULL,
                       arena_format(api->box.arena,
                                    "You cannot cancel this PaymentIntent "
                                    "because it has a status of %s.",
                                    intent.status));
}

static void
intent_retrieve(struct api *api)
{
    struct store_intent intent;

    if (params_done(&api->params) && load(api, &intent))
        put(api, &intent);
}

static void
put_intent(struct api *api, const char *id)
{
    struct store_intent intent;

    if (store_intent_get(&api->box, id, &intent))
        put(api, &intent);
}

static void
intent_list(struct api *api)
{
    struct api_page page = api_page(api, SQ_INTENT_NUMBER, "payment_intent");
    const char *customer =
        params_text(&api->params, "customer", LIMIT_KEY, NULL);
    struct rows rows;

    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_INTENT_LIST, INT(page.below),
                INT(page.above), TEXT(customer), INT(page.fetch)))
        api_list(api, &page, &rows, put_intent);
}

const struct api_endpoint api_intents[] = {
    { HTTP_POST, "/v1/payment_intents", intent_create, EXPANDS },
    { HTTP_GET, "/v1/payment_intents", intent_list, LIST_EXPANDS },
    { HTTP_GET, "/v1/payment_intents/{}", intent_retrieve, EXPANDS },
    { HTTP_POST, "/v1/payment_intents/{}", intent_update, EXPANDS },
    { HTTP_POST, "/v1/payment_intents/{}/confirm", confirm_now, EXPANDS },
    { HTTP_POST, "/v1/payment_intents/{}/cancel", cancel, EXPANDS },
    { HTTP_OTHER, NULL, NULL, NULL },
};
