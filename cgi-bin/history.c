/*
 * The credit event history of a Space, newest first, page by page, and the
 * same as CSV, oldest first and all at once. A page begins at a seq, not at
 * a place in a list, so new events never make the next page repeat or skip
 * one. What is due but not written is shown as it will be written. Only
 * reads.
 */
#include "history.h"
#include "cursor.h"
#include "limits.h"
#include "serve.h"
#include "text.h"
#include "view.h"

/* Refunds that are shown with the one event that they are of. */
enum { REFUNDS_SHOWN = 100 };
/* Events that one piece of the CSV reads, and when it is long enough. */
enum { CSV_READ = 256, CSV_PIECE = 64 * 1024 };

/* --- The filter. ---------------------------------------------------------- */

static const char *const parameters[] = { "kind",     "livestream", "order",
                                          "campaign", "feature",    "member",
                                          "from",     "to",         NULL };

/* "a,b" */
static enum problem
read_kinds(struct req *req, struct history_filter *filter)
{
    const char *text = form_value(&req->query, "kind");

    if (text == NULL)
        return P_NONE;
    filter->kinds = 0;
    for (;;) {
        size_t length = strcspn(text, ",");
        enum event_kind kind =
            event_kind_of(arena_copy(req->arena, text, length));

        if (kind == EVENT_KINDS)
            return cursor_refuse(req, "kind",
                                 "kinds of events, with commas between");
        filter->kinds |= 1u << kind;
        if (text[length] == '\0')
            return P_NONE;
        text += length + 1;
    }
}

/* A date, or a time. An end that is a date is the whole of that day. */
static enum problem
read_end(struct req *req, const char *name, int64_t *day, int64_t *at)
{
    const char *text = form_value(&req->query, name);

    if (text == NULL || clock_parse_date(text, day) || clock_parse(text, at))
        return P_NONE;
    return cursor_refuse(req, name,
                         "a date, as 2026-11-22, or a time in RFC 3339 with Z");
}

static enum problem
read_filter(struct req *req, struct history_filter *filter)
{
    enum problem refused = read_kinds(req, filter);

    for (int i = 0; i < USAGE_DIMS && refused == P_NONE; i++) {
        const char *name = usage_dim_text((enum usage_dim)i);
        const char *text = form_value(&req->query, name);

        filter->references[i] = text;
        if (text != NULL && !text_fits(text, strlen(text), 0, LIMIT_TEXT))
            refused = cursor_refuse(req, name, "200 characters at most");
    }
    if (refused == P_NONE)
        refused = read_end(req, "from", &filter->from_day, &filter->from_at);
    if (refused == P_NONE)
        refused = read_end(req, "to", &filter->to_day, &filter->to_at);
    if (refused == P_NONE &&
        (filter->from_day > filter->to_day || filter->from_at > filter->to_at))
        refused = cursor_refuse(req, "to", "is before from");
    return refused;
}

/* --- A page. --------------------------------------------------------------- */

