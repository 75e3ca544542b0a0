/*
 * Time zones from TZif files (RFC 8536): what a Space calls a day, and where
 * its months end. Never touches TZ, localtime or any process-wide state.
 * Files are found under $SCRIP_ZONEINFO where that is set, else where
 * systems keep them (/usr/share/zoneinfo), else in `zoneinfo` beside the
 * folder of the program that runs; zones once read are kept for the
 * life of the process.
 */
#ifndef SCRIP_ZONE_H
#define SCRIP_ZONE_H

#include "clock.h"

struct zone;

/* By IANA name ("Europe/London", "UTC"); NULL when there is none such, or
 * its file is damaged. A name begins with a capital and holds letters,
 * digits, '_', '+', '-' and single '/'. The zone belongs to the process.
 * Safe to call from several threads. */
const struct zone *zone_find(const char *name);

/* Seconds east of UTC at this instant (the footer rule serves times after
 * the table). */
int64_t zone_offset_s(const struct zone *zone, int64_t ms);
/* The local day (days since 1970-01-01) of an instant. */
int64_t zone_day(const struct zone *zone, int64_t ms);
/* The first instant of a local day, also where midnight does not exist; of
 * a day that was left out whole, the instant of the leap over it. */
int64_t zone_day_start_ms(const struct zone *zone, int64_t day);
/* `months` after the local date of `anchor_ms`, at its local time of day; a
 * day that the month lacks is clamped to its last (31 Jan + 1 -> 28 Feb,
 * and 31 Jan + 2 -> 31 Mar: count from the anchor, not from the month
 * before). `months` may be zero and below. A local
 * time that does not exist moves forward by the gap; one that exists twice
 * is the first. */
int64_t zone_add_months_ms(const struct zone *zone, int64_t anchor_ms,
                           int months);

#endif
