/*
 * log.h: a line is one line, one write, and harmless to who reads it.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "clock.h"
#include "tap.h"

static int saved;  /* the real standard error */
static FILE *file; /* what stands in for it */
static char seen[1 << 20];

static void
begin(void)
{
    file = tmpfile();
    if (file == NULL || (saved = dup(STDERR_FILENO)) < 0 ||
        dup2(fileno(file), STDERR_FILENO) < 0)
        abort();
}

/* What was written since begin(). */
static const char *
end(void)
{
    ssize_t n;

    if (dup2(saved, STDERR_FILENO) < 0)
        abort();
    close(saved);
    n = pread(fileno(file), seen, sizeof(seen) - 1, 0);
    seen[n < 0 ? 0 : n] = '\0';
    fclose(file);
    return seen;
}

static void
lines(void)
{
    char time[CLOCK_TEXT_SIZE];
    int64_t ms = 0, before = clock_system_ms();
    const char *line;

    begin();
    log_info("plain %d", 1);
    line = end();
    memcpy(time, line, CLOCK_TEXT_SIZE - 1);
    time[CLOCK_TEXT_SIZE - 1] = '\0';
    ok(clock_parse(time, &ms) && ms >= before && ms <= clock_system_ms(),
       "a line begins with its time");
    is_text(line + 24, " info scrip: plain 1\n",
            "then level, program and words");
    log_name("credits");
    begin();
    log_warning("a");
    is_text(end() + 24, " warning credits: a\n", "the program has a name");
    begin();
    log_error("%s", "");
    is_text(end() + 24, " error credits: \n", "nothing to say is a line");
}

static const struct {
    const char *name;
    const char *value;
    const char *shown;
} values[] = {
    { "a line feed", "a\nb", "a?b" },
    { "a forged line", "x\n2026-01-01T00:00:00.000Z info credits: paid",
      "x?2026-01-01T00:00:00.000Z info credits: paid" },
    { "a carriage return", "a\rb", "a?b" },
    { "a tab", "a\tb", "a?b" },
    { "an escape sequence", "\x1b[31mred", "?[31mred" },
    { "DEL", "a\x7f", "a?" },
    { "a C1 control in UTF-8",
      "a\xc2\x9b"
      "31m",
      "a??31m" },
    { "the last of them", "\xc2\x9f", "??" },
    { "a letter next to them", "\xc2\xa0\xc3\xa9", "\xc2\xa0\xc3\xa9" },
    { "UTF-8", "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80" },
    { "a percent", "100%s", "100%s" },
};

static void
harmless(void)
{
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char want[200];

        begin();
        log_info("%s", values[i].value);
        (void)snprintf(want, sizeof(want), " info credits: %s\n",
                       values[i].shown);
        is_text(end() + 24, want, "%s", values[i].name);
    }
}

/* All lengths around the line's size: one line, ending well. */
static void
too_long(void)
{
    static char value[6000];
    int wrong = 0, cut = 0;

    for (size_t n = 3900; n < 4200; n++) {
        const char *line;
        size_t length;

        memset(value, 'x', sizeof(value));
        /* letters of two bytes, from an even place or an odd one: none may
         * be cut in half */
        for (size_t i = n % 3; n % 3 < 2 && i + 1 < n; i += 2)
            memcpy(value + i, "\xc3\xa9", 2);
        value[n] = '\0';
        begin();
        log_info("%s", value);
        line = end();
        length = strlen(line);
        if (length > 8 && strcmp(line + length - 7, " [cut]\n") == 0) {
            cut++;
            wrong += line[length - 8] != 'x' && line[length - 8] != (char)0xa9;
        } else {
            wrong += length != 24 + strlen(" info credits: ") + n + 1;
        }
        wrong += length > 4096 || strchr(line, '\n') != line + length - 1;
    }
    is_int(wrong, 0, "a long line is whole or says that it was cut");
    ok(cut > 50 && cut < 250, "some of them were");
    begin();
    log_info("%100000d", 1);
    ok(strlen(end()) <= 4096, "a hundred thousand characters are one line");
}

static void *
write_many(void *letter)
{
    char words[600];

    memset(words, *(const char *)letter, sizeof(words) - 1);
    words[sizeof(words) - 1] = '\0';
    for (int i = 0; i < 100; i++)
        log_info("%s", words);
    return NULL;
}

/* Appending, as a service's log file is opened. */
static void
together(void)
{
    pthread_t thread[4];
    char letters[] = "abcd";
    const char *all;
    int count = 0, wrong = 0;

    begin();
    if (fcntl(STDERR_FILENO, F_SETFL, O_APPEND) != 0)
        abort();
    for (int i = 0; i < 4; i++) {
        if (pthread_create(&thread[i], NULL, write_many, &letters[i]) != 0)
            abort();
    }
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    all = end();
    for (const char *at = all; *at != '\0'; count++) {
        const char *stop = strchr(at, '\n');
        const char *words = at + 24 + strlen(" info credits: ");

        if (stop == NULL)
            break;
        wrong += stop - words != 599 ||
                 strspn(words, (char[]){ *words, '\0' }) != 599;
        at = stop + 1;
    }
    is_int(count, 400, "four threads' lines are all there");
    is_int(wrong, 0, "and none is mixed with another");
}

static void
quiet(void)
{
    begin();
    close(STDERR_FILENO);
    errno = ENOSPC;
    log_error("nobody hears this");
    is_int(errno, ENOSPC, "errno stays, even without a standard error");
    is_text(end(), "", "and nothing else is written to");
}

int
main(void)
{
    lines();
    harmless();
    too_long();
    together();
    quiet();
    return done();
}
