/*
 * text.h: what is UTF-8, how long it is, and what is a number.
 */
#include "text.h"

#include "tap.h"

static const struct {
    const char *name;
    const char *bytes;
    size_t length;
    int points; /* -1: not UTF-8 */
} texts[] = {
    { "nothing", "", 0, 0 },
    { "ASCII", "abc", 3, 3 },
    { "a NUL", "a\0b", 3, 3 },
    { "DEL", "\x7f", 1, 1 },
    { "U+0080, the first of two bytes", "\xc2\x80", 2, 1 },
    { "U+07FF, the last of two", "\xdf\xbf", 2, 1 },
    { "U+0800, the first of three", "\xe0\xa0\x80", 3, 1 },
    { "U+D7FF, before the surrogates", "\xed\x9f\xbf", 3, 1 },
    { "U+E000, behind them", "\xee\x80\x80", 3, 1 },
    { "U+FFFF, the last of three", "\xef\xbf\xbf", 3, 1 },
    { "U+10000, the first of four", "\xf0\x90\x80\x80", 4, 1 },
    { "U+10FFFF, the last of all", "\xf4\x8f\xbf\xbf", 4, 1 },
    { "an e with its accent apart", "e\xcc\x81", 3, 2 },
    { "a mixture", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", 11, 5 },
    { "a continuation alone", "\x80", 1, -1 },
    { "a byte FF", "\xff", 1, -1 },
    { "a byte FE", "\xfe", 1, -1 },
    { "a NUL in two bytes", "\xc0\x80", 2, -1 },
    { "a slash in two bytes", "\xc0\xaf", 2, -1 },
    { "U+007F in two bytes", "\xc1\xbf", 2, -1 },
    { "U+07FF in three bytes", "\xe0\x9f\xbf", 3, -1 },
    { "U+FFFF in four bytes", "\xf0\x8f\xbf\xbf", 4, -1 },
    { "U+D800, a surrogate", "\xed\xa0\x80", 3, -1 },
    { "U+DFFF, a surrogate", "\xed\xbf\xbf", 3, -1 },
    { "U+110000", "\xf4\x90\x80\x80", 4, -1 },
    { "a lead byte F5", "\xf5\x80\x80\x80", 4, -1 },
    { "five bytes", "\xf8\x88\x80\x80\x80", 5, -1 },
    { "two bytes, cut", "a\xc3", 2, -1 },
    { "three bytes, cut after two", "\xe2\x82", 2, -1 },
    { "four bytes, cut after three", "\xf0\x9f\x98", 3, -1 },
    { "a letter where a continuation should be", "\xe2\x82z", 3, -1 },
    { "a lead byte where one should be", "\xe2\xc3\xa9", 3, -1 },
    { "a fault behind what is good", "abc\xe2\x82\xac\xff", 7, -1 },
};

static void
utf8(void)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        /* memory that ends with the text: reading on would be seen */
        char *exact = malloc(texts[i].length + 1);
        char *at = exact + 1;

        if (exact == NULL)
            abort();
        memcpy(at, texts[i].bytes, texts[i].length);
        ok(text_is_utf8(at, texts[i].length) == (texts[i].points >= 0),
           "%s is%s UTF-8", texts[i].name, texts[i].points < 0 ? " not" : "");
        if (texts[i].points >= 0)
            is_int((int64_t)text_code_points(at, texts[i].length),
                   texts[i].points, "%s: its code points", texts[i].name);
        free(exact);
    }
}

/* All sequences of up to four bytes that begin a character, against the
 * definition: decode by shifting, and encode again. */
