/*
 * zone.h: days of 23 and 25 hours, midnights that do not exist, months that
 * end early, the far future, and files that are not what they say. The
 * expected instants are written as RFC 3339, as one would look them up.
 */
#include "zone.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "tzif.h"

static int64_t
at(const char *text)
{
    int64_t ms;

    if (!clock_parse(text, &ms)) {
        fprintf(stderr, "the test is wrong: %s\n", text);
        abort();
    }
    return ms;
}

static int64_t
day_of(const char *text)
{
    int64_t day;

    if (!clock_parse_date(text, &day)) {
        fprintf(stderr, "the test is wrong: %s\n", text);
        abort();
    }
    return day;
}

static const char *
shown(int64_t ms)
{
    static char text[4][CLOCK_TEXT_SIZE];
    static int turn;

    turn = (turn + 1) % 4;
    clock_format(text[turn], ms);
    return text[turn];
}

static const struct {
    const char *zone;
    const char *time;
    int minutes;
} offsets[] = {
    { "UTC", "1900-01-01T00:00:00Z", 0 },
    { "UTC", "2500-07-01T00:00:00Z", 0 },
    { "Etc/GMT+5", "2026-07-01T00:00:00Z", -300 },
    { "Europe/London", "2026-01-15T12:00:00Z", 0 },
    { "Europe/London", "2026-07-15T12:00:00Z", 60 },
    { "Europe/London", "2026-03-29T00:59:59.999Z", 0 },
    { "Europe/London", "2026-03-29T01:00:00Z", 60 },
    { "Europe/London", "2026-10-25T00:59:59.999Z", 60 },
    { "Europe/London", "2026-10-25T01:00:00Z", 0 },
    { "Europe/London", "1969-07-01T00:00:00Z", 60 },
    { "Europe/London", "1969-12-31T23:59:59.999Z", 60 },
    { "Europe/London", "2037-07-15T00:00:00Z", 60 },
    { "Europe/London", "2038-07-15T00:00:00Z", 60 },
    { "Europe/London", "2100-01-01T00:00:00Z", 0 },
    { "Europe/London", "2100-03-28T00:59:59.999Z", 0 },
    { "Europe/London", "2100-03-28T01:00:00Z", 60 },
    { "Europe/London", "2100-10-31T01:00:00Z", 0 },
    { "Europe/London", "9999-07-01T00:00:00Z", 60 },
    { "Pacific/Auckland", "2026-01-15T00:00:00Z", 780 },
    { "Pacific/Auckland", "2026-07-15T00:00:00Z", 720 },
    { "Pacific/Auckland", "2026-04-04T13:59:59.999Z", 780 },
    { "Pacific/Auckland", "2026-04-04T14:00:00Z", 720 },
    { "Pacific/Auckland", "2099-12-31T23:59:59.999Z", 780 },
    { "Pacific/Auckland", "2100-01-01T00:00:00Z", 780 },
    { "Pacific/Auckland", "2100-07-01T00:00:00Z", 720 },
    { "America/New_York", "2026-03-08T06:59:59.999Z", -300 },
    { "America/New_York", "2026-03-08T07:00:00Z", -240 },
    { "America/New_York", "2026-11-01T05:59:59.999Z", -240 },
    { "America/New_York", "2026-11-01T06:00:00Z", -300 },
    { "America/New_York", "2100-07-04T00:00:00Z", -240 },
    { "America/St_Johns", "2026-01-01T00:00:00Z", -210 },
    { "Asia/Kathmandu", "2026-01-01T00:00:00Z", 345 },
    { "Australia/Lord_Howe", "2026-01-01T00:00:00Z", 660 },
    { "Australia/Lord_Howe", "2026-07-01T00:00:00Z", 630 },
    { "Pacific/Kiritimati", "2026-01-01T00:00:00Z", 840 },
    { "Pacific/Pago_Pago", "2026-01-01T00:00:00Z", -660 },
    { "America/Nuuk", "2050-03-27T00:59:59Z", -120 },
    { "America/Nuuk", "2050-03-27T01:00:00Z", -60 },
};

