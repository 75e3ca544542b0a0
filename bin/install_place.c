/*
 * Where an installation lies: its folders, and what install.conf in the
 * data's folder has of it.
 */
#include "install.h"

#include <unistd.h>

#include "files.h"
#include "settings.h"
#include "text.h"

const char *
place_absolute(struct arena *arena, const char *path)
{
    const char *user = getenv("HOME");
    char *there, *real;
    const char *rest;
    size_t length;

    if (text_begins(path, "~/") && user != NULL && *user == '/')
        path = arena_format(arena, "%s%s", user, path + 1);
    if (*path != '/')
        path = arena_format(arena, "./%s", path);
    length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    there = arena_copy(arena, path, length);
    rest = arena_copy(arena, path, length) + length;
    /* "/" and "." are always there. */
    while ((real = realpath(*there == '\0' ? "/" : there, NULL)) == NULL &&
           strrchr(there, '/') != NULL) {
        size_t kept = (size_t)(strrchr(there, '/') - there);

        rest -= strlen(there) - kept;
        there[kept] = '\0';
    }
    path =
        arena_format(arena, "%s%s",
                     real == NULL || strcmp(real, "/") == 0 ? "" : real, rest);
    free(real);
    return *path == '\0' ? "/" : path;
}

bool
place_is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return text_begins(path, folder) &&
           (path[length] == '\0' || path[length] == '/');
}

/* The data's folder: asked for, that of this program, or in our home. */
const char *
place_data(struct command *command, const char **why)
{
    const char *given = command_option(command, "data");
    const char *set = getenv("SCRIP_HOME");
    const char *user = getenv("HOME");

    if (given != NULL)
        return place_absolute(command->arena, given);
    if (set != NULL && *set != '\0')
        return place_absolute(command->arena, set);
    set = config_home(command->arena, why);
    if (set == NULL)
        return NULL;
    if (access(arena_format(command->arena, "%s/install.conf", set), F_OK) == 0)
        return set;
    if (user == NULL || *user != '/') {
        *why = "--data says where the data is to lie";
        return NULL;
    }
    return place_absolute(command->arena,
                          arena_format(command->arena, "%s/scrip-data", user));
}

/* What an installation before this one has written down. */
bool
place_read(struct command *command, struct place *place, const char **why)
{
    struct arena *arena = command->arena;
    struct settings state, conf;
    const char *release, *previous;

    if (!settings_read(&state, arena,
                       arena_format(arena, "%s/install.conf", place->data),
                       why) ||
        !settings_read(&conf, arena,
                       arena_format(arena, "%s/scrip.conf", place->data), why))
        return false;
    place->fresh = conf.missing;
    place->live = settings_value(&conf, "SCRIP_STRIPE_SECRET_KEY") != NULL;
    place->web = settings_value(&state, "WEB");
    place->handler = settings_value(&state, "HANDLER");
    release = settings_value(&state, "RELEASE");
    previous = settings_value(&state, "PREVIOUS");
    if (!state.missing &&
        (place->web == NULL || place->handler == NULL || release == NULL ||
         previous == NULL ||
         !text_int(release, 1, INT32_MAX, &place->release) ||
         !text_int(previous, 0, INT32_MAX, &place->previous))) {
        *why = arena_format(arena, "%s is damaged", state.path);
        return false;
    }
    if (!conf.missing &&
        (settings_value(&conf, "SCRIP_BASE_URL") == NULL ||
         !url_parse(&place->base, arena,
                    settings_value(&conf, "SCRIP_BASE_URL")))) {
        *why = arena_format(arena, "%s has no SCRIP_BASE_URL", conf.path);
        return false;
    }
    return true;
}

bool
place_write(struct command *command, const struct place *place,
            const char **why)
{
    const char *text =
        arena_format(command->arena,
                     "# Made by scrip install.\nWEB=\"%s\"\nHANDLER=%s\n"
                     "RELEASE=%lld\nPREVIOUS=%lld\n",
                     place->web, place->handler, (long long)place->release,
                     (long long)place->previous);

    return files_write(command->arena,
                       arena_format(command->arena, "%s/install.conf",
                                    place->data),
                       text, strlen(text), 0600, why);
}

const char *
place_release(struct command *command, const struct place *place,
              int64_t release)
{
    return arena_format(command->arena, "%s/releases/%lld", place->web,
                        (long long)release);
}
