/*
 * A release in the web server's folder, and the rules that lead to it. Never
 * touches what is not below WEB/releases but WEB/.htaccess, and that only
 * where it is ours.
 */
#include "install.h"

#include <errno.h>
#include <unistd.h>

#include "buf.h"
#include "files.h"
#include "text.h"

#define MARK "# Scrip: "

const char *
release_unpacked(struct arena *arena)
{
    static const char *const parts[] = { "cgi-bin/credits", "htdocs/404.html",
                                         ".htaccess", "lighttpd.conf",
                                         "fcgiwrap.conf" };
    char *path = realpath("/proc/self/exe", NULL);
    char *folder = path == NULL ? NULL : arena_text(arena, path);

    free(path);
    if (folder == NULL)
        return NULL;
    *strrchr(folder, '/') = '\0';
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (access(arena_format(arena, "%s/%s", folder, parts[i]), R_OK) != 0)
            return NULL;
    return folder;
}

bool
release_write_home(struct command *command, const struct place *place,
                   const char *folder, const char **why)
{
    const char *text =
        arena_format(command->arena,
                     "# Where the programs here find their data.\n"
                     "SCRIP_HOME=\"%s\"\n",
                     place->data);

    return files_write(command->arena,
                       arena_format(command->arena, "%s/home.conf", folder),
                       text, strlen(text), 0600, why);
}

bool
release_copy_zones(struct command *command, const struct place *place,
                   const char *to, const char **why)
{
    const char *from = arena_format(command->arena, "%s/zoneinfo", place->from);

    return access(from, F_OK) != 0 ||
           files_copy_tree(command->arena, from,
                           arena_format(command->arena, "%s/zoneinfo", to),
                           0644, why);
}

/* With the release lie the rules of every server, for going back to it. */
static const struct {
    const char *from, *kept;
} templates[] = { { ".htaccess", "htaccess" },
                  { "lighttpd.conf", "lighttpd.conf" },
                  { "fcgiwrap.conf", "fcgiwrap.conf" } };

static bool
copy_templates(struct command *command, const struct place *place,
               const char *to, const char **why)
{
    struct arena *arena = command->arena;

    for (size_t i = 0; i < COUNT_OF(templates); i++)
        if (!files_copy(
                arena,
                arena_format(arena, "%s/%s", place->from, templates[i].from),
                arena_format(arena, "%s/%s", to, templates[i].kept), 0644, why))
            return false;
    return true;
}

bool
release_copy(struct command *command, const struct place *place,
             const char **why)
{
    struct arena *arena = command->arena;
    const char *to = place_release(command, place, place->release);
    const char *next = arena_format(arena, "%s.new", to);
    const char *root = arena_format(arena, "=\"%s/", place->base.path);
    const struct files_word words[] = { { "=\"/", root }, { NULL, NULL } };
    const char *const pages[] = { arena_format(arena, "%s/htdocs", place->from),
                                  arena_format(arena, "%s/htdocs", next) };
    const char *const programs[] = {
        arena_format(arena, "%s/cgi-bin", place->from),
        arena_format(arena, "%s/cgi-bin", next),
    };

    if (!files_remove_tree(arena, next, why) ||
        !files_remove_tree(arena, to, why) ||
        !files_copy_tree(arena, pages[0], pages[1], 0644, why) ||
        !files_fill(arena, arena_format(arena, "%s/404.html", pages[0]),
                    arena_format(arena, "%s/404.html", pages[1]), words, 0644,
                    why) ||
        !files_copy_tree(arena, programs[0], programs[1], 0755, why) ||
        !release_write_home(command, place, programs[1], why) ||
        !release_copy_zones(command, place, next, why) ||
        !copy_templates(command, place, next, why))
        return false;
    if (place->live)
        (void)unlink(arena_format(arena, "%s/sandbox", programs[1]));
    if (rename(next, to) == 0)
        return true;
    *why = arena_format(arena, "cannot make %s: %s", to, strerror(errno));
    return false;
}

/* "/a.b" as a pattern: the dots are the only odd characters of a path. */
static const char *
pattern_of(struct arena *arena, const char *path)
{
    struct buf buf;

    buf_init(&buf, arena, 4096);
    for (; *path != '\0'; path++) {
        if (*path == '.')
            buf_char(&buf, '\\');
        buf_char(&buf, *path);
    }
    return buf.bytes;
}

bool
release_switch(struct command *command, const struct place *place,
               const char **why)
{
    struct arena *arena = command->arena;
    bool fastcgi = strcmp(place->handler, "fcgid-script") == 0;
    const struct files_word words[] = {
        { "@BASE@", place->base.path },
        { "@BASE_PATTERN@", pattern_of(arena, place->base.path) },
        { "@RELEASE@",
          arena_format(arena, "releases/%lld", (long long)place->release) },
        { "@HANDLER@", place->handler },
        { "@WEB@", place->web },
        { "@DATA@", place->data },
        { "@FCGIWRAP@", "/run/fcgiwrap.socket" },
        { "#HSTS ", place->base.https ? "" : "#" },
        { "#FASTCGI ", fastcgi ? "" : "#" },
        { "#CGI ", fastcgi ? "#" : "" },
        { NULL, NULL },
    };
    const char *folder = place_release(command, place, place->release);

    /* .htaccess, which leads at once, is the last. */
    for (size_t i = COUNT_OF(templates); i-- > 0;)
        if (!files_fill(
                arena, arena_format(arena, "%s/%s", folder, templates[i].kept),
                arena_format(arena, "%s/%s", i == 0 ? place->web : place->data,
                             templates[i].from),
                words, 0644, why))
            return false;
    return true;
}

bool
release_remove_old(struct command *command, const struct place *place,
                   const char **why)
{
    for (int64_t old = place->release - 1; old > 0; old--) {
        const char *folder = place_release(command, place, old);

        if (old == place->previous)
            continue;
        if (access(folder, F_OK) != 0)
            break;
        if (!files_remove_tree(command->arena, folder, why))
            return false;
    }
    return true;
}

bool
release_rules_ours(struct command *command, const struct place *place,
                   const char **why)
{
    const char *path = arena_format(command->arena, "%s/.htaccess", place->web);
    const char *text;

    if (access(path, F_OK) != 0)
        return true;
    if (!files_read(command->arena, path, &text, why))
        return false;
    if (text_begins(text, MARK))
        return true;
    *why = arena_format(command->arena,
                        "%s is there and not Scrip's: choose a folder of the "
                        "site's own, or move it away",
                        path);
    return false;
}
