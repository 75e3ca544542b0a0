/*
 * tzif.h: the rule behind the table in all its forms, and files that are
 * damaged, cut, or not what they say. Zones of our own are written and read
 * through zone.h.
 */
#include "tzif.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "zone.h"

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

/* -------------------------------------------------------------- the rule */

struct file {
    uint8_t bytes[4096];
    size_t length;
};

static void
put(struct file *file, const void *bytes, size_t n)
{
    memcpy(file->bytes + file->length, bytes, n);
    file->length += n;
}

static void
put_int(struct file *file, int64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--) {
        uint8_t byte = (uint8_t)((uint64_t)value >> (8 * i));

        put(file, &byte, 1);
    }
}

static void
put_header(struct file *file, char version, int times, int types)
{
    static const char none[15] = "";

    put(file, "TZif", 4);
    put(file, &version, 1);
    put(file, none, 15);
    put_int(file, 0, 4);
    put_int(file, 0, 4);
    put_int(file, 0, 4);
    put_int(file, times, 4);
    put_int(file, types, 4);
    put_int(file, 4, 4);
}

/* A file with a table of one change, to `offset` at `when`, and a rule. */
static void
make_file(struct file *file, int64_t when, int offset, const char *rule)
{
    file->length = 0;
    put_header(file, '2', 0, 1);
    put(file, "\0\0\0\0\0\0LMT", 10);
    put_header(file, '2', 1, 2);
    put_int(file, when, 8);
    put(file, "\1", 1);
    put(file, "\0\0\0\0\0\0", 6);
    put_int(file, offset, 4);
    put(file, "\0\0LMT", 6);
    put(file, "\n", 1);
    put(file, rule, strlen(rule));
    put(file, "\n", 1);
}

static const struct {
    const char *name;
    const char *rule;
    bool fine;
} rules[] = {
    { "no rule", "", true },
    { "an offset alone", "UTC0", true },
    { "a name in brackets", "<-03>3", true },
    { "minutes and seconds", "ABC-5:45:30", true },
    { "weekdays", "GMT0BST,M3.5.0/1,M10.5.0", true },
    { "an offset of summer", "IST-1GMT0,M10.5.0,M3.5.0/1", true },
    { "days without the leap day", "AAA0BBB,J60/0,J365/23", true },
    { "days with it", "AAA0BBB,0/0,365/-1:30", true },
    { "the largest times", "AAA0BBB,M1.1.6/-167:59:59,M12.5.0/+167", true },
    { "no offset", "UTC", false },
    { "a short name", "AB0", false },
    { "a short name in brackets", "<+3>0", false },
    { "a name whose bracket is open", "<+03", false },
    { "25 hours", "UTC25", false },
    { "60 minutes", "UTC1:60", false },
    { "60 seconds", "UTC1:00:60", false },
    { "minutes that are missing", "UTC1:", false },
    { "summer without dates", "GMT0BST", false },
    { "summer without an end", "GMT0BST,M3.5.0", false },
    { "month 0", "GMT0BST,M0.5.0,M10.5.0", false },
    { "month 13", "GMT0BST,M13.5.0,M10.5.0", false },
    { "week 0", "GMT0BST,M3.0.0,M10.5.0", false },
    { "week 6", "GMT0BST,M3.6.0,M10.5.0", false },
    { "weekday 7", "GMT0BST,M3.5.7,M10.5.0", false },
    { "no weekday", "GMT0BST,M3.5,M10.5.0", false },
    { "day J0", "GMT0BST,J0,J365", false },
    { "day J366", "GMT0BST,J1,J366", false },
    { "day 366", "GMT0BST,0,366", false },
    { "168 hours", "GMT0BST,M3.5.0/168,M10.5.0", false },
    { "a time that is missing", "GMT0BST,M3.5.0/,M10.5.0", false },
    { "something behind it", "GMT0BST,M3.5.0,M10.5.0,", false },
    { "a space behind it", "UTC0 ", false },
    { "a number without end", "UTC00000000000000000000000000000001", true },
    { "a number too large", "UTC99999999999999999999", false },
    { "a rule without end",
      "AAA0BBB,M3.5.0/"
      "000000000000000000000000000000000000000000000000000000000000000000000"
      "00000000000000000000000000000000000000000000000001,M10.5.0",
      false },
};

static void
rule_texts(void)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct file file;
        struct tzif tzif;
        bool fine;

        make_file(&file, 0, 3600, rules[i].rule);
        fine = tzif_parse(&tzif, file.bytes, file.length);
        is_int(fine, rules[i].fine, "%s: %s", rules[i].name,
               rules[i].fine ? "a rule" : "refused");
        if (fine)
            tzif_free(&tzif);
    }
}

/* ------------------------------------------------------- zones of our own */

static char folder[] = "/tmp/scrip-zone-XXXXXX";

