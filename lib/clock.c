/*
 * The clocks and the calendar, in integers. No libc function that knows time
 * zones or locales is used, and no leap second exists here: a day has 86,400
 * seconds, as POSIX and RFC 3339 with UNIX times have it.
 */
#include "clock.h"

#include <time.h>

#define DAYS_OF_400_YEARS 146097
/* From 0000-03-01, where the cycle begins, to 1970-01-01. */
#define DAYS_TO_1970 719468
/* 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z. */
#define FORMAT_FIRST INT64_C(-62167219200000)
#define FORMAT_LAST  INT64_C(253402300799999)

static int64_t
clock_ms(clockid_t which)
{
    struct timespec t;

    if (clock_gettime(which, &t) != 0)
        abort();
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_system_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

int64_t
clock_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/*
 * Years are counted from March here, so that the leap day is a year's last:
 * the months then begin at (153 m + 2) / 5 days, m being 0 in March.
 */
int64_t
clock_days(struct civil civil)
{
    int64_t year = (int64_t)civil.year - (civil.month <= 2);
    int64_t era = floor_div(year, 400);
    int64_t of_era = year - era * 400;
    int month = civil.month > 2 ? civil.month - 3 : civil.month + 9;
    int64_t of_year = (153 * month + 2) / 5 + civil.day - 1;
    int64_t day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    assert(civil.month >= 1 && civil.month <= 12);
    return era * DAYS_OF_400_YEARS + day - DAYS_TO_1970;
}

struct civil
clock_civil(int64_t days)
{
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = floor_div(shifted, DAYS_OF_400_YEARS);
    int64_t of_era = shifted - era * DAYS_OF_400_YEARS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
                    of_era / (DAYS_OF_400_YEARS - 1)) /
                   365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct civil civil;

    civil.day = (int)(of_year - (153 * month + 2) / 5 + 1);
    civil.month = (int)(month < 10 ? month + 3 : month - 9);
    civil.year = (int)(year + era * 400 + (civil.month <= 2));
    return civil;
}

int
clock_month_days(int year, int month)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    assert(month >= 1 && month <= 12);
    return month == 2 && leap ? 29 : days[month - 1];
}

static void
put_digits(char *text, int count, int64_t value)
{
    for (int i = count - 1; i >= 0; i--) {
        text[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Exactly `count` ASCII digits; -1 where there is anything else. */
static int
take_digits(const char *text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

void
clock_format(char text[CLOCK_TEXT_SIZE], int64_t ms)
{
    int64_t in = min_i64(max_i64(ms, FORMAT_FIRST), FORMAT_LAST);
    int64_t days = floor_div(in, DAY_MS);
    int64_t of_day = in - days * DAY_MS;

    clock_format_date(text, days);
    memcpy(text + 10, "T00:00:00.000Z", 15);
    put_digits(text + 11, 2, of_day / HOUR_MS);
    put_digits(text + 14, 2, of_day / MINUTE_MS % 60);
    put_digits(text + 17, 2, of_day / SECOND_MS % 60);
    put_digits(text + 20, 3, of_day % SECOND_MS);
}

void
clock_format_date(char text[11], int64_t days)
{
    int64_t in = min_i64(max_i64(days, floor_div(FORMAT_FIRST, DAY_MS)),
                         FORMAT_LAST / DAY_MS);
    struct civil civil = clock_civil(in);

    memcpy(text, "0000-00-00", 11);
    put_digits(text, 4, civil.year);
    put_digits(text + 5, 2, civil.month);
    put_digits(text + 8, 2, civil.day);
}

/* The ten characters of a date. Reads no further than the first that is
 * wrong, so never past the text's NUL. */
static bool
take_date(const char *text, int64_t *days)
{
    struct civil civil;

    if ((civil.year = take_digits(text, 4)) < 0 || text[4] != '-' ||
        (civil.month = take_digits(text + 5, 2)) < 1 || civil.month > 12 ||
        text[7] != '-' || (civil.day = take_digits(text + 8, 2)) < 1 ||
        civil.day > clock_month_days(civil.year, civil.month))
        return false;
    *days = clock_days(civil);
    return true;
}

bool
clock_parse_date(const char *text, int64_t *days)
{
    int64_t taken;

    if (!take_date(text, &taken) || text[10] != '\0')
        return false;
    *days = taken;
    return true;
}

/* ".123456" to milliseconds, cut; *text is left behind it. */
static bool
take_fraction(const char **text, int *ms)
{
    const char *at = *text;
    int weight = 100;

    *ms = 0;
    if (*at != '.')
        return true;
    at++;
    if (*at < '0' || *at > '9')
        return false;
    for (; *at >= '0' && *at <= '9'; at++) {
        *ms += (*at - '0') * weight;
        weight /= 10;
    }
    *text = at;
    return true;
}

bool
clock_parse(const char *text, int64_t *ms)
{
    int64_t days;
    int hour, minute, second, fraction;
    const char *at;

    if (!take_date(text, &days) || (text[10] != 'T' && text[10] != 't') ||
        (hour = take_digits(text + 11, 2)) < 0 || hour > 23 ||
        text[13] != ':' || (minute = take_digits(text + 14, 2)) < 0 ||
        minute > 59 || text[16] != ':' ||
        (second = take_digits(text + 17, 2)) < 0 || second > 59)
        return false;
    at = text + 19;
    if (!take_fraction(&at, &fraction) || (*at != 'Z' && *at != 'z') ||
        at[1] != '\0')
        return false;
    *ms = days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS +
          second * SECOND_MS + fraction;
    return true;
}
