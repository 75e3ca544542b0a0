/*
 * The credit event history of a Space, newest first, page by page. A page
 * begins at a seq, not at a place in a list, so new events never make the
 * next page repeat or skip one. What is due but not written is shown as it
 * will be written. Only reads.
 */
#include "cursor.h"
#include "ledger.h"
#include "serve.h"
#include "view.h"

/* Up to `limit` events below `before`: what is due first, then the stored. */
static bool
page(struct req *req, int64_t before, int limit, struct event **events,
     int *count)
{
    const int64_t space = req->space.number;
    struct wallet wallet;
    struct event *stored;
    int stored_count, n = 0;
    int64_t now;

    if (ledger_look(req->db, req->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK)
        return false;
    *events = arena_array(req->arena, (size_t)limit, sizeof(**events));
    for (int i = wallet.event_count - 1; i >= 0 && n < limit; i--)
        if (before == 0 || wallet.events[i].seq < before)
            (*events)[n++] = wallet.events[i];
    if (ledger_events(req->db, req->arena, space, before, limit - n, &stored,
                      &stored_count) != LEDGER_OK)
        return false;
    for (int i = 0; i < stored_count; i++)
        (*events)[n++] = stored[i];
    *count = n;
    return true;
}

static enum problem
get_events(struct req *req)
{
    struct view view = { .db = req->db,
                         .arena = req->arena,
                         .space = req->space.number };
    struct event *events;
    struct json_out out;
    int limit, count;
    int64_t before;
    enum problem refused = cursor_only(req, NULL);

    if (refused == P_NONE)
        refused = cursor_read(req, "events", &limit, &before);
    if (refused != P_NONE)
        return refused;
    if (!db_begin_read(req->db) ||
        !page(req, before, limit + 1, &events, &count))
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_array(&out, "events");
    for (int i = 0; i < count && i < limit; i++)
        if (!view_event(&view, &out, NULL, &events[i]))
            return P_UNAVAILABLE;
    json_close_array(&out);
    json_put_text(&out, "next_before",
                  count <= limit
                      ? NULL
                      : cursor_make(req, "events", events[limit - 1].seq));
    json_close_object(&out);
    http_etag(req);
    return P_NONE;
}

/* The event that an id names, stored or due. */
static enum ledger_result
find(struct req *req, const struct id *id, struct event *event)
{
    struct wallet wallet;
    int64_t now;
    enum ledger_result done =
        ledger_look(req->db, req->arena, &req->space, req->now, &wallet, &now);

    if (done != LEDGER_OK)
        return done;
    for (int i = 0; i < wallet.event_count; i++)
        if (wallet.events[i].seq == id->number) {
            *event = wallet.events[i];
            return LEDGER_OK;
        }
    return ledger_event(req->db, req->arena, req->space.number, id->number,
                        event);
}

static enum problem
get_event(struct req *req)
{
    struct view view = { .db = req->db,
                         .arena = req->arena,
                         .space = req->space.number };
    struct event event;
    struct json_out out;
    struct id id;

    if (!id_parse(req->parameter[1], "evt", &id) ||
        id.space != req->space.number)
        return P_NOT_FOUND;
    if (!db_begin_read(req->db))
        return P_UNAVAILABLE;
    switch (find(req, &id, &event)) {
    case LEDGER_OK: break;
    case LEDGER_UNKNOWN: return P_NOT_FOUND;
    case LEDGER_BROKEN: return P_UNAVAILABLE;
    }
    if (event.at != id.ms)
        return P_NOT_FOUND; /* not an id that we gave */
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    if (!view_event(&view, &out, "event", &event))
        return P_UNAVAILABLE;
    json_close_object(&out);
    http_etag(req);
    return P_NONE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/events",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_events },
        { HTTP_GET, "/api/v1/spaces/{}/events/{}",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_event },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "history",
                                            .routes = routes };

    return serve(&program);
}
