/*
 * What JSON text is let in (json_texts.h), strictly and leniently, and what
 * it says then. Each is parsed from memory of its exact size, so that the
 * sanitizer sees a byte read too many.
 */
#include "json_texts.h"

#include "limits.h"
#include "tap.h"

/* cJSON's own look-up, numbers and strings must not shine through. */
struct value {
    const char *text;
    const char *path;
    const char *string; /* what json_text_at says */
    int64_t integer;    /* what json_integer_at says; -7 is "none" */
};

static const struct value values[] = {
    { "{\"a\":9007199254740991}", "a", NULL, INT64_C(9007199254740991) },
    { "{\"a\":-9007199254740991}", "a", NULL, INT64_C(-9007199254740991) },
    { "{\"a\":9007199254740990}", "a", NULL, INT64_C(9007199254740990) },
    { "{\"a\":2147483648}", "a", NULL, INT64_C(2147483648) },
    { "{\"a\":0}", "a", NULL, 0 },
    { "{\"a\":9007199254740992}", "a", NULL, -7 },
    { "{\"a\":9007199254740993}", "a", NULL, -7 },
    { "{\"a\":18446744073709551617}", "a", NULL, -7 },
    { "{\"a\":1e400}", "a", NULL, -7 },
    { "{\"a\":1e2}", "a", NULL, -7 },
    { "{\"a\":1.0}", "a", NULL, -7 },
    { "{\"a\":0.99999999999999999999}", "a", NULL, -7 },
    { "{\"a\":9007199254740990.7}", "a", NULL, -7 },
    { "{\"a\":1.5,\"b\":3}", "b", NULL, 3 },
    { "{\"a\":\"5\"}", "a", "5", -7 },
    { "{\"a\":true}", "a", NULL, -7 },
    { "{\"a\":null}", "a", NULL, -7 },
    { "{\"a\":[1]}", "a", NULL, -7 },
    { "{\"A\":1}", "a", NULL, -7 },
    { "{\"a\":1,\"A\":2}", "A", NULL, 2 },
    { "{\"A\":1,\"a\":2}", "a", NULL, 2 },
    { "{\"ab\":1}", "a", NULL, -7 },
    { "{\"a\":1}", "ab", NULL, -7 },
    { "{\"a\":1,\"a\":2}", "a", NULL, 2 },
    { "{\"a\":{\"b\":{\"c\":3}}}", "a.b.c", NULL, 3 },
    { "{\"a\":[10,{\"b\":11}]}", "a.0", NULL, 10 },
    { "{\"a\":[10,{\"b\":11}]}", "a.1.b", NULL, 11 },
    { "{\"a\":[10]}", "a.1", NULL, -7 },
    { "{\"a\":[10]}", "a.-1", NULL, -7 },
    { "{\"a\":[10]}", "a.x", NULL, -7 },
    { "{\"a\":[10]}", "a.", NULL, -7 },
    { "{\"a\":[10]}", "a.99999999999", NULL, -7 },
    { "{\"a\":1}", "a.b", NULL, -7 },
    { "{\"0\":4}", "0", NULL, 4 },
    { "[5]", "0", NULL, 5 },
    { "{\"a\":\"\\u00e9\\ud83d\\ude00\"}", "a", "\xc3\xa9\xf0\x9f\x98\x80",
      -7 },
    { "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "a", "\"\\/\b\f\n\r\t", -7 },
    { "{\"\\u0061\":\"x\"}", "a", "x", -7 },
};

static struct arena arena;

static const struct json *
parse(const char *bytes, size_t length, enum json_mode mode,
      struct json_fault **fault)
{
    char *exact = malloc(length == 0 ? 1 : length);
    const struct json *json;

    memcpy(exact, bytes, length);
    json = json_parse(&arena, exact, length, mode, fault);
    free(exact);
    return json;
}

/* A row in words: what is not printable as \x.. */
static const char *
shown(const struct text *text)
{
    static char words[2048];
    size_t used = 0;

    for (size_t i = 0; i < text->length && used + 8 < sizeof(words); i++) {
        unsigned char c = (unsigned char)text->bytes[i];
        if (c >= ' ' && c < 0x7f && c != '#')
            words[used++] = (char)c;
        else
            used += (size_t)snprintf(words + used, 5, "<%02x>", c);
    }
    words[used] = '\0';
    return words;
}

static void
try_texts(const struct text *texts, size_t count, enum json_mode mode,
          bool let_in)
{
    const char *how = mode == JSON_STRICT ? "strictly" : "leniently";

    for (size_t i = 0; i < count; i++) {
        struct json_fault *fault;
        const struct json *json =
            parse(texts[i].bytes, texts[i].length, mode, &fault);
        if (let_in) {
            ok(json != NULL && fault == NULL, "%s let in: %s", how,
               shown(&texts[i]));
        } else if (ok(json == NULL && fault != NULL, "%s refused: %s", how,
                      shown(&texts[i]))) {
            is_text(fault->pointer, texts[i].pointer, "  at '%s'",
                    texts[i].pointer);
            ok(fault->next == NULL && fault->detail != NULL &&
                   fault->detail[0] != '\0',
               "  with one fault, in words");
        }
        arena_reset(&arena);
    }
}

static void
try_values(void)
{
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        const struct value *value = &values[i];
        struct json_fault *fault;
        const struct json *json =
            parse(value->text, strlen(value->text), JSON_PROVIDER, &fault);
        is_int(json_integer_at(json, value->path, -7), value->integer,
               "the integer at %s of %s", value->path, value->text);
        is_text(json_text_at(json, value->path), value->string,
                "the text at %s of it", value->path);
        arena_reset(&arena);
    }
}

