/*
 * Refunds: create, retrieve, update, cancel, list.
 */
#include "api.h"
#include "limits.h"
#include "reversal.h"
#include "tell.h"

#define AMOUNT_MAX INT64_C(99999999)
#define EXPANDS                                   \
    ",charge,payment_intent,balance_transaction," \
    "failure_balance_transaction,payment_intent.latest_charge,"
#define LIST_EXPANDS ",data.charge,data.payment_intent,"

/* The charge that is meant, by its id or its intent's. */
static const char *
read_charge(struct api *api)
{
    struct params *params = &api->params;
    const char *charge = params_text(params, "charge", LIMIT_KEY, NULL);
    const char *intent = params_text(params, "payment_intent", LIMIT_KEY, NULL);
    struct store_intent paid;

    if (charge == NULL && intent == NULL)
        params_invalid(params, "parameter_missing", NULL,
                       "One of the following params should be provided for "
                       "this request: payment_intent or charge.");
    if (intent == NULL)
        return charge;
    if (!store_intent_get(&api->box, intent, &paid)) {
        api_missing(api, "payment_intent", "payment_intent", intent, 404);
        return NULL;
    }
    if (charge != NULL &&
        (paid.charge == NULL || strcmp(paid.charge, charge) != 0))
        params_invalid(params, NULL, "charge",
                       "The charge is not of this payment_intent.");
    else if (strcmp(paid.status, "succeeded") != 0)
        params_invalid(params, NULL, "payment_intent",
                       arena_format(params->arena,
                                    "This PaymentIntent (%s) does not have a "
                                    "successful charge to refund.",
                                    intent));
    return paid.charge;
}

static const char *
read_reason(struct params *params)
{
    static const char *const reasons[] = { "duplicate", "fraudulent",
                                           "requested_by_customer" };
    const char *reason = params_text(params, "reason", LIMIT_TEXT, NULL);

    if (reason == NULL)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (strcmp(reason, reasons[i]) == 0)
            return reason;
    params_invalid(params, NULL, "reason",
                   "Invalid reason: must be one of duplicate, fraudulent, or "
                   "requested_by_customer");
    return NULL;
}

static void
refuse(struct api *api, enum refund_result result, const struct refund_ask *ask,
       const struct store_charge *charge)
{
    struct params *params = &api->params;
    const char *id = ask->charge;

    switch (result) {
    case REFUND_UNPAID:
        params_invalid(params, NULL, "charge",
                       arena_format(params->arena,
                                    "Charge %s has not been paid; there is "
                                    "nothing to refund.",
                                    id));
        break;
    case REFUND_DISPUTED:
        params_invalid(params, "charge_disputed", NULL,
                       arena_format(params->arena,
                                    "Charge %s has been charged back; cannot "
                                    "issue a refund.",
                                    id));
        break;
    case REFUND_NOTHING:
        params_invalid(params, "charge_already_refunded", NULL,
                       arena_format(params->arena,
                                    "Charge %s has already been refunded.",
                                    id));
        break;
    case REFUND_TOO_MUCH:
        params_invalid(
            params, NULL, "amount",
            arena_format(params->arena,
                         "Refund amount (%s) is greater than unrefunded "
                         "amount on charge (%s)",
                         box_money(&api->box, ask->amount, charge->currency),
                         box_money(&api->box, charge->amount - charge->refunded,
                                   charge->currency)));
        break;
    default: break;
    }
}

static void
refund_create(struct api *api)
{
    struct params *params = &api->params;
    struct refund_ask ask = { .charge = read_charge(api) };
    struct store_charge charge;
    struct store_refund refund;
    enum refund_result result;

    ask.amount = params_integer(params, "amount", 1, AMOUNT_MAX, 0);
    ask.reason = read_reason(params);
    ask.metadata = params_metadata(params, "metadata", NULL);
    if (!params_done(params))
        return;
    if (!store_charge_get(&api->box, ask.charge, &charge)) {
        api_missing(api, "charge", "charge", ask.charge, 404);
        return;
    }
    result = reversal_refund(&api->box, &ask, &refund, &charge);
    if (result == REFUND_DONE)
        object_refund(&api->out, NULL, &api->box, &refund, &api->expand);
    else
        refuse(api, result, &ask, &charge);
}

static bool
load(struct api *api, struct store_refund *refund)
{
    if (store_refund_get(&api->box, api->id, refund))
        return true;
    api_missing(api, "refund", "id", api->id, 404);
    return false;
}

static void
refund_retrieve(struct api *api)
{
    struct store_refund refund;

    if (params_done(&api->params) && load(api, &refund))
        object_refund(&api->out, NULL, &api->box, &refund, &api->expand);
}

static void
refund_update(struct api *api)
{
    struct store_refund refund;

    if (!load(api, &refund))
        return;
    refund.metadata =
        params_metadata(&api->params, "metadata", refund.metadata);
    if (!params_done(&api->params))
        return;
    store_refund_set(&api->box, &refund);
    tell_refund(&api->box, "refund.updated", &refund);
    object_refund(&api->out, NULL, &api->box, &refund, &api->expand);
}

static void
refund_cancel(struct api *api)
{
    struct store_refund refund;

    if (!params_done(&api->params) || !load(api, &refund))
        return;
    if (reversal_cancel(&api->box, &refund))
        object_refund(&api->out, NULL, &api->box, &refund, &api->expand);
    else
        params_invalid(&api->params, NULL, NULL,
                       arena_format(api->box.arena,
                                    "A refund with a status of `%s` cannot "
                                    "be canceled.",
                                    refund.status));
}

static void
put_refund(struct api *api, const char *id)
{
    struct store_refund refund;

    if (store_refund_get(&api->box, id, &refund))
        object_refund(&api->out, NULL, &api->box, &refund, &api->expand);
}

static void
list(struct api *api, const char *charge)
{
    struct api_page page = api_page(api, SQ_REFUND_NUMBER, "refund");
    const char *intent =
        params_text(&api->params, "payment_intent", LIMIT_KEY, NULL);
    int64_t from, to;
    struct rows rows;

    api_created(api, &from, &to);
    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_REFUND_LIST, INT(page.below),
                INT(page.above), TEXT(charge), TEXT(intent), INT(from), INT(to),
                INT(page.fetch)))
        api_list(api, &page, &rows, put_refund);
}

static void
refund_list(struct api *api)
{
    list(api, params_text(&api->params, "charge", LIMIT_KEY, NULL));
}

/* /v1/charges/{}/refunds */
static void
refund_list_of_charge(struct api *api)
{
    struct store_charge charge;

    if (store_charge_get(&api->box, api->id, &charge))
        list(api, api->id);
    else
        api_missing(api, "charge", "id", api->id, 404);
}

const struct api_endpoint api_refunds[] = {
    { HTTP_POST, "/v1/refunds", refund_create, EXPANDS },
    { HTTP_GET, "/v1/refunds", refund_list, LIST_EXPANDS },
    { HTTP_GET, "/v1/refunds/{}", refund_retrieve, EXPANDS },
    { HTTP_POST, "/v1/refunds/{}", refund_update, EXPANDS },
    { HTTP_POST, "/v1/refunds/{}/cancel", refund_cancel, EXPANDS },
    { HTTP_GET, "/v1/charges/{}/refunds", refund_list_of_charge, LIST_EXPANDS },
    { HTTP_OTHER, NULL, NULL, NULL },
};
