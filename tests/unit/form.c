/*
 * form.h: what a body or a query says, what none can say, and what we send.
 */
#include "form.h"

#include "tap.h"

static struct arena arena;

/* Decodes and writes back as "name=value;…", NULL where it is refused. */
static const char *
shown(const char *bytes, size_t length)
{
    struct form form;
    struct buf buf;
    /* memory that ends with the form: reading on would be seen */
    char *exact = malloc(length + 1);
    bool fine;

    if (exact == NULL)
        abort();
    memcpy(exact + 1, bytes, length);
    fine = form_decode(&form, &arena, exact + 1, length);
    memset(exact, 'X', length + 1);
    free(exact);
    if (!fine)
        return form.count == 0 ? NULL : "(refused, and yet pairs)";
    buf_init(&buf, &arena, 100000);
    for (int i = 0; i < form.count; i++)
        buf_format(&buf, "%s=%s;", form.pairs[i].name, form.pairs[i].value);
    return buf.bytes;
}

static const struct {
    const char *name;
    const char *in;
    const char *out; /* NULL: refused */
} forms[] = {
    { "nothing", "", "" },
    { "a pair", "a=1", "a=1;" },
    { "two", "a=1&b=2", "a=1;b=2;" },
    { "no value", "a=&b", "a=;b=;" },
    { "an '=' in a value", "a=b=c", "a=b=c;" },
    { "empty places", "&&a=1&&&b=2&", "a=1;b=2;" },
    { "nothing but '&'", "&&&", "" },
    { "the same name twice", "a=1&a=2&a=1", "a=1;a=2;a=1;" },
    { "a plus", "a+b=c+d", "a b=c d;" },
    { "an escaped plus", "a=c%2Bd%2b", "a=c+d+;" },
    { "an escaped '&' and '='", "a%3Db=c%26d", "a=b=c&d;" },
    { "brackets, plain and escaped", "a[b]=1&c%5Bd%5d[e]=2",
      "a[b]=1;c[d][e]=2;" },
    { "UTF-8, plain and escaped", "n=\xc3\xa9%C3%A9", "n=\xc3\xa9\xc3\xa9;" },
    { "UTF-8 in halves", "n=\xc3%A9", "n=\xc3\xa9;" },
    { "a line feed", "a=%0D%0A", "a=\r\n;" },
    { "a percent twice over", "a=%2525", "a=%25;" },
    { "an escape cut after the percent", "a=%", NULL },
    { "an escape cut after one digit", "a=%4", NULL },
    { "an escape cut by '&'", "a=%4&b=1", NULL },
    { "an escape cut by '='", "a%4=1", NULL },
    { "an escape that is none", "a=%zz", NULL },
    { "an escape with a bad second digit", "a=%4g", NULL },
    { "an escape with a sign", "a=%+1", NULL },
    { "an escape as %uXXXX", "a=%u0041", NULL },
    { "an escape with what comes behind F", "a=%G0", NULL },
    { "an escape with what comes behind nine", "a=%:0", NULL },
    { "an escape with what comes before A", "a=%4@", NULL },
    { "every digit of hex", "a=%4a%4F%5E%69%7A", "a=JO^iz;" },
    { "an escaped NUL", "a=%00", NULL },
    { "an escaped NUL in a name", "a%00b=1", NULL },
    { "Latin-1", "a=%E9", NULL },
    { "a slash in two bytes", "a=%C0%AF", NULL },
    { "a surrogate", "a=%ED%A0%80", NULL },
    { "half a character in the name", "a%C3=%A9", NULL },
    { "no name", "=1", NULL },
    { "no name among others", "a=1&=2", NULL },
    { "a '=' alone", "=", NULL },
};

static void
decoding(void)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        is_text(shown(forms[i].in, strlen(forms[i].in)), forms[i].out, "%s %s",
                forms[i].name, forms[i].out == NULL ? "is refused" : "is read");
    is_text(shown("a=1\0&b=2", 8), NULL, "a NUL byte is refused");
    is_text(shown("a=1&b=2", 4), "a=1;", "the length is the end");
    is_text(shown("a=%41", 4), NULL, "also inside an escape");
    is_text(shown("a=%41", 3), NULL, "or right behind its percent");
}

