/*
 * Making a checkout session: a one-time payment, a subscription, or a card
 * that is kept for later.
 */
#include "api.h"
#include "limits.h"
#include "session_lines.h"
#include "setup.h"
#include "text.h"

/* Stripe's own ceilings. */
#define REFERENCE_MAX 200
#define URL_MAX       5000
#define EMAIL_MAX     512
/* How long a session is open: at least, at most, and if not said. */
#define OPEN_LEAST_S (30 * 60)
#define OPEN_MOST_S  (24 * 60 * 60)

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
    struct store_line *lines = session_lines_read(api, session, count);

    session->payment_status = "unpaid";
    session->methods = read_methods(api, session->currency);
    session->future_usage = read_usage(params);
    session->intent_metadata =
        params_metadata(params, "payment_intent_data[metadata]", NULL);
    return lines;
}

/* What is bought again and again: paid by a card, which is kept for that. */
static struct store_line *
read_subscription(struct api *api, struct store_session *session, int *count)
{
    struct params *params = &api->params;
    struct store_line *lines = session_lines_read(api, session, count);

    session->payment_status =
        session->amount > 0 ? "unpaid" : "no_payment_required";
    session->methods = read_methods(api, NULL);
    session->future_usage = "off_session";
    session->intent_metadata =
        params_metadata(params, "subscription_data[metadata]", NULL);
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
    else if (strcmp(session.mode, "subscription") == 0)
        lines = read_subscription(api, &session, &count);
    else
        params_invalid(params, NULL, "mode",
                       "Invalid mode: must be one of payment, setup, or "
                       "subscription");
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
