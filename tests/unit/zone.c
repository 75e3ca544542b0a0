/*
 * zone.h: days of 23 and 25 hours, midnights that do not exist, months that
 * end early, the far future, and names that are no zones. The expected
 * instants are written as RFC 3339, as one would look them up.
 */
#include "zone.h"

#include <pthread.h>

#include "tap.h"

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

extern char **environ;

int
main(void)
{
    static char *without[] = { NULL }; /* read again at exit */

    environ = without;
    offset();
    local_days();
    month_ends();
    no_gaps();
    names();
    return done();
}
