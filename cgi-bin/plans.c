/*
 * Saved plans: from quote to start to planned against used.
 *
 * Writes keep their whole answer with the Idempotency-Key, for a plan may be
 * another when the same request comes again.
 */
#include "cursor.h"
#include "keyed.h"
#include "limits.h"
#include "meter_reply.h"
#include "planner_ask.h"
#include "serve.h"
#include "view.h"
#include "view_planner.h"

static const int64_t start_s_max = 604800;

/* --- Writing under an Idempotency-Key. ------------------------------------ */

struct write {
    struct planner_moment moment;
    struct keyed keyed;
};

/* Locks the Space and looks the key up. *replayed: the answer is written,
 * the first one's. */
static enum problem
write_enter(struct write *write, struct req *req, int status, bool *replayed)
{
    *replayed = false;
    if (!planner_lock(req, &write->moment))
        return P_UNAVAILABLE;
    return keyed_find(&write->keyed, req, status, replayed);
}

/* The reply is whole: keeps it with the key, saves and commits. */
static enum problem
write_finish(struct write *write, struct req *req, int64_t plan)
{
    if (keyed_keep(&write->keyed, req, plan) != P_NONE ||
        ledger_save(req->db, req->arena, &write->moment.wallet) != LEDGER_OK ||
        !db_commit(req->db))
        return P_UNAVAILABLE;
    return P_NONE;
}

static enum problem
refuse_plan(struct req *req, enum plans_result result)
{
    switch (result) {
    case PLANS_OK: return P_NONE;
    case PLANS_UNKNOWN:
        req->details.detail = "There is no such plan in this Space.";
        return P_NOT_FOUND;
    case PLANS_NOT_DRAFT:
        req->details.detail = "The plan was started, so its quote stands. "
                              "Save another plan.";
        return P_PLAN_NOT_DRAFT;
    case PLANS_NOT_STARTED:
        req->details.detail = "The plan was not started, so there is nothing "
                              "to finish.";
        return P_PLAN_NOT_STARTED;
    case PLANS_QUOTE_EXPIRED:
        req->details.detail = "Prices have changed, and the quote is older "
                              "than 24 hours. Quote the plan anew, then "
                              "start it. Nothing was held.";
        return P_QUOTE_EXPIRED;
    case PLANS_REFUSED: /* the hold's words are said there */
    case PLANS_BROKEN: break;
    }
    return P_UNAVAILABLE;
}

/* A body may be left out where all its members may. */
static bool
read_optional(struct req *req, struct json_reader *reader)
{
    if (req->body_length == 0) {
        req->body = "{}";
        req->body_length = 2;
    }
    return http_read(req, reader);
}

/* --- Drafts. -------------------------------------------------------------- */

static void
put_plan(struct req *req, int status, const struct campaign_plan *plan,
         int64_t book, const struct plans_usage *usage)
{
    struct json_out out;

    http_json(req, status, &out);
    json_open_object(&out, NULL);
    view_campaign_plan(&out, "plan", req->arena, plan, book, usage,
                       usage == NULL ? VIEW_USAGE_NONE : VIEW_USAGE_ACTIVITIES);
    json_close_object(&out);
}

static enum problem
post_plan(struct req *req)
{
    struct json_reader reader;
    struct planner_items items;
    struct write write;
    struct planner_line *lines;
    struct campaign_plan plan = { .space = req->space.number };
    enum problem refused;
    bool replayed;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    plan.name = json_need_text(&reader, "name", LIMIT_TEXT);
    planner_read_items(req, &reader, true, &items);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    keyed_begin(&write.keyed, req, IDEM_PLAN);
    fingerprint_text(&write.keyed.print, "name", plan.name);
    planner_print_items(&write.keyed.print, &items);
    refused = write_enter(&write, req, 201, &replayed);
    if (refused != P_NONE || replayed)
        return refused;
    refused = planner_price_items(req, &write.moment.book, &items, &lines);
    if (refused != P_NONE)
        return refused;
    plan.member = write.keyed.idem.member;
    plan.member_name = plan.member == 0 ? NULL : req->caller.member.name;
    plan.book = write.moment.book.version;
    plan.lines = lines;
    plan.line_count = items.count;
    if (plans_save(req->db, req->arena, write.moment.now, &plan) != PLANS_OK)
        return P_UNAVAILABLE;
    put_plan(req, 201, &plan, plan.book, NULL);
    return write_finish(&write, req, plan.number);
}

