/*
 * Payment methods: create from a test token, retrieve, update, attach,
 * detach, list; and setup intents: retrieve, list.
 */
#include "api.h"
#include "limits.h"
#include "method.h"

/* --- Payment methods ---------------------------------------------------- */

static bool
load(struct api *api, struct store_saved *saved)
{
    if (store_saved_get(&api->box, api->id, saved))
        return true;
    api_missing(api, "PaymentMethod", "payment_method", api->id, 404);
    return false;
}

/* card[token]=tok_visa: numbers are for pages only. */
static void
method_create(struct api *api)
{
    struct params *params = &api->params;
    const char *type = params_need_text(params, "type", LIMIT_TEXT);
    const char *token = params_need_text(params, "card[token]", LIMIT_KEY);
    struct store_saved saved;
    const char *alias =
        arena_format(api->box.arena, "pm_card_%s",
                     strncmp(token, "tok_", 4) == 0 ? token + 4 : "");

    if (strcmp(type, "card") != 0)
        params_invalid(params, NULL, "type",
                       "Invalid type: the sandbox knows card.");
    if (card_alias(alias) == NULL)
        api_missing(api, "token", "card[token]", token, 400);
    if (params_done(params) && method_find(&api->box, alias, &saved))
        object_saved(&api->out, NULL, &saved);
}

static void
method_retrieve(struct api *api)
{
    struct store_saved saved;

    if (params_done(&api->params) && load(api, &saved))
        object_saved(&api->out, NULL, &saved);
}

static void
method_update(struct api *api)
{
    struct store_saved saved;

    if (!load(api, &saved))
        return;
    saved.metadata = params_metadata(&api->params, "metadata", saved.metadata);
    if (!params_done(&api->params))
        return;
    store_saved_set(&api->box, &saved);
    object_saved(&api->out, NULL, &saved);
}

/* A card that its bank declines cannot be kept, but for the one that is made
 * for that. */
static void
refuse_card(struct api *api, const struct store_saved *saved)
{
    const struct card *card =
        card_kept(saved->method.brand, saved->method.last4);

    if (card == NULL || card->code == NULL || card->only_saves || card->asks)
        return;
    params_refuse(&api->params, 402, "card_error", card->code, NULL,
                  card->words);
    api->params.error.decline = card->decline;
}

static void
attach(struct api *api)
{
    struct params *params = &api->params;
    const char *id = params_need_text(params, "customer", LIMIT_KEY);
    struct store_customer customer;
    struct store_saved saved;

    if (!params_done(params))
        return;
    if (!store_customer_get(&api->box, id, &customer)) {
        api_missing(api, "customer", "customer", id, 400);
        return;
    }
    if (!method_find(&api->box, api->id, &saved)) {
        api_missing(api, "PaymentMethod", "payment_method", api->id, 404);
        return;
    }
    if (saved.over ||
        (saved.customer != NULL && strcmp(saved.customer, customer.id) != 0))
        params_invalid(params, NULL, NULL,
                       "The payment method you provided has already been "
                       "attached to a customer, used or detached.");
    refuse_card(api, &saved);
    if (params->error.status != 0)
        return;
    method_attach(&api->box, &saved, customer.id);
    object_saved(&api->out, NULL, &saved);
}

static void
detach(struct api *api)
{
    struct store_saved saved;

    if (!params_done(&api->params) || !load(api, &saved))
        return;
    if (saved.customer == NULL) {
        params_invalid(&api->params, NULL, NULL,
                       "The payment method you provided is not attached to a "
                       "customer so detachment is impossible.");
        return;
    }
    method_detach(&api->box, &saved);
    object_saved(&api->out, NULL, &saved);
}

static void
put_method(struct api *api, const char *id)
{
    struct store_saved saved;

    if (store_saved_get(&api->box, id, &saved))
        object_saved(&api->out, NULL, &saved);
}

static void
list(struct api *api, const char *customer)
{
    struct api_page page = api_page(api, SQ_METHOD_NUMBER, "PaymentMethod");
    const char *type = params_text(&api->params, "type", LIMIT_TEXT, NULL);
    struct store_customer owner;
    struct rows rows;

    if (type != NULL && strcmp(type, "card") != 0)
        page.fetch = 0; /* there are only cards */
    if (!params_done(&api->params))
        return;
    if (!store_customer_get(&api->box, customer, &owner))
        api_missing(api, "customer", "customer", customer, 400);
    else if (box_run(&api->box, &rows, SQ_METHOD_LIST, INT(page.below),
                     INT(page.above), TEXT(customer), INT(page.fetch)))
        api_list(api, &page, &rows, put_method);
}

static void
method_list(struct api *api)
{
    list(api, params_need_text(&api->params, "customer", LIMIT_KEY));
}

static void
method_list_of_customer(struct api *api)
{
    list(api, api->id);
}

/* --- Setup intents ------------------------------------------------------ */

static void
setup_retrieve(struct api *api)
{
    struct store_setup setup;

    if (!params_done(&api->params))
        return;
    if (store_setup_get(&api->box, api->id, &setup))
        object_setup(&api->out, NULL, &api->box, &setup, &api->expand);
    else
        api_missing(api, "setupintent", "intent", api->id, 404);
}

static void
put_setup(struct api *api, const char *id)
{
    struct store_setup setup;

    if (store_setup_get(&api->box, id, &setup))
        object_setup(&api->out, NULL, &api->box, &setup, &api->expand);
}

static void
setup_list(struct api *api)
{
    struct api_page page = api_page(api, SQ_SETUP_NUMBER, "setupintent");
    const char *customer =
        params_text(&api->params, "customer", LIMIT_KEY, NULL);
    struct rows rows;

    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_SETUP_LIST, INT(page.below),
                INT(page.above), TEXT(customer), INT(page.fetch)))
        api_list(api, &page, &rows, put_setup);
}

const struct api_endpoint api_methods[] = {
    { HTTP_POST, "/v1/payment_methods", method_create, NULL },
    { HTTP_GET, "/v1/payment_methods", method_list, NULL },
    { HTTP_GET, "/v1/payment_methods/{}", method_retrieve, NULL },
    { HTTP_POST, "/v1/payment_methods/{}", method_update, NULL },
    { HTTP_POST, "/v1/payment_methods/{}/attach", attach, NULL },
    { HTTP_POST, "/v1/payment_methods/{}/detach", detach, NULL },
    { HTTP_GET, "/v1/customers/{}/payment_methods", method_list_of_customer,
      NULL },
    { HTTP_GET, "/v1/setup_intents", setup_list,
      ",data.payment_method,data.customer," },
    { HTTP_GET, "/v1/setup_intents/{}", setup_retrieve,
      ",payment_method,customer," },
    { HTTP_OTHER, NULL, NULL, NULL },
};
