/*
 * The C tests' one tool: says TAP, so that prove runs them beside the rest.
 * A test is a program: checks, and `return done();`. A check's name is a
 * sentence; one that fails shows where it stands and what it saw, and the
 * program goes on and exits 1. A program that dies never said its plan, and
 * prove counts that as a failure.
 */
#ifndef SCRIP_TAP_H
#define SCRIP_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count;
static int tap_failures;

/* Whether it is so; is_int and is_text: whether two are the same. */
#define ok(so, ...) tap_check((so), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, ...) \
    tap_is_int((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_text(got, want, ...) \
    tap_is_text((got), (want), __FILE__, __LINE__, __VA_ARGS__)

/* Why a check failed: where prove shows it at once, and in the file that
 * SCRIP_FAILURES names, which is shown again at the end. */
static inline __attribute__((format(printf, 1, 2))) void
tap_why(const char *format, ...)
{
    const char *path = getenv("SCRIP_FAILURES");
    FILE *files[] = { stderr, path == NULL ? NULL : fopen(path, "a") };

    for (int i = 0; i < 2; i++) {
        va_list list;

        if (files[i] == NULL)
            continue;
        va_start(list, format);
        (void)vfprintf(files[i], format, list);
        va_end(list);
    }
    if (files[1] != NULL)
        (void)fclose(files[1]);
}

static inline __attribute__((format(printf, 4, 0))) void
tap_say(bool so, const char *file, int line, const char *name, va_list list)
{
    char text[512];

    (void)vsnprintf(text, sizeof(text), name, list);
    for (char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == '#')
            *at = '?'; /* would end the line, or mean something */
    }
    printf("%sok %d - %s\n", so ? "" : "not ", ++tap_count, text);
    if (!so) {
        tap_failures++;
        tap_why("# %s\n#   at %s:%d\n", text, file, line);
    }
    fflush(stdout);
}

static inline __attribute__((format(printf, 4, 5))) bool
tap_check(bool so, const char *file, int line, const char *name, ...)
{
    va_list list;

    va_start(list, name);
    tap_say(so, file, line, name, list);
    va_end(list);
    return so;
}

static inline __attribute__((format(printf, 5, 6))) bool
tap_is_int(int64_t got, int64_t want, const char *file, int line,
           const char *name, ...)
{
    va_list list;

    va_start(list, name);
    tap_say(got == want, file, line, name, list);
    va_end(list);
    if (got != want)
        tap_why("#   got  %" PRId64 "\n#   want %" PRId64 "\n", got, want);
    return got == want;
}

static inline __attribute__((format(printf, 5, 6))) bool
tap_is_text(const char *got, const char *want, const char *file, int line,
            const char *name, ...)
{
    bool so =
        got == NULL || want == NULL ? got == want : strcmp(got, want) == 0;
    va_list list;

    va_start(list, name);
    tap_say(so, file, line, name, list);
    va_end(list);
    if (!so)
        tap_why("#   got  %s\n#   want %s\n", got == NULL ? "NULL" : got,
                want == NULL ? "NULL" : want);
    return so;
}

/* The plan, and what main() returns. A program without checks fails. */
static inline int
done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failures > 0 || tap_count == 0;
}

#endif
