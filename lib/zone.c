/*
 * What a zone is asked: offsets, local days, months. All of it stands on two
 * questions: which offset holds at an instant, and when does it change next.
 * Never asks TZ, localtime() or anything else that a process has only one of.
 */
#include "zone.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tzif.h"

#define NAME_SIZE 64
#define PATH_SIZE 512
/* The largest of all zones is under 4 KB. */
#define FILE_MAX (64 * 1024)
/* Over every offset that a file can hold (26 hours). */
#define OFFSET_BOUND_MS (27 * HOUR_MS)

struct zone {
    struct zone *next;
    char name[NAME_SIZE];
    struct tzif tzif;
};

static struct zone *zones; /* only ever grows, at its head */
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* ----------------------------------------------------- finding the file */

/* What can leave the folder, or is no name of a zone, never gets to open(). */
static bool
is_name(const char *name)
{
    if (strlen(name) >= NAME_SIZE || *name < 'A' || *name > 'Z')
        return false;
    for (const char *at = name; *at != '\0'; at++) {
        bool plain = (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') ||
                     (*at >= '0' && *at <= '9') || strchr("_+-", *at) != NULL;

        if (!plain && (*at != '/' || at[1] == '/' || at[1] == '\0'))
            return false;
    }
    return true;
}

static bool
read_file(struct tzif *tzif, const char *folder, const char *name)
{
    char path[PATH_SIZE];
    uint8_t *bytes = NULL;
    struct stat about;
    size_t length = 0;
    ssize_t n = 1;
    bool fine = false;
    int fd;

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
        (int)sizeof(path))
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
        bytes = malloc(FILE_MAX);
    while (bytes != NULL && n != 0 && length < FILE_MAX) {
        n = read(fd, bytes + length, FILE_MAX - length);
        if (n < 0 && errno != EINTR)
            break;
        length += n > 0 ? (size_t)n : 0;
    }
    if (bytes != NULL && n == 0)
        fine = tzif_parse(tzif, bytes, length);
    free(bytes);
    (void)close(fd);
    return fine;
}

/* Beside the folder of the program that runs: what came with it, for systems
 * that have no zones. */
static bool
shipped_folder(char folder[PATH_SIZE])
{
    ssize_t length = readlink("/proc/self/exe", folder, PATH_SIZE - 32);

    if (length <= 0)
        return false;
    for (int up = 0; up < 2; up++)
        while (length > 0 && folder[--length] != '/')
            ;
    memcpy(folder + length, "/zoneinfo", sizeof("/zoneinfo"));
    return true;
}

static bool
read_zone(struct tzif *tzif, const char *name)
{
    static const char *const folders[] = { "/usr/share/zoneinfo",
                                           "/usr/lib/zoneinfo",
                                           "/usr/share/lib/zoneinfo",
                                           "/etc/zoneinfo" };
    const char *own = getenv("SCRIP_ZONEINFO");
    char shipped[PATH_SIZE];

    if (own != NULL && *own != '\0')
        return read_file(tzif, own, name);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        if (read_file(tzif, folders[i], name))
            return true;
    }
    return shipped_folder(shipped) && read_file(tzif, shipped, name);
}

static struct zone *
zone_load(const char *name)
{
    struct zone *zone = calloc(1, sizeof(*zone));

    if (zone == NULL || !read_zone(&zone->tzif, name)) {
        free(zone);
        return NULL;
    }
    memcpy(zone->name, name, strlen(name));
    zone->next = zones;
    zones = zone;
    return zone;
}

const struct zone *
zone_find(const char *name)
{
    struct zone *zone;

    if (!is_name(name))
        return NULL;
    pthread_mutex_lock(&zones_lock);
    for (zone = zones; zone != NULL; zone = zone->next) {
        if (strcmp(zone->name, name) == 0)
            break;
    }
    if (zone == NULL)
        zone = zone_load(name);
    pthread_mutex_unlock(&zones_lock);
    return zone;
}

/* ------------------------------------------------ the rule, year by year */

/* Sunday is 0; 1970-01-01 was a Thursday. */
static int
weekday(int64_t days)
{
    return (int)((days % 7 + 7 + 4) % 7);
}

/* The day that a rule means in a year. */
static int64_t
date_day(const struct tzif_date *date, int year)
{
    int64_t first = clock_days((struct civil){ year, 1, 1 });
    int64_t day;
    int last;

    switch (date->form) {
    case TZIF_DAY: return first + date->day;
    case TZIF_JULIAN:
        /* day 60 is 1 March in every year */
        return first + date->day - 1 +
               (date->day >= 60 && clock_month_days(year, 2) == 29);
    case TZIF_WEEKDAY: break;
    }
    first = clock_days((struct civil){ year, date->month, 1 });
    last = clock_month_days(year, date->month);
    day = (date->day - weekday(first) + 7) % 7 + 7 * (date->week - 1);
    while (day >= last)
        day -= 7;
    return first + day;
}

