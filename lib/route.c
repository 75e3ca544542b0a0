/*
 * Matching paths. Segments are decoded one by one and compared whole, so no
 * escape can make two segments of one or one of two, and "." and ".." are
 * names like any other, which no pattern has.
 */
#include "route.h"

#define SEGMENTS_MAX 16

struct path {
    int count;
    const char *raw[SEGMENTS_MAX]; /* where each begins in req->path */
    const char *text[SEGMENTS_MAX];
};

/* "/a/b" to its segments; false for what no pattern can match. */
static bool
split(struct req *req, struct path *path)
{
    const char *at = req->path;

    path->count = 0;
    if (*at != '/')
        return false;
    while (*at == '/') {
        size_t length = strcspn(++at, "/");
        const char *text = form_decode_segment(req->arena, at, length);
        if (text == NULL || path->count == SEGMENTS_MAX)
            return false;
        path->raw[path->count] = at;
        path->text[path->count++] = text;
        at += length;
    }
    return true;
}

static bool
matches(struct req *req, const struct path *path, const char *pattern)
{
    int parameters = 0;

    for (int i = 0; i <= path->count; i++) {
        size_t length;
        if (*pattern == '\0')
            return i == path->count;
        if (i == path->count)
            return false;
        length = strcspn(++pattern, "/");
        if (length == 1 && *pattern == '*') {
            req->parameter[parameters] = path->raw[i];
            return true;
        }
        if (length == 2 && memcmp(pattern, "{}", 2) == 0) {
            if (path->text[i][0] == '\0')
                return false;
            assert(parameters < HTTP_PARAMETERS_MAX);
            req->parameter[parameters++] = path->text[i];
        } else if (strlen(path->text[i]) != length ||
                   memcmp(path->text[i], pattern, length) != 0) {
            return false;
        }
        pattern += length;
    }
    return false;
}

const struct route *
route_find(struct req *req, const struct route *routes, enum problem *problem)
{
    struct path path;
    struct buf allow;

    *problem = P_NOT_FOUND;
    if (!split(req, &path))
        return NULL;
    buf_init(&allow, req->arena, 64);
    for (const struct route *route = routes; route->pattern; route++) {
        if (!matches(req, &path, route->pattern))
            continue;
        if (route->method == req->method)
            return route;
        buf_text(&allow, allow.length > 0 ? ", " : "");
        buf_text(&allow, http_method_text(route->method));
        if (route->method == HTTP_GET)
            buf_text(&allow, ", HEAD");
    }
    memset(req->parameter, 0, sizeof(req->parameter));
    if (allow.length > 0) {
        *problem = P_METHOD_NOT_ALLOWED;
        http_header(req, "Allow", allow.bytes);
    }
    return NULL;
}