static void
offset(void)
{
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        const struct zone *zone = zone_find(offsets[i].zone);

        if (!ok(zone != NULL, "%s is known", offsets[i].zone))
            continue;
        is_int(zone_offset_s(zone, at(offsets[i].time)),
               offsets[i].minutes * 60, "%s at %s", offsets[i].zone,
               offsets[i].time);
    }
}

/* A local day: its first instant, and how long it is. */
static const struct {
    const char *name;
    const char *zone;
    const char *day;
    const char *start;
    int minutes;
} days[] = {
    { "a usual day", "UTC", "2026-11-22", "2026-11-22T00:00:00.000Z", 1440 },
    { "a leap day", "UTC", "2028-02-29", "2028-02-29T00:00:00.000Z", 1440 },
    { "a winter's day", "Europe/London", "2026-01-15",
      "2026-01-15T00:00:00.000Z", 1440 },
    { "a summer's day", "Europe/London", "2026-07-15",
      "2026-07-14T23:00:00.000Z", 1440 },
    { "23 hours", "Europe/London", "2026-03-29", "2026-03-29T00:00:00.000Z",
      1380 },
    { "25 hours", "Europe/London", "2026-10-25", "2026-10-24T23:00:00.000Z",
      1500 },
    { "23 hours", "America/New_York", "2026-03-08", "2026-03-08T05:00:00.000Z",
      1380 },
    { "25 hours", "America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z",
      1500 },
    { "25 hours", "Pacific/Auckland", "2026-04-05", "2026-04-04T11:00:00.000Z",
      1500 },
    { "23 hours", "Pacific/Auckland", "2026-09-27", "2026-09-26T12:00:00.000Z",
      1380 },
    { "23 hours in 2100", "Europe/London", "2100-03-28",
      "2100-03-28T00:00:00.000Z", 1380 },
    { "23 and a half hours", "Australia/Lord_Howe", "2026-10-04",
      "2026-10-03T13:30:00.000Z", 1410 },
    { "no midnight", "America/Sao_Paulo", "2018-11-04",
      "2018-11-04T03:00:00.000Z", 1380 },
    { "no midnight either", "Asia/Beirut", "2026-03-29",
      "2026-03-28T22:00:00.000Z", 1380 },
    { "midnight twice, the second an hour before the next day",
      "America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00.000Z", 1500 },
    { "the day before one that was left out", "Pacific/Apia", "2011-12-29",
      "2011-12-29T10:00:00.000Z", 1440 },
    { "a day that was left out", "Pacific/Apia", "2011-12-30",
      "2011-12-30T10:00:00.000Z", 0 },
    { "the day after it", "Pacific/Apia", "2011-12-31",
      "2011-12-30T10:00:00.000Z", 1440 },
    { "a day lived twice", "Pacific/Kwajalein", "1969-09-30",
      "1969-09-29T13:00:00.000Z", 2820 },
};

static void
local_days(void)
{
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        const struct zone *zone = zone_find(days[i].zone);
        int64_t day = day_of(days[i].day);
        int64_t start = zone_day_start_ms(zone, day);
        int64_t next = zone_day_start_ms(zone, day + 1);

        is_text(shown(start), days[i].start, "%s %s begins (%s)", days[i].zone,
                days[i].day, days[i].name);
        is_int((next - start) / MINUTE_MS, days[i].minutes,
               "%s %s: its minutes (%s)", days[i].zone, days[i].day,
               days[i].name);
        if (days[i].minutes == 0)
            continue;
        ok(zone_day(zone, start) == day && zone_day(zone, next - 1) == day &&
               zone_day(zone, start - 1) < day &&
               zone_day(zone, next) ==
                   day + 1 + (zone_day_start_ms(zone, day + 2) == next),
           "%s %s: its first and last instants are of it", days[i].zone,
           days[i].day);
    }
}

