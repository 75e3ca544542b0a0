/*
 * Lines of a checkout session: a price that there is, or one that is given in
 * the call (price_data), as Scrip asks for them. A subscription has one line,
 * and its price stays for its renewals.
 */
#include "session_lines.h"

#include "limits.h"

/* Stripe's own ceilings; a subscription's quantity is our own. */
#define LINES_MAX       100
#define PRODUCT_MAX     250
#define WORDS_MAX       512
#define AMOUNT_MAX      INT64_C(99999999)
#define LEAST           30
#define QUANTITY_MAX    INT64_C(999999)
#define SUBSCRIBED_MOST 100

static bool
subscribes(const struct store_session *session)
{
    return strcmp(session->mode, "subscription") == 0;
}

/* line_items[i][...]. */
static const char *
line_param(struct params *params, int i, const char *rest)
{
    return arena_format(params->arena, "line_items[%d]%s", i, rest);
}

/* [price_data]: a price of this session alone, unless it is to be renewed. */
static void
read_price_data(struct api *api, const struct store_session *session, int i,
                struct store_price *price)
{
    struct params *params = &api->params;
    struct store_product product = {
        .id =
            params_text(params, line_param(params, i, "[price_data][product]"),
                        LIMIT_KEY, NULL),
        .created_s = box_now_s(&api->box),
        .metadata = "{}",
    };

    price->id = box_id(&api->box, "price_", 24);
    price->created_s = box_now_s(&api->box);
    price->currency =
        params_currency(params,
                        line_param(params, i, "[price_data][currency]"));
    price->unit_amount =
        params_need_integer(params,
                            line_param(params, i, "[price_data][unit_amount]"),
                            0, AMOUNT_MAX);
    price->metadata = "{}";
    api_read_recurring(api, line_param(params, i, "[price_data][recurring]"),
                       subscribes(session), price);
    if (product.id == NULL) {
        product.id = box_id(&api->box, "prod_", 14);
        product.name = params_need_text(
            params, line_param(params, i, "[price_data][product_data][name]"),
            PRODUCT_MAX);
        product.description = params_text(
            params,
            line_param(params, i, "[price_data][product_data][description]"),
            WORDS_MAX, NULL);
        if (params->error.status == 0)
            store_product_add(&api->box, &product);
    } else if (!store_product_get(&api->box, product.id, &product)) {
        api_missing(api, "product",
                    line_param(params, i, "[price_data][product]"), product.id,
                    400);
    }
    price->product = product.id;
    price->name = product.name;
    if (params->error.status == 0)
        store_price_add(&api->box, price);
}

/* The price of a line: by its id, or given in the call. */
static void
read_price(struct api *api, const struct store_session *session, int i,
           struct store_price *price)
{
    struct params *params = &api->params;
    const char *name = line_param(params, i, "[price]");
    const char *id = params_text(params, name, LIMIT_KEY, NULL);

    *price = (struct store_price){ .name = "", .currency = "" };
    if (id == NULL)
        read_price_data(api, session, i, price);
    else if (!store_price_get(&api->box, id, price))
        api_missing(api, "price", name, id, 400);
    if (params->error.status != 0)
        return;
    if (subscribes(session) && price->interval == NULL)
        params_invalid(params, NULL, name,
                       "You must provide at least one recurring price in "
                       "`subscription` mode when using prices.");
    else if (!subscribes(session) && price->interval != NULL)
        params_invalid(params, NULL, name,
                       "You specified `payment` mode but passed a recurring "
                       "price. Either switch to `subscription` mode or use "
                       "only one-time prices.");
}

static void
read_line(struct api *api, struct store_session *session, int i,
          struct store_line *line)
{
    struct params *params = &api->params;
    struct store_price price;

    read_price(api, session, i, &price);
    *line = (struct store_line){
        .position = i,
        .id = box_id(&api->box, "li_", 24),
        .price = price.id,
        .product = price.product,
        .name = price.name,
        .unit_amount = price.unit_amount,
        .interval = price.interval,
        .interval_count = price.interval_count,
        .quantity = params_need_integer(
            params, line_param(params, i, "[quantity]"), 1,
            subscribes(session) ? SUBSCRIBED_MOST : QUANTITY_MAX),
    };
    if (session->currency != NULL &&
        strcmp(session->currency, price.currency) != 0)
        params_invalid(params, NULL,
                       line_param(params, i, "[price_data][currency]"),
                       "All prices of a session have one currency.");
    session->currency = price.currency;
    session->amount += line->unit_amount * line->quantity;
}

static void
check_sum(struct params *params, const struct store_session *session, int count)
{
    bool may_be_nothing = subscribes(session) && session->amount == 0;

    if (count == 0)
        params_invalid(params, "parameter_missing", "line_items",
                       "Missing required param: line_items.");
    else if (subscribes(session) && count > 1)
        params_invalid(params, NULL, "line_items",
                       "The sandbox's subscriptions have one line.");
    else if (session->amount < LEAST && !may_be_nothing)
        params_invalid(params, "amount_too_small", NULL,
                       "The Checkout Session's total amount due must add up "
                       "to at least 30 of the smallest unit.");
    else if (session->amount > AMOUNT_MAX)
        params_invalid(params, "amount_too_large", NULL,
                       "The total of a session is at most 99999999.");
}

struct store_line *
session_lines_read(struct api *api, struct store_session *session, int *count)
{
    struct params *params = &api->params;
    struct store_line *lines =
        arena_array(params->arena, LINES_MAX, sizeof(*lines));

    *count = 0;
    while (*count < LINES_MAX &&
           params_any(params, line_param(params, *count, "["))) {
        read_line(api, session, *count, &lines[*count]);
        (*count)++;
    }
    check_sum(params, session, *count);
    return lines;
}