static int64_t
date_s(const struct tzif_date *date, int year, int32_t offset_s)
{
    return date_day(date, year) * 86400 + date->time_s - offset_s;
}

/*
 * What the rule says about an instant: the offset, and when the next change
 * is (INT64_MAX: never). Three years are looked at because a rule's day may
 * lie in the neighbouring year once offset and time are counted. Where the
 * end and the next beginning coincide it is summer all year.
 */
static int32_t
rule_at(const struct tzif *tzif, int64_t s, int64_t *next)
{
    int year = clock_civil(floor_div(s, 86400)).year;
    int64_t latest = INT64_MIN;
    bool in_summer = false;

    *next = INT64_MAX;
    if (!tzif->summer)
        return tzif->rule_s;
    for (int i = 0; i < 6; i++) {
        bool begins = i % 2 == 1; /* after the end, so that it wins a tie */
        int y = year - 1 + i / 2;
        int64_t at = begins ? date_s(&tzif->summer_begin, y, tzif->rule_s)
                            : date_s(&tzif->summer_end, y, tzif->summer_s);

        if (at > s)
            *next = min_i64(*next, at);
        else if (at > latest || (at == latest && begins)) {
            latest = at;
            in_summer = begins;
        }
    }
    return in_summer ? tzif->summer_s : tzif->rule_s;
}

/* The offset at an instant, and when it may change next. */
static int32_t
offset_at(const struct tzif *tzif, int64_t s, int64_t *next)
{
    int low = 0, high = tzif->count; /* the first change after s */

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (tzif->at_s[middle] <= s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == tzif->count && tzif->rule)
        return rule_at(tzif, s, next);
    *next = low == tzif->count ? INT64_MAX : tzif->at_s[low];
    return low == 0 ? tzif->before_s : tzif->offset_s[low - 1];
}

/* ------------------------------------------------------------ questions */

int64_t
zone_offset_s(const struct zone *zone, int64_t ms)
{
    int64_t next;

    return offset_at(&zone->tzif, floor_div(ms, SECOND_MS), &next);
}

static int64_t
local_ms(const struct zone *zone, int64_t ms)
{
    return ms + zone_offset_s(zone, ms) * SECOND_MS;
}

int64_t
zone_day(const struct zone *zone, int64_t ms)
{
    return floor_div(local_ms(zone, ms), DAY_MS);
}

/*
 * The first instant at which local clocks show `local` or more: walks from
 * one change of the offset to the next, from before any offset could reach
 * it. *skipped tells how far clocks had leapt over it, 0 if they had not.
 */
static int64_t
first_instant_ms(const struct zone *zone, int64_t local, int64_t *skipped)
{
    int64_t from = local - OFFSET_BOUND_MS;

    for (;;) {
        int64_t next;
        int64_t offset =
            offset_at(&zone->tzif, floor_div(from, SECOND_MS), &next) *
            SECOND_MS;
        int64_t at = max_i64(local - offset, from);

        if (floor_div(at, SECOND_MS) < next) {
            *skipped = at + offset - local;
            return at;
        }
        from = next * SECOND_MS;
    }
}

int64_t
zone_day_start_ms(const struct zone *zone, int64_t day)
{
    int64_t skipped;

    return first_instant_ms(zone, day * DAY_MS, &skipped);
}

int64_t
zone_add_months_ms(const struct zone *zone, int64_t anchor_ms, int months)
{
    int64_t local = local_ms(zone, anchor_ms);
    int64_t day = floor_div(local, DAY_MS);
    struct civil civil = clock_civil(day);
    int64_t month = (int64_t)civil.year * 12 + civil.month - 1 + months;
    int64_t at, skipped;
    int last;

    civil.year = (int)floor_div(month, 12);
    civil.month = (int)(month - civil.year * INT64_C(12)) + 1;
    last = clock_month_days(civil.year, civil.month);
    if (civil.day > last)
        civil.day = last;
    local += (clock_days(civil) - day) * DAY_MS;
    at = first_instant_ms(zone, local, &skipped);
    /* forward by the gap: as if the offset before it had gone on */
    if (skipped > 0)
        at = local - zone_offset_s(zone, at - 1) * SECOND_MS;
    return at;
}
