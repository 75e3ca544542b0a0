/*
 * The membership of a Space: its plan, the plans that there are, and when
 * its period ends. Only reads.
 */
#include "cursor.h"
#include "plan.h"
#include "serve.h"

static void
put_plan(struct json_out *out, const struct plan *plan)
{
    json_open_object(out, NULL);
    json_put_text(out, "id", plan->id);
    json_put_text(out, "name", plan->name);
    json_put_boolean(out, "paid", plan->paid);
    json_open_object(out, "price");
    json_put_integer(out, "amount", plan->amount);
    json_put_text(out, "currency", plan->currency);
    json_put_text(out, "interval", plan->interval);
    json_close_object(out);
    json_put_integer(out, "included_credits", plan->included);
    json_put_boolean(out, "rollover", plan->rollover);
    json_put_integer(out, "rate", plan->rate);
    json_close_object(out);
}

static enum problem
get_membership(struct req *req)
{
    const struct space *space = &req->space;
    struct json_out out;
    struct plan *plans;
    int count;
    enum problem refused = cursor_only(req, NULL);

    if (refused != P_NONE)
        return refused;
    if (plan_list(req->db, req->arena, &plans, &count) != PLAN_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_put_text(&out, "plan", space->plan);
    json_open_array(&out, "plans");
    for (int i = 0; i < count; i++)
        if (strcmp(plans[i].currency, space->currency) == 0 ||
            strcmp(plans[i].id, space->plan) == 0)
            put_plan(&out, &plans[i]);
    json_close_array(&out);
    json_put_time(&out, "renews_at",
                  space->status == SPACE_ACTIVE ? space->period_end_ms
                                                : NEVER_MS);
    json_put_text(&out, "status", space_status_text(space->status));
    json_close_object(&out);
    return P_NONE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/membership",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_membership },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "membership",
                                            .routes = routes };

    return serve(&program);
}