/* What is not sent stays as it is, at today's prices. */
static enum problem
quote_anew(struct req *req, const struct planner_moment *moment,
           const char *name, struct planner_items *items,
           struct campaign_plan *plan)
{
    struct planner_line *lines;
    enum problem refused;

    if (plan->state != PLANS_DRAFT)
        return refuse_plan(req, PLANS_NOT_DRAFT);
    if (items->count == 0)
        planner_items_of(req, plan, items);
    refused = planner_price_items(req, &moment->book, items, &lines);
    if (refused != P_NONE)
        return refused;
    if (name != NULL)
        plan->name = name;
    plan->book = moment->book.version;
    plan->lines = lines;
    plan->line_count = items->count;
    return refuse_plan(req,
                       plans_quote(req->db, req->arena, moment->now, plan));
}

static enum problem
put_quote(struct req *req)
{
    struct json_reader reader;
    struct planner_items items;
    struct planner_moment moment;
    struct campaign_plan plan;
    const char *name;
    enum problem refused;

    if (!read_optional(req, &reader))
        return P_INVALID_REQUEST;
    name = json_want_text(&reader, "name", LIMIT_TEXT, NULL);
    planner_read_items(req, &reader, false, &items);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    if (!planner_lock(req, &moment))
        return P_UNAVAILABLE;
    refused =
        refuse_plan(req, plans_by_id(req->db, req->arena, req->space.number,
                                     req->parameter[1], moment.now, &plan));
    if (refused == P_NONE)
        refused = quote_anew(req, &moment, name, &items, &plan);
    if (refused != P_NONE)
        return refused;
    put_plan(req, 200, &plan, plan.book, NULL);
    if (ledger_save(req->db, req->arena, &moment.wallet) != LEDGER_OK ||
        !db_commit(req->db))
        return P_UNAVAILABLE;
    return P_NONE;
}

/* --- Start and finish. ---------------------------------------------------- */

/* The plan that the path names, for a write that has entered. */
static enum problem
find_plan(struct req *req, const struct write *write,
          struct campaign_plan *plan)
{
    return refuse_plan(req,
                       plans_by_id(req->db, req->arena, req->space.number,
                                   req->parameter[1], write->moment.now, plan));
}

static void
put_started(struct req *req, const struct write *write,
            const struct campaign_plan *plan, int64_t first)
{
    struct wallet wallet = write->moment.wallet;
    struct json_out out;

    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    view_campaign_plan(&out, "plan", req->arena, plan,
                       write->moment.book.version, NULL, VIEW_USAGE_NONE);
    json_open_array(&out, "holds");
    for (int i = 0; i < plan->line_count; i++)
        view_hold(&out, NULL, plan->space, wallet_hold(&wallet, first + i), 0);
    json_close_array(&out);
    json_put_time(&out, "expires_at", plan->expires_at);
    view_balance_short(&out, "balance", wallet.held, wallet.total);
    json_close_object(&out);
}

static enum problem
decide_start(struct req *req, struct write *write, int64_t lasts_s)
{
    struct campaign_plan plan;
    struct hold_refusal refusal;
    enum hold_result held;
    enum plans_result done;
    int64_t first;
    enum problem refused = find_plan(req, write, &plan);

    if (refused != P_NONE)
        return refused;
    done = plans_start(req->db, req->arena, &write->moment.wallet,
                       write->moment.book.version, lasts_s * SECOND_MS,
                       write->moment.now, &plan, &first, &held, &refusal);
    if (done == PLANS_REFUSED)
        return meter_refuse_hold(req, &req->space, held, &refusal);
    if (done != PLANS_OK)
        return refuse_plan(req, done);
    put_started(req, write, &plan, first);
    return write_finish(write, req, plan.number);
}

static enum problem
post_start(struct req *req)
{
    struct json_reader reader;
    struct write write;
    enum problem refused;
    int64_t lasts_s;
    bool replayed;

    if (!read_optional(req, &reader))
        return P_INVALID_REQUEST;
    lasts_s =
        json_want_integer(&reader, "expires_in_s", 1, start_s_max, start_s_max);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    keyed_begin(&write.keyed, req, IDEM_PLAN_START);
    fingerprint_text(&write.keyed.print, "plan", req->parameter[1]);
    fingerprint_int(&write.keyed.print, "expires_in_s", lasts_s);
    refused = write_enter(&write, req, 200, &replayed);
    if (refused != P_NONE || replayed)
        return refused;
    return decide_start(req, &write, lasts_s);
}

