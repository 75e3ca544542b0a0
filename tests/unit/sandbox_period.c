/*
 * Periods of a subscription: ends of months, leap years, the nights when
 * clocks change, and the part of a price that the rest of a period costs.
 */
#include "tap.h"

#include "clock.h"
#include "sandbox/period.h"

static int64_t
at(const char *text)
{
    int64_t ms = 0;

    ok(clock_parse(text, &ms), "%s is a time", text);
    return ms / SECOND_MS;
}

struct walk {
    const char *words;
    const char *anchor;
    const char *interval;
    int64_t count;
    const char *ends[13]; /* NULL after the last */
};

static const struct walk walks[] = {
    { "a year from 31 January",
      "2026-01-31T10:00:00Z",
      "month",
      1,
      { "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z",
        "2026-05-31T10:00:00Z", "2026-06-30T10:00:00Z", "2026-07-31T10:00:00Z",
        "2026-08-31T10:00:00Z", "2026-09-30T10:00:00Z", "2026-10-31T10:00:00Z",
        "2026-11-30T10:00:00Z", "2026-12-31T10:00:00Z", "2027-01-31T10:00:00Z",
        NULL } },
    { "from 31 January of a leap year",
      "2028-01-31T23:59:59Z",
      "month",
      1,
      { "2028-02-29T23:59:59Z", "2028-03-31T23:59:59Z", NULL } },
    { "years from 29 February",
      "2028-02-29T00:00:00Z",
      "year",
      1,
      { "2029-02-28T00:00:00Z", "2030-02-28T00:00:00Z", "2031-02-28T00:00:00Z",
        "2032-02-29T00:00:00Z", NULL } },
    { "2100 is no leap year",
      "2099-12-30T12:00:00Z",
      "month",
      2,
      { "2100-02-28T12:00:00Z", "2100-04-30T12:00:00Z", NULL } },
    { "over the night when clocks go forward",
      "2027-02-28T01:30:00Z",
      "month",
      1,
      { "2027-03-28T01:30:00Z", "2027-04-28T01:30:00Z", NULL } },
    { "over the night when they go back",
      "2027-09-30T01:30:00Z",
      "month",
      1,
      { "2027-10-30T01:30:00Z", "2027-11-30T01:30:00Z", NULL } },
    { "quarters",
      "2026-11-30T00:00:00Z",
      "month",
      3,
      { "2027-02-28T00:00:00Z", "2027-05-30T00:00:00Z", NULL } },
    { "weeks",
      "2026-12-28T08:00:00Z",
      "week",
      2,
      { "2027-01-11T08:00:00Z", "2027-01-25T08:00:00Z", NULL } },
    { "days",
      "2026-02-27T08:00:00Z",
      "day",
      1,
      { "2026-02-28T08:00:00Z", "2026-03-01T08:00:00Z", NULL } },
};

static void
try_walk(const struct walk *walk)
{
    int64_t anchor = at(walk->anchor);
    int64_t start = anchor;

    for (int i = 0; walk->ends[i] != NULL; i++) {
        int64_t wanted = at(walk->ends[i]);
        int64_t end = period_end(anchor, start, walk->interval, walk->count);

        ok(end == wanted, "%s: %s", walk->words, walk->ends[i]);
        ok(period_end(anchor, end - 1, walk->interval, walk->count) == end,
           "%s: a second before it, it is still the next", walk->words);
        start = end;
    }
}

static void
try_parts(void)
{
    static const struct {
        int64_t amount, left, all, part;
    } parts[] = {
        { 1000, 30, 30, 1000 },
        { 1000, 15, 30, 500 },
        { 1000, 0, 30, 0 },
        { 1000, 1, 3, 333 },
        { 1000, 2, 3, 667 },
        { 1, 1, 2, 1 },
        { 1, 1, 3, 0 },
        { 0, 7, 9, 0 },
        /* the largest price and quantity, over a year */
        { INT64_C(9999999900), 31622400, 31622400, INT64_C(9999999900) },
    };

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        ok(period_part(parts[i].amount, parts[i].left, parts[i].all) ==
               parts[i].part,
           "%lld/%lld of %lld is %lld", (long long)parts[i].left,
           (long long)parts[i].all, (long long)parts[i].amount,
           (long long)parts[i].part);
}

int
main(void)
{
    for (size_t i = 0; i < COUNT_OF(walks); i++)
        try_walk(&walks[i]);
    try_parts();
    return done();
}
