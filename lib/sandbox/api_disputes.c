/*
 * Disputes: retrieve, list, answer with evidence, accept ("close").
 */
#include "api.h"
#include "limits.h"
#include "reversal.h"
#include "tell.h"

/* Stripe's own ceiling of all evidence. */
#define EVIDENCE_MAX 150000
#define EXPANDS      ",charge,payment_intent,"
#define LIST_EXPANDS ",data.charge,data.payment_intent,"

static bool
load(struct api *api, struct store_dispute *dispute)
{
    if (store_dispute_get(&api->box, api->id, dispute))
        return true;
    api_missing(api, "dispute", "id", api->id, 404);
    return false;
}

static void
put_dispute(struct api *api, const char *id)
{
    struct store_dispute dispute;

    if (store_dispute_get(&api->box, id, &dispute))
        object_dispute(&api->out, NULL, &api->box, &dispute, &api->expand);
}

static void
dispute_retrieve(struct api *api)
{
    struct store_dispute dispute;

    if (params_done(&api->params) && load(api, &dispute))
        put_dispute(api, api->id);
}

static void
refuse_over(struct api *api)
{
    params_invalid(&api->params, NULL, NULL, "This dispute is already closed");
}

static void
dispute_update(struct api *api)
{
    struct params *params = &api->params;
    struct store_dispute dispute;
    const char *evidence, *submit;

    if (!load(api, &dispute))
        return;
    evidence =
        params_text(params, "evidence[uncategorized_text]", EVIDENCE_MAX, NULL);
    submit = params_text(params, "submit", LIMIT_TEXT, NULL);
    if (evidence != NULL)
        dispute.evidence = evidence;
    dispute.metadata = params_metadata(params, "metadata", dispute.metadata);
    if (!params_done(params))
        return;
    if (evidence != NULL && (strcmp(dispute.status, "won") == 0 ||
                             strcmp(dispute.status, "lost") == 0)) {
        refuse_over(api);
        return;
    }
    /* Evidence is handed in unless the call says that it is not all. */
    if (evidence != NULL && (submit == NULL || strcmp(submit, "false") != 0)) {
        reversal_submit(&api->box, &dispute);
    } else {
        store_dispute_set(&api->box, &dispute);
        tell_dispute(&api->box, "charge.dispute.updated", &dispute);
    }
    put_dispute(api, api->id);
}

static void
dispute_close(struct api *api)
{
    struct store_dispute dispute;

    if (!params_done(&api->params) || !load(api, &dispute))
        return;
    if (reversal_close(&api->box, api->id, false))
        put_dispute(api, api->id);
    else
        refuse_over(api);
}

static void
dispute_list(struct api *api)
{
    struct params *params = &api->params;
    struct api_page page = api_page(api, SQ_DISPUTE_NUMBER, "dispute");
    const char *charge = params_text(params, "charge", LIMIT_KEY, NULL);
    const char *intent = params_text(params, "payment_intent", LIMIT_KEY, NULL);
    int64_t from, to;
    struct rows rows;

    api_created(api, &from, &to);
    if (params_done(params) &&
        box_run(&api->box, &rows, SQ_DISPUTE_LIST, INT(page.below),
                INT(page.above), TEXT(charge), TEXT(intent), INT(from), INT(to),
                INT(page.fetch)))
        api_list(api, &page, &rows, put_dispute);
}

const struct api_endpoint api_disputes[] = {
    { HTTP_GET, "/v1/disputes", dispute_list, LIST_EXPANDS },
    { HTTP_GET, "/v1/disputes/{}", dispute_retrieve, EXPANDS },
    { HTTP_POST, "/v1/disputes/{}", dispute_update, EXPANDS },
    { HTTP_POST, "/v1/disputes/{}/close", dispute_close, EXPANDS },
    { HTTP_OTHER, NULL, NULL, NULL },
};