static void
write_file(const char *name, const void *bytes, size_t length)
{
    char path[200];
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    out = fopen(path, "wb");
    if (out == NULL || fwrite(bytes, 1, length, out) != length ||
        fclose(out) != 0)
        abort();
}

static const struct {
    const char *name;
    const char *rule;
    const char *time;
    int minutes;
} ruled[] = {
    { "before the table the first kind holds", "AAA-2", "1960-01-01T00:00:00Z",
      0 },
    { "behind it the rule does", "AAA-2", "1980-01-01T00:00:00Z", 120 },
    { "without one the last change goes on", "", "2100-01-01T00:00:00Z", 60 },
    { "summer all year, in July", "AAA0BBB,0/0,J365/25", "2030-07-01T00:00:00Z",
      60 },
    { "summer all year, at New Year", "AAA0BBB,0/0,J365/25",
      "2030-01-01T00:00:00Z", 60 },
    { "summer all year, just before it", "AAA0BBB,0/0,J365/25",
      "2029-12-31T23:59:59.999Z", 60 },
    { "summer over New Year, in December", "AAA0BBB,J300/0,J60/0",
      "2029-12-31T23:59:59.999Z", 60 },
    { "summer over New Year, in January", "AAA0BBB,J300/0,J60/0",
      "2030-01-01T00:00:00Z", 60 },
    { "its end: J60 is 1 March in a leap year", "AAA0BBB,J300/0,J60/0",
      "2028-02-29T22:59:59Z", 60 },
    { "and then it is over", "AAA0BBB,J300/0,J60/0", "2028-02-29T23:00:00Z",
      0 },
    { "day 59 is 29 February in a leap year", "AAA0BBB,59/0,J300/0",
      "2028-02-29T00:00:00Z", 60 },
    { "and 1 March in others", "AAA0BBB,59/0,J300/0", "2027-02-28T23:59:59Z",
      0 },
    { "a time below zero lies in the day before", "AAA0BBB,M6.1.1/-1,J300/0",
      "2026-05-31T22:59:59Z", 0 },
    { "and begins there", "AAA0BBB,M6.1.1/-1,J300/0", "2026-05-31T23:00:00Z",
      60 },
    { "a beginning that falls into the year before", "AAA0BBB,0/-24,J100/0",
      "2029-12-31T00:00:00Z", 60 },
    { "but not sooner", "AAA0BBB,0/-24,J100/0", "2029-12-30T23:59:59Z", 0 },
    { "an end that falls into the next year", "AAA0BBB,J300/0,J365/48",
      "2030-01-01T22:59:59Z", 60 },
    { "but not later", "AAA0BBB,J300/0,J365/48", "2030-01-01T23:00:00Z", 0 },
    { "week 5 is the fourth where there are four", "AAA0BBB,M2.5.1/0,J300/0",
      "2026-02-23T00:00:00Z", 60 },
    { "and the fifth where there are five", "AAA0BBB,M3.5.1/0,J300/0",
      "2026-03-29T23:59:59Z", 0 },
    { "from then on", "AAA0BBB,M3.5.1/0,J300/0", "2026-03-30T00:00:00Z", 60 },
};

static void
own_zones(void)
{
    for (size_t i = 0; i < COUNT_OF(ruled); i++) {
        char name[20];
        struct file file;
        const struct zone *zone;

        make_file(&file, 0, 3600, ruled[i].rule);
        (void)snprintf(name, sizeof(name), "Own%zu", i);
        write_file(name, file.bytes, file.length);
        zone = zone_find(name);
        if (ok(zone != NULL, "a zone with the rule \"%s\"", ruled[i].rule))
            is_int(zone_offset_s(zone, at(ruled[i].time)),
                   ruled[i].minutes * 60, "%s", ruled[i].name);
    }
    ok(zone_find("Europe/Paris") == NULL,
       "where a folder is set no other is looked at");
}

/* --------------------------------------------------------- damaged files */

static void
cut_files(const struct file *whole)
{
    int taken = 0;

    for (size_t n = 0; n < whole->length; n++) {
        uint8_t *exact = malloc(n + 1);
        struct tzif tzif;

        if (exact == NULL)
            abort();
        /* at the end of its memory: the sanitizer sees who reads on */
        memcpy(exact + 1, whole->bytes, n);
        if (tzif_parse(&tzif, exact + 1, n)) {
            taken++;
            tzif_free(&tzif);
        }
        free(exact);
    }
    is_int(taken, 0, "a file cut anywhere is refused");
}

/* Each byte set to each value: taken or not, but never read past, and what
 * is taken answers. */
