/*
 * Reading a request member by member, and writing JSON: every fault at once,
 * and what is written reads back.
 */
#include "json.h"

#include "clock.h"
#include "limits.h"
#include "tap.h"

static struct arena arena;
static const char *const words[] = { "day", "month", "total" };

/* What the object of a row is read as: all faults, "pointer: detail". */
struct row {
    const char *text;
    const char *faults; /* joined by " | "; "" is none */
};

#define N    "must be an integer from 1 to 10"
#define S    "must have 1 to 5 characters"
#define W    "must be day, month or total"
#define T    "must be a time in UTC such as 2026-11-22T10:00:00.000Z"
#define REST "\"n\":1,\"b\":true,\"w\":\"day\""

static const struct row rows[] = {
    { "{\"s\":\"abc\"," REST "}", "" },
    { "{\"s\":\"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
      "\"," REST "}",
      "" },
    { "{\"s\":\"123456\"," REST "}", "/s: " S },
    { "{\"s\":\"\"," REST "}", "/s: " S },
    { "{\"s\":5," REST "}", "/s: must be a string" },
    { "{\"s\":null," REST "}", "/s: is required" },
    { "{" REST "}", "/s: is required" },
    { "{\"S\":\"abc\"," REST "}", "/s: is required | /S: is not known here" },
    { "{}", "/s: is required | /n: is required | /b: is required | /w: is "
            "required" },
    { "[]", ": must be an object" },
    { "null", ": must be an object" },
    { "\"s\"", ": must be an object" },
    { "{\"s\":\"a\",\"n\":0,\"b\":1,\"w\":\"week\"}",
      "/n: " N " | /b: must be true or false | /w: " W },
    { "{\"s\":\"a\",\"n\":11,\"b\":\"true\",\"w\":\"\"}",
      "/n: " N " | /b: must be true or false | /w: " W },
    { "{\"s\":\"a\",\"n\":\"5\",\"b\":false,\"w\":1}", "/n: " N " | /w: " W },
    { "{\"s\":\"a\",\"n\":10,\"b\":false,\"w\":\"Day\"}", "/w: " W },
    { "{\"s\":\"a\"," REST ",\"t\":\"2026-11-22T10:00:00Z\"}", "" },
    { "{\"s\":\"a\"," REST ",\"t\":null,\"o\":null,\"i\":null,\"f\":null}",
      "" },
    { "{\"s\":\"a\"," REST ",\"t\":\"2026-11-22T10:00:00+01:00\"}", "/t: " T },
    { "{\"s\":\"a\"," REST ",\"t\":\"2026-02-30T10:00:00Z\"}", "/t: " T },
    { "{\"s\":\"a\"," REST ",\"t\":1763805600000}", "/t: " T },
    { "{\"s\":\"a\"," REST ",\"o\":\"\"}", "/o: " S },
    { "{\"s\":\"a\"," REST ",\"i\":0}", "/i: " N },
    { "{\"s\":\"a\"," REST ",\"f\":0}", "/f: must be true or false" },
    { "{\"s\":\"a\"," REST ",\"a/b\":1,\"c~d\":2}",
      "/a~1b: is not known here | /c~0d: is not known here" },
};

#undef REST

static const char *
faults_of(const struct json_fault *fault)
{
    struct buf buf;

    buf_init(&buf, &arena, 65536);
    for (; fault != NULL; fault = fault->next)
        buf_format(&buf, "%s%s: %s", buf.length > 0 ? " | " : "",
                   fault->pointer, fault->detail);
    return buf.bytes;
}

static void
try_rows(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct json_fault *faults;
        struct json_reader reader;
        const struct json *json =
            json_parse(&arena, rows[i].text, strlen(rows[i].text), JSON_STRICT,
                       &faults);
        bool fine;
        json_read(&reader, &arena, json, "", &faults);
        (void)json_need_text(&reader, "s", 5);
        (void)json_need_integer(&reader, "n", 1, 10);
        (void)json_need_boolean(&reader, "b");
        (void)json_want_word(&reader, "w", words, 3, -1);
        (void)json_want_time(&reader, "t", 0);
        (void)json_want_text(&reader, "o", 5, NULL);
        (void)json_want_integer(&reader, "i", 1, 10, 3);
        (void)json_want_boolean(&reader, "f", false);
        fine = json_done(&reader);
        is_text(faults_of(faults), rows[i].faults, "%s", rows[i].text);
        ok(fine == (rows[i].faults[0] == '\0'), "  and json_done() says so");
    }
}

