/*
 * Customers: create, retrieve, update, list.
 */
#include "api.h"
#include "limits.h"
#include "tell.h"

/* Stripe's own ceilings. */
#define EMAIL_MAX  512
#define PERSON_MAX 256
#define WORDS_MAX  350

/* Members that a call names; one that is empty is taken away. */
static void
read_members(struct api *api, struct store_customer *customer)
{
    struct params *params = &api->params;
    struct store_saved saved;
    bool unset;
    const char *text;

    text = params_text(params, "email", EMAIL_MAX, &unset);
    if (text != NULL || unset)
        customer->email = text;
    if (text != NULL && strchr(text, '@') == NULL)
        params_invalid(params, "email_invalid", "email",
                       arena_format(params->arena, "Invalid email address: %s",
                                    text));
    text = params_text(params, "name", PERSON_MAX, &unset);
    if (text != NULL || unset)
        customer->name = text;
    text = params_text(params, "description", WORDS_MAX, &unset);
    if (text != NULL || unset)
        customer->description = text;
    text = params_text(params, "invoice_settings[default_payment_method]",
                       LIMIT_KEY, &unset);
    if (text != NULL || unset)
        customer->method = text;
    if (text != NULL &&
        (!store_saved_get(&api->box, text, &saved) || customer->id == NULL ||
         saved.customer == NULL || strcmp(saved.customer, customer->id) != 0))
        api_missing(api, "PaymentMethod",
                    "invoice_settings[default_payment_method]", text, 400);
    customer->metadata =
        params_metadata(params, "metadata", customer->metadata);
}

static void
customer_create(struct api *api)
{
    struct store_customer customer = {
        .id = box_id(&api->box, "cus_", 14),
        .created_s = box_now_s(&api->box),
    };

    read_members(api, &customer);
    if (!params_done(&api->params))
        return;
    store_customer_add(&api->box, &customer);
    tell_customer(&api->box, "customer.created", &customer);
    object_customer(&api->out, NULL, &customer);
}

static bool
load(struct api *api, struct store_customer *customer)
{
    if (store_customer_get(&api->box, api->id, customer))
        return true;
    api_missing(api, "customer", "id", api->id, 404);
    return false;
}

static void
customer_update(struct api *api)
{
    struct store_customer customer;

    if (!load(api, &customer))
        return;
    read_members(api, &customer);
    if (!params_done(&api->params))
        return;
    store_customer_set(&api->box, &customer);
    tell_customer(&api->box, "customer.updated", &customer);
    object_customer(&api->out, NULL, &customer);
}

static void
customer_retrieve(struct api *api)
{
    struct store_customer customer;

    if (params_done(&api->params) && load(api, &customer))
        object_customer(&api->out, NULL, &customer);
}

static void
put_customer(struct api *api, const char *id)
{
    struct store_customer customer;

    if (store_customer_get(&api->box, id, &customer))
        object_customer(&api->out, NULL, &customer);
}

static void
customer_list(struct api *api)
{
    struct api_page page = api_page(api, SQ_CUSTOMER_NUMBER, "customer");
    const char *email = params_text(&api->params, "email", EMAIL_MAX, NULL);
    struct rows rows;

    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_CUSTOMER_LIST, INT(page.below),
                INT(page.above), TEXT(email), INT(page.fetch)))
        api_list(api, &page, &rows, put_customer);
}

const struct api_endpoint api_customers[] = {
    { HTTP_POST, "/v1/customers", customer_create, NULL },
    { HTTP_GET, "/v1/customers", customer_list, NULL },
    { HTTP_GET, "/v1/customers/{}", customer_retrieve, NULL },
    { HTTP_POST, "/v1/customers/{}", customer_update, NULL },
    { HTTP_OTHER, NULL, NULL, NULL },
};
