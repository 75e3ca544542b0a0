/*
 * Pages of a list, newest first, from a place in it; and the range of time
 * that most lists take.
 */
#include "api.h"

#include "limits.h"

/* The place of an id in its list. */
static int64_t
place_of(struct api *api, int number, const char *kind, const char *param,
         const char *id)
{
    struct rows rows;

    if (box_run(&api->box, &rows, number, TEXT(id)) && rows.n == 1)
        return rows_int(&rows, 0, 0);
    api_missing(api, kind, param, id, 400);
    return 0;
}

struct api_page
api_page(struct api *api, int number, const char *kind)
{
    struct api_page page = { .below = NEVER_MS, .above = 0 };
    const char *after =
        params_text(&api->params, "starting_after", LIMIT_KEY, NULL);
    const char *before =
        params_text(&api->params, "ending_before", LIMIT_KEY, NULL);

    page.limit = (int)params_integer(&api->params, "limit", 1, LIMIT_PAGE, 10);
    page.fetch = page.limit + 1;
    if (after != NULL && before != NULL)
        params_invalid(&api->params, NULL, NULL,
                       "You cannot use both starting_after and "
                       "ending_before.");
    else if (after != NULL)
        page.below = place_of(api, number, kind, "starting_after", after);
    else if (before != NULL)
        page.above = place_of(api, number, kind, "ending_before", before);
    return page;
}

void
api_list(struct api *api, const struct api_page *page, const struct rows *ids,
         void (*put)(struct api *api, const char *id))
{
    int count = ids->n < page->limit ? ids->n : page->limit;

    json_open_object(&api->out, NULL);
    json_put_text(&api->out, "object", "list");
    json_open_array(&api->out, "data");
    /* Rows before a place come oldest first, and are told newest first. */
    for (int i = 0; i < count; i++)
        put(api, rows_text(ids, page->above > 0 ? count - 1 - i : i, 0));
    json_close_array(&api->out);
    json_put_boolean(&api->out, "has_more", ids->n > page->limit);
    json_put_text(&api->out, "url", api->req->path);
    json_close_object(&api->out);
}

void
api_created(struct api *api, int64_t *from, int64_t *to)
{
    struct params *params = &api->params;
    int64_t exactly = params_integer(params, "created", 0, LIMIT_INTEGER, -1);
    int64_t gte = params_integer(params, "created[gte]", 0, LIMIT_INTEGER, 0);
    int64_t gt = params_integer(params, "created[gt]", 0, LIMIT_INTEGER, -1);
    int64_t lte =
        params_integer(params, "created[lte]", 0, LIMIT_INTEGER, LIMIT_INTEGER);
    int64_t lt =
        params_integer(params, "created[lt]", 0, LIMIT_INTEGER, LIMIT_INTEGER);

    *from = exactly >= 0 ? exactly : max_i64(gte, gt + 1);
    *to = exactly >= 0 ? exactly : min_i64(lte, lt - 1);
}