static size_t
encode(uint32_t point, unsigned char out[4])
{
    if (point < 0x80) {
        out[0] = (unsigned char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (unsigned char)(0xc0 | point >> 6);
        out[1] = (unsigned char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (unsigned char)(0xe0 | point >> 12);
        out[1] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (unsigned char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (unsigned char)(0xf0 | point >> 18);
    out[1] = (unsigned char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (unsigned char)(0x80 | (point & 0x3f));
    return 4;
}

static void
all_points(void)
{
    int64_t wrong = 0, pairs = 0;

    for (uint32_t point = 0; point < 0x1fffff; point++) {
        unsigned char out[4];
        size_t n = encode(point, out);
        bool fine = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);

        wrong += text_is_utf8((const char *)out, n) != fine;
        for (size_t cut = 1; cut < n; cut++)
            wrong += text_is_utf8((const char *)out, cut);
    }
    is_int(wrong, 0, "every code point, whole and cut");
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            char two[2] = { (char)a, (char)b };

            pairs += text_is_utf8(two, 2);
        }
    }
    is_int(pairs, 128 * 128 + 1920, "of all pairs of bytes as many as are");
}

static void
characters(void)
{
    is_int((int64_t)text_character("a\xff", 2), 1, "a letter is one byte");
    is_int((int64_t)text_character("\xe2\x82\xac", 4), 3,
           "a euro sign is three");
    is_int((int64_t)text_character("\xe2\x82\xac", 2), 0,
           "and none where it is cut");
    is_int((int64_t)text_character("\x80", 1), 0, "what is none has none");
    is_int((int64_t)text_character("a", 0), 0, "nor has nothing");
}

static void
fits(void)
{
    static const char e_acute[] = "\xc3\xa9\xc3\xa9\xc3\xa9";

    ok(text_fits(e_acute, 6, 3, 3), "length is counted in code points");
    ok(!text_fits(e_acute, 6, 4, 9), "too short is too short");
    ok(!text_fits(e_acute, 6, 0, 2), "too long is too long");
    ok(!text_fits("a\0b", 3, 0, 9), "a NUL does not fit");
    ok(!text_fits("\xff", 1, 0, 9), "what is not UTF-8 does not");
    ok(text_fits("", 0, 0, 0), "nothing fits nothing");
    ok(text_fits(NULL, 0, 0, 0), "also without an address");
    ok(text_printable_ascii("aZ09 ~!"), "printable ASCII, the space too");
    ok(text_printable_ascii(""), "nothing is printable");
    ok(!text_printable_ascii("a\tb"), "a tab is not");
    ok(!text_printable_ascii("a\x7f"), "DEL is not");
    ok(!text_printable_ascii("\xc3\xa9"), "and no letter beyond ASCII");
    ok(text_begins("sk_live_x", "sk_live_") && text_begins("a", "") &&
           !text_begins("sk_liv", "sk_live_"),
       "a beginning is found where there is one");
}

static const struct {
    const char *text;
    int64_t min, max, value;
    bool fine;
} numbers[] = {
    { "0", INT64_MIN, INT64_MAX, 0, true },
    { "7", INT64_MIN, INT64_MAX, 7, true },
    { "-7", INT64_MIN, INT64_MAX, -7, true },
    { "1000000000000", 1, INT64_C(1000000000000), 1000000000000, true },
    { "1000000000001", 1, INT64_C(1000000000000), 0, false },
    { "9007199254740993", INT64_MIN, INT64_MAX, 9007199254740993, true },
    { "9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX, true },
    { "-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN, true },
    { "9223372036854775808", INT64_MIN, INT64_MAX, 0, false },
    { "-9223372036854775809", INT64_MIN, INT64_MAX, 0, false },
    { "18446744073709551616", INT64_MIN, INT64_MAX, 0, false },
    { "18446744073709551617", INT64_MIN, INT64_MAX, 0, false },
    { "99999999999999999999999999", INT64_MIN, INT64_MAX, 0, false },
    { "1", 1, 100, 1, true },
    { "100", 1, 100, 100, true },
    { "0", 1, 100, 0, false },
    { "101", 1, 100, 0, false },
    { "-1", 1, 100, 0, false },
    { "", INT64_MIN, INT64_MAX, 0, false },
    { "-", INT64_MIN, INT64_MAX, 0, false },
    { "--1", INT64_MIN, INT64_MAX, 0, false },
    { "-0", INT64_MIN, INT64_MAX, 0, false },
    { "+1", INT64_MIN, INT64_MAX, 0, false },
    { "00", INT64_MIN, INT64_MAX, 0, false },
    { "01", INT64_MIN, INT64_MAX, 0, false },
    { "-01", INT64_MIN, INT64_MAX, 0, false },
    { " 1", INT64_MIN, INT64_MAX, 0, false },
    { "1 ", INT64_MIN, INT64_MAX, 0, false },
    { "1\n", INT64_MIN, INT64_MAX, 0, false },
    { "1.0", INT64_MIN, INT64_MAX, 0, false },
    { "1e3", INT64_MIN, INT64_MAX, 0, false },
    { "0x10", INT64_MIN, INT64_MAX, 0, false },
    { "2500abc", INT64_MIN, INT64_MAX, 0, false },
    { "1,000", INT64_MIN, INT64_MAX, 0, false },
    { "1_000", INT64_MIN, INT64_MAX, 0, false },
    { "\xd9\xa3", INT64_MIN, INT64_MAX, 0, false },     /* Arabic three */
    { "\xef\xbc\x93", INT64_MIN, INT64_MAX, 0, false }, /* fullwidth */
    { "1\xd9\xa3", INT64_MIN, INT64_MAX, 0, false },
    { "nan", INT64_MIN, INT64_MAX, 0, false },
};

static void
integers(void)
{
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int64_t value = 42;
        bool fine =
            text_int(numbers[i].text, numbers[i].min, numbers[i].max, &value);

        ok(fine == numbers[i].fine && value == (fine ? numbers[i].value : 42),
           "\"%s\" is %s from %" PRId64 " to %" PRId64, numbers[i].text,
           numbers[i].fine ? "a number" : "no number", numbers[i].min,
           numbers[i].max);
    }
}

int
main(void)
{
    utf8();
    all_points();
    characters();
    fits();
    integers();
    return done();
}