static const struct {
    const char *name;
    const char *zone;
    const char *anchor;
    int months;
    const char *then;
} months[] = {
    { "no month", "UTC", "2026-01-31T10:20:30.456Z", 0,
      "2026-01-31T10:20:30.456Z" },
    { "31 Jan and one", "UTC", "2026-01-31T10:20:30.456Z", 1,
      "2026-02-28T10:20:30.456Z" },
    { "31 Jan and two", "UTC", "2026-01-31T10:20:30.456Z", 2,
      "2026-03-31T10:20:30.456Z" },
    { "31 Jan and three", "UTC", "2026-01-31T10:20:30.456Z", 3,
      "2026-04-30T10:20:30.456Z" },
    { "31 Jan in a leap year", "UTC", "2028-01-31T00:00:00.000Z", 1,
      "2028-02-29T00:00:00.000Z" },
    { "30 Jan and one", "UTC", "2027-01-30T00:00:00.000Z", 1,
      "2027-02-28T00:00:00.000Z" },
    { "a leap day and a year", "UTC", "2028-02-29T00:00:00.000Z", 12,
      "2029-02-28T00:00:00.000Z" },
    { "a leap day and four years", "UTC", "2028-02-29T00:00:00.000Z", 48,
      "2032-02-29T00:00:00.000Z" },
    { "2100 is no leap year", "UTC", "2099-12-31T23:59:59.999Z", 2,
      "2100-02-28T23:59:59.999Z" },
    { "over the year's end", "UTC", "2026-11-30T00:00:00.000Z", 3,
      "2027-02-28T00:00:00.000Z" },
    { "a month back", "UTC", "2026-03-31T00:00:00.000Z", -1,
      "2026-02-28T00:00:00.000Z" },
    { "a year and a month back", "UTC", "2026-01-15T00:00:00.000Z", -13,
      "2024-12-15T00:00:00.000Z" },
    { "before 1970", "UTC", "1970-01-31T00:00:00.000Z", -2,
      "1969-11-30T00:00:00.000Z" },
    { "the local time of day stays, into summer", "Europe/London",
      "2026-03-15T09:00:00.000Z", 1, "2026-04-15T08:00:00.000Z" },
    { "and out of it", "Europe/London", "2026-10-15T08:00:00.000Z", 1,
      "2026-11-15T09:00:00.000Z" },
    { "the local date counts, not UTC's: 1 Feb is 31 Jan", "America/New_York",
      "2026-02-01T03:00:00.000Z", 1, "2026-03-01T03:00:00.000Z" },
    { "and 31 Jan is 1 Feb", "Pacific/Auckland", "2026-01-31T12:00:00.000Z", 1,
      "2026-02-28T12:00:00.000Z" },
    { "a local time that does not exist moves on by the gap", "Europe/London",
      "2026-02-28T01:30:00.000Z", 1, "2026-03-28T01:30:00.000Z" },
    { "1:30 on the short day is 2:30", "Europe/London",
      "2026-01-29T01:30:00.000Z", 2, "2026-03-29T01:30:00.000Z" },
    { "2:30 on New York's short day is 3:30", "America/New_York",
      "2026-02-08T07:30:00.000Z", 1, "2026-03-08T07:30:00.000Z" },
    { "midnight on a day without one is 1:00", "America/Sao_Paulo",
      "2018-10-04T03:00:00.000Z", 1, "2018-11-04T03:00:00.000Z" },
    { "a local time that exists twice is the first", "Europe/London",
      "2026-09-25T00:30:00.000Z", 1, "2026-10-25T00:30:00.000Z" },
    { "also in New York", "America/New_York", "2026-10-01T05:30:00.000Z", 1,
      "2026-11-01T05:30:00.000Z" },
    { "a day left out moves on by a day", "Pacific/Apia",
      "2011-11-30T22:00:00.000Z", 1, "2011-12-30T22:00:00.000Z" },
    { "the far future", "Europe/London", "2026-01-31T12:00:00.000Z",
      12 * 74 + 5, "2100-06-30T11:00:00.000Z" },
};

static void
month_ends(void)
{
    for (size_t i = 0; i < COUNT_OF(months); i++) {
        const struct zone *zone = zone_find(months[i].zone);
        int64_t then =
            zone_add_months_ms(zone, at(months[i].anchor), months[i].months);

        is_text(shown(then), months[i].then, "%s and %d months in %s: %s",
                months[i].anchor, months[i].months, months[i].zone,
                months[i].name);
    }
}

/* Every day of sixty years in zones with odd habits: days follow each other
 * without a gap, and every instant near a boundary is of one of the two. */
