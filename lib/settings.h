/*
 * A file of settings: lines of KEY=value, read whole and strictly. What the
 * keys mean is config.h's. Never executes, expands or follows anything.
 */
#ifndef SCRIP_SETTINGS_H
#define SCRIP_SETTINGS_H

#include "arena.h"

struct setting {
    const char *key;
    const char *value; /* without quotes; perhaps empty, never NULL */
    int line;
};

struct settings {
    const char *path;
    const char *text; /* all of it, as it lies there */
    struct setting *list;
    int count;
    bool missing; /* there is no such file: no settings */
    bool exposed; /* others than its owner may read it */
};

/* Reads the file at `path` into the arena. False with words in *why for a
 * file that cannot be read, is over 64 KiB, holds a NUL or a control
 * character, a line that is no setting, or a key twice. */
MUST_USE bool settings_read(struct settings *settings, struct arena *arena,
                            const char *path, const char **why);

/* The value of `key`, or NULL. */
const char *settings_value(const struct settings *settings, const char *key);

#endif