static enum problem
decide_finish(struct req *req, struct write *write)
{
    struct wallet *wallet = &write->moment.wallet;
    struct campaign_plan plan;
    struct plans_usage usage;
    struct json_out out;
    int64_t released;
    enum problem refused = find_plan(req, write, &plan);

    if (refused == P_NONE)
        refused =
            refuse_plan(req, plans_finish(req->db, req->arena, wallet,
                                          write->moment.now, &plan, &released));
    if (refused != P_NONE)
        return refused;
    if (plans_used(req->db, req->arena, &plan, &usage) != PLANS_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    view_campaign_plan(&out, "plan", req->arena, &plan,
                       write->moment.book.version, &usage,
                       VIEW_USAGE_ACTIVITIES);
    json_put_integer(&out, "released", released);
    view_balance_short(&out, "balance", wallet->held, wallet->total);
    json_close_object(&out);
    return write_finish(write, req, plan.number);
}

static enum problem
post_finish(struct req *req)
{
    struct json_reader reader;
    struct write write;
    enum problem refused;
    bool replayed;

    if (!read_optional(req, &reader) || !json_done(&reader))
        return P_INVALID_REQUEST;
    keyed_begin(&write.keyed, req, IDEM_PLAN_FINISH);
    fingerprint_text(&write.keyed.print, "plan", req->parameter[1]);
    refused = write_enter(&write, req, 200, &replayed);
    if (refused != P_NONE || replayed)
        return refused;
    return decide_finish(req, &write);
}

/* --- Reading plans. ------------------------------------------------------- */

static enum problem
get_plans(struct req *req)
{
    struct planner_moment moment;
    struct campaign_plan *plans;
    struct json_out out;
    int limit, count;
    int64_t before;
    enum problem refused = cursor_only(req, NULL);

    if (refused == P_NONE)
        refused = cursor_read(req, "plans", &limit, &before);
    if (refused != P_NONE)
        return refused;
    if (!planner_look(req, &moment) ||
        plans_list(req->db, req->arena, req->space.number, moment.now, before,
                   limit + 1, &plans, &count) != PLANS_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_array(&out, "plans");
    for (int i = 0; i < count && i < limit; i++) {
        struct plans_usage usage;

        if (plans_used(req->db, req->arena, &plans[i], &usage) != PLANS_OK)
            return P_UNAVAILABLE;
        view_campaign_plan(&out, NULL, req->arena, &plans[i],
                           moment.book.version, &usage, VIEW_USAGE_TOTALS);
    }
    json_close_array(&out);
    json_put_text(&out, "next_before",
                  count <= limit
                      ? NULL
                      : cursor_make(req, "plans", plans[limit - 1].number));
    json_close_object(&out);
    http_etag(req);
    return P_NONE;
}

static enum problem
get_plan(struct req *req)
{
    struct planner_moment moment;
    struct campaign_plan plan;
    struct plans_usage usage;
    enum problem refused = cursor_only(req, NULL);

    if (refused != P_NONE)
        return refused;
    if (!planner_look(req, &moment))
        return P_UNAVAILABLE;
    refused =
        refuse_plan(req, plans_by_id(req->db, req->arena, req->space.number,
                                     req->parameter[1], moment.now, &plan));
    if (refused != P_NONE)
        return refused;
    if (plans_used(req->db, req->arena, &plan, &usage) != PLANS_OK)
        return P_UNAVAILABLE;
    put_plan(req, 200, &plan, moment.book.version, &usage);
    http_etag(req);
    return P_NONE;
}

/* --- Routes --------------------------------------------------------------- */

#define READS  (GATE_MEMBER | GATE_KEY | GATE_SPACE)
#define WRITES (READS | GATE_CSRF | GATE_JSON)
#define MAKES  (WRITES | GATE_IDEMPOTENT)

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/plans", READS, SCOPE_METER | SCOPE_READ,
          get_plans },
        { HTTP_POST, "/api/v1/spaces/{}/plans", MAKES, SCOPE_METER, post_plan },
        { HTTP_GET, "/api/v1/spaces/{}/plans/{}", READS,
          SCOPE_METER | SCOPE_READ, get_plan },
        { HTTP_PUT, "/api/v1/spaces/{}/plans/{}", WRITES, SCOPE_METER,
          put_quote },
        { HTTP_POST, "/api/v1/spaces/{}/plans/{}/start", MAKES | GATE_BUY,
          SCOPE_METER, post_start },
        { HTTP_POST, "/api/v1/spaces/{}/plans/{}/finish", MAKES | GATE_BUY,
          SCOPE_METER, post_finish },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "plans", .routes = routes };

    return serve(&program);
}