static void
no_gaps(void)
{
    static const char *const names[] = {
        "Europe/London",     "Pacific/Auckland", "America/Sao_Paulo",
        "Africa/Casablanca", "Asia/Gaza",        "Australia/Lord_Howe"
    };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct zone *zone = zone_find(names[i]);
        int64_t from = day_of("2012-01-01"), wrong = 0;
        int64_t start = zone_day_start_ms(zone, from);

        for (int64_t day = from; day < from + 60 * 365; day++) {
            int64_t next = zone_day_start_ms(zone, day + 1);

            wrong += next - start < 22 * HOUR_MS ||
                     next - start > 26 * HOUR_MS ||
                     zone_day(zone, start) != day ||
                     zone_day(zone, next - 1) != day ||
                     zone_day(zone, start + 12 * HOUR_MS) != day;
            start = next;
        }
        is_int(wrong, 0, "%s: every day of sixty years", names[i]);
    }
}

/* -------------------------------------------------------- whatever names */

static const char *const no_names[] = {
    "",
    "Nowhere/Atlantis",
    "utc",
    "europe/london",
    "localtime",
    "posixrules",
    "posix/UTC",
    "right/UTC",
    "tzdata.zi",
    "zone1970.tab",
    "../../../etc/passwd",
    "Europe/../UTC",
    "Europe/./London",
    "/usr/share/zoneinfo/UTC",
    "Europe//London",
    "Europe/",
    "Europe",
    "UTC/",
    "UTC ",
    " UTC",
    "UTC\n",
    "UTC%00",
    "Europe/Lond\xc3\xb6n",
    "Europe\\London",
    "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

static void *
find_many(void *into)
{
    static const char *const names[] = { "Asia/Tokyo", "Asia/Seoul",
                                         "Asia/Dubai", "Asia/Manila" };
    const struct zone **found = into;

    for (int i = 0; i < 4; i++)
        found[i] = zone_find(names[i]);
    return NULL;
}

static void
names(void)
{
    const struct zone *found[8][4];
    pthread_t thread[8];
    bool same = true;

    for (size_t i = 0; i < COUNT_OF(no_names); i++)
        ok(zone_find(no_names[i]) == NULL, "\"%s\" is no zone", no_names[i]);
    ok(zone_find("UTC") != NULL && zone_find("UTC") == zone_find("UTC"),
       "a zone is read once");
    for (int i = 0; i < 8; i++) {
        if (pthread_create(&thread[i], NULL, find_many, found[i]) != 0)
            abort();
    }
    for (int i = 0; i < 8; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 4; j++)
            same = same && found[i][j] != NULL && found[i][j] == found[0][j];
    }
    ok(same, "eight threads at once get the same zones");
}

/* -------------------------------------------------------------- the rule */

struct file {
    uint8_t bytes[4096];
    size_t length;
};

static void
put(struct file *file, const void *bytes, size_t n)
{
    memcpy(file->bytes + file->length, bytes, n);
    file->length += n;
}

static void
put_int(struct file *file, int64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--) {
        uint8_t byte = (uint8_t)((uint64_t)value >> (8 * i));

        put(file, &byte, 1);
    }
}

static void
put_header(struct file *file, char version, int times, int types)
{
    static const char none[15] = "";

    put(file, "TZif", 4);
    put(file, &version, 1);
    put(file, none, 15);
    put_int(file, 0, 4);
    put_int(file, 0, 4);
    put_int(file, 0, 4);
    put_int(file, times, 4);
    put_int(file, types, 4);
    put_int(file, 4, 4);
}

/* A file with a table of one change, to `offset` at `when`, and a rule. */
static void
make_file(struct file *file, int64_t when, int offset, const char *rule)
{
    file->length = 0;
    put_header(file, '2', 0, 1);
    put(file, "\0\0\0\0\0\0LMT", 10);
    put_header(file, '2', 1, 2);
    put_int(file, when, 8);
    put(file, "\1", 1);
    put(file, "\0\0\0\0\0\0", 6);
    put_int(file, offset, 4);
    put(file, "\0\0LMT", 6);
    put(file, "\n", 1);
    put(file, rule, strlen(rule));
    put(file, "\n", 1);
}

