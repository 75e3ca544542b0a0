/*
 * Lines to standard error, each by one write(2), so that programs and
 * threads that share the file do not mix them. What is too long is cut and
 * says so. Never allocates, never changes errno, never fails a caller.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "clock.h"

/* A line with its end; PIPE_BUF, so that pipes keep it whole too. */
#define LINE_SIZE 4096

static const char *name = "scrip";

void
log_name(const char *program)
{
    name = program;
}

/* Control characters would let a value end the line or colour a terminal:
 * ASCII's, and U+0080 to U+009F, whose UTF-8 is C2 80 to C2 9F. */
static void
make_harmless(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < ' ' || c == 0x7f)
            text[i] = '?';
        else if (c == 0xc2 && i + 1 < length &&
                 ((unsigned char)text[i + 1] & 0xe0) == 0x80)
            text[i] = text[i + 1] = '?';
    }
}

static PRINTF_LIKE(2, 0) void log_line(const char *level, const char *format,
                                       va_list list)
{
    static const char cut[] = " [cut]";
    char line[LINE_SIZE];
    char time[CLOCK_TEXT_SIZE];
    int before = errno;
    size_t room = sizeof(line) - sizeof(cut); /* for the cut mark and '\n' */
    size_t length;
    int n;

    clock_format(time, clock_system_ms());
    n = snprintf(line, room, "%s %s %s: ", time, level, name);
    length = n < 0 ? 0 : (size_t)n >= room ? room - 1 : (size_t)n;
    n = vsnprintf(line + length, room - length, format, list);
    if (n < 0)
        n = 0;
    if ((size_t)n < room - length) {
        length += (size_t)n;
    } else {
        length = room - 1;
        /* the last character may be half: out with it where it is long */
        while (length > 0 && ((unsigned char)line[length - 1] & 0xc0) == 0x80)
            length--;
        if (length > 0 && (unsigned char)line[length - 1] >= 0xc0)
            length--;
        memcpy(line + length, cut, sizeof(cut) - 1);
        length += sizeof(cut) - 1;
    }
    make_harmless(line, length);
    line[length++] = '\n';
    while (write(STDERR_FILENO, line, length) < 0 && errno == EINTR)
        ;
    errno = before;
}

void
log_info(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    log_line("info", format, list);
    va_end(list);
}

void
log_warning(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    log_line("warning", format, list);
    va_end(list);
}

void
log_error(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    log_line("error", format, list);
    va_end(list);
}
