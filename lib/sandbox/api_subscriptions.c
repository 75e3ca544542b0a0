/*
 * Subscriptions: create, retrieve, change, cancel, list. Each has one item.
 */
#include "api.h"
#include "billing.h"
#include "limits.h"
#include "tell.h"

#define QUANTITY_MAX 100
#define AMOUNT_MAX   INT64_C(99999999)
#define WORDS_MAX    500
#define EXPANDS                                         \
    ",latest_invoice,latest_invoice.payments,customer," \
    "default_payment_method,"
#define LIST_EXPANDS \
    ",data.latest_invoice,data.customer,data.default_payment_method,"

static bool
load(struct api *api, struct store_subscription *subscription)
{
    if (store_subscription_get(&api->box, api->id, subscription))
        return true;
    api_missing(api, "subscription", "id", api->id, 404);
    return false;
}

static void
put(struct api *api, const struct store_subscription *subscription)
{
    object_subscription(&api->out, NULL, &api->box, subscription, &api->expand);
}

/* items[0][price_data]: a price made in passing, of a product that there is. */
static const char *
read_price_data(struct api *api)
{
    struct params *params = &api->params;
    struct store_product product;
    struct store_price price = {
        .id = box_id(&api->box, "price_", 24),
        .created_s = box_now_s(&api->box),
        .currency = params_currency(params, "items[0][price_data][currency]"),
        .product = params_need_text(params, "items[0][price_data][product]",
                                    LIMIT_KEY),
        .unit_amount = params_need_integer(
            params, "items[0][price_data][unit_amount]", 0, AMOUNT_MAX),
        .metadata = "{}",
    };

    api_read_recurring(api, "items[0][price_data][recurring]", true, &price);
    if (!store_product_get(&api->box, price.product, &product))
        api_missing(api, "product", "items[0][price_data][product]",
                    price.product, 400);
    if (params->error.status == 0)
        store_price_add(&api->box, &price);
    return price.id;
}

/* The price of the item, NULL where nothing is said of it. */
static const char *
read_price(struct api *api)
{
    struct params *params = &api->params;
    struct store_price price;
    const char *id;

    if (params_any(params, "items[0][price_data]"))
        return read_price_data(api);
    id = params_text(params, "items[0][price]", LIMIT_KEY, NULL);
    if (id == NULL)
        return NULL;
    if (!store_price_get(&api->box, id, &price))
        api_missing(api, "price", "items[0][price]", id, 400);
    else if (price.interval == NULL)
        params_invalid(params, NULL, "items[0][price]",
                       "The price specified is set to `type=one_time` but "
                       "this field only accepts prices with "
                       "`type=recurring`.");
    return id;
}

static const char *
read_method(struct api *api, const char *customer, const char *as_it_is)
{
    const char *id =
        params_text(&api->params, "default_payment_method", LIMIT_KEY, NULL);
    struct store_saved saved;

    if (id == NULL)
        return as_it_is;
    if (!store_saved_get(&api->box, id, &saved) || saved.customer == NULL ||
        strcmp(saved.customer, customer) != 0)
        api_missing(api, "PaymentMethod", "default_payment_method", id, 400);
    return id;
}