static const struct {
    const char *name;
    const char *rule;
    bool fine;
} rules[] = {
    { "no rule", "", true },
    { "an offset alone", "UTC0", true },
    { "a name in brackets", "<-03>3", true },
    { "minutes and seconds", "ABC-5:45:30", true },
    { "weekdays", "GMT0BST,M3.5.0/1,M10.5.0", true },
    { "an offset of summer", "IST-1GMT0,M10.5.0,M3.5.0/1", true },
    { "days without the leap day", "AAA0BBB,J60/0,J365/23", true },
    { "days with it", "AAA0BBB,0/0,365/-1:30", true },
    { "the largest times", "AAA0BBB,M1.1.6/-167:59:59,M12.5.0/+167", true },
    { "no offset", "UTC", false },
    { "a short name", "AB0", false },
    { "a short name in brackets", "<+3>0", false },
    { "a name whose bracket is open", "<+03", false },
    { "25 hours", "UTC25", false },
    { "60 minutes", "UTC1:60", false },
    { "60 seconds", "UTC1:00:60", false },
    { "minutes that are missing", "UTC1:", false },
    { "summer without dates", "GMT0BST", false },
    { "summer without an end", "GMT0BST,M3.5.0", false },
    { "month 0", "GMT0BST,M0.5.0,M10.5.0", false },
    { "month 13", "GMT0BST,M13.5.0,M10.5.0", false },
    { "week 0", "GMT0BST,M3.0.0,M10.5.0", false },
    { "week 6", "GMT0BST,M3.6.0,M10.5.0", false },
    { "weekday 7", "GMT0BST,M3.5.7,M10.5.0", false },
    { "no weekday", "GMT0BST,M3.5,M10.5.0", false },
    { "day J0", "GMT0BST,J0,J365", false },
    { "day J366", "GMT0BST,J1,J366", false },
    { "day 366", "GMT0BST,0,366", false },
    { "168 hours", "GMT0BST,M3.5.0/168,M10.5.0", false },
    { "a time that is missing", "GMT0BST,M3.5.0/,M10.5.0", false },
    { "something behind it", "GMT0BST,M3.5.0,M10.5.0,", false },
    { "a space behind it", "UTC0 ", false },
    { "a number without end", "UTC00000000000000000000000000000001", true },
    { "a number too large", "UTC99999999999999999999", false },
    { "a rule without end",
      "AAA0BBB,M3.5.0/"
      "000000000000000000000000000000000000000000000000000000000000000000000"
      "00000000000000000000000000000000000000000000000001,M10.5.0",
      false },
};

static void
rule_texts(void)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct file file;
        struct tzif tzif;
        bool fine;

        make_file(&file, 0, 3600, rules[i].rule);
        fine = tzif_parse(&tzif, file.bytes, file.length);
        is_int(fine, rules[i].fine, "%s: %s", rules[i].name,
               rules[i].fine ? "a rule" : "refused");
        if (fine)
            tzif_free(&tzif);
    }
}

/* ------------------------------------------------------- zones of our own */

static char folder[] = "/tmp/scrip-zone-XXXXXX";

static void
write_file(const char *name, const void *bytes, size_t length)
{
    char path[200];
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    out = fopen(path, "wb");
    if (out == NULL || fwrite(bytes, 1, length, out) != length ||
        fclose(out) != 0)
        abort();
}

