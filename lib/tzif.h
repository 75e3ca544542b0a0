/*
 * A TZif file (RFC 8536) as it lies in memory once it has been read: the
 * table of changes, and the rule for the time after it. Reading only; what
 * is asked of a zone is zone.h's.
 */
#ifndef SCRIP_TZIF_H
#define SCRIP_TZIF_H

#include "base.h"

/* A day of each year in the rule of POSIX's TZ, and a time of that day. */
struct tzif_date {
    enum { TZIF_JULIAN, TZIF_DAY, TZIF_WEEKDAY } form;
    int day;        /* JULIAN: 1 to 365, never 29 February; DAY: 0 to 365;
                  WEEKDAY: 0 is Sunday */
    int month;      /* WEEKDAY: 1 to 12 */
    int week;       /* WEEKDAY: 1 to 5, the last being 5 */
    int32_t time_s; /* local time, within a week either side */
};

struct tzif {
    int count;         /* of changes, in order of time */
    int64_t *at_s;     /* when, in seconds since 1970 */
    int32_t *offset_s; /* seconds east of UTC from then on */
    int32_t before_s;  /* the offset before the first */
    bool rule;         /* whether there is a rule after the last */
    int32_t rule_s;    /* its standard offset */
    bool summer;       /* whether it has a second one: */
    int32_t summer_s;
    struct tzif_date summer_begin; /* in standard time */
    struct tzif_date summer_end;   /* in summer time */
};

/*
 * Takes version 2 and later, from `length` bytes. False for version 1 (it
 * has no rule and ends in 2037), for anything cut, contradictory or out of
 * range, for a table of leap seconds (our days have 86,400 seconds), and
 * when there is no memory. On success the arrays are the caller's.
 */
MUST_USE bool tzif_parse(struct tzif *tzif, const uint8_t *bytes,
                         size_t length);
void tzif_free(struct tzif *tzif);

#endif
