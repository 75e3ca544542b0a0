/*
 * The calendar of billing. Every end is computed from the anchor, never from
 * the end before it, so that a short month does not shorten all that follow.
 */
#include "period.h"

#include "clock.h"

#define DAY_S (DAY_MS / SECOND_MS)

/* The anchor, so many months later. */
static int64_t
months_after(int64_t anchor_s, int64_t months)
{
    int64_t day = anchor_s / DAY_S;
    struct civil civil = clock_civil(day);
    int64_t month = civil.month - 1 + months;
    int last;

    civil.year += (int)(month / 12);
    civil.month = (int)(month % 12) + 1;
    last = clock_month_days(civil.year, civil.month);
    civil.day = civil.day > last ? last : civil.day;
    return clock_days(civil) * DAY_S + anchor_s % DAY_S;
}

static int64_t
month_of(int64_t s)
{
    struct civil civil = clock_civil(s / DAY_S);

    return (int64_t)civil.year * 12 + civil.month;
}

int64_t
period_end(int64_t anchor_s, int64_t start_s, const char *interval,
           int64_t count)
{
    bool by_days =
        strcmp(interval, "day") == 0 || strcmp(interval, "week") == 0;
    int64_t step, k;

    if (by_days) {
        step = count * DAY_S * (strcmp(interval, "week") == 0 ? 7 : 1);
        return anchor_s + ((start_s - anchor_s) / step + 1) * step;
    }
    step = count * (strcmp(interval, "year") == 0 ? 12 : 1);
    k = max_i64(0, (month_of(start_s) - month_of(anchor_s)) / step);
    while (months_after(anchor_s, k * step) <= start_s)
        k++;
    return months_after(anchor_s, k * step);
}

int64_t
period_part(int64_t amount, int64_t left_s, int64_t all_s)
{
    return (amount * left_s + all_s / 2) / all_s;
}
