/*
 * From a reply to bytes: status, headers, body. The headers that every
 * answer has are put here and nowhere else. Headers and body go out in one
 * piece, but for a body that is streamed.
 */
#include "form.h"
#include "limits.h"
#include "log.h"
#include "serve_io.h"

/* Response headers stay under 3 KB: a web server's buffer for them is 4. */
#define HEAD_MAX 3072
/* An address in them; a receipt's has a few hundred characters at most. */
#define NEXT_MAX 1024
#define PIECE    (256 * 1024)

static const char *
reason(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    default: return "Other";
    }
}

static void
put_header(struct buf *head, const char *name, const char *value)
{
    buf_format(head, "%s: %s\r\n", name, value);
}

/* RFC 9110 wants to know how to become one who may. Cookies have no scheme
 * that is registered; browsers do not ask for a password by this one. */
static const char *
challenge(const struct route *route)
{
    return route != NULL && (route->gates & GATE_KEY)
               ? "Bearer realm=\"scrip\""
               : "Cookie realm=\"scrip\"";
}

void
serve_begin_reply(struct req *req)
{
    req->reply =
        (struct reply){ .status = 200, .content_type = "application/json" };
    buf_init(&req->reply.body, req->arena, LIMIT_REPLY);
    req->details = (struct problem_details){ .detail = NULL };
}

static bool
is_not_modified(const struct req *req)
{
    return req->method == HTTP_GET && req->reply.status == 200 &&
           req->reply.etag != NULL &&
           http_matches(req->if_none_match, req->reply.etag);
}

/* Whether somebody looks at the answer, for whom JSON is no words. */
static bool
is_looked_at(const struct req *req, const struct route *route)
{
    return route != NULL && (route->gates & GATE_PAGE) &&
           req->authorization == NULL && req->accept != NULL &&
           strstr(req->accept, "text/html") != NULL;
}

/* To sign in and come back (not to an address that no header holds), or to
 * the page that explains the problem. */
static void
lead_on(struct req *req, enum problem problem)
{
    const char *base = req->config->base_path;
    struct buf next;

    if (problem != P_UNAUTHENTICATED) {
        http_redirect(req, arena_format(req->arena, "%s/problems/%s", base,
                                        problem_entry(problem)->code));
        return;
    }
    buf_init(&next, req->arena, NEXT_MAX);
    form_encode(&next, base);
    form_encode(&next, req->path);
    http_redirect(req, next.over ? arena_format(req->arena, "%s/signin", base)
                                 : arena_format(req->arena, "%s/signin?next=%s",
                                                base, next.bytes));
}

static void
become_problem(struct req *req, const struct route *route, enum problem problem)
{
    struct reply *reply = &req->reply;

    if (problem == P_UNAVAILABLE && req->details.retry_after_s == 0)
        req->details.retry_after_s = 2;
    reply->status = problem_entry(problem)->status;
    reply->content_type = "application/problem+json";
    reply->etag = NULL;
    reply->stream = NULL;
    buf_clear(&reply->body);
    if (is_looked_at(req, route)) {
        lead_on(req, problem);
        return;
    }
    problem_write(&reply->body, problem, &req->details, req->config->base_path,
                  req->id);
}

static void
write_head(struct buf *head, struct req *req, const struct route *route)
{
    struct reply *reply = &req->reply;
    bool about_space =
        reply->private_cache || (route != NULL && (route->gates & GATE_SPACE));

    buf_format(head, "Status: %d %s\r\n", reply->status, reason(reply->status));
    if (reply->status != 204 && reply->status != 304) {
        put_header(head, "Content-Type", reply->content_type);
        if (reply->stream == NULL)
            buf_format(head, "Content-Length: %zu\r\n", reply->body.length);
    }
    put_header(head, "Cache-Control",
               about_space ? "private, no-cache" : "no-store");
    put_header(head, "X-Content-Type-Options", "nosniff");
    put_header(head, "Request-Id", req->id);
    if (reply->etag != NULL)
        buf_format(head, "ETag: \"%s\"\r\n", reply->etag);
    if (reply->status == 401)
        put_header(head, "WWW-Authenticate", challenge(route));
    if (req->details.retry_after_s > 0)
        buf_format(head, "Retry-After: %d\r\n", req->details.retry_after_s);
    for (int i = 0; i < reply->header_count; i++)
        put_header(head, reply->headers[i].name, reply->headers[i].value);
    buf_text(head, "\r\n");
}

static void
send_stream(struct req *req, struct serve_io *io, struct arena *pieces,
            struct serve_sent *sent)
{
    enum http_stream state;

    do {
        struct buf piece;
        arena_reset(pieces);
        buf_init(&piece, pieces, PIECE);
        state = req->reply.stream(req, req->reply.stream_state, &piece);
        if (piece.over)
            log_error("a piece of a stream was over %d bytes", PIECE);
        if (piece.over || state == HTTP_BROKEN ||
            !io->write(io, piece.bytes, piece.length)) {
            io->cut(io);
            return;
        }
        sent->bytes += piece.length;
    } while (state == HTTP_MORE);
    sent->whole = true;
}

void
serve_reply(struct req *req, struct serve_io *io, const struct route *route,
            enum problem problem, bool is_head, struct arena *pieces,
            struct serve_sent *sent)
{
    struct reply *reply = &req->reply;
    struct buf head;

    if (problem == P_NONE && reply->body.over) {
        log_error("a reply was over %d bytes", LIMIT_REPLY);
        problem = P_INTERNAL;
    }
    if (problem != P_NONE)
        become_problem(req, route, problem);
    else if (is_not_modified(req))
        reply->status = 304;
    if (reply->status == 204 || reply->status == 304) {
        buf_clear(&reply->body);
        reply->stream = NULL;
    }
    buf_init(&head, req->arena, HEAD_MAX);
    write_head(&head, req, route);
    assert(!head.over);
    sent->status = reply->status;
    if (!io->write(io, head.bytes, head.length))
        return;
    if (reply->stream != NULL && !is_head) {
        send_stream(req, io, pieces, sent);
        return;
    }
    if (is_head || reply->status == 204 || reply->status == 304) {
        sent->whole = true;
        return;
    }
    sent->whole = io->write(io, reply->body.bytes, reply->body.length);
    sent->bytes = reply->body.length;
}
