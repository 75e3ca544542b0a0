/*
 * Events: retrieve, list. What a site asks for when webhooks cannot reach it.
 */
#include "api.h"
#include "limits.h"
#include "tell.h"

static void
event_retrieve(struct api *api)
{
    struct told told;

    if (!params_done(&api->params))
        return;
    if (told_get(&api->box, api->id, &told))
        told_write(&api->out, NULL, &told);
    else
        api_missing(api, "event", "id", api->id, 404);
}

static void
put_event(struct api *api, const char *id)
{
    struct told told;

    if (told_get(&api->box, id, &told))
        told_write(&api->out, NULL, &told);
}

/* ",a,b," of type and types[]; NULL for all. */
static const char *
read_types(struct api *api)
{
    struct params *params = &api->params;
    const char *one = params_text(params, "type", LIMIT_TEXT, NULL);
    int count;
    const char *const *several = params_list(params, "types", &count);
    struct buf list;

    if (one == NULL && count == 0)
        return NULL;
    buf_init(&list, api->box.arena, LIMIT_BODY);
    buf_char(&list, ',');
    if (one != NULL)
        buf_format(&list, "%s,", one);
    for (int i = 0; i < count; i++)
        buf_format(&list, "%s,", several[i]);
    return list.bytes;
}

static void
event_list(struct api *api)
{
    struct api_page page = api_page(api, SQ_EVENT_NUMBER, "event");
    const char *types = read_types(api);
    struct rows rows;
    int64_t from, to;

    api_created(api, &from, &to);
    if (params_done(&api->params) &&
        box_run(&api->box, &rows, SQ_EVENT_LIST, INT(page.below),
                INT(page.above), TEXT(types), INT(from), INT(to),
                INT(page.fetch)))
        api_list(api, &page, &rows, put_event);
}

const struct api_endpoint api_events[] = {
    { HTTP_GET, "/v1/events", event_list, NULL },
    { HTTP_GET, "/v1/events/{}", event_retrieve, NULL },
    { HTTP_OTHER, NULL, NULL, NULL },
};