static void
try_values(void)
{
    static const char text[] =
        "{\"s\":\"a\",\"n\":7,\"b\":true,\"w\":\"total\","
        "\"t\":\"1970-01-01T00:00:01.500Z\",\"x\":{}}";
    struct json_fault *faults;
    struct json_reader reader, inner;

    json_read(&reader, &arena,
              json_parse(&arena, text, sizeof(text) - 1, JSON_STRICT, &faults),
              "/items/3", &faults);
    is_text(json_need_text(&reader, "s", 5), "a", "a text");
    is_int(json_need_integer(&reader, "n", 1, 10), 7, "an integer");
    ok(json_need_boolean(&reader, "b"), "a boolean");
    is_int(json_want_word(&reader, "w", words, 3, -1), 2, "a word");
    is_int(json_want_word(&reader, "v", words, 3, 1), 1, "a word not said");
    is_int(json_want_time(&reader, "t", 0), 1500, "a time");
    is_int(json_want_time(&reader, "u", 9), 9, "a time not said");
    is_int(json_want_integer(&reader, "i", 1, 10, 3), 3, "an integer not said");
    is_text(json_want_text(&reader, "o", 5, "other"), "other",
            "a text not said");
    ok(json_has(&reader, "x") && !json_has(&reader, "y"), "what is there");
    json_read(&inner, &arena, json_member(&reader, "x"), "/items/3/x", &faults);
    (void)json_need_text(&inner, "deep", 5);
    json_refuse(&reader, "s", "is ours to refuse");
    ok(!json_done(&inner), "a fault of an inner object counts");
    is_text(faults_of(faults),
            "/items/3/x/deep: is required | /items/3/s: is ours to refuse",
            "pointers begin where the object stands");
}

static void
try_many_faults(void)
{
    struct json_fault *faults;
    struct json_reader reader;
    struct buf text;
    int count = 0;

    buf_init(&text, &arena, 65536);
    buf_text(&text, "{\"first\":1");
    for (int i = 0; i < 1000; i++)
        buf_format(&text, ",\"m%d\":1", i);
    buf_text(&text, "}");
    json_read(&reader, &arena,
              json_parse(&arena, text.bytes, text.length, JSON_STRICT, &faults),
              "", &faults);
    ok(!json_done(&reader), "a thousand members that nobody knows");
    for (; faults != NULL; faults = faults->next)
        count++;
    is_int(count, JSON_FAULTS_MAX, "  are told of as far as it helps");
}

static void
try_writing(void)
{
    static const char want[] =
        "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\xc3\xa9\","
        "\"b\":\"\xef\xbf\xbd(\xef\xbf\xbd\",\"n\":null,"
        "\"i\":-9007199254740991,\"y\":true,\"f\":false,\"l\":[1,[],{},"
        "[\"x\",2]],\"o\":{\"\\\"\":1},\"t\":\"1970-01-01T00:00:00.000Z\","
        "\"u\":null,\"v\":null,\"r\":[3]}";
    struct json_fault *fault;
    const struct json *json;
    struct json_out out;
    struct buf buf, again;

    buf_init(&buf, &arena, 65536);
    json_begin(&out, &buf);
    json_open_object(&out, NULL);
    json_put_text(&out, "a", "\"\\\b\f\n\r\t\x01\x1f/\xc3\xa9");
    json_put_text(&out, "b", "\xc3(\xff");
    json_put_text(&out, "n", NULL);
    json_put_integer(&out, "i", -LIMIT_INTEGER);
    json_put_boolean(&out, "y", true);
    json_put_boolean(&out, "f", false);
    json_open_array(&out, "l");
    json_put_integer(&out, NULL, 1);
    json_open_array(&out, NULL);
    json_close_array(&out);
    json_open_object(&out, NULL);
    json_close_object(&out);
    json_open_array(&out, NULL);
    json_put_text(&out, NULL, "x");
    json_put_integer(&out, NULL, 2);
    json_close_array(&out);
    json_close_array(&out);
    json_open_object(&out, "o");
    json_put_integer(&out, "\"", 1);
    json_close_object(&out);
    json_put_time(&out, "t", 0);
    json_put_time(&out, "u", NEVER_MS);
    json_put_time(&out, "v", -1);
    json_put_raw(&out, "r", "[3]");
    json_close_object(&out);
    is_text(buf.bytes, want, "what is written");
    json = json_parse(&arena, buf.bytes, buf.length, JSON_STRICT, &fault);
    ok(json != NULL, "reads back");
    buf_init(&again, &arena, 65536);
    json_begin(&out, &again);
    json_put_value(&out, NULL, json);
    is_text(again.bytes, want, "and is written again the same");
    buf_clear(&again);
    json_begin(&out, &again);
    json_put_value(&out, NULL,
                   json_parse(&arena, "[1.5,1e9,9007199254740993]", 26,
                              JSON_PROVIDER, &fault));
    is_text(again.bytes, "[null,null,null]",
            "numbers that are no integers are not made up");
}

int
main(void)
{
    arena_init(&arena, 65536, 16 * 1024 * 1024);
    try_rows();
    try_values();
    try_many_faults();
    try_writing();
    arena_free(&arena);
    return done();
}
