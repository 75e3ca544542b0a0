/*
 * Files of an installation: copied and filled in so that a reader finds the
 * old one or the new one, never a part. What is made gets exactly the mode
 * that is asked for, whatever the umask.
 */
#ifndef SCRIP_FILES_H
#define SCRIP_FILES_H

#include "arena.h"

/* "@NAME@" and what stands for it; ends with a NULL name. */
struct files_word {
    const char *name;
    const char *value;
};

/* All are false with words in *why. */

/* A folder, and those above it (755). One that is there keeps its mode. */
MUST_USE bool files_folder(struct arena *arena, const char *path, unsigned mode,
                           const char **why);
/* The text of a file of at most 1 MiB. */
MUST_USE bool files_read(struct arena *arena, const char *path,
                         const char **text, const char **why);
/* Writes beside, syncs, renames. */
MUST_USE bool files_write(struct arena *arena, const char *path,
                          const char *text, size_t length, unsigned mode,
                          const char **why);
/* The same without the sync: what can be copied again. */
MUST_USE bool files_copy(struct arena *arena, const char *from, const char *to,
                         unsigned mode, const char **why);
/* A folder with all in it: files become `mode`, folders 755. What begins
 * with a '.' and what is no file or folder is left out. */
MUST_USE bool files_copy_tree(struct arena *arena, const char *from,
                              const char *to, unsigned mode, const char **why);
/* `path` and all below it, which need not be there. Follows no link. */
MUST_USE bool files_remove_tree(struct arena *arena, const char *path,
                                const char **why);
/* The template at `from`, each word filled in wherever it stands. */
MUST_USE bool files_fill(struct arena *arena, const char *from, const char *to,
                         const struct files_word *words, unsigned mode,
                         const char **why);

#endif
