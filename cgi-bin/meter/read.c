/*
 * Reads: the list of holds, one hold, the balance.
 */
#include "cursor.h"
#include "handlers.h"
#include "meter_reply.h"
#include "view.h"

static enum problem
read_state(struct req *req, enum hold_list *which)
{
    static const char *const known[] = { "state", NULL };
    const char *text = form_value(&req->query, "state");
    enum problem refused = cursor_only(req, known);
    enum hold_state state;

    *which = HOLD_LIST_ALL;
    if (refused != P_NONE || text == NULL)
        return refused;
    if (!hold_state_of(text, &state))
        return cursor_refuse(req, "state",
                             "held, captured, released or expired");
    *which = (enum hold_list)state;
    return P_NONE;
}

enum problem
meter_get_holds(struct req *req)
{
    enum hold_list which;
    struct hold *holds;
    struct json_out out;
    int limit, count;
    int64_t before;
    const char *list;
    enum problem refused = read_state(req, &which);

    list = arena_format(req->arena, "holds %d", (int)which);
    if (refused == P_NONE)
        refused = cursor_read(req, list, &limit, &before);
    if (refused != P_NONE)
        return refused;
    if (ledger_holds(req->db, req->arena, req->space.number, which, req->now,
                     before, limit + 1, &holds, &count) != LEDGER_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_array(&out, "holds");
    for (int i = 0; i < count && i < limit; i++)
        view_hold(&out, NULL, req->space.number, &holds[i], 0);
    json_close_array(&out);
    json_put_text(&out, "next_before",
                  count <= limit
                      ? NULL
                      : cursor_make(req, list, holds[limit - 1].number));
    json_close_object(&out);
    return P_NONE;
}

enum problem
meter_get_hold(struct req *req)
{
    int64_t number = meter_hold_number(req);
    struct hold *holds;
    struct json_out out;
    char id[ID_SIZE] = "";
    int count = 0;

    if (number != 0 &&
        ledger_holds(req->db, req->arena, req->space.number, HOLD_LIST_ALL,
                     req->now, number + 1, 1, &holds, &count) != LEDGER_OK)
        return P_UNAVAILABLE;
    if (count == 1)
        view_hold_id(id, req->space.number, &holds[0]);
    if (strcmp(id, req->parameter[1]) != 0)
        return meter_refuse_hold(req, &req->space, HOLD_UNKNOWN, NULL);
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    view_hold(&out, "hold", req->space.number, &holds[0], 0);
    json_close_object(&out);
    return P_NONE;
}

enum problem
meter_get_balance(struct req *req)
{
    struct wallet wallet;
    struct json_out out;
    int64_t now;

    if (!db_begin_read(req->db) ||
        ledger_look(req->db, req->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_put_integer(&out, "available", wallet_available(&wallet));
    json_put_integer(&out, "held", wallet.held);
    json_put_integer(&out, "total", wallet.total);
    json_put_integer(&out, "seq", wallet.seq);
    json_close_object(&out);
    return P_NONE;
}
