/*
 * clock.h: the calendar both ways over all of its days, and the times that
 * callers send: what is one, what is none.
 */
#include "clock.h"

#include "tap.h"

static const struct {
    const char *text;
    int64_t ms;
} times[] = {
    { "1970-01-01T00:00:00Z", 0 },
    { "1970-01-01T00:00:00.001Z", 1 },
    { "1969-12-31T23:59:59.999Z", -1 },
    { "2026-11-22T10:00:00.000Z", 1795341600000 },
    { "2026-11-22t10:00:00z", 1795341600000 },
    { "2026-11-22T10:00:00.5Z", 1795341600500 },
    { "2026-11-22T10:00:00.12Z", 1795341600120 },
    { "2026-11-22T10:00:00.9999999999999999999999Z", 1795341600999 },
    { "2026-11-22T10:00:00.0009Z", 1795341600000 },
    { "2000-02-29T00:00:00Z", 951782400000 },
    { "2024-02-29T23:59:59.999Z", 1709251199999 },
    { "2038-01-19T03:14:08Z", 2147483648000 },
    { "2100-03-01T00:00:00Z", 4107542400000 },
    { "0000-01-01T00:00:00Z", -62167219200000 },
    { "0000-02-29T00:00:00Z", -62162121600000 },
    { "9999-12-31T23:59:59.999Z", 253402300799999 },
};

static const char *const no_times[] = {
    "",
    "2026",
    "2026-11-22",
    "2026-11-22T10:00:00",
    "2026-11-22T10:00Z",
    "2026-11-22T10Z",
    "2026-11-22 10:00:00Z",
    "2026-11-22T10:00:00+00:00",
    "2026-11-22T10:00:00-00:00",
    "2026-11-22T10:00:00+01:00",
    "2026-11-22T10:00:00.Z",
    "2026-11-22T10:00:00,5Z",
    "2026-11-22T10:00:00.5",
    "2026-11-22T10:00:00.5 Z",
    "2026-11-22T10:00:00ZZ",
    "2026-11-22T10:00:00Z ",
    " 2026-11-22T10:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T10:60:00Z",
    "2016-12-31T23:59:60Z",
    "2026-11-22T10:00:61Z",
    "2026-00-22T10:00:00Z",
    "2026-13-22T10:00:00Z",
    "2026-11-00T10:00:00Z",
    "2026-11-31T10:00:00Z",
    "2026-02-29T10:00:00Z",
    "2100-02-29T10:00:00Z",
    "1900-02-29T10:00:00Z",
    "2026-1-22T10:00:00Z",
    "2026-11-2T10:00:00Z",
    "26-11-22T10:00:00Z",
    "12026-11-22T10:00:00Z",
    "+2026-11-22T10:00:00Z",
    "-026-11-22T10:00:00Z",
    "2026/11/22T10:00:00Z",
    "20261122T100000Z",
    "2026-11-22T1:00:00Z",
    "2026-11-22T-1:00:00Z",
    "2026-11-22T+1:00:00Z",
    "2026-11-22T10:00:0xZ",
    "2026-11-22T10:00:0:Z", /* next to the digits: ':' is behind nine */
    "2026-11-22T10:00:1/Z", /* and '/' before zero */
    "2026-11-2/T10:00:00Z",
    "2026-0:-22T10:00:00Z",
    "202:-11-22T10:00:00Z",
    "2026-11-22T10:00:00.:Z",
    "2026-11-22T10:00:00.5/Z",
    "2026-W47-7T10:00:00Z",
    "2026-326T10:00:00Z",
    "1795341600000",
    "now",
    "\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6-11-22T10:00:00Z", /* Arabic digits */
    "\xef\xbc\x92"
    "026-11-22T10:00:00Z", /* a fullwidth two */
};

static void
parsing(void)
{
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        int64_t ms = 42;

        ok(clock_parse(times[i].text, &ms), "%s is a time", times[i].text);
        is_int(ms, times[i].ms, "%s is the right one", times[i].text);
    }
    for (size_t i = 0; i < COUNT_OF(no_times); i++) {
        int64_t ms = 42;

        ok(!clock_parse(no_times[i], &ms), "\"%s\" is none", no_times[i]);
        is_int(ms, 42, "and nothing is set");
    }
}

