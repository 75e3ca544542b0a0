/*
 * Opening and closing a database: which engine file, which journal.
 * Everything is checked here once, so that db.c can believe its handle; but
 * the turn is db.c's to open, for who only reads takes none.
 *
 * Never: open a database's file by hand where it is there already, since
 * closing it again would drop the locks that SQLite has on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db_engine.h"
#include "db_inside.h"
#include "limits.h"
#include "log.h"
#include "mount.h"
#include "turn.h"

/* "sqlite:PATH", "sqlite:PATH?journal=truncate". A path is never taken for
 * one of SQLite's own names (":memory:", "file:"). NULL: no such address. */
static const char *
path_of(const char *url, struct arena *arena, bool *serial)
{
    static const char scheme[] = "sqlite:";
    static const char option[] = "?journal=truncate";
    size_t length = strlen(url);
    size_t end = sizeof(option) - 1;

    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
        return NULL;
    url += sizeof(scheme) - 1;
    length -= sizeof(scheme) - 1;
    *serial = length > end && strcmp(url + length - end, option) == 0;
    if (*serial)
        length -= end;
    if (length == 0)
        return NULL;
    return arena_format(arena, "%s%.*s", url[0] == '/' ? "" : "./", (int)length,
                        url);
}

/* Only ever makes a file: opening one that is there, and closing it again,
 * would drop the locks that SQLite has on it. */
static bool
make_file(const char *path)
{
    int file =
        open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (file < 0)
        return errno == EEXIST;
    close(file);
    return true;
}

static enum db_result
check(struct db *db, enum db_result result)
{
    return result == DB_OK ? DB_OK
                           : db_fail(db, result, engine_why(db->engine));
}

/* Brings the file to the journal that we want; under the turn, unless it has
 * that already. */
static enum db_result
settle_journal(struct db *db)
{
    enum engine_journal want = db->serial ? ENGINE_ROLLBACK : ENGINE_WAL;
    enum engine_journal is = want;
    enum db_result result = check(db, engine_journal(db->engine, &is));

    if (result != DB_OK || (is == ENGINE_WAL && want == ENGINE_WAL))
        return result;
    if (!db_take_turn(db))
        return db->last;
    return check(db, engine_set_journal(db->engine, want));
}

static enum db_result
configure(struct db *db)
{
    enum db_result result;

    if (db->serial && !db_take_turn(db))
        return db->last;
    result = check(db, engine_configure(db->engine));
    if (result == DB_OK)
        result = settle_journal(db);
    db_give_turn(db);
    return result;
}

/* Everything of a handle; db->why on false. */
static bool
open_parts(struct db *db, const char *path)
{
    enum db_result result = DB_BROKEN;

    db->engine = engine_open(path, db->set->query_count, &result);
    if (db->engine == NULL) {
        db_fail(db, DB_BROKEN, "out of memory");
        return false;
    }
    if (check(db, result) != DB_OK)
        return false;
    return configure(db) == DB_OK;
}

static struct db *
open_file(const char *path, const struct db_set *set, bool serial,
          struct arena *arena, const char **why)
{
    struct db *db = calloc(1, sizeof(*db));

    *why = "out of memory";
    if (db == NULL)
        return NULL;
    db->set = set;
    db->owner = getpid();
    db->serial = serial;
    db->checkpoint_pages = LIMIT_WAL_PAGES;
    *why = NULL;
    if (open_parts(db, path))
        return db;
    *why = arena_format(arena, "%s: %s", path, db->why);
    db_close(db);
    return NULL;
}

struct db *
db_open(const char *url, const struct db_set *set, bool create,
        struct arena *arena, const char **why)
{
    bool serial;
    const char *path = path_of(url, arena, &serial);

    if (path == NULL) {
        *why = "a database is given as sqlite:PATH";
        return NULL;
    }
    if (create ? !make_file(path) : access(path, F_OK) != 0) {
        *why = arena_format(arena, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (!serial && mount_is_remote(path)) {
        log_warning("%s lies on a network file system: its journal is slower",
                    path);
        serial = true;
    }
    return open_file(path, set, serial, arena, why);
}

void
db_close(struct db *db)
{
    if (db == NULL || db->owner != getpid())
        return; /* a child's copy: its parent's locks are not ours to drop */
    if (db->engine != NULL) {
        db_rollback(db);
        engine_close(db->engine);
    }
    turn_close(db->turn);
    free(db);
}

void
db_set_checkpoint(struct db *db, int pages)
{
    db->checkpoint_pages = pages;
    db->empty_wal = true;
}