static void
changed_files(const struct file *whole)
{
    int64_t taken = 0, refused = 0, wild = 0;

    for (size_t i = 0; i < whole->length; i++) {
        for (int value = 0; value < 256; value++) {
            struct file copy = *whole;
            struct tzif tzif;

            copy.bytes[i] = (uint8_t)value;
            if (!tzif_parse(&tzif, copy.bytes, copy.length)) {
                refused++;
                continue;
            }
            taken++;
            for (int j = 0; j < tzif.count; j++)
                wild += tzif.offset_s[j] < -26 * 3600 ||
                        tzif.offset_s[j] > 26 * 3600;
            wild += tzif.rule_s < -26 * 3600 || tzif.rule_s > 26 * 3600;
            tzif_free(&tzif);
        }
    }
    ok(refused > taken && taken > 0,
       "of changed files some are refused, some are others");
    is_int(wild, 0, "and no offset is beyond a day and two hours");
}

static const struct {
    const char *name;
    size_t at; /* in the file of make_file() */
    const char *bytes;
    size_t n;
} damages[] = {
    { "another magic", 0, "TZxx", 4 },
    { "version 1", 4, "\0", 1 },
    { "version 1 in the second header", 54 + 4, "\0", 1 },
    { "counts that are negative", 54 + 32, "\xff\xff\xff\xff", 4 },
    { "counts that are huge", 54 + 32, "\x7f\xff\xff\xff", 4 },
    { "huge counts in the first header", 32, "\x7f\xff\xff\xff", 4 },
    { "no kind of time", 54 + 36, "\0\0\0\0", 4 },
    { "leap seconds", 54 + 28, "\0\0\0\1", 4 },
    { "a change to a kind that is none", 98 + 8, "\2", 1 },
    { "an offset of 27 hours", 98 + 9 + 6, "\0\1\x7b\xb4", 4 },
    { "an offset of -27 hours", 98 + 9, "\xff\xfe\x84\x4c", 4 },
};

static void
damaged(void)
{
    struct file whole;
    struct tzif tzif;

    make_file(&whole, 0, 3600, "GMT0BST,M3.5.0/1,M10.5.0");
    ok(tzif_parse(&tzif, whole.bytes, whole.length), "a file as it should be");
    is_int(tzif.offset_s[0], 3600, "has its offset");
    tzif_free(&tzif);
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        struct file copy = whole;

        memcpy(copy.bytes + damages[i].at, damages[i].bytes, damages[i].n);
        ok(!tzif_parse(&tzif, copy.bytes, copy.length), "%s is refused",
           damages[i].name);
    }
    cut_files(&whole);
    changed_files(&whole);
    whole.length = 0;
    put_header(&whole, '2', 0, 1);
    put(&whole, "\0\0\0\0\0\0LMT", 10);
    put_header(&whole, '2', 2, 1);
    put_int(&whole, 1000, 8);
    put_int(&whole, 1000, 8);
    put(&whole, "\0\0", 2);
    put(&whole, "\0\0\0\0\0\0LMT\0\n\n", 12);
    ok(!tzif_parse(&tzif, whole.bytes, whole.length),
       "changes out of order are refused");
}

/* Files as they lie in a folder. */
static void
odd_files(void)
{
    static char large[70000];
    struct file whole;
    char path[200];

    make_file(&whole, 0, 3600, "UTC0");
    write_file("Empty", "", 0);
    ok(zone_find("Empty") == NULL, "an empty file is no zone");
    write_file("Short", whole.bytes, whole.length - 1);
    ok(zone_find("Short") == NULL, "a cut file is no zone");
    write_file("Short", whole.bytes, whole.length);
    ok(zone_find("Short") != NULL, "once it is repaired it is one");
    memcpy(large, whole.bytes, whole.length);
    write_file("Large", large, sizeof(large));
    ok(zone_find("Large") == NULL, "a file over 64 KiB is no zone");
    (void)snprintf(path, sizeof(path), "%s/Pipe", folder);
    ok(mkfifo(path, 0600) == 0 && zone_find("Pipe") == NULL,
       "a pipe is no zone, and nobody waits for it");
    (void)snprintf(path, sizeof(path), "%s/Folder", folder);
    ok(mkdir(path, 0700) == 0 && zone_find("Folder") == NULL,
       "a folder is none");
}

static void
clean_up(void)
{
    static const char *const left[] = { "Empty", "Short", "Large", "Pipe" };
    char path[200];

    for (size_t i = 0; i < COUNT_OF(ruled); i++) {
        (void)snprintf(path, sizeof(path), "%s/Own%zu", folder, i);
        (void)unlink(path);
    }
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, left[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s/Folder", folder);
    (void)rmdir(path);
    is_int(rmdir(folder), 0, "nothing is left behind");
}

extern char **environ;

int
main(void)
{
    static char own[100]; /* read again at exit */
    static char *with[] = { own, NULL };

    rule_texts();
    damaged();
    if (mkdtemp(folder) == NULL)
        abort();
    (void)snprintf(own, sizeof(own), "SCRIP_ZONEINFO=%s", folder);
    environ = with;
    own_zones();
    odd_files();
    clean_up();
    return done();
}
