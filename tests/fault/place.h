/*
 * What the programs here share: a database in a new folder, opened by the
 * door or past it, looked through, and removed.
 */
#ifndef SCRIP_FAULT_PLACE_H
#define SCRIP_FAULT_PLACE_H

#include <dirent.h>
#include <unistd.h>

#include "arena.h"
#include "db_engine.h"
#include "db_inside.h"
#include "tap.h"

static struct arena arena;

static char place_folder[64];
static const struct db_set *place_set;

static const char *
place_path(void)
{
    return arena_format(&arena, "%s/of-a-test.db", place_folder);
}

static struct db *
place_open(void)
{
    const char *why = NULL;
    struct db *db = db_open(arena_format(&arena, "sqlite:%s", place_path()),
                            place_set, true, &arena, &why);

    if (db == NULL)
        printf("# %s\n", why);
    return db;
}

/* A folder below `parent`, with an empty database. */
static bool
place_make(const char *parent, const struct db_set *set)
{
    struct db *db;
    bool made;

    place_set = set;
    snprintf(place_folder, sizeof(place_folder), "%.40s/scrip-fault-XXXXXX",
             parent);
    db = mkdtemp(place_folder) == NULL ? NULL : place_open();
    made = db != NULL && db_migrate(db);
    db_close(db);
    return made;
}

/* Whether the engine finds nothing wrong with the file. */
static bool
place_is_sound(struct db *db)
{
    struct rows rows;

    if (db == NULL || db_run_sql(db, &arena, &rows, "PRAGMA integrity_check",
                                 NULL, 0) != DB_OK) {
        printf("# integrity: %s\n", db == NULL ? "not opened" : db_why(db));
        return false;
    }
    if (rows.n == 1 && strcmp(rows_text(&rows, 0, 0), "ok") == 0)
        return true;
    printf("# integrity: %s\n", rows.n > 0 ? rows_text(&rows, 0, 0) : "-");
    return false;
}

static void
place_remove(void)
{
    DIR *entries = opendir(place_folder);
    struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.')
            unlink(arena_format(&arena, "%s/%s", place_folder, entry->d_name));
    if (entries != NULL)
        closedir(entries);
    rmdir(place_folder);
}

#endif
