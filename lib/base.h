/*
 * What every file of Scrip stands on: integer types, attributes, the words
 * for "never" and "too long", and the functions that nobody may call.
 *
 * Credits, quantities and money are int64_t everywhere, money in minor
 * units. Times are milliseconds since 1970-01-01T00:00:00Z, named *_ms or
 * *_at. Nothing here allocates, and nothing here knows the business.
 */
#ifndef SCRIP_BASE_H
#define SCRIP_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The caller has to look at what comes back. */
#define MUST_USE               __attribute__((warn_unused_result))
#define NORETURN               __attribute__((noreturn))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A time that never comes; far enough from INT64_MAX to be added to. */
#define NEVER_MS INT64_C(4611686018427387904)

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

static inline int64_t
min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t
max_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/*
 * Banned: unbounded writes, hidden state, and whatever reads the locale or
 * the process-wide time zone. Use buf, arena, clock and zone instead.
 */
#define BANNED(name) banned_##name##_see_base_h
#undef sprintf
#undef vsprintf
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef strtok
#undef gets
#undef atoi
#undef atol
#undef atoll
#undef localtime
#undef gmtime
#undef asctime
#undef ctime
#undef mktime
#undef setlocale
#undef setenv
#undef putenv
#undef rand
#undef system
#define sprintf   BANNED(sprintf)
#define vsprintf  BANNED(vsprintf)
#define strcpy    BANNED(strcpy)
#define strcat    BANNED(strcat)
#define strncpy   BANNED(strncpy)
#define strncat   BANNED(strncat)
#define strtok    BANNED(strtok)
#define gets      BANNED(gets)
#define atoi      BANNED(atoi)
#define atol      BANNED(atol)
#define atoll     BANNED(atoll)
#define localtime BANNED(localtime)
#define gmtime    BANNED(gmtime)
#define asctime   BANNED(asctime)
#define ctime     BANNED(ctime)
#define mktime    BANNED(mktime)
#define setlocale BANNED(setlocale)
#define setenv    BANNED(setenv)
#define putenv    BANNED(putenv)
#define rand      BANNED(rand)
#define system    BANNED(system)

#endif
