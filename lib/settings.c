/*
 * Reads files of settings. A line that is not understood is an error with
 * its number, and is never quoted in the words: it might hold a secret.
 */
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

#define FILE_MAX  (64 * 1024)
#define COUNT_MAX 256

/* The whole file as a string; NULL with words otherwise. */
static char *
read_whole(int fd, struct settings *settings, struct arena *arena,
           const char **why)
{
    char piece[1024];
    struct buf text;
    struct stat about;
    ssize_t n;

    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        *why = arena_format(arena, "%s is not a file", settings->path);
        return NULL;
    }
    settings->exposed = (about.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    buf_init(&text, arena, FILE_MAX);
    do {
        n = read(fd, piece, sizeof(piece));
        if (n > 0)
            buf_put(&text, piece, (size_t)n);
    } while ((n > 0 && !text.over) || (n < 0 && errno == EINTR));
    if (n < 0) {
        *why = arena_format(arena, "%s cannot be read: %s", settings->path,
                            strerror(errno));
        return NULL;
    }
    if (text.over) {
        *why = arena_format(arena, "%s is over 64 KiB", settings->path);
        return NULL;
    }
    if (strlen(text.bytes) != text.length) {
        *why = arena_format(arena, "%s holds a NUL byte", settings->path);
        return NULL;
    }
    return text.bytes;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool
is_key(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/* What may stand behind a value: white space and a comment. */
static bool
is_end(const char *at)
{
    const char *rest = at;

    while (is_blank(*rest))
        rest++;
    return *rest == '\0' || (*rest == '#' && rest > at);
}

/* Cuts the value that begins at `at` out of its line; NULL where the quotes
 * do not end or something follows them. */
static char *
take_value(char *at)
{
    char *end;

    while (is_blank(*at))
        at++;
    if (*at == '"') {
        end = strchr(++at, '"');
        if (end == NULL || !is_end(end + 1))
            return NULL;
        *end = '\0';
        return at;
    }
    for (end = at; *end != '\0'; end++) {
        if (*end == '#' && is_blank(end[-1]))
            break;
    }
    /* end[-1] is the '=' at worst */
    while (end > at && is_blank(end[-1]))
        end--;
    *end = '\0';
    return at;
}

/* Splits a line in place; false where it is none. An empty one or a comment
 * leaves the key NULL. */
static bool
take_line(struct setting *setting, char *line)
{
    char *end;

    setting->key = NULL;
    for (const char *at = line; *at != '\0'; at++) {
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return false;
    }
    while (is_blank(*line))
        line++;
    if (*line == '\0' || *line == '#')
        return true;
    for (end = line; is_key(*end); end++)
        ;
    if (end == line || (*line >= '0' && *line <= '9') || *end != '=')
        return false;
    *end = '\0';
    setting->key = line;
    setting->value = take_value(end + 1);
    return setting->value != NULL;
}

static bool
take_all(struct settings *settings, struct arena *arena, char *text,
         const char **why)
{
    char *line = text;

    for (int number = 1; line != NULL; number++) {
        struct setting one = { .line = number };
        char *end = strchr(line, '\n');
        char *next = end == NULL ? NULL : end + 1;

        if (end != NULL)
            *end = '\0';
        if (end != NULL && end > line && end[-1] == '\r')
            end[-1] = '\0';
        if (!take_line(&one, line) ||
            (one.key != NULL && settings->count == COUNT_MAX)) {
            *why = arena_format(arena, "%s, line %d: KEY=value expected",
                                settings->path, number);
            return false;
        }
        if (one.key != NULL && settings_value(settings, one.key) != NULL) {
            *why = arena_format(arena, "%s, line %d: %s is set twice",
                                settings->path, number, one.key);
            return false;
        }
        if (one.key != NULL)
            settings->list[settings->count++] = one;
        line = next;
    }
    return true;
}

bool
settings_read(struct settings *settings, struct arena *arena, const char *path,
              const char **why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text;

    *settings = (struct settings){ .path = path, .text = "" };
    settings->list = arena_array(arena, COUNT_MAX, sizeof(struct setting));
    if (fd < 0 && errno == ENOENT) {
        settings->missing = true;
        return true;
    }
    if (fd < 0) {
        *why = arena_format(arena, "%s cannot be opened: %s", path,
                            strerror(errno));
        return false;
    }
    text = read_whole(fd, settings, arena, why);
    (void)close(fd);
    if (text != NULL)
        settings->text = arena_text(arena, text);
    return text != NULL && take_all(settings, arena, text, why);
}

const char *
settings_value(const struct settings *settings, const char *key)
{
    for (int i = 0; i < settings->count; i++) {
        if (strcmp(settings->list[i].key, key) == 0)
            return settings->list[i].value;
    }
    return NULL;
}