static const struct {
    const char *name;
    const char *rule;
    const char *time;
    int minutes;
} ruled[] = {
    { "before the table the first kind holds", "AAA-2", "1960-01-01T00:00:00Z",
      0 },
    { "behind it the rule does", "AAA-2", "1980-01-01T00:00:00Z", 120 },
    { "without one the last change goes on", "", "2100-01-01T00:00:00Z", 60 },
    { "summer all year, in July", "AAA0BBB,0/0,J365/25", "2030-07-01T00:00:00Z",
      60 },
    { "summer all year, at New Year", "AAA0BBB,0/0,J365/25",
      "2030-01-01T00:00:00Z", 60 },
    { "summer all year, just before it", "AAA0BBB,0/0,J365/25",
      "2029-12-31T23:59:59.999Z", 60 },
    { "summer over New Year, in December", "AAA0BBB,J300/0,J60/0",
      "2029-12-31T23:59:59.999Z", 60 },
    { "summer over New Year, in January", "AAA0BBB,J300/0,J60/0",
      "2030-01-01T00:00:00Z", 60 },
    { "its end: J60 is 1 March in a leap year", "AAA0BBB,J300/0,J60/0",
      "2028-02-29T22:59:59Z", 60 },
    { "and then it is over", "AAA0BBB,J300/0,J60/0", "2028-02-29T23:00:00Z",
      0 },
    { "day 59 is 29 February in a leap year", "AAA0BBB,59/0,J300/0",
      "2028-02-29T00:00:00Z", 60 },
    { "and 1 March in others", "AAA0BBB,59/0,J300/0", "2027-02-28T23:59:59Z",
      0 },
    { "a time below zero lies in the day before", "AAA0BBB,M6.1.1/-1,J300/0",
      "2026-05-31T22:59:59Z", 0 },
    { "and begins there", "AAA0BBB,M6.1.1/-1,J300/0", "2026-05-31T23:00:00Z",
      60 },
    { "a beginning that falls into the year before", "AAA0BBB,0/-24,J100/0",
      "2029-12-31T00:00:00Z", 60 },
    { "but not sooner", "AAA0BBB,0/-24,J100/0", "2029-12-30T23:59:59Z", 0 },
    { "an end that falls into the next year", "AAA0BBB,J300/0,J365/48",
      "2030-01-01T22:59:59Z", 60 },
    { "but not later", "AAA0BBB,J300/0,J365/48", "2030-01-01T23:00:00Z", 0 },
    { "week 5 is the fourth where there are four", "AAA0BBB,M2.5.1/0,J300/0",
      "2026-02-23T00:00:00Z", 60 },
    { "and the fifth where there are five", "AAA0BBB,M3.5.1/0,J300/0",
      "2026-03-29T23:59:59Z", 0 },
    { "from then on", "AAA0BBB,M3.5.1/0,J300/0", "2026-03-30T00:00:00Z", 60 },
};

static void
own_zones(void)
{
    for (size_t i = 0; i < COUNT_OF(ruled); i++) {
        char name[20];
        struct file file;
        const struct zone *zone;

        make_file(&file, 0, 3600, ruled[i].rule);
        (void)snprintf(name, sizeof(name), "Own%zu", i);
        write_file(name, file.bytes, file.length);
        zone = zone_find(name);
        if (ok(zone != NULL, "a zone with the rule \"%s\"", ruled[i].rule))
            is_int(zone_offset_s(zone, at(ruled[i].time)),
                   ruled[i].minutes * 60, "%s", ruled[i].name);
    }
    ok(zone_find("Europe/Paris") == NULL,
       "where a folder is set no other is looked at");
}

/* --------------------------------------------------------- damaged files */

static void
cut_files(const struct file *whole)
{
    int taken = 0;

    for (size_t n = 0; n < whole->length; n++) {
        uint8_t *exact = malloc(n + 1);
        struct tzif tzif;

        if (exact == NULL)
            abort();
        /* at the end of its memory: the sanitizer sees who reads on */
        memcpy(exact + 1, whole->bytes, n);
        if (tzif_parse(&tzif, exact + 1, n)) {
            taken++;
            tzif_free(&tzif);
        }
        free(exact);
    }
    is_int(taken, 0, "a file cut anywhere is refused");
}

/* Each byte set to each value: taken or not, but never read past, and what
 * is taken answers. */
static void
changed_files(const struct file *whole)
{
    int64_t taken = 0, refused = 0, wild = 0;

    for (size_t i = 0; i < whole->length; i++) {
        for (int value = 0; value < 256; value++) {
            struct file copy = *whole;
            struct tzif tzif;

            copy.bytes[i] = (uint8_t)value;
            if (!tzif_parse(&tzif, copy.bytes, copy.length)) {
                refused++;
                continue;
            }
            taken++;
            for (int j = 0; j < tzif.count; j++)
                wild += tzif.offset_s[j] < -26 * 3600 ||
                        tzif.offset_s[j] > 26 * 3600;
            wild += tzif.rule_s < -26 * 3600 || tzif.rule_s > 26 * 3600;
            tzif_free(&tzif);
        }
    }
    ok(refused > taken && taken > 0,
       "of changed files some are refused, some are others");
    is_int(wild, 0, "and no offset is beyond a day and two hours");
}