/* One of the words, by number; the first where nothing is said. */
static int
read_word(struct params *params, const char *name, const char *const *words,
          int count)
{
    const char *word = params_text(params, name, LIMIT_TEXT, NULL);

    for (int i = 0; word != NULL && i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    if (word != NULL)
        params_invalid(params, NULL, name,
                       arena_format(params->arena,
                                    "Invalid %s: the sandbox does not know "
                                    "'%s'",
                                    name, word));
    return 0;
}

static const char *const payment_words[] = { "allow_incomplete",
                                             "error_if_incomplete" };
static const char *const proration_words[] = {
    [BILLING_PRORATE] = "create_prorations",
    [BILLING_INVOICE] = "always_invoice",
    [BILLING_NOTHING] = "none",
};
static const char *const anchor_words[] = { "unchanged", "now" };

#define READ_WORD(params, name, words) \
    read_word((params), (name), (words), (int)COUNT_OF(words))

/* A card that was declined undoes all of it, where that was asked for. */
static void
refuse_payment(struct api *api, const struct store_intent *refused)
{
    const char *code = refused->error.code;

    params_refuse(&api->params, 402, "card_error",
                  code == NULL ? "card_declined" : code, NULL,
                  code == NULL ? "The customer has no payment method that can "
                                 "be charged."
                               : refused->error.message);
    api->params.error.decline = refused->error.decline;
}

static void
subscription_create(struct api *api)
{
    struct params *params = &api->params;
    struct store_subscription made = {
        .customer = params_need_text(params, "customer", LIMIT_KEY),
        .metadata = params_metadata(params, "metadata", NULL),
        .description = params_text(params, "description", WORDS_MAX, NULL),
        .price = read_price(api),
        .quantity =
            params_integer(params, "items[0][quantity]", 1, QUANTITY_MAX, 1),
    };
    bool strictly = READ_WORD(params, "payment_behavior", payment_words) == 1;
    struct store_intent refused = { .id = NULL };
    struct store_customer customer;

    (void)params_boolean(params, "off_session");
    made.method = read_method(api, made.customer, NULL);
    if (made.price == NULL)
        params_invalid(params, "parameter_missing", "items",
                       "Missing required param: items.");
    if (!store_customer_get(&api->box, made.customer, &customer))
        api_missing(api, "customer", "customer", made.customer, 400);
    if (!params_done(params))
        return;
    billing_start(&api->box, &made, NULL, &refused);
    if (strictly && strcmp(made.status, "active") != 0)
        refuse_payment(api, &refused);
    else
        put(api, &made);
}

/* Whether it goes on or ends when its period does. */
static void
read_end(struct api *api, struct store_subscription *subscription)
{
    if (!params_any(&api->params, "cancel_at_period_end"))
        return;
    subscription->cancel_at_end =
        params_boolean(&api->params, "cancel_at_period_end");
    subscription->canceled_s =
        subscription->cancel_at_end ? store_clock_s(&api->box) : 0;
}

static void
read_item(struct api *api, const struct store_subscription *subscription)
{
    const char *item =
        params_text(&api->params, "items[0][id]", LIMIT_KEY, NULL);

    if (item != NULL && strcmp(item, subscription->item) != 0)
        api_missing(api, "subscription item", "items[0][id]", item, 400);
    else if (item == NULL && params_any(&api->params, "items["))
        params_invalid(&api->params, NULL, "items[0][id]",
                       "The sandbox's subscriptions have one item: say which "
                       "with its id.");
}

static void
check_currency(struct api *api, const struct store_subscription *subscription,
               const char *id)
{
    struct store_price price;

    if (store_price_get(&api->box, id, &price) &&
        strcmp(price.currency, subscription->currency) != 0)
        params_invalid(&api->params, NULL, "items[0][price]",
                       "The price specified has another currency than the "
                       "subscription.");
}

static void
subscription_update(struct api *api)
{
    struct params *params = &api->params;
    struct store_subscription subscription;
    struct billing_change change;
    struct store_intent refused = { .id = NULL };
    const char *price, *words;
    bool strictly, changes, paid = true;

    if (!load(api, &subscription))
        return;
    if (strcmp(subscription.status, "canceled") == 0) {
        params_invalid(params, NULL, NULL,
                       "A canceled subscription can only update its "
                       "cancellation_details and metadata.");
        return;
    }
    subscription.metadata =
        params_metadata(params, "metadata", subscription.metadata);
    words = params_text(params, "description", WORDS_MAX, NULL);
    if (words != NULL)
        subscription.description = words;
    subscription.method =
        read_method(api, subscription.customer, subscription.method);
    read_end(api, &subscription);
    read_item(api, &subscription);
    price = read_price(api);
    change = (struct billing_change){
        .price = price == NULL ? subscription.price : price,
        .quantity = params_integer(params, "items[0][quantity]", 1,
                                   QUANTITY_MAX, subscription.quantity),
        .proration = READ_WORD(params, "proration_behavior", proration_words),
        .anew = READ_WORD(params, "billing_cycle_anchor", anchor_words) == 1,
    };
    strictly = READ_WORD(params, "payment_behavior", payment_words) == 1;
    check_currency(api, &subscription, change.price);
    if (!params_done(params))
        return;
    changes = change.anew || change.quantity != subscription.quantity ||
              strcmp(change.price, subscription.price) != 0;
    if (changes) {
        paid = billing_change(&api->box, &subscription, &change, &refused);
    } else {
        store_subscription_set(&api->box, &subscription);
        tell_subscription(&api->box, "customer.subscription.updated",
                          &subscription);
    }
    if (!paid && strictly)
        refuse_payment(api, &refused);
    else
        put(api, &subscription);
}

static void
subscription_cancel(struct api *api)
{
    struct params *params = &api->params;
    struct store_subscription subscription;

    (void)params_boolean(params, "invoice_now");
    (void)params_boolean(params, "prorate");
    (void)params_text(params, "cancellation_details[comment]", WORDS_MAX, NULL);
    if (!params_done(params) || !load(api, &subscription))
        return;
    if (strcmp(subscription.status, "canceled") == 0) {
        api_missing(api, "subscription", "id", api->id, 404);
        return;
    }
    billing_cancel(&api->box, &subscription);
    put(api, &subscription);
}

static void
subscription_retrieve(struct api *api)
{
    struct store_subscription subscription;

    if (params_done(&api->params) && load(api, &subscription))
        put(api, &subscription);
}

static void
put_subscription(struct api *api, const char *id)
{
    struct store_subscription subscription;

    if (store_subscription_get(&api->box, id, &subscription))
        put(api, &subscription);
}

static void
subscription_list(struct api *api)
{
    struct params *params = &api->params;
    struct api_page page =
        api_page(api, SQ_SUBSCRIPTION_NUMBER, "subscription");
    const char *customer = params_text(params, "customer", LIMIT_KEY, NULL);
    const char *price = params_text(params, "price", LIMIT_KEY, NULL);
    const char *status = params_text(params, "status", LIMIT_KEY, NULL);
    struct rows rows;

    if (params_done(params) &&
        box_run(&api->box, &rows, SQ_SUBSCRIPTION_LIST, INT(page.below),
                INT(page.above), TEXT(customer), TEXT(price), TEXT(status),
                INT(page.fetch)))
        api_list(api, &page, &rows, put_subscription);
}

const struct api_endpoint api_subscriptions[] = {
    { HTTP_POST, "/v1/subscriptions", subscription_create, EXPANDS },
    { HTTP_GET, "/v1/subscriptions", subscription_list, LIST_EXPANDS },
    { HTTP_GET, "/v1/subscriptions/{}", subscription_retrieve, EXPANDS },
    { HTTP_POST, "/v1/subscriptions/{}", subscription_update, EXPANDS },
    { HTTP_DELETE, "/v1/subscriptions/{}", subscription_cancel, EXPANDS },
    { HTTP_OTHER, NULL, NULL, NULL },
};
