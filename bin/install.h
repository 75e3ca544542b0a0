/*
 * What the files of `scrip install` share: an installation as it is or is to
 * be, and what is done with it. All that can fail is false with words in
 * *why, and may be done again.
 */
#ifndef SCRIP_INSTALL_H
#define SCRIP_INSTALL_H

#include "command.h"
#include "url.h"

struct place {
    const char *from; /* the unpacked release, or NULL */
    const char *data;
    const char *web;
    const char *handler; /* of Apache's mod_fcgid */
    struct url base;
    int64_t release; /* 0: none as yet */
    int64_t previous;
    bool fresh; /* there is no scrip.conf as yet */
    bool live;  /* a provider's key is set: no sandbox */
};

/* --- install.c ---------------------------------------------------------- */

/* An option's value, else what is answered on a terminal; "" for nothing. */
const char *install_answer(struct command *command, const char *option,
                           const char *question);

/* --- install_place.c ---------------------------------------------------- */

/* From "/", without links as far as it is there; what is not there yet
 * stands as it was given, without slashes at its end. "~/" is our home. */
const char *place_absolute(struct arena *arena, const char *path);
/* Whether `path` is `folder` or lies below it; both are absolute. */
bool place_is_below(const char *path, const char *folder);
/* The data's folder: asked for, that of this program, or in our home; NULL
 * with words in *why. */
const char *place_data(struct command *command, const char **why);
/* What an installation before this one has written down. */
MUST_USE bool place_read(struct command *command, struct place *place,
                         const char **why);
MUST_USE bool place_write(struct command *command, const struct place *place,
                          const char **why);
/* The folder of a release, or of what is beside it. */
const char *place_release(struct command *command, const struct place *place,
                          int64_t release);

/* --- install_release.c -------------------------------------------------- */

/* Where we lie, with what belongs to a release beside us; NULL: nowhere. */
const char *release_unpacked(struct arena *arena);
/* Whether WEB has no rules but ours. */
MUST_USE bool release_rules_ours(struct command *command,
                                 const struct place *place, const char **why);
/* Copies the unpacked release beside, and is there all at once. */
MUST_USE bool release_copy(struct command *command, const struct place *place,
                           const char **why);
/* The one moment at which the site changes from one release to another. */
MUST_USE bool release_switch(struct command *command, const struct place *place,
                             const char **why);
/* Removes all but this release and the one before. */
MUST_USE bool release_remove_old(struct command *command,
                                 const struct place *place, const char **why);
/* home.conf, by which the programs in `folder` find their data. */
MUST_USE bool release_write_home(struct command *command,
                                 const struct place *place, const char *folder,
                                 const char **why);
/* Time zones, where the release has its own. */
MUST_USE bool release_copy_zones(struct command *command,
                                 const struct place *place, const char *to,
                                 const char **why);

/* --- install_data.c ----------------------------------------------------- */

/* Whether the settings are those that are asked for, where there are any. */
MUST_USE bool data_settings_agree(struct command *command,
                                  const struct place *place, const char **why);
/* The folder with its settings, command and database, made or brought up to
 * date. */
MUST_USE bool data_make(struct command *command, struct place *place,
                        const char **why);
/* The Space and its owner that the options name, if they do. */
MUST_USE bool data_make_owner(struct command *command,
                              const struct place *place, const char **why);

#endif
