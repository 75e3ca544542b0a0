/*
 * The membership of a Space: its plan, the plans that there are, and when
 * its period ends; and its setting by a platform that sells memberships
 * itself, which grants the period's included credits once.
 */
#include "membership.h"
#include "cursor.h"
#include "limits.h"
#include "plan.h"
#include "serve.h"
#include "view.h"

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

static bool
read_membership(struct req *req, struct json_reader *reader,
                struct membership *membership)
{
    if (!http_read(req, reader))
        return false;
    membership->plan = json_need_text(reader, "plan", LIMIT_TEXT);
    membership->period_start_ms = json_need_time(reader, "period_start");
    membership->period_end_ms = json_need_time(reader, "period_end");
    if (req->details.faults == NULL &&
        membership->period_end_ms <= membership->period_start_ms)
        json_refuse(reader, "period_end", "comes after period_start");
    return json_done(reader);
}

static enum problem
refuse(struct req *req, struct json_reader *reader,
       enum membership_result result)
{
    switch (result) {
    case MEMBERSHIP_PERIOD_TAKEN:
        req->details.detail = "That period was allocated other credits. "
                              "Nothing was done.";
        return P_PERIOD_ALLOCATED;
    case MEMBERSHIP_UNKNOWN_PLAN:
        json_refuse(reader, "plan", "there is no such plan");
        return P_INVALID_REQUEST;
    case MEMBERSHIP_LIMIT: return P_BALANCE_LIMIT;
    default: return P_UNAVAILABLE;
    }
}

static enum problem
reply(struct req *req, struct wallet *wallet, const struct event *event)
{
    struct view view = { .db = req->db,
                         .arena = req->arena,
                         .space = req->space.number };
    const struct space *space = &req->space;
    struct json_out out;

    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_object(&out, "membership");
    json_put_text(&out, "plan", space->plan);
    json_put_text(&out, "status", space_status_text(space->status));
    json_put_time(&out, "period_start", space->period_start_ms);
    json_put_time(&out, "period_end", space->period_end_ms);
    json_close_object(&out);
    if (event->seq == 0)
        json_put_null(&out, "event");
    else if (!view_event(&view, &out, "event", event))
        return P_UNAVAILABLE;
    view_balance_short(&out, "balance", wallet->held, wallet->total);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
put_membership(struct req *req)
{
    struct json_reader reader;
    struct membership membership;
    struct wallet wallet;
    struct event event;
    enum membership_result done;
    enum problem answered;
    int64_t now;

    if (!read_membership(req, &reader, &membership))
        return P_INVALID_REQUEST;
    if (!db_begin(req->db) || ledger_lock(req->db, req->arena, &req->space,
                                          req->now, &wallet, &now) != LEDGER_OK)
        return P_UNAVAILABLE;
    done = membership_set(req->db, req->arena, &req->space, &wallet,
                          &membership, now, &event);
    if (done > MEMBERSHIP_REPEATED)
        return refuse(req, &reader, done);
    if (ledger_save(req->db, req->arena, &wallet) != LEDGER_OK)
        return P_UNAVAILABLE;
    answered = reply(req, &wallet, &event);
    if (answered != P_NONE)
        return answered;
    return db_commit(req->db) ? P_NONE : P_UNAVAILABLE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/membership",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_membership },
        { HTTP_PUT, "/api/v1/spaces/{}/membership",
          GATE_KEY | GATE_SPACE | GATE_JSON, SCOPE_PROVISION, put_membership },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "membership",
                                            .routes = routes };

    return serve(&program);
}
