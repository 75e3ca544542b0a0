/*
 * Reading headers, and filling the reply. Headers come from anybody: what is
 * not exactly of the form that we know counts as absent.
 */
#include "http.h"

#include <strings.h>

#include "limits.h"
#include "sign.h"

const char *
http_method_text(enum http_method method)
{
    switch (method) {
    case HTTP_GET: return "GET";
    case HTTP_POST: return "POST";
    case HTTP_PUT: return "PUT";
    case HTTP_DELETE: return "DELETE";
    default: return "OTHER";
    }
}

static const char *
skip_space(const char *text)
{
    return text + strspn(text, " \t");
}

const char *
http_cookie(const struct req *req, const char *name)
{
    size_t length = strlen(name);
    const char *found = NULL;
    const char *at = req->cookie;

    if (at == NULL)
        return NULL;
    while (*at != '\0') {
        size_t end;
        at = skip_space(at);
        end = strcspn(at, ";");
        if (strncmp(at, name, length) == 0 && at[length] == '=') {
            const char *value = at + length + 1;
            size_t size = end - length - 1;
            while (size > 0 &&
                   (value[size - 1] == ' ' || value[size - 1] == '\t'))
                size--;
            if (found != NULL)
                return NULL;
            found = arena_copy(req->arena, value, size);
        }
        at += end;
        if (*at == ';')
            at++;
    }
    return found;
}

/* "utf-8" in any case, perhaps quoted; *end is behind it. */
static bool
is_utf8_value(const char *text, const char **end)
{
    bool quoted = *text == '"';

    text += quoted;
    if (strncasecmp(text, "utf-8", 5) != 0)
        return false;
    text += 5;
    if (quoted && *text++ != '"')
        return false;
    *end = text;
    return true;
}

bool
http_is_json(const char *content_type)
{
    static const char type[] = "application/json";
    const char *at;

    if (content_type == NULL)
        return false;
    at = skip_space(content_type);
    if (strncasecmp(at, type, sizeof(type) - 1) != 0)
        return false;
    at = skip_space(at + sizeof(type) - 1);
    while (*at == ';') {
        at = skip_space(at + 1);
        if (*at == '\0')
            break;
        if (strncasecmp(at, "charset=", 8) != 0 || !is_utf8_value(at + 8, &at))
            return false;
        at = skip_space(at);
    }
    return *at == '\0';
}

bool
http_matches(const char *if_none_match, const char *etag)
{
    size_t length = strlen(etag);
    const char *at;

    if (if_none_match == NULL)
        return false;
    at = skip_space(if_none_match);
    if (*at == '*')
        return *skip_space(at + 1) == '\0';
    for (;;) {
        const char *end;
        at += strspn(at, " \t,");
        if (strncmp(at, "W/", 2) == 0)
            at += 2;
        if (*at != '"')
            return false;
        end = strchr(++at, '"');
        if (end == NULL)
            return false;
        if ((size_t)(end - at) == length && memcmp(at, etag, length) == 0)
            return true;
        at = end + 1;
    }
}

void
http_header(struct req *req, const char *name, const char *value)
{
    struct reply *reply = &req->reply;

    assert(strpbrk(name, "\r\n:") == NULL && strpbrk(value, "\r\n") == NULL);
    assert(reply->header_count < HTTP_HEADERS_MAX);
    reply->headers[reply->header_count].name = name;
    reply->headers[reply->header_count].value = value;
    reply->header_count++;
}

void
http_json(struct req *req, int status, struct json_out *out)
{
    req->reply.status = status;
    buf_clear(&req->reply.body);
    json_begin(out, &req->reply.body);
}

bool
http_read_as(struct req *req, enum json_mode mode, struct json_reader *reader)
{
    const struct json *body =
        json_parse(req->arena, req->body, req->body_length, mode,
                   &req->details.faults);

    if (body == NULL) {
        *reader = (struct json_reader){ .arena = req->arena,
                                        .prefix = "",
                                        .faults = &req->details.faults };
        return false;
    }
    json_read(reader, req->arena, body, "", &req->details.faults);
    return req->details.faults == NULL;
}

bool
http_read(struct req *req, struct json_reader *reader)
{
    return http_read_as(req, JSON_STRICT, reader);
}

void
http_redirect(struct req *req, const char *location)
{
    req->reply.status = 303;
    buf_clear(&req->reply.body);
    http_header(req, "Location", location);
}

void
http_etag(struct req *req)
{
    enum { TAG_BYTES = 16 };
    const struct buf *body = &req->reply.body;
    uint8_t hash[SIGN_SIZE];
    char *hex = arena_alloc(req->arena, 2 * TAG_BYTES + 1);

    sign_sha256(hash, body->bytes, body->length);
    sign_hex(hex, hash, TAG_BYTES);
    req->reply.etag = hex;
}
