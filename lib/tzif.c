/*
 * The reader of TZif. Every count in the header is the file's own word, so
 * the sizes are added up and compared with the length before anything is
 * read, and every index is checked. Never reads past the bytes it was given.
 */
#include "tzif.h"

#define HEADER_SIZE 44
/* Offsets that the format allows at all: RFC 8536, 3.2. */
#define OFFSET_MIN (-89999)
#define OFFSET_MAX 93599
/* Hours of a rule's time: RFC 8536, 3.3.1. */
#define RULE_HOURS 167
/* Far above any real zone's counts, and no sum of them overflows. */
#define COUNT_MAX 65536
#define TYPES_MAX 256

struct counts {
    size_t is_ut, is_std, leap, time, type, chars;
};

static int64_t
take_int(const uint8_t *at, int size)
{
    uint64_t value = at[0] & 0x80 ? UINT64_MAX : 0;

    for (int i = 0; i < size; i++)
        value = value << 8 | at[i];
    return (int64_t)value;
}

static bool
take_header(struct counts *counts, const uint8_t *at, size_t length)
{
    size_t *each[] = { &counts->is_ut, &counts->is_std, &counts->leap,
                       &counts->time,  &counts->type,   &counts->chars };

    if (length < HEADER_SIZE || memcmp(at, "TZif", 4) != 0 || at[4] < '2')
        return false;
    for (size_t i = 0; i < COUNT_OF(each); i++) {
        int64_t value = take_int(at + 20 + 4 * i, 4);

        if (value < 0 || value > COUNT_MAX)
            return false;
        *each[i] = (size_t)value;
    }
    return true;
}

/* Bytes of the data behind a header; `size` are those of one time. */
static size_t
data_size(const struct counts *counts, size_t size)
{
    return counts->time * (size + 1) + counts->type * 6 + counts->chars +
           counts->leap * (size + 4) + counts->is_std + counts->is_ut;
}

static bool
take_table(struct tzif *tzif, const struct counts *counts, const uint8_t *at)
{
    const uint8_t *index = at + counts->time * 8;
    const uint8_t *type = index + counts->time;

    for (size_t i = 0; i < counts->type; i++) {
        int64_t offset = take_int(type + 6 * i, 4);

        if (offset < OFFSET_MIN || offset > OFFSET_MAX)
            return false;
    }
    tzif->before_s = (int32_t)take_int(type, 4);
    tzif->count = (int)counts->time;
    for (size_t i = 0; i < counts->time; i++) {
        tzif->at_s[i] = take_int(at + 8 * i, 8);
        if (index[i] >= counts->type ||
            (i > 0 && tzif->at_s[i] <= tzif->at_s[i - 1]))
            return false;
        tzif->offset_s[i] = (int32_t)take_int(type + 6 * index[i], 4);
    }
    return true;
}

/* ------------------------------------------ the rule: POSIX's TZ string */

/* Each of these moves *at behind what it took, and is false for what is not
 * there. The text ends with a NUL, so none runs over. */
static bool
take_number(const char **at, int max, int *value)
{
    if (**at < '0' || **at > '9')
        return false;
    for (*value = 0; **at >= '0' && **at <= '9'; (*at)++) {
        *value = *value * 10 + (**at - '0');
        if (*value > max)
            return false;
    }
    return true;
}

static bool
take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

/* "EST" or "<-03>" */
static bool
take_name(const char **at)
{
    bool quoted = take_char(at, '<');
    int length = 0;

    for (;; (*at)++, length++) {
        char c = **at;
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool other = (c >= '0' && c <= '9') || c == '+' || c == '-';

        if (!letter && !(quoted && other))
            break;
    }
    return length >= 3 && (!quoted || take_char(at, '>'));
}

