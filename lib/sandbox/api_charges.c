/*
 * Charges: retrieve, list. Payments make them.
 */
#include "api.h"
#include "limits.h"

static void
put_charge(struct api *api, const char *id)
{
    struct store_charge charge;

    if (store_charge_get(&api->box, id, &charge))
        object_charge(&api->out, NULL, &api->box, &charge, &api->expand);
    else
        api_missing(api, "charge", "id", id, 404);
}

static void
charge_retrieve(struct api *api)
{
    if (params_done(&api->params))
        put_charge(api, api->id);
}

static void
charge_list(struct api *api)
{
    struct api_page page = api_page(api, SQ_CHARGE_NUMBER, "charge");
    const char *intent =
        params_text(&api->params, "payment_intent", LIMIT_KEY, NULL);
    const char *customer =
        params_text(&api->params, "customer", LIMIT_KEY, NULL);
    struct rows rows;

    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_CHARGE_LIST, INT(page.below),
                INT(page.above), TEXT(intent), TEXT(customer), INT(page.fetch)))
        api_list(api, &page, &rows, put_charge);
}

const struct api_endpoint api_charges[] = {
    { HTTP_GET, "/v1/charges", charge_list,
      ",data.refunds,data.balance_transaction,data.customer," },
    { HTTP_GET, "/v1/charges/{}", charge_retrieve,
      ",refunds,balance_transaction,customer," },
    { HTTP_OTHER, NULL, NULL, NULL },
};
