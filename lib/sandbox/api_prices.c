/*
 * Products and prices: create, retrieve, update, list.
 */
#include "api.h"
#include "limits.h"

#define NAME_MAX     250
#define WORDS_MAX    1000
#define AMOUNT_MAX   INT64_C(99999999)
#define EXPANDS      ",product,"
#define LIST_EXPANDS ",data.product,"

/* --- Products ----------------------------------------------------------- */

/* `active`: as it is where nothing is said. */
static bool
read_active(struct params *params, bool as_it_is)
{
    if (!params_any(params, "active"))
        return as_it_is;
    return params_boolean(params, "active");
}

/* What a list is told of it: NIL for both kinds. */
static struct db_value
filter_active(struct params *params)
{
    if (!params_any(params, "active"))
        return NIL;
    return INT(params_boolean(params, "active"));
}

static void
product_create(struct api *api)
{
    struct params *params = &api->params;
    struct store_product product = {
        .id = box_id(&api->box, "prod_", 14),
        .created_s = box_now_s(&api->box),
        .name = params_need_text(params, "name", NAME_MAX),
        .description = params_text(params, "description", WORDS_MAX, NULL),
        .active = read_active(params, true),
        .metadata = params_metadata(params, "metadata", NULL),
    };

    if (!params_done(params))
        return;
    store_product_add(&api->box, &product);
    object_product(&api->out, NULL, &product);
}

static bool
load_product(struct api *api, struct store_product *product)
{
    if (store_product_get(&api->box, api->id, product))
        return true;
    api_missing(api, "product", "id", api->id, 404);
    return false;
}

static void
product_update(struct api *api)
{
    struct params *params = &api->params;
    struct store_product product;
    const char *name, *words;

    if (!load_product(api, &product))
        return;
    name = params_text(params, "name", NAME_MAX, NULL);
    words = params_text(params, "description", WORDS_MAX, NULL);
    if (name != NULL)
        product.name = name;
    if (words != NULL)
        product.description = words;
    product.active = read_active(params, product.active);
    product.metadata = params_metadata(params, "metadata", product.metadata);
    if (!params_done(params))
        return;
    store_product_set(&api->box, &product);
    object_product(&api->out, NULL, &product);
}

static void
product_retrieve(struct api *api)
{
    struct store_product product;

    if (params_done(&api->params) && load_product(api, &product))
        object_product(&api->out, NULL, &product);
}

static void
put_product(struct api *api, const char *id)
{
    struct store_product product;

    if (store_product_get(&api->box, id, &product))
        object_product(&api->out, NULL, &product);
}

static void
product_list(struct api *api)
{
    struct api_page page = api_page(api, SQ_PRODUCT_NUMBER, "product");
    struct db_value active = filter_active(&api->params);
    struct rows rows;

    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_PRODUCT_LIST, INT(page.below),
                INT(page.above), active, INT(page.fetch)))
        api_list(api, &page, &rows, put_product);
}

/* --- Prices ------------------------------------------------------------- */

void
api_read_recurring(struct api *api, const char *prefix, bool needed,
                   struct store_price *price)
{
    /* A period is a year at most. */
    static const struct {
        const char *word;
        int64_t most;
    } intervals[] = {
        { "day", 365 },
        { "week", 52 },
        { "month", 12 },
        { "year", 1 },
    };
    struct params *params = &api->params;
    const char *name = arena_format(params->arena, "%s[interval]", prefix);
    const char *count =
        arena_format(params->arena, "%s[interval_count]", prefix);

    price->interval = needed ? params_need_text(params, name, LIMIT_TEXT)
                             : params_text(params, name, LIMIT_TEXT, NULL);
    price->interval_count = params_integer(params, count, 1, 365, 1);
    if (price->interval == NULL)
        return;
    for (size_t i = 0; i < COUNT_OF(intervals); i++) {
        if (strcmp(intervals[i].word, price->interval) != 0)
            continue;
        if (price->interval_count > intervals[i].most)
            params_invalid(params, NULL, count,
                           "A period is one year at most.");
        return;
    }
    params_invalid(params, NULL, name,
                   arena_format(params->arena,
                                "Invalid %s: must be one of day, week, month, "
                                "or year",
                                name));
}