/* "5", "-5:30", "+167:59:59" in seconds */
static bool
take_time(const char **at, int hours, int32_t *seconds)
{
    bool negative = take_char(at, '-');
    int part[3] = { 0, 0, 0 };

    if (!negative)
        (void)take_char(at, '+');
    if (!take_number(at, hours, &part[0]) ||
        (take_char(at, ':') &&
         (!take_number(at, 59, &part[1]) ||
          (take_char(at, ':') && !take_number(at, 59, &part[2])))))
        return false;
    *seconds = part[0] * 3600 + part[1] * 60 + part[2];
    if (negative)
        *seconds = -*seconds;
    return true;
}

/* POSIX counts west of Greenwich as positive. */
static bool
take_offset(const char **at, int32_t *east_s)
{
    if (!take_time(at, 24, east_s))
        return false;
    *east_s = -*east_s;
    return true;
}

/* ",M3.2.0/2" */
static bool
take_date(const char **at, struct tzif_date *date)
{
    date->time_s = 2 * 3600;
    if (!take_char(at, ','))
        return false;
    if (take_char(at, 'M')) {
        date->form = TZIF_WEEKDAY;
        if (!take_number(at, 12, &date->month) || date->month < 1 ||
            !take_char(at, '.') || !take_number(at, 5, &date->week) ||
            date->week < 1 || !take_char(at, '.') ||
            !take_number(at, 6, &date->day))
            return false;
    } else {
        date->form = take_char(at, 'J') ? TZIF_JULIAN : TZIF_DAY;
        if (!take_number(at, 365, &date->day) ||
            (date->form == TZIF_JULIAN && date->day < 1))
            return false;
    }
    return !take_char(at, '/') || take_time(at, RULE_HOURS, &date->time_s);
}

static bool
take_rule(struct tzif *tzif, const char *text)
{
    const char *at = text;

    if (*at == '\0')
        return true;
    tzif->rule = true;
    if (!take_name(&at) || !take_offset(&at, &tzif->rule_s))
        return false;
    if (*at == '\0')
        return true;
    tzif->summer = true;
    if (!take_name(&at))
        return false;
    tzif->summer_s = tzif->rule_s + 3600;
    if (*at != ',' && !take_offset(&at, &tzif->summer_s))
        return false;
    return take_date(&at, &tzif->summer_begin) &&
           take_date(&at, &tzif->summer_end) && *at == '\0';
}

/* "\n...\n" at the very end of the file. */
static bool
take_footer(struct tzif *tzif, const uint8_t *at, size_t length)
{
    char text[128];

    if (length < 2 || length - 2 >= sizeof(text) || at[0] != '\n' ||
        at[length - 1] != '\n')
        return false;
    memcpy(text, at + 1, length - 2);
    text[length - 2] = '\0';
    return strlen(text) == length - 2 && take_rule(tzif, text);
}

bool
tzif_parse(struct tzif *tzif, const uint8_t *bytes, size_t length)
{
    struct counts counts;
    size_t size;

    *tzif = (struct tzif){ .count = 0 };
    if (!take_header(&counts, bytes, length))
        return false;
    /* the first block is the same in 32 bits, for old readers */
    size = HEADER_SIZE + data_size(&counts, 4);
    if (length < size || !take_header(&counts, bytes + size, length - size))
        return false;
    bytes += size + HEADER_SIZE;
    length -= size + HEADER_SIZE;
    size = data_size(&counts, 8);
    if (length < size || counts.type < 1 || counts.type > TYPES_MAX ||
        counts.leap > 0)
        return false;
    tzif->at_s = calloc(counts.time + 1, sizeof(*tzif->at_s));
    tzif->offset_s = calloc(counts.time + 1, sizeof(*tzif->offset_s));
    if (tzif->at_s == NULL || tzif->offset_s == NULL ||
        !take_table(tzif, &counts, bytes) ||
        !take_footer(tzif, bytes + size, length - size)) {
        tzif_free(tzif);
        return false;
    }
    return true;
}

void
tzif_free(struct tzif *tzif)
{
    free(tzif->at_s);
    free(tzif->offset_s);
    *tzif = (struct tzif){ .count = 0 };
}
