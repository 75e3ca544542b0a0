/*
 * Checkout sessions: retrieve, list, expire, their lines; one is made in
 * api_session_create.c.
 */
#include "api.h"
#include "limits.h"
#include "payment.h"

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

#define EXPANDS                                                           \
    ",line_items,customer,payment_intent,setup_intent,"                   \
    "setup_intent.payment_method,payment_intent.payment_method,"          \
    "payment_intent.latest_charge,subscription,invoice,invoice.payments," \
    "subscription.latest_invoice,subscription.default_payment_method,"
#define LIST_EXPANDS                                      \
    ",data.line_items,data.customer,data.payment_intent," \
    "data.payment_intent.latest_charge,data.setup_intent,"

const struct api_endpoint api_sessions[] = {
    { HTTP_POST, "/v1/checkout/sessions", session_create, EXPANDS },
    { HTTP_GET, "/v1/checkout/sessions", session_list, LIST_EXPANDS },
    { HTTP_GET, "/v1/checkout/sessions/{}", session_retrieve, EXPANDS },
    { HTTP_POST, "/v1/checkout/sessions/{}/expire", session_expire, EXPANDS },
    { HTTP_GET, "/v1/checkout/sessions/{}/line_items", session_lines, NULL },
    { HTTP_OTHER, NULL, NULL, NULL },
};