static void
read_product(struct api *api, struct store_price *price)
{
    struct params *params = &api->params;
    const char *name =
        params_text(params, "product_data[name]", NAME_MAX, NULL);
    struct store_product product = {
        .id = box_id(&api->box, "prod_", 14),
        .created_s = box_now_s(&api->box),
        .name = name,
        .active = true,
        .metadata = "{}",
    };

    if (name != NULL) {
        price->product = product.id;
        store_product_add(&api->box, &product);
        return;
    }
    price->product = params_need_text(params, "product", LIMIT_KEY);
    if (!store_product_get(&api->box, price->product, &product))
        api_missing(api, "product", "product", price->product, 400);
}

static void
price_create(struct api *api)
{
    struct params *params = &api->params;
    struct store_price price = {
        .id = box_id(&api->box, "price_", 24),
        .created_s = box_now_s(&api->box),
        .currency = params_currency(params, "currency"),
        .unit_amount =
            params_need_integer(params, "unit_amount", 0, AMOUNT_MAX),
        .active = read_active(params, true),
        .nickname = params_text(params, "nickname", NAME_MAX, NULL),
        .metadata = params_metadata(params, "metadata", NULL),
    };

    api_read_recurring(api, "recurring", false, &price);
    read_product(api, &price);
    if (!params_done(params))
        return;
    store_price_add(&api->box, &price);
    object_price(&api->out, NULL, &api->box, &price, &api->expand);
}

static bool
load_price(struct api *api, struct store_price *price)
{
    if (store_price_get(&api->box, api->id, price))
        return true;
    api_missing(api, "price", "price", api->id, 404);
    return false;
}

static void
price_update(struct api *api)
{
    struct params *params = &api->params;
    struct store_price price;
    const char *nickname;

    if (!load_price(api, &price))
        return;
    nickname = params_text(params, "nickname", NAME_MAX, NULL);
    if (nickname != NULL)
        price.nickname = nickname;
    price.active = read_active(params, price.active);
    price.metadata = params_metadata(params, "metadata", price.metadata);
    if (!params_done(params))
        return;
    store_price_set(&api->box, &price);
    object_price(&api->out, NULL, &api->box, &price, &api->expand);
}

static void
price_retrieve(struct api *api)
{
    struct store_price price;

    if (params_done(&api->params) && load_price(api, &price))
        object_price(&api->out, NULL, &api->box, &price, &api->expand);
}

static void
put_price(struct api *api, const char *id)
{
    struct store_price price;

    if (store_price_get(&api->box, id, &price))
        object_price(&api->out, NULL, &api->box, &price, &api->expand);
}

static void
price_list(struct api *api)
{
    struct api_page page = api_page(api, SQ_PRICE_NUMBER, "price");
    const char *product = params_text(&api->params, "product", LIMIT_KEY, NULL);
    struct db_value active = filter_active(&api->params);
    struct rows rows;

    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_PRICE_LIST, INT(page.below),
                INT(page.above), TEXT(product), active, INT(page.fetch)))
        api_list(api, &page, &rows, put_price);
}

const struct api_endpoint api_prices[] = {
    { HTTP_POST, "/v1/products", product_create, NULL },
    { HTTP_GET, "/v1/products", product_list, NULL },
    { HTTP_GET, "/v1/products/{}", product_retrieve, NULL },
    { HTTP_POST, "/v1/products/{}", product_update, NULL },
    { HTTP_POST, "/v1/prices", price_create, EXPANDS },
    { HTTP_GET, "/v1/prices", price_list, LIST_EXPANDS },
    { HTTP_GET, "/v1/prices/{}", price_retrieve, EXPANDS },
    { HTTP_POST, "/v1/prices/{}", price_update, EXPANDS },
    { HTTP_OTHER, NULL, NULL, NULL },
};
