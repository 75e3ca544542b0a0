/*
 * Spaces themselves, as a platform with a key for all of them makes and
 * changes them. Grants nothing.
 */
#include "limits.h"
#include "serve.h"
#include "view.h"
#include "zone.h"

static enum problem
read_plan(struct req *req, struct json_reader *reader, const char *id)
{
    struct plan plan;

    if (id == NULL)
        return P_NONE;
    switch (plan_find(req->db, req->arena, id, &plan)) {
    case PLAN_OK: return P_NONE;
    case PLAN_UNKNOWN:
        json_refuse(reader, "plan", "there is no such plan");
        return P_INVALID_REQUEST;
    default: return P_UNAVAILABLE;
    }
}

static enum problem
read_space(struct req *req, struct space *space)
{
    struct json_reader reader;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    *space = (struct space){
        .slug = req->parameter[0],
        .name = json_need_text(&reader, "name", LIMIT_TEXT),
        .currency = json_want_text(&reader, "currency", LIMIT_TEXT, NULL),
        .time_zone = json_want_text(&reader, "time_zone", LIMIT_TEXT, NULL),
        .plan = json_want_text(&reader, "plan", LIMIT_TEXT, NULL),
    };
    if (space->currency != NULL && money_digits(space->currency) < 0)
        json_refuse(&reader, "currency",
                    "must be one that is known here, such as GBP");
    if (space->time_zone != NULL && zone_find(space->time_zone) == NULL)
        json_refuse(&reader, "time_zone",
                    "must be a time zone's name, such as Europe/London");
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    return read_plan(req, &reader, space->plan);
}

static enum problem
refuse(struct req *req, enum space_result result, const char *why)
{
    if (result == SPACE_INVALID) {
        req->details.detail = why; /* the slug: it stands in the path */
        return P_INVALID_REQUEST;
    }
    if (result == SPACE_FIXED) {
        req->details.detail = "Orders were made in the Space's currency; it "
                              "cannot be changed any more.";
        return P_CURRENCY_FIXED;
    }
    return P_UNAVAILABLE;
}

static enum problem
put_space(struct req *req)
{
    struct space ask, space;
    struct json_out out;
    enum space_result done;
    enum problem refused = read_space(req, &ask);
    const char *why = NULL;
    int status = 200;

    if (refused != P_NONE)
        return refused;
    if (!db_begin(req->db))
        return P_UNAVAILABLE;
    /* Made first, and looked for where it is there: the slug decides. */
    space = ask;
    done = space_add(req->db, req->arena, &space, req->now, &why);
    if (done == SPACE_OK)
        status = 201;
    else if (done == SPACE_TAKEN) {
        done = space_find(req->db, req->arena, ask.slug, &space);
        if (done == SPACE_OK)
            done = space_change(req->db, req->arena, &space, &ask, &why);
    }
    if (done != SPACE_OK)
        return refuse(req, done, why);
    if (!db_commit(req->db))
        return P_UNAVAILABLE;
    http_json(req, status, &out);
    json_open_object(&out, NULL);
    view_space(&out, "space", &space);
    json_put_text(&out, "plan", space.plan);
    json_put_text(&out, "status", space_status_text(space.status));
    json_close_object(&out);
    return P_NONE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_PUT, "/api/v1/spaces/{}", GATE_KEY | GATE_ALL_SPACES | GATE_JSON,
          SCOPE_PROVISION, put_space },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "space", .routes = routes };

    return serve(&program);
}