static bool
read_page(struct req *req, const struct history_filter *filter, int64_t before,
          int limit, struct event **events, int *count)
{
    struct history_span span;
    struct wallet wallet;
    int64_t now;

    if (!db_begin_read(req->db) ||
        ledger_look(req->db, req->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK ||
        !history_span(req->db, req->arena, &wallet, filter, &span))
        return false;
    if (before != 0)
        span.high = min_i64(span.high, before - 1);
    return history_read(req->db, req->arena, &wallet, filter, &span,
                        HISTORY_NEWEST_FIRST, limit, events, count);
}

static enum problem
get_events(struct req *req)
{
    struct view view = { .db = req->db,
                         .arena = req->arena,
                         .space = req->space.number };
    struct history_filter filter;
    struct event *events;
    struct json_out out;
    const char *list;
    int limit, count;
    int64_t before;
    enum problem refused = cursor_only(req, parameters);

    history_all(&filter);
    if (refused == P_NONE)
        refused = read_filter(req, &filter);
    if (refused != P_NONE)
        return refused;
    list = arena_format(req->arena, "events %s",
                        history_text(req->arena, &filter));
    refused = cursor_read(req, list, &limit, &before);
    if (refused != P_NONE)
        return refused;
    if (!read_page(req, &filter, before, limit + 1, &events, &count))
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_array(&out, "events");
    for (int i = 0; i < count && i < limit; i++)
        if (!view_event(&view, &out, NULL, &events[i]))
            return P_UNAVAILABLE;
    json_close_array(&out);
    json_put_text(
        &out, "next_before",
        count <= limit ? NULL : cursor_make(req, list, events[limit - 1].seq));
    json_close_object(&out);
    http_etag(req);
    return P_NONE;
}

/* --- One event. ------------------------------------------------------------ */

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

/* The event, and which events refunded it or took its credits back. */
static enum problem
put_event(struct req *req, const struct event *event)
{
    struct view view = { .db = req->db,
                         .arena = req->arena,
                         .space = req->space.number };
    struct event *refunds;
    struct json_out out;
    int count;

    if (!history_followed(req->db, req->arena, req->space.number, event,
                          REFUNDS_SHOWN, &refunds, &count))
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    if (!view_event(&view, &out, "event", event))
        return P_UNAVAILABLE;
    json_open_array(&out, "refunds");
    for (int i = 0; i < count; i++)
        if (!view_event(&view, &out, NULL, &refunds[i]))
            return P_UNAVAILABLE;
    json_close_array(&out);
    json_close_object(&out);
    http_etag(req);
    return P_NONE;
}

static enum problem
get_event(struct req *req)
{
    struct event event;
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
    return put_event(req, &event);
}

/* --- CSV. ------------------------------------------------------------------ */

/* What is still to be sent. Events are never changed, so a line that is made
 * again is the same. */
struct csv_state {
    struct history_filter filter;
    struct history_span span; /* its end is fixed when the reply begins */
    bool headed;
    size_t part; /* sent of the first line; 0: none */
};

/* As much of a line as there is room for. True: all of it is sent. */
static bool
put_line(struct csv_state *state, const struct buf *line, struct buf *piece)
{
    size_t left = line->length - state->part;

    if (left > CSV_PIECE && piece->length > 0)
        return false;
    if (left > CSV_PIECE) {
        buf_put(piece, line->bytes + state->part, CSV_PIECE);
        state->part += CSV_PIECE;
        return false;
    }
    buf_put(piece, line->bytes + state->part, left);
    state->part = 0;
    return true;
}

static enum http_stream
put_lines(struct req *req, struct csv_state *state, const struct event *events,
          int count, struct buf *piece)
{
    struct view view = { .db = req->db,
                         .arena = piece->arena,
                         .space = req->space.number };
    struct buf line;

    buf_init(&line, piece->arena, LIMIT_REPLY);
    for (int i = 0; i < count; i++) {
        if (piece->length >= CSV_PIECE)
            return HTTP_MORE;
        buf_clear(&line);
        if (!view_event_csv(&view, &line, &events[i]) || line.over)
            return HTTP_BROKEN;
        state->span.low = events[i].seq;
        if (!put_line(state, &line, piece))
            return HTTP_MORE;
        state->span.low = events[i].seq + 1;
    }
    return count < CSV_READ ? HTTP_END : HTTP_MORE;
}

static enum http_stream
put_piece(struct req *req, struct csv_state *state, struct buf *piece)
{
    struct wallet wallet;
    struct event *events;
    int64_t now;
    int count;

    if (!db_begin_read(req->db) ||
        ledger_look(req->db, piece->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK ||
        !history_read(req->db, piece->arena, &wallet, &state->filter,
                      &state->span, HISTORY_OLDEST_FIRST, CSV_READ, &events,
                      &count))
        return HTTP_BROKEN;
    return put_lines(req, state, events, count, piece);
}

static enum http_stream
stream(struct req *req, void *context, struct buf *piece)
{
    struct csv_state *state = context;
    enum http_stream came_to;

    if (!state->headed) {
        view_events_csv(piece);
        state->headed = true;
        return HTTP_MORE;
    }
    came_to = put_piece(req, state, piece);
    db_rollback(req->db);
    return came_to;
}

/* Events are never changed: what a filter lets through up to a seq stays. */
static const char *
etag_of(struct req *req, const struct csv_state *state)
{
    const char *text =
        arena_format(req->arena, "csv %s %lld %lld %s", req->space.id,
                     (long long)state->span.low, (long long)state->span.high,
                     history_text(req->arena, &state->filter));
    uint8_t hash[SIGN_SIZE];
    char *hex = arena_alloc(req->arena, SIGN_HEX_SIZE);

    sign_sha256(hash, text, strlen(text));
    sign_hex(hex, hash, 16);
    return hex;
}

static enum problem
get_csv(struct req *req)
{
    struct csv_state *state = arena_alloc(req->arena, sizeof(*state));
    enum problem refused = P_NONE;
    struct wallet wallet;
    int64_t now;

    /* All of them: there is no page to ask for. */
    if (form_value(&req->query, "limit") != NULL)
        refused = cursor_refuse(req, "limit", "no such parameter here");
    else if (form_value(&req->query, "before") != NULL)
        refused = cursor_refuse(req, "before", "no such parameter here");
    else
        refused = cursor_only(req, parameters);
    history_all(&state->filter);
    if (refused == P_NONE)
        refused = read_filter(req, &state->filter);
    if (refused != P_NONE)
        return refused;
    if (!db_begin_read(req->db) ||
        ledger_look(req->db, req->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK ||
        !history_span(req->db, req->arena, &wallet, &state->filter,
                      &state->span))
        return P_UNAVAILABLE;
    db_rollback(req->db);
    req->reply.content_type = "text/csv; charset=utf-8; header=present";
    http_header(req, "Content-Disposition",
                arena_format(req->arena,
                             "attachment; filename=\"%s-credits.csv\"",
                             req->space.slug));
    req->reply.etag = etag_of(req, state);
    req->reply.stream = stream;
    req->reply.stream_state = state;
    return P_NONE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/events",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_events },
        { HTTP_GET, "/api/v1/spaces/{}/events.csv",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_csv },
        { HTTP_GET, "/api/v1/spaces/{}/events/{}",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_event },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "history",
                                            .routes = routes };

    return serve(&program);
}
