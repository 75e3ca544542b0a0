/*
 * From CGI variables to a request. REQUEST_URI is the one variable for the
 * path that is the same behind every web server; what other variables make
 * of it is not looked at. Everything here was chosen by a stranger.
 */
#include "clock.h"
#include "limits.h"
#include "serve_io.h"
#include "sign.h"
#include "text.h"

/* A body that is too large is read on so far, for the sender's sake. */
#define DRAIN_MAX (16 * 1024 * 1024)
#define CHUNK     (16 * 1024)

static enum http_method
method_of(const char *text, bool *is_head)
{
    *is_head = text != NULL && strcmp(text, "HEAD") == 0;
    if (*is_head)
        return HTTP_GET;
    for (int method = HTTP_GET; text != NULL && method < HTTP_OTHER; method++)
        if (strcmp(text, http_method_text((enum http_method)method)) == 0)
            return (enum http_method)method;
    return HTTP_OTHER;
}

/* The id that the server in front gave, if it is one that we can repeat in
 * a header and a log line; else one of our own. */
static void
make_id(char id[SERVE_ID_SIZE], const char *given)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = given == NULL ? 0 : strlen(given);
    uint8_t random[10];

    if (length >= 8 && length < SERVE_ID_SIZE &&
        strspn(given, fine) == length) {
        memcpy(id, given, length + 1);
        return;
    }
    sign_random(random, sizeof(random));
    id_format_random(id, "req", clock_system_ms(), random);
}

/* A header that is absent, empty or over the ceiling is NULL. */
static const char *
header(struct serve_io *io, struct req *req, const char *name)
{
    const char *value = io->variable(io, name);

    if (value == NULL || value[0] == '\0' || strlen(value) > LIMIT_HEADER)
        return NULL;
    return arena_text(req->arena, value);
}

static void
read_headers(struct req *req, struct serve_io *io)
{
    const char *https = io->variable(io, "HTTPS");
    const char *scheme = io->variable(io, "REQUEST_SCHEME");

    req->content_type = header(io, req, "CONTENT_TYPE");
    req->authorization = header(io, req, "HTTP_AUTHORIZATION");
    req->cookie = header(io, req, "HTTP_COOKIE");
    req->origin = header(io, req, "HTTP_ORIGIN");
    req->sec_fetch_site = header(io, req, "HTTP_SEC_FETCH_SITE");
    req->csrf_token = header(io, req, "HTTP_X_CSRF_TOKEN");
    req->if_none_match = header(io, req, "HTTP_IF_NONE_MATCH");
    req->accept = header(io, req, "HTTP_ACCEPT");
    req->stripe_signature = header(io, req, "HTTP_STRIPE_SIGNATURE");
    req->idempotency_key = header(io, req, "HTTP_IDEMPOTENCY_KEY");
    req->remote_address = header(io, req, "REMOTE_ADDR");
    req->https = (https != NULL && strcmp(https, "on") == 0) ||
                 (scheme != NULL && strcmp(scheme, "https") == 0);
}

/* "/path?query", or "http://host/path?query" as a proxy sends it. */
static const char *
without_host(const char *target)
{
    const char *host = text_begins(target, "http://")    ? target + 7
                       : text_begins(target, "https://") ? target + 8
                                                         : NULL;

    return host == NULL ? target : host + strcspn(host, "/?");
}

/* The path below the base; NULL where it is not below. */
static const char *
below_base(struct req *req, const char *target, size_t length)
{
    size_t base_length = strlen(req->base);

    if (length < base_length || memcmp(target, req->base, base_length) != 0)
        return NULL;
    return arena_copy(req->arena, target + base_length, length - base_length);
}

bool
serve_request(struct req *req, struct serve_io *io, char id[SERVE_ID_SIZE],
              bool *is_head, enum form_state *form)
{
    const char *target = io->variable(io, "REQUEST_URI");
    size_t length;

    make_id(id, io->variable(io, "REQUEST_ID"));
    req->id = id;
    req->path = "";
    req->method = method_of(io->variable(io, "REQUEST_METHOD"), is_head);
    read_headers(req, io);
    if (target == NULL || strlen(target) > LIMIT_TARGET)
        return false;
    target = without_host(target);
    length = strcspn(target, "?#");
    req->path = below_base(req, target, length);
    if (req->path == NULL) {
        req->path = "";
        return true; /* no route has that: 404 */
    }
    if (target[length] == '?') {
        target += length + 1;
        if (!form_decode(&req->query, req->arena, target, strlen(target)))
            *form = FORM_MALFORMED;
    }
    return true;
}

/* -1: not said; -2: said, but no length. */
static int64_t
said_length(struct serve_io *io)
{
    const char *text = io->variable(io, "CONTENT_LENGTH");
    int64_t length;

    if (text == NULL || text[0] == '\0')
        return -1;
    return text_int(text, 0, INT64_MAX, &length) ? length : -2;
}

void
serve_body(struct req *req, struct serve_io *io, size_t max,
           enum form_state *form)
{
    int64_t said = said_length(io);
    char *chunk = arena_alloc(req->arena, CHUNK);
    size_t length = 0;
    ptrdiff_t count;
    struct buf body;

    buf_init(&body, req->arena, max);
    do {
        count = io->read(io, chunk, CHUNK);
        if (count > 0) {
            length += (size_t)count;
            buf_put(&body, chunk, (size_t)count);
        }
    } while (count > 0 && length < DRAIN_MAX);
    req->body = body.bytes;
    req->body_length = body.length;
    if (body.over || said > (int64_t)max)
        *form = FORM_TOO_LARGE;
    else if (count < 0 || (said != -1 && said != (int64_t)length))
        *form = FORM_SHORT;
}
