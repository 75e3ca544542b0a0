/*
 * Checkout sessions: create, retrieve, list, expire, their lines. One-time
 * payments with prices given in the call (price_data), as Scrip asks for
 * them.
 */
#include "api.h"
#include "limits.h"
#include "money.h"
#include "payment.h"
#include "text.h"

/* Stripe's own ceilings. */
#define LINES_MAX     100
#define REFERENCE_MAX 200
#define URL_MAX       5000
#define EMAIL_MAX     512
#define PRODUCT_MAX   250
#define AMOUNT_MAX    INT64_C(99999999)
#define QUANTITY_MAX  INT64_C(999999)
/* How long a session is open: at least, at most, and if not said. */
#define OPEN_LEAST_S (30 * 60)
#define OPEN_MOST_S  (24 * 60 * 60)

/* Letters, as ISO 4217 has them, in lower case; one that we can show. */
static const char *
read_currency(struct params *params, const char *name)
{
    const char *text = params_need_text(params, name, 3);
    char *lower = arena_text(params->arena, text);
    char *upper = arena_text(params->arena, text);

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z')
            lower[i] = (char)(text[i] - 'A' + 'a');
        if (text[i] >= 'a' && text[i] <= 'z')
            upper[i] = (char)(text[i] - 'a' + 'A');
    }
    if (strlen(text) != 3 || money_digits(upper) < 0)
        params_invalid(params, NULL, name,
                       arena_format(params->arena,
                                    "Invalid currency: %s. The sandbox does "
                                    "not know it.",
                                    text));
    return lower;
}

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
        read_currency(params, line_param(params, i, "[price_data][currency]"));

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
    else if (session->amount < 30)
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

static void
session_create(struct api *api)
{
    struct params *params = &api->params;
    struct store_session session = {
        .id = box_id(&api->box, "cs_test_", 58),
        .created_s = box_now_s(&api->box),
        .status = "open",
        .payment_status = "unpaid",
    };
    struct store_line *lines;
    int count;

    if (strcmp(params_need_text(params, "mode", LIMIT_TEXT), "payment") != 0)
        params_invalid(params, NULL, "mode",
                       "Invalid mode: the sandbox knows payment.");
    lines = read_lines(api, &session, &count);
    session.methods = read_methods(api, session.currency);
    session.reference =
        params_text(params, "client_reference_id", REFERENCE_MAX, NULL);
    session.metadata = params_metadata(params, "metadata", NULL);
    session.intent_metadata =
        params_metadata(params, "payment_intent_data[metadata]", NULL);
    session.success_url = read_url(params, "success_url", true);
    session.cancel_url = read_url(params, "cancel_url", false);
    session.expires_s = read_end(api, session.created_s);
    read_buyer(api, &session);
    if (!params_done(params))
        return;
    store_session_add(&api->box, &session, lines, count);
    object_session(&api->out, NULL, &api->box, &session, &api->expand);
}

static bool
load(struct api *api, const char *id, struct store_session *session)
{
    if (store_session_get(&api->box, id, session))
        return true;
    api_missing(api, "checkout.session", "session", id, 404);
    return false;
}

static void
put_session(struct api *api, const char *id)
{
    struct store_session session;

    if (load(api, id, &session))
        object_session(&api->out, NULL, &api->box, &session, &api->expand);
}

static void
session_retrieve(struct api *api)
{
    if (params_done(&api->params))
        put_session(api, api->id);
}

static void
session_list(struct api *api)
{
    struct params *params = &api->params;
    struct api_page page = api_page(api, SQ_SESSION_NUMBER, "checkout.session");
    const char *intent = params_text(params, "payment_intent", LIMIT_KEY, NULL);
    const char *customer = params_text(params, "customer", LIMIT_KEY, NULL);
    const char *status = params_text(params, "status", LIMIT_KEY, NULL);
    struct rows rows;

    if (status != NULL && strcmp(status, "open") != 0 &&
        strcmp(status, "complete") != 0 && strcmp(status, "expired") != 0)
        params_invalid(params, NULL, "status",
                       "Invalid status: must be one of open, complete, or "
                       "expired");
    if (params_done(params) &&
        box_run(&api->box, &rows, SQ_SESSION_LIST, INT(page.below),
                INT(page.above), TEXT(intent), TEXT(customer), TEXT(status),
                INT(box_now_s(&api->box)), INT(page.fetch)))
        api_list(api, &page, &rows, put_session);
}

static void
session_expire(struct api *api)
{
    struct store_session session;

    if (!params_done(&api->params) || !load(api, api->id, &session))
        return;
    if (strcmp(session.status, "open") != 0) {
        params_invalid(&api->params, NULL, NULL,
                       arena_format(api->box.arena,
                                    "Only Checkout Sessions with a status in "
                                    "[\"open\"] can be expired. This Checkout "
                                    "Session has a status of `%s`.",
                                    session.status));
        return;
    }
    (void)payment_expire(&api->box, api->id);
    put_session(api, api->id);
}

static void
session_lines(struct api *api)
{
    struct store_session session;
    struct store_line *lines;
    int64_t limit = params_integer(&api->params, "limit", 1, LIMIT_PAGE, 10);
    int count;

    if (!params_done(&api->params) || !load(api, api->id, &session))
        return;
    lines = store_lines(&api->box, api->id, &count);
    json_open_object(&api->out, NULL);
    json_put_text(&api->out, "object", "list");
    json_open_array(&api->out, "data");
    for (int i = 0; i < count && i < limit; i++)
        object_line(&api->out, &session, &lines[i]);
    json_close_array(&api->out);
    json_put_boolean(&api->out, "has_more", count > limit);
    json_put_text(&api->out, "url", api->req->path);
    json_close_object(&api->out);
}

#define EXPANDS \
    ",line_items,customer,payment_intent,payment_intent.latest_charge,"
#define LIST_EXPANDS                                      \
    ",data.line_items,data.customer,data.payment_intent," \
    "data.payment_intent.latest_charge,"

const struct api_endpoint api_sessions[] = {
    { HTTP_POST, "/v1/checkout/sessions", session_create, EXPANDS },
    { HTTP_GET, "/v1/checkout/sessions", session_list, LIST_EXPANDS },
    { HTTP_GET, "/v1/checkout/sessions/{}", session_retrieve, EXPANDS },
    { HTTP_POST, "/v1/checkout/sessions/{}/expire", session_expire, EXPANDS },
    { HTTP_GET, "/v1/checkout/sessions/{}/line_items", session_lines, NULL },
    { HTTP_OTHER, NULL, NULL, NULL },
};