/* `count` times open, then `middle`, then `count` times close. */
static const struct json *
nested(size_t count, const char *open, const char *middle, const char *close,
       struct json_fault **fault)
{
    struct buf text;

    buf_init(&text, &arena, 16 * 1024 * 1024);
    for (size_t i = 0; i < count; i++)
        buf_text(&text, open);
    buf_text(&text, middle);
    for (size_t i = 0; i < count; i++)
        buf_text(&text, close);
    return parse(text.bytes, text.length, JSON_STRICT, fault);
}

static void
try_depth(void)
{
    struct json_fault *fault;

    ok(nested(LIMIT_JSON_DEPTH, "[", "", "]", &fault) != NULL,
       "%d arrays inside one another are let in", LIMIT_JSON_DEPTH);
    ok(nested(LIMIT_JSON_DEPTH + 1, "[", "", "]", &fault) == NULL,
       "one more is refused");
    is_text(fault->detail, "nested too deeply", "in these words");
    arena_reset(&arena);
    ok(nested(LIMIT_JSON_DEPTH, "{\"a\":", "1", "}", &fault) != NULL,
       "as many objects are let in");
    ok(nested(LIMIT_JSON_DEPTH, "{\"a\":", "[]", "}", &fault) == NULL,
       "and not an array inside of them");
    arena_reset(&arena);
    ok(nested(100000, "[", "", "", &fault) == NULL,
       "100,000 opening brackets are refused");
    ok(nested(100000, "{\"a\":", "1", "}", &fault) == NULL,
       "100,000 objects inside one another are refused");
    arena_reset(&arena);
}

/* An object of many members is read in time, and one twice among them is
 * found wherever it stands. */
static void
try_width(void)
{
    struct json_fault *fault;
    const struct json *json;
    struct buf text;

    buf_init(&text, &arena, LIMIT_BODY_LARGE);
    buf_text(&text, "{\"first\":0");
    for (int i = 0; i < LIMIT_JSON_VALUES - 2; i++)
        buf_format(&text, ",\"m%d\":%d", i, i);
    json = json_parse(&arena, text.bytes, text.length, JSON_STRICT, &fault);
    ok(json == NULL && !text.over, "an object that does not end is refused");
    buf_text(&text, "}");
    json = json_parse(&arena, text.bytes, text.length, JSON_STRICT, &fault);
    ok(json != NULL, "as many members as are read are let in");
    is_int(json_integer_at(json, "m4711", -7), 4711, "and each is there");
    text.bytes[text.length - 1] = ',';
    buf_text(&text, "\"first\":1}");
    json = json_parse(&arena, text.bytes, text.length, JSON_STRICT, &fault);
    ok(json == NULL, "with its first member again at the end it is not");
    is_text(fault->pointer, "/first", "and that member is named");
    text.length -= strlen("\"first\":1}");
    buf_text(&text, "\"last\":1}");
    json = json_parse(&arena, text.bytes, text.length, JSON_PROVIDER, &fault);
    ok(json == NULL, "one more member is refused");
    is_text(fault->pointer, "/last", "and named");
    arena_reset(&arena);
}

/* Where items stand alone a number that is none is no fault of the text. */
static void
try_items(void)
{
    static const char *const numbers[] = { "1.0",
                                           "1e1",
                                           "0.5",
                                           "-2.5E-3",
                                           "1E400",
                                           "9007199254740992",
                                           "-9007199254740992" };
    struct json_fault *fault;
    int64_t number;

    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const char *text =
            arena_format(&arena, "[{\"a\":%s,\"b\":7}]", numbers[i]);
        const struct json *json = parse(text, strlen(text), JSON_ITEMS, &fault);

        ok(json != NULL && !json_integer(json_at(json, "0.a"), &number) &&
               json_integer_at(json, "0.b", 0) == 7,
           "%s among items reads as no integer", numbers[i]);
    }
    ok(parse("[{\"a\":1,\"a\":2}]", 15, JSON_ITEMS, &fault) == NULL,
       "a duplicate is a fault of the whole");
    arena_reset(&arena);
}

/* What is cut anywhere is refused, and never read over its end. */
static void
try_cuts(void)
{
    static const char whole[] =
        "{\"items\":[{\"activity\":\"clip\",\"quantity\":12,\"x\":null},"
        "{\"e\":\"\\u00e9\\ud83d\\ude00\xe2\x82\xac\",\"y\":[true,false]}]}";
    struct json_fault *fault;
    int let_in = 0;

    for (size_t length = 0; length < sizeof(whole) - 1; length++) {
        let_in += parse(whole, length, JSON_STRICT, &fault) != NULL;
        arena_reset(&arena);
    }
    is_int(let_in, 0, "no beginning of a whole text is let in");
    ok(parse(whole, sizeof(whole) - 1, JSON_STRICT, &fault) != NULL,
       "the whole of it is");
    arena_reset(&arena);
}

int
main(void)
{
    arena_init(&arena, 64 * 1024, 64 * 1024 * 1024);
    try_texts(fine, COUNT_OF(fine), JSON_STRICT, true);
    try_texts(fine, COUNT_OF(fine), JSON_PROVIDER, true);
    try_texts(broken, COUNT_OF(broken), JSON_STRICT, false);
    try_texts(broken, COUNT_OF(broken), JSON_PROVIDER, false);
    try_texts(lenient, COUNT_OF(lenient), JSON_STRICT, false);
    try_texts(lenient, COUNT_OF(lenient), JSON_PROVIDER, true);
    try_values();
    try_depth();
    try_width();
    try_items();
    try_cuts();
    arena_free(&arena);
    return done();
}