static const struct {
    const char *name;
    size_t at; /* in the file of make_file() */
    const char *bytes;
    size_t n;
} damages[] = {
    { "another magic", 0, "TZxx", 4 },
    { "version 1", 4, "\0", 1 },
    { "version 1 in the second header", 54 + 4, "\0", 1 },
    { "counts that are negative", 54 + 32, "\xff\xff\xff\xff", 4 },
    { "counts that are huge", 54 + 32, "\x7f\xff\xff\xff", 4 },
    { "huge counts in the first header", 32, "\x7f\xff\xff\xff", 4 },
    { "no kind of time", 54 + 36, "\0\0\0\0", 4 },
    { "leap seconds", 54 + 28, "\0\0\0\1", 4 },
    { "a change to a kind that is none", 98 + 8, "\2", 1 },
    { "an offset of 27 hours", 98 + 9 + 6, "\0\1\x7b\xb4", 4 },
    { "an offset of -27 hours", 98 + 9, "\xff\xfe\x84\x4c", 4 },
};

static void
damaged(void)
{
    struct file whole;
    struct tzif tzif;

    make_file(&whole, 0, 3600, "GMT0BST,M3.5.0/1,M10.5.0");
    ok(tzif_parse(&tzif, whole.bytes, whole.length), "a file as it should be");
    is_int(tzif.offset_s[0], 3600, "has its offset");
    tzif_free(&tzif);
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        struct file copy = whole;

        memcpy(copy.bytes + damages[i].at, damages[i].bytes, damages[i].n);
        ok(!tzif_parse(&tzif, copy.bytes, copy.length), "%s is refused",
           damages[i].name);
    }
    cut_files(&whole);
    changed_files(&whole);
    whole.length = 0;
    put_header(&whole, '2', 0, 1);
    put(&whole, "\0\0\0\0\0\0LMT", 10);
    put_header(&whole, '2', 2, 1);
    put_int(&whole, 1000, 8);
    put_int(&whole, 1000, 8);
    put(&whole, "\0\0", 2);
    put(&whole, "\0\0\0\0\0\0LMT\0\n\n", 12);
    ok(!tzif_parse(&tzif, whole.bytes, whole.length),
       "changes out of order are refused");
}

/* Files as they lie in a folder. */
static void
odd_files(void)
{
    static char large[70000];
    struct file whole;
    char path[200];

    make_file(&whole, 0, 3600, "UTC0");
    write_file("Empty", "", 0);
    ok(zone_find("Empty") == NULL, "an empty file is no zone");
    write_file("Short", whole.bytes, whole.length - 1);
    ok(zone_find("Short") == NULL, "a cut file is no zone");
    write_file("Short", whole.bytes, whole.length);
    ok(zone_find("Short") != NULL, "once it is repaired it is one");
    memcpy(large, whole.bytes, whole.length);
    write_file("Large", large, sizeof(large));
    ok(zone_find("Large") == NULL, "a file over 64 KiB is no zone");
    (void)snprintf(path, sizeof(path), "%s/Pipe", folder);
    ok(mkfifo(path, 0600) == 0 && zone_find("Pipe") == NULL,
       "a pipe is no zone, and nobody waits for it");
    (void)snprintf(path, sizeof(path), "%s/Folder", folder);
    ok(mkdir(path, 0700) == 0 && zone_find("Folder") == NULL,
       "a folder is none");
}

static void
clean_up(void)
{
    static const char *const left[] = { "Empty", "Short", "Large", "Pipe" };
    char path[200];

    for (size_t i = 0; i < COUNT_OF(ruled); i++) {
        (void)snprintf(path, sizeof(path), "%s/Own%zu", folder, i);
        (void)unlink(path);
    }
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, left[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s/Folder", folder);
    (void)rmdir(path);
    is_int(rmdir(folder), 0, "nothing is left behind");
}

extern char **environ;

int
main(void)
{
    char own[100];
    char *with[] = { own, NULL };
    char *without[] = { NULL };

    environ = without;
    offset();
    local_days();
    month_ends();
    no_gaps();
    names();
    rule_texts();
    damaged();
    if (mkdtemp(folder) == NULL)
        abort();
    (void)snprintf(own, sizeof(own), "SCRIP_ZONEINFO=%s", folder);
    environ = with;
    own_zones();
    odd_files();
    clean_up();
    return done();
}