static void
bounds(void)
{
    struct form form;
    struct buf buf;

    buf_init(&buf, &arena, 100000);
    for (int i = 0; i < FORM_PAIRS_MAX; i++)
        buf_format(&buf, "a%d=%d&", i, i);
    ok(form_decode(&form, &arena, buf.bytes, buf.length) &&
           form.count == FORM_PAIRS_MAX,
       "as many pairs as are allowed");
    is_text(form_value(&form, "a255"), "255", "the last of them is there");
    buf_text(&buf, "b=1");
    ok(!form_decode(&form, &arena, buf.bytes, buf.length) && form.count == 0,
       "one more is refused");
    ok(form_decode(&form, &arena, NULL, 0) && form.count == 0,
       "no bytes at all are an empty form");
}

static void
lookup(void)
{
    struct form form;
    const char *in = "a=1&b=&a=2&A=3";

    ok(form_decode(&form, &arena, in, strlen(in)), "a form with repeats");
    is_text(form_value(&form, "a"), "1", "the first of a name counts");
    is_text(form_value(&form, "A"), "3", "names differ by their case");
    is_text(form_value(&form, "b"), "", "an empty value is a value");
    is_text(form_value(&form, "c"), NULL, "a missing one is none");
    is_text(form_value(&form, ""), NULL, "nobody has no name");
    is_int(form_count(&form, "a"), 2, "repeats are counted");
    is_int(form_count(&form, "c"), 0, "what is missing too");
}

static const struct {
    const char *in;
    const char *out;
} segments[] = {
    { "demo", "demo" },       { "", "" },
    { "a+b", "a+b" },         { "a%20b", "a b" },
    { "%C3%A9", "\xc3\xa9" }, { "%2e%2E", ".." },
    { "a%2Fb", NULL },        { "a%2fb", NULL },
    { "a/b", NULL },          { "a%00", NULL },
    { "a%", NULL },           { "a%2", NULL },
    { "%ff", NULL },
};

static void
paths(void)
{
    for (size_t i = 0; i < COUNT_OF(segments); i++)
        is_text(form_decode_segment(&arena, segments[i].in,
                                    strlen(segments[i].in)),
                segments[i].out, "\"%s\" in a path", segments[i].in);
}

static void
encoding(void)
{
    struct buf buf;
    struct form form;
    char all[256];
    const char *back;

    buf_init(&buf, &arena, 10000);
    form_add(&buf, "line_items[0][price_data][currency]", "gbp");
    form_add_int(&buf, "line_items[0][price_data][unit_amount]", 2500);
    form_add_bool(&buf, "a", true);
    form_add_bool(&buf, "b", false);
    form_add_int(&buf, "c", INT64_MIN);
    is_text(buf.bytes,
            "line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=gbp"
            "&line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=2500"
            "&a=true&b=false&c=-9223372036854775808",
            "nested names, numbers and truths on the wire");

    buf_clear(&buf);
    form_add(&buf, "n",
             "3,000 credits + \xc2\xa3"
             "5 & a=b/c?d#e%");
    is_text(buf.bytes,
            "n=3%2C000%20credits%20%2B%20%C2%A35%20%26%20a%3Db%2Fc%3Fd%23e"
            "%25",
            "nothing of a value is taken for the form");

    for (int i = 1; i < 128; i++)
        all[i - 1] = (char)i;
    all[127] = '\0';
    buf_clear(&buf);
    form_add(&buf, all, all);
    ok(form_decode(&form, &arena, buf.bytes, buf.length) && form.count == 1,
       "all of ASCII goes through");
    is_text(form.pairs[0].name, all, "as a name");
    is_text(form.pairs[0].value, all, "and as a value");

    buf_clear(&buf);
    form_encode(&buf, all);
    is_text(buf.bytes,
            "%01%02%03%04%05%06%07%08%09%0A%0B%0C%0D%0E%0F%10%11%12%13%14"
            "%15%16%17%18%19%1A%1B%1C%1D%1E%1F%20%21%22%23%24%25%26%27%28"
            "%29%2A%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40"
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60"
            "abcdefghijklmnopqrstuvwxyz%7B%7C%7D~%7F",
            "letters, digits and four signs stand for themselves, no other");

    buf_clear(&buf);
    form_encode(&buf, "a b+c/\xc3\xa9");
    is_text(buf.bytes, "a%20b%2Bc%2F%C3%A9", "a space is %%20, not a plus");
    back = form_decode_segment(&arena, "a%20b%2Bc", 9);
    is_text(back, "a b+c", "so that it is right in a path too");

    buf_init(&buf, &arena, 10);
    form_add(&buf, "name", "0123456789");
    ok(buf.over, "what does not fit is known");
}

int
main(void)
{
    arena_init(&arena, 64 * 1024, 16 * 1024 * 1024);
    decoding();
    bounds();
    lookup();
    paths();
    encoding();
    arena_free(&arena);
    return done();
}
