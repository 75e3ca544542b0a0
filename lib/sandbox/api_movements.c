/*
 * Balance transactions: retrieve, list. What every charge, refund and dispute
 * did to the merchant's balance; there are no fees here.
 */
#include "api.h"
#include "limits.h"

static void
movement_retrieve(struct api *api)
{
    struct store_movement movement;

    if (!params_done(&api->params))
        return;
    if (store_movement_get(&api->box, api->id, &movement))
        object_movement(&api->out, NULL, &movement);
    else
        api_missing(api, "balance transaction", "id", api->id, 404);
}

static void
put_movement(struct api *api, const char *id)
{
    struct store_movement movement;

    if (store_movement_get(&api->box, id, &movement))
        object_movement(&api->out, NULL, &movement);
}

static void
movement_list(struct api *api)
{
    struct api_page page =
        api_page(api, SQ_MOVEMENT_NUMBER, "balance transaction");
    const char *source = params_text(&api->params, "source", LIMIT_KEY, NULL);
    int64_t from, to;
    struct rows rows;

    api_created(api, &from, &to);
    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_MOVEMENT_LIST, INT(page.below),
                INT(page.above), TEXT(source), INT(from), INT(to),
                INT(page.fetch)))
        api_list(api, &page, &rows, put_movement);
}

const struct api_endpoint api_movements[] = {
    { HTTP_GET, "/v1/balance_transactions", movement_list, NULL },
    { HTTP_GET, "/v1/balance_transactions/{}", movement_retrieve, NULL },
    { HTTP_OTHER, NULL, NULL, NULL },
};
