/*
 * buf.h: what is put comes out, the ceiling is exact and stays reached.
 */
#include "buf.h"

#include "tap.h"

static struct arena arena;

static const struct {
    int64_t value;
    const char *plain;
    const char *grouped;
} numbers[] = {
    { 0, "0", "0" },
    { 7, "7", "7" },
    { -7, "-7", "-7" },
    { 999, "999", "999" },
    { 1000, "1000", "1,000" },
    { -1000, "-1000", "-1,000" },
    { 123456, "123456", "123,456" },
    { 1234567, "1234567", "1,234,567" },
    { INT64_MAX, "9223372036854775807", "9,223,372,036,854,775,807" },
    { INT64_MIN, "-9223372036854775808", "-9,223,372,036,854,775,808" },
};

static void
decimals(void)
{
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct buf buf;

        buf_init(&buf, &arena, 100);
        buf_int(&buf, numbers[i].value);
        is_text(buf.bytes, numbers[i].plain, "%s", numbers[i].plain);
        buf_clear(&buf);
        buf_int_grouped(&buf, numbers[i].value);
        is_text(buf.bytes, numbers[i].grouped, "%s", numbers[i].grouped);
    }
}

static void
growth(void)
{
    struct buf buf;
    bool same = true;

    buf_init(&buf, &arena, 1000000);
    is_text(buf.bytes, "", "a new buffer is an empty string");
    for (int i = 0; i < 100000; i++)
        buf_char(&buf, (char)('a' + i % 26));
    for (int i = 0; i < 100000; i++)
        same = same && buf.bytes[i] == (char)('a' + i % 26);
    ok(same && buf.length == 100000 && !buf.over && buf.bytes[100000] == 0,
       "a hundred thousand characters come out as they were put");
    buf_clear(&buf);
    buf_put(&buf, "a\0b", 3);
    ok(buf.length == 3 && memcmp(buf.bytes, "a\0b", 4) == 0,
       "NULs are bytes like others");
    buf_put(&buf, NULL, 0);
    is_int((int64_t)buf.length, 3, "nothing adds nothing");
}

/* Each puts `text` into a buffer of eight that has "12345" already. */
static const struct {
    const char *name;
    const char *text;
    const char *left;
    bool over;
} fits[] = {
    { "what fills it to the last byte", "678", "12345678", false },
    { "one byte more: none of it", "6789", "12345", true },
    { "far more: none of it", "6789012345678901234567890", "12345", true },
    { "nothing", "", "12345", false },
};

static void
ceiling(void)
{
    for (size_t i = 0; i < COUNT_OF(fits); i++) {
        for (int formatted = 0; formatted < 2; formatted++) {
            const char *way = formatted ? "formatted" : "put";
            struct buf buf;

            buf_init(&buf, &arena, 8);
            buf_text(&buf, "12345");
            if (formatted)
                buf_format(&buf, "%s", fits[i].text);
            else
                buf_text(&buf, fits[i].text);
            is_text(buf.bytes, fits[i].left, "%s (%s)", fits[i].name, way);
            is_int(buf.over, fits[i].over, "%s is%s over (%s)", fits[i].name,
                   fits[i].over ? "" : " not", way);
            buf_char(&buf, 'x');
            ok(!fits[i].over || strcmp(buf.bytes, "12345") == 0,
               "and nothing comes behind a hole (%s)", way);
            ok(!fits[i].over || buf.over, "once over is over (%s)", way);
            buf_clear(&buf);
            buf_text(&buf, "12345678");
            ok(!buf.over && strcmp(buf.bytes, "12345678") == 0,
               "cleared, it takes eight again (%s)", way);
        }
    }
}

static void
sizes(void)
{
    static const size_t max[] = { 0, 1, 255, 256, 257, 511, 1000, 5000 };

    for (size_t i = 0; i < COUNT_OF(max); i++) {
        struct buf buf;

        buf_init(&buf, &arena, max[i]);
        for (size_t j = 0; j < max[i]; j++)
            buf_char(&buf, 'x');
        ok(!buf.over && buf.length == max[i] && strlen(buf.bytes) == max[i],
           "a buffer of %zu takes %zu", max[i], max[i]);
        buf_char(&buf, 'x');
        ok(buf.over && buf.length == max[i], "and not one more");
    }
}

int
main(void)
{
    arena_init(&arena, 4096, 8 * 1024 * 1024);
    decimals();
    growth();
    ceiling();
    sizes();
    arena_free(&arena);
    return done();
}
