/*
 * Invoices: retrieve, list, pay, void, their lines; and their payments.
 * Subscriptions make them.
 */
#include "api.h"
#include "billing.h"
#include "invoice.h"
#include "limits.h"
#include "method.h"

#define EXPANDS      ",customer,payments,parent.subscription_details.subscription,"
#define LIST_EXPANDS ",data.customer,data.payments,"

static bool
load(struct api *api, struct store_invoice *invoice)
{
    if (store_invoice_get(&api->box, api->id, invoice))
        return true;
    api_missing(api, "invoice", "id", api->id, 404);
    return false;
}

static void
put(struct api *api, const struct store_invoice *invoice)
{
    object_invoice(&api->out, NULL, &api->box, invoice, &api->expand);
}

static void
invoice_retrieve(struct api *api)
{
    struct store_invoice invoice;

    if (params_done(&api->params) && load(api, &invoice))
        put(api, &invoice);
}

/* A declined card is an outcome; where there is none, nothing has happened. */
static void
refuse(struct api *api, const struct store_intent *refused)
{
    if (refused->id != NULL && refused->error.code != NULL)
        api_declined(api, refused);
    else
        params_invalid(&api->params, "invoice_payment_intent_requires_action",
                       NULL,
                       "This invoice cannot be paid with nobody there: its "
                       "customer has no payment method, or the bank asks.");
}

static bool
is_open(struct api *api, const struct store_invoice *invoice)
{
    if (strcmp(invoice->status, "open") == 0)
        return true;
    params_invalid(&api->params, NULL, NULL,
                   strcmp(invoice->status, "paid") == 0
                       ? "Invoice is already paid"
                       : "This invoice is not open.");
    return false;
}

static void
pay(struct api *api)
{
    struct params *params = &api->params;
    const char *method = params_text(params, "payment_method", LIMIT_KEY, NULL);
    struct store_saved saved;
    struct store_invoice invoice;
    struct store_intent refused;

    (void)params_boolean(params, "off_session");
    if (!load(api, &invoice) || !is_open(api, &invoice))
        return;
    if (method != NULL &&
        (!method_find(&api->box, method, &saved) || saved.over ||
         (saved.customer != NULL &&
          strcmp(saved.customer, invoice.customer) != 0)))
        api_missing(api, "PaymentMethod", "payment_method", method, 400);
    if (!params_done(params))
        return;
    if (billing_pay(&api->box, &invoice, method == NULL ? NULL : &saved, true,
                    &refused))
        put(api, &invoice);
    else
        refuse(api, &refused);
}

static void
void_it(struct api *api)
{
    struct store_invoice invoice;

    if (!params_done(&api->params) || !load(api, &invoice) ||
        !is_open(api, &invoice))
        return;
    (void)invoice_void(&api->box, &invoice);
    put(api, &invoice);
}

static void
put_invoice(struct api *api, const char *id)
{
    struct store_invoice invoice;

    if (store_invoice_get(&api->box, id, &invoice))
        put(api, &invoice);
}

static void
invoice_list(struct api *api)
{
    struct params *params = &api->params;
    struct api_page page = api_page(api, SQ_INVOICE_NUMBER, "invoice");
    const char *customer = params_text(params, "customer", LIMIT_KEY, NULL);
    const char *subscription =
        params_text(params, "subscription", LIMIT_KEY, NULL);
    const char *status = params_text(params, "status", LIMIT_KEY, NULL);
    int64_t from, to;
    struct rows rows;

    api_created(api, &from, &to);
    if (params_done(params) &&
        box_run(&api->box, &rows, SQ_INVOICE_LIST, INT(page.below),
                INT(page.above), TEXT(customer), TEXT(subscription),
                TEXT(status), NIL, INT(from), INT(to), INT(page.fetch)))
        api_list(api, &page, &rows, put_invoice);
}

static void
lines(struct api *api)
{
    int64_t limit = params_integer(&api->params, "limit", 1, LIMIT_PAGE, 10);
    struct store_invoice invoice;
    struct store_subscription subscription;
    struct store_invoice_line *all;
    int count;

    if (!params_done(&api->params) || !load(api, &invoice) ||
        !store_subscription_get(&api->box, invoice.subscription, &subscription))
        return;
    all = store_invoice_lines(&api->box, invoice.id, &count);
    object_open_list(&api->out, NULL);
    for (int i = 0; i < count && i < limit; i++)
        object_invoice_line(&api->out, &api->box, &invoice, &subscription,
                            &all[i]);
    object_close_list(&api->out, count > limit, api->req->path);
}

static void
put_payment(struct api *api, const char *id)
{
    struct store_invoice invoice;

    if (store_invoice_get(&api->box, id, &invoice) && invoice.intent != NULL)
        object_invoice_payment(&api->out, &invoice);
}

/* By invoice, or by what paid: what a refund belongs to. */
static void
payment_list(struct api *api)
{
    struct params *params = &api->params;
    struct api_page page = api_page(api, SQ_INVOICE_NUMBER, "invoice");
    const char *id = params_text(params, "invoice", LIMIT_KEY, NULL);
    const char *intent =
        params_text(params, "payment[payment_intent]", LIMIT_KEY, NULL);
    struct store_invoice invoice;
    struct rows rows;

    (void)params_text(params, "payment[type]", LIMIT_TEXT, NULL);
    if (id != NULL && intent == NULL &&
        store_invoice_get(&api->box, id, &invoice))
        intent = invoice.intent == NULL ? "" : invoice.intent;
    if (intent == NULL)
        params_invalid(params, "parameter_missing", "invoice",
                       "Missing required param: invoice or payment.");
    if (params_done(params) &&
        box_run(&api->box, &rows, SQ_INVOICE_LIST, INT(page.below),
                INT(page.above), NIL, NIL, NIL, TEXT(intent), INT(0),
                INT(NEVER_MS), INT(page.fetch)))
        api_list(api, &page, &rows, put_payment);
}

const struct api_endpoint api_invoices[] = {
    { HTTP_GET, "/v1/invoices", invoice_list, LIST_EXPANDS },
    { HTTP_GET, "/v1/invoices/{}", invoice_retrieve, EXPANDS },
    { HTTP_GET, "/v1/invoices/{}/lines", lines, NULL },
    { HTTP_POST, "/v1/invoices/{}/pay", pay, EXPANDS },
    { HTTP_POST, "/v1/invoices/{}/void", void_it, EXPANDS },
    { HTTP_GET, "/v1/invoice_payments", payment_list, NULL },
    { HTTP_OTHER, NULL, NULL, NULL },
};
