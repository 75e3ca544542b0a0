/*
 * Headers as strangers send them: cookies, content types, entity tags.
 */
#include "http.h"

#include "tap.h"

static struct arena arena;

struct cookie {
    const char *header;
    const char *value; /* of "a"; NULL: none */
};

static const struct cookie cookies[] = {
    { NULL, NULL },       { "", NULL },           { "a=1", "1" },
    { "a=", "" },         { "a", NULL },          { "b=1; a=2", "2" },
    { "b=1;a=2", "2" },   { "  a=2  ;b=3", "2" }, { "aa=1; a=2", "2" },
    { "A=1", NULL },      { "b=a=1", NULL },      { "a=b=c", "b=c" },
    { "a=1; a=2", NULL }, { "b=\"; a=2", "2" },   { ";;;a=1;;", "1" },
};

struct type {
    const char *header;
    bool json;
};

static const struct type types[] = {
    { "application/json", true },
    { "APPLICATION/JSON", true },
    { " application/json ", true },
    { "application/json;charset=utf-8", true },
    { "application/json ; Charset=\"UTF-8\"", true },
    { "application/json;", true },
    { NULL, false },
    { "", false },
    { "application/json2", false },
    { "application/json+x", false },
    { "application/problem+json", false },
    { "application/ json", false },
    { "application/json, text/plain", false },
    { "application/json; charset=utf-16", false },
    { "application/json; charset=utf-8x", false },
    { "application/json; charset=\"utf-8", false },
    { "application/json; boundary=x", false },
    { "text/json", false },
    { "text/plain;application/json", false },
};

struct tag {
    const char *header;
    bool matches; /* "t-1" */
};

static const struct tag tags[] = {
    { NULL, false },
    { "", false },
    { "\"t-1\"", true },
    { "W/\"t-1\"", true },
    { "\"a\", \"t-1\"", true },
    { "\"a\",W/\"b\",W/\"t-1\",\"c\"", true },
    { " , \"t-1\"", true },
    { "*", true },
    { " * ", true },
    { "*, \"a\"", false },
    { "t-1", false },
    { "\"t-1", false },
    { "\"t-\"", false },
    { "\"t-11\"", false },
    { "\"T-1\"", false },
    { "w/\"t-1\"", false },
    { "a, \"t-1\"", false },
    { "\"\"", false },
};

int
main(void)
{
    struct req req = { .arena = &arena };

    arena_init(&arena, 65536, 65536);
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        req.cookie = cookies[i].header;
        is_text(http_cookie(&req, "a"), cookies[i].value, "Cookie: %s",
                cookies[i].header);
    }
    for (size_t i = 0; i < COUNT_OF(types); i++)
        ok(http_is_json(types[i].header) == types[i].json,
           "Content-Type: %s is %sJSON", types[i].header,
           types[i].json ? "" : "not ");
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        ok(http_matches(tags[i].header, "t-1") == tags[i].matches,
           "If-None-Match: %s %s", tags[i].header,
           tags[i].matches ? "matches" : "does not match");
    arena_free(&arena);
    return done();
}
