/*
 * Making a checkout session: a one-time payment with prices given in the call
 * (price_data), as Scrip asks for them, or a card that is kept for later.
 */
#include "api.h"
#include "limits.h"
#include "setup.h"
#include "text.h"

/* Stripe's own ceilings. */
#define LINES_MAX     100
#define REFERENCE_MAX 200
#define URL_MAX       5000
#define EMAIL_MAX     512
#define PRODUCT_MAX   250
#define AMOUNT_MAX    INT64_C(99999999)
#define LEAST         30
#define QUANTITY_MAX  INT64_C(999999)
/* How long a session is open: at least, at most, and if not said. */
#define OPEN_LEAST_S (30 * 60)
#define OPEN_MOST_S  (24 * 60 * 60)

/* line_items[i][...]. */
static const char *
line_param(struct params *params, int i, const char *rest)
{
    return arena_format(params->arena, "line_items[%d]%s", i, rest);
}

static void
read_line(struct api *api, struct store_session *session, int i,
          struct store_line *line)
{
    struct params *params = &api->params;
    const char *currency =
        params_currency(params,
                        line_param(params, i, "[price_data][currency]"));

    *line = (struct store_line){
        .position = i,
        .id = box_id(&api->box, "li_", 24),
        .price = box_id(&api->box, "price_", 24),
        .product = box_id(&api->box, "prod_", 14),
        .name = params_need_text(
            params, line_param(params, i, "[price_data][product_data][name]"),
            PRODUCT_MAX),
        .description = params_text(
            params,
            line_param(params, i, "[price_data][product_data][description]"),
            EMAIL_MAX, NULL),
        .unit_amount = params_need_integer(
            params, line_param(params, i, "[price_data][unit_amount]"), 0,
            AMOUNT_MAX),
        .quantity = params_need_integer(
            params, line_param(params, i, "[quantity]"), 1, QUANTITY_MAX),
    };
    if (session->currency != NULL && strcmp(session->currency, currency) != 0)
        params_invalid(params, NULL,
                       line_param(params, i, "[price_data][currency]"),
                       "All prices of a session have one currency.");
    session->currency = currency;
    session->amount += line->unit_amount * line->quantity;
}

static struct store_line *
read_lines(struct api *api, struct store_session *session, int *count)
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
    if (*count == 0)
        params_invalid(params, "parameter_missing", "line_items",
                       "Missing required param: line_items.");
    else if (session->amount < LEAST)
        params_invalid(params, "amount_too_small", NULL,
                       "The Checkout Session's total amount due must add up "
                       "to at least 30 of the smallest unit.");
    else if (session->amount > AMOUNT_MAX)
        params_invalid(params, "amount_too_large", NULL,
                       "The total of a session is at most 99999999.");
    return lines;
}

static bool
method_fits(const char *method, const char *currency)
{
    if (strcmp(method, "bacs_debit") == 0)
        return currency != NULL && strcmp(currency, "gbp") == 0;
    return strcmp(method, "card") == 0;
}

/* payment_method_types[]; what fits the currency if nothing is said. */
static const char *
read_methods(struct api *api, const char *currency)
{
    struct params *params = &api->params;
    int count;
    const char *const *asked =
        params_list(params, "payment_method_types", &count);
    struct buf list;

    if (count == 0)
        return method_fits("bacs_debit", currency) ? "card,bacs_debit" : "card";
    buf_init(&list, params->arena, LIMIT_TEXT);
    for (int i = 0; i < count; i++) {
        if (!method_fits(asked[i], currency))
            params_invalid(params, NULL, "payment_method_types",
                           arena_format(params->arena,
                                        "The payment method type '%s' is "
                                        "not one of the sandbox's for this "
                                        "currency.",
                                        asked[i]));
        buf_format(&list, "%s%s", i == 0 ? "" : ",", asked[i]);
    }
    return list.bytes;
}

/* An address that a browser may be sent to. */
static const char *
read_url(struct params *params, const char *name, bool needed)
{
    const char *url = needed ? params_need_text(params, name, URL_MAX)
                             : params_text(params, name, URL_MAX, NULL);
    bool fits = url != NULL &&
                (text_begins(url, "https://") || text_begins(url, "http://"));

    if (fits) {
        const char *host = strstr(url, "://") + 3;

        fits = host[strcspn(host, "/?#")] == '\0' || strcspn(host, "/?#") > 0;
        fits = fits && host[0] != '\0' && text_printable_ascii(url) &&
               strcspn(url, " \"'<>\\^`;,") == strlen(url);
    }
    if (url != NULL && !fits)
        params_invalid(params, "url_invalid", name, "Not a valid URL");
    return url;
}

