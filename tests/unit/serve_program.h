/*
 * A program whose handlers do what handlers might do, for serve.c's test:
 * read everything, say too much, hang, leave a transaction open, ask for all
 * the memory there is.
 */
#ifndef SCRIP_TEST_SERVE_PROGRAM_H
#define SCRIP_TEST_SERVE_PROGRAM_H

#include <poll.h>

#include "people.h"
#include "serve.h"
#include "site_clock.h"

static enum problem
say(struct req *req)
{
    static const char *const callers[] = { "nobody", "member", "key" };
    struct json_out out;

    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_put_text(&out, "method", http_method_text(req->method));
    json_put_text(&out, "path", req->path);
    json_put_text(&out, "first", req->parameter[0]);
    json_put_text(&out, "second", req->parameter[1]);
    json_put_text(&out, "q", form_value(&req->query, "q"));
    json_put_integer(&out, "length", (int64_t)req->body_length);
    json_put_text(&out, "key", req->key);
    json_put_text(&out, "caller", callers[req->caller.kind]);
    json_put_text(&out, "space", req->space.slug);
    json_put_integer(&out, "now", req->now);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
say_tagged(struct req *req)
{
    req->reply.etag = "tag-1";
    return say(req);
}

static enum problem
say_slowly(struct req *req)
{
    poll(NULL, 0, 400);
    return say(req);
}

static enum problem
say_too_much(struct req *req)
{
    struct json_out out;

    http_json(req, 200, &out);
    for (int i = 0; i < LIMIT_REPLY; i += 8)
        buf_text(out.buf, "01234567");
    buf_text(out.buf, "8");
    return P_NONE;
}

static enum problem
take_all_memory(struct req *req)
{
    if (!db_begin(req->db))
        return P_UNAVAILABLE;
    for (;;)
        (void)arena_alloc(req->arena, 65536);
}

static enum problem
leave_open(struct req *req)
{
    if (!db_begin(req->db))
        return P_UNAVAILABLE;
    if (!site_clock_set(req->db, req->arena, 1))
        return P_UNAVAILABLE;
    req->details.detail = "not to be";
    req->details.members = "\"upgrade_url\":\"/settings/membership\"";
    return P_PLAN_NOT_PAID;
}

/* Busy the first times, as a database that another holds. */
static enum problem
be_busy(struct req *req)
{
    static int calls;
    struct json_out out;

    calls++;
    if (!db_begin(req->db))
        return P_UNAVAILABLE;
    http_header(req, "Calls", arena_format(req->arena, "%d", calls));
    http_json(req, 200, &out);
    json_put_integer(&out, NULL, calls);
    calls = 0;
    return P_NONE;
}

static enum http_stream
stream_lines(struct req *req, void *state, struct buf *piece)
{
    int *left = state;

    (void)req;
    for (int i = 0; i < 1000 && *left > 0; i++, (*left)--)
        buf_format(piece, "line %d of many that do not fit in memory\n", *left);
    return *left > 0 ? HTTP_MORE : HTTP_END;
}

static enum problem
stream(struct req *req)
{
    int *left = arena_alloc(req->arena, sizeof(*left));

    *left = 100000;
    req->reply.content_type = "text/csv; charset=utf-8";
    req->reply.stream = stream_lines;
    req->reply.stream_state = left;
    return P_NONE;
}

static enum http_stream
stream_and_break(struct req *req, void *state, struct buf *piece)
{
    bool *once = state;

    (void)req;
    buf_text(piece, "one line\n");
    if (*once)
        return HTTP_BROKEN;
    *once = true;
    return HTTP_MORE;
}

static enum problem
stream_broken(struct req *req)
{
    req->reply.stream = stream_and_break;
    req->reply.stream_state = arena_alloc(req->arena, sizeof(bool));
    return P_NONE;
}

#define S "/api/v1/spaces/{}"

static const struct route test_routes[] = {
    { HTTP_GET, "/say", 0, 0, say },
    { HTTP_POST, "/say", GATE_ANY_BODY, 0, say },
    { HTTP_PUT, "/say", GATE_JSON, 0, say },
    { HTTP_DELETE, "/say", 0, 0, say },
    { HTTP_GET, "/say/{}/of/{}", 0, 0, say },
    { HTTP_GET, "/rest/{}/*", 0, 0, say },
    { HTTP_POST, "/large", GATE_LARGE | GATE_ANY_BODY, 0, say },
    { HTTP_GET, "/tagged", 0, 0, say_tagged },
    { HTTP_GET, "/slow", 0, 0, say_slowly },
    { HTTP_GET, "/much", 0, 0, say_too_much },
    { HTTP_GET, "/memory", 0, 0, take_all_memory },
    { HTTP_GET, "/open", 0, 0, leave_open },
    { HTTP_GET, "/busy", 0, 0, be_busy },
    { HTTP_GET, "/stream", 0, 0, stream },
    { HTTP_GET, "/broken", 0, 0, stream_broken },
    { HTTP_GET, "/me", GATE_MEMBER, 0, say },
    { HTTP_GET, S "/read", GATE_MEMBER | GATE_KEY | GATE_SPACE,
      SCOPE_READ | SCOPE_METER, say },
    { HTTP_GET, S "/metered", GATE_KEY | GATE_SPACE, SCOPE_METER, say },
    { HTTP_POST, S "/buy",
      GATE_MEMBER | GATE_SPACE | GATE_CSRF | GATE_BUY | GATE_JSON |
          GATE_IDEMPOTENT,
      0, say },
    { HTTP_POST, S "/own",
      GATE_MEMBER | GATE_SPACE | GATE_CSRF | GATE_OWNER | GATE_JSON, 0, say },
    { HTTP_POST, "/sign-in", GATE_OWN_PAGE | GATE_JSON, 0, say },
    { .pattern = NULL },
};

#undef S

#endif
