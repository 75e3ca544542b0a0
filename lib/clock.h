/*
 * The clocks, and times as text. Business code never asks for the time: it
 * is handed `now`, which serve.c and bin/scrip.c take from here once for an
 * operation. Sessions, tokens, rate limits, signatures and time-outs use the
 * system's clock; everything that moves credits uses the business clock,
 * which is the system's plus an offset that only the sandbox may set.
 */
#ifndef SCRIP_CLOCK_H
#define SCRIP_CLOCK_H

#include "base.h"

/* "2026-11-22T10:00:00.000Z" and its NUL. */
#define CLOCK_TEXT_SIZE 25

/* Milliseconds since 1970, from the system. */
int64_t clock_system_ms(void);
/* Milliseconds that only ever grow; for time-outs and durations. */
int64_t clock_monotonic_ms(void);

/* RFC 3339 in UTC with milliseconds; years 0000 to 9999, else clamped. */
void clock_format(char text[CLOCK_TEXT_SIZE], int64_t ms);
/* RFC 3339 in UTC: 'Z' and 'T', either in lower case too; a fraction of any
 * length, cut to ms. *ms is only set on success. False
 * for any other text, an impossible date, or a leap second. */
MUST_USE bool clock_parse(const char *text, int64_t *ms);

/* The proleptic Gregorian calendar; month 1 to 12, day 1 to 31. */
struct civil {
    int year;
    int month;
    int day;
};
/* Days since 1970-01-01, and back. */
int64_t clock_days(struct civil civil);
struct civil clock_civil(int64_t days);
int clock_month_days(int year, int month);
/* "2026-11-22" both ways; exactly ten characters and a real date. *days is
 * only set on success. */
void clock_format_date(char text[11], int64_t days);
MUST_USE bool clock_parse_date(const char *text, int64_t *days);

#endif