static int64_t
read_end(struct api *api, int64_t now_s)
{
    struct params *params = &api->params;
    int64_t end = params_integer(params, "expires_at", 0, LIMIT_INTEGER,
                                 now_s + OPEN_MOST_S);

    if (end < now_s + OPEN_LEAST_S)
        params_invalid(params, NULL, "expires_at",
                       "The `expires_at` timestamp must be at least 30 "
                       "minutes from Checkout Session creation.");
    else if (end > now_s + OPEN_MOST_S)
        params_invalid(params, NULL, "expires_at",
                       "The `expires_at` timestamp must be less than 24 "
                       "hours from Checkout Session creation.");
    return end;
}

/* Who buys: a customer that is known, or an address. */
static void
read_buyer(struct api *api, struct store_session *session)
{
    struct params *params = &api->params;
    struct store_customer customer;

    session->customer = params_text(params, "customer", LIMIT_KEY, NULL);
    session->email = params_text(params, "customer_email", EMAIL_MAX, NULL);
    if (session->customer != NULL && session->email != NULL)
        params_invalid(params, NULL, "customer_email",
                       "You may only specify one of these parameters: "
                       "customer, customer_email.");
    if (session->email != NULL && strchr(session->email, '@') == NULL)
        params_invalid(params, "email_invalid", "customer_email",
                       arena_format(params->arena, "Invalid email address: %s",
                                    session->email));
    if (session->customer == NULL)
        return;
    if (store_customer_get(&api->box, session->customer, &customer))
        session->email = customer.email;
    else
        api_missing(api, "customer", "customer", session->customer, 400);
}

/* "off_session": what pays is kept for later. */
static const char *
read_usage(struct params *params)
{
    static const char name[] = "payment_intent_data[setup_future_usage]";
    const char *usage = params_text(params, name, LIMIT_TEXT, NULL);

    if (usage != NULL && strcmp(usage, "off_session") != 0 &&
        strcmp(usage, "on_session") != 0)
        params_invalid(params, NULL, name,
                       "Invalid setup_future_usage: must be one of on_session "
                       "or off_session");
    return usage;
}

/* What is bought, by which methods, and what is made of it. */
static struct store_line *
read_payment(struct api *api, struct store_session *session, int *count)
{
    struct params *params = &api->params;
    struct store_line *lines = read_lines(api, session, count);

    session->payment_status = "unpaid";
    session->methods = read_methods(api, session->currency);
    session->future_usage = read_usage(params);
    session->intent_metadata =
        params_metadata(params, "payment_intent_data[metadata]", NULL);
    return lines;
}

/* A card is kept, nothing is bought. */
static void
read_setup(struct api *api, struct store_session *session)
{
    struct params *params = &api->params;

    session->payment_status = "no_payment_required";
    session->future_usage = "off_session";
    session->methods = read_methods(api, NULL);
    if (params_any(params, "currency"))
        session->currency = params_currency(params, "currency");
    session->intent_metadata =
        params_metadata(params, "setup_intent_data[metadata]", NULL);
}

void
session_create(struct api *api)
{
    struct params *params = &api->params;
    struct store_session session = {
        .id = box_id(&api->box, "cs_test_", 58),
        .created_s = box_now_s(&api->box),
        .mode = params_need_text(params, "mode", LIMIT_TEXT),
        .status = "open",
    };
    struct store_line *lines = NULL;
    int count = 0;

    if (strcmp(session.mode, "payment") == 0)
        lines = read_payment(api, &session, &count);
    else if (strcmp(session.mode, "setup") == 0)
        read_setup(api, &session);
    else
        params_invalid(params, NULL, "mode",
                       "Invalid mode: must be one of payment, setup");
    session.reference =
        params_text(params, "client_reference_id", REFERENCE_MAX, NULL);
    session.metadata = params_metadata(params, "metadata", NULL);
    session.success_url = read_url(params, "success_url", true);
    session.cancel_url = read_url(params, "cancel_url", false);
    session.expires_s = read_end(api, session.created_s);
    read_buyer(api, &session);
    if (!params_done(params))
        return;
    if (strcmp(session.mode, "setup") == 0)
        session.setup = setup_add(&api->box, &session);
    store_session_add(&api->box, &session, lines, count);
    object_session(&api->out, NULL, &api->box, &session, &api->expand);
}