/* Every beginning of a time, in memory that ends with it: the sanitizer
 * sees a reader that runs past the end. */
static void
cut_short(void)
{
    static const char whole[] = "2026-11-22T10:00:00.000Z";
    bool refused = true;

    for (size_t n = 0; n < sizeof(whole) - 1; n++) {
        char *cut = malloc(n + 1);
        int64_t ms;

        if (cut == NULL)
            abort();
        memcpy(cut, whole, n);
        cut[n] = '\0';
        refused = refused && !clock_parse(cut, &ms);
        if (n != 10)
            refused = refused && !clock_parse_date(cut, &ms);
        free(cut);
    }
    ok(refused, "no beginning of a time is a time");
}

static const struct {
    int64_t ms;
    const char *text;
} formats[] = {
    { 0, "1970-01-01T00:00:00.000Z" },
    { -1, "1969-12-31T23:59:59.999Z" },
    { 1795341600007, "2026-11-22T10:00:00.007Z" },
    { 253402300799999, "9999-12-31T23:59:59.999Z" },
    { 253402300800000, "9999-12-31T23:59:59.999Z" },
    { NEVER_MS, "9999-12-31T23:59:59.999Z" },
    { INT64_MAX, "9999-12-31T23:59:59.999Z" },
    { -62167219200000, "0000-01-01T00:00:00.000Z" },
    { -62167219200001, "0000-01-01T00:00:00.000Z" },
    { INT64_MIN, "0000-01-01T00:00:00.000Z" },
};

static void
formatting(void)
{
    char text[CLOCK_TEXT_SIZE], date[11];
    int64_t day;

    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        clock_format(text, formats[i].ms);
        is_text(text, formats[i].text, "%" PRId64 " is written so",
                formats[i].ms);
    }
    clock_format_date(date, 20779);
    is_text(date, "2026-11-22", "a date is written so");
    clock_format_date(date, INT64_MAX);
    is_text(date, "9999-12-31", "a date beyond all is the last");
    clock_format_date(date, INT64_MIN);
    is_text(date, "0000-01-01", "or the first");
    ok(clock_parse_date("2026-11-22", &day) && day == 20779, "a date is read");
    ok(!clock_parse_date("2026-11-22T", &day) &&
           !clock_parse_date("2026-11-222", &day) &&
           !clock_parse_date("2026-02-30", &day) && !clock_parse_date("", &day),
       "and what is longer, shorter or impossible is not");
    is_int(day, 20779, "what is no date leaves what was there");
}

/* All days of the years 0000 to 9999, counted with nothing but the lengths
 * of months: an independent calendar. */
static void
calendar(void)
{
    int64_t day = clock_days((struct civil){ 0, 1, 1 });
    int64_t wrong = 0, ms = 0;
    char text[CLOCK_TEXT_SIZE];

    is_int(day, -719528, "the year 0000 begins 719,528 days before 1970");
    for (int year = 0; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            int length = month == 2 ? 28
                         : month == 4 || month == 6 || month == 9 || month == 11
                             ? 30
                             : 31;

            if (month == 2 &&
                ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
                length = 29;
            wrong += clock_month_days(year, month) != length;
            for (int of = 1; of <= length; of++, day++) {
                struct civil civil = clock_civil(day);

                wrong += civil.year != year || civil.month != month ||
                         civil.day != of || clock_days(civil) != day;
                if (of > 1)
                    continue;
                clock_format(text, day * DAY_MS + 1);
                wrong += !clock_parse(text, &ms) || ms != day * DAY_MS + 1;
            }
        }
    }
    is_int(wrong, 0, "every day of ten thousand years is right both ways");
    is_int(clock_civil(NEVER_MS / DAY_MS).year > 1000000, 1,
           "a time that never comes has a date too");
}

static void
clocks(void)
{
    int64_t before = clock_system_ms(), tick = clock_monotonic_ms();

    ok(before > INT64_C(1700000000000) && before < INT64_C(253402300799999),
       "the system's clock is in milliseconds");
    ok(clock_monotonic_ms() >= tick, "the other never goes back");
}

int
main(void)
{
    parsing();
    cut_short();
    formatting();
    calendar();
    clocks();
    return done();
}
