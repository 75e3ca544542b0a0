/*
 * The moment the write turn is there for, stepped through: a checkpointer has
 * read how long the WAL is, and before it looks how much of that is copied
 * already, another program commits, which begins the WAL anew. SQLite before
 * 3.51.3 then takes the new WAL for copied up to the old one's length, and
 * what is committed into that length is never read again. turn_pauses.c waits
 * for the same moment at random; here a shim below SQLite stops in it, at the
 * one call that SQLite makes between the two looks.
 */
#include <poll.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault/place.h"
#include "limits.h"
#include "turn.h"

enum {
    MANY = 60,         /* pages of the old WAL: more than are written later */
    WAITS_MS = 300,    /* a writer that waits has not answered after this */
    ANSWERS_MS = 30000 /* and one that does not wait has, even here */
};

enum { Q_WRITE, Q_COUNT, Q_QUERIES };

static const struct db_query queries[] = {
    { "write",
      "INSERT INTO event (payload) WITH RECURSIVE each (i) AS"
      " (VALUES (1) UNION ALL SELECT i + 1 FROM each WHERE i < ?1)"
      " SELECT randomblob(3000) FROM each",
      1 },
    { "count", "SELECT count(*) FROM event", 0 },
};

static const struct db_migration migrations[] = {
    { 1, "events",
      "CREATE TABLE event (n INTEGER PRIMARY KEY, payload BLOB NOT NULL)"
      "  STRICT;" },
};

static const struct db_set set = { queries, Q_QUERIES, migrations, 1, NULL, 0 };

static struct engine *
open_engine(void)
{
    enum db_result result;
    struct engine *engine = engine_open(place_path(), Q_QUERIES, &result);
    enum engine_journal journal; /* asked for, so that the WAL is open */

    if (result == DB_OK)
        result = engine_configure(engine);
    if (result == DB_OK)
        result = engine_journal(engine, &journal);
    if (result != DB_OK)
        printf("# %s\n", engine_why(engine));
    return engine;
}

/* ---------------------------------------------------------------- writer */

/* Another program, which writes as many rows as it is told to and answers
 * with a byte once they are committed. Zero: it checkpoints instead. */
struct writer {
    pid_t pid;
    int orders;
    int answers;
};

static bool
write_with_turn(struct db *db, int rows)
{
    bool kept = db_begin(db) &&
                db_run(db, &arena, NULL, Q_WRITE, INT(rows)) == DB_OK &&
                db_commit(db);

    db_rollback(db);
    return kept;
}

static bool
write_without(struct engine *engine, int rows)
{
    struct db_value values[] = { INT(rows) };

    return engine_run(engine, Q_WRITE, &queries[Q_WRITE], true, &arena, NULL,
                      values) == DB_OK;
}

static NORETURN void
be_writer(int orders, int answers, bool with_turn)
{
    struct db *db = with_turn ? place_open() : NULL;
    struct engine *engine = open_engine();
    unsigned char rows;

    while (read(orders, &rows, 1) == 1) {
        bool done = rows == 0   ? engine_checkpoint(engine, false) == DB_OK
                    : with_turn ? write_with_turn(db, rows)
                                : write_without(engine, rows);

        if (!done || write(answers, "k", 1) != 1)
            _exit(1);
    }
    _exit(0);
}

static bool
start_writer(struct writer *writer, bool with_turn)
{
    int orders[2];
    int answers[2];

    if (pipe(orders) != 0 || pipe(answers) != 0)
        return false;
    fflush(stdout);
    writer->pid = fork();
    if (writer->pid == 0) {
        close(orders[1]);
        be_writer(orders[0], answers[1], with_turn);
    }
    close(orders[0]);
    close(answers[1]);
    writer->orders = orders[1];
    writer->answers = answers[0];
    return writer->pid > 0;
}

static bool
order(const struct writer *writer, unsigned char rows)
{
    return write(writer->orders, &rows, 1) == 1;
}

static bool
answers(const struct writer *writer, int wait_ms)
{
    struct pollfd readable = { writer->answers, POLLIN, 0 };
    char byte;

    return poll(&readable, 1, wait_ms) == 1 &&
           read(writer->answers, &byte, 1) == 1;
}

static bool
end_writer(struct writer *writer)
{
    int status;

    close(writer->orders);
    close(writer->answers);
    return waitpid(writer->pid, &status, 0) == writer->pid &&
           WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ------------------------------------------------------------------ shim */

/* What to do in the moment, once; NULL when it is not waited for. */
static void (*in_the_moment)(void);

static const sqlite3_io_methods *under;
static sqlite3_vfs *vfs_under;

/* SQLite drops what it mapped of the file when it sees, at the begin of a
 * checkpoint, that others have written. */
static int
shim_unfetch(sqlite3_file *file, sqlite3_int64 offset, void *page)
{
    void (*what)(void) = in_the_moment;

    in_the_moment = NULL;
    if (what != NULL)
        what();
    return under->xUnfetch(file, offset, page);
}

static int
shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
          int *out_flags)
{
    static sqlite3_io_methods methods;
    int result = vfs_under->xOpen(vfs, name, file, flags, out_flags);

    if (result == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0) {
        under = file->pMethods;
        methods = *under;
        methods.xUnfetch = shim_unfetch;
        file->pMethods = &methods;
    }
    return result;
}

static void
put_shim(void)
{
    static sqlite3_vfs vfs;

    vfs_under = sqlite3_vfs_find(NULL);
    vfs = *vfs_under;
    vfs.zName = "moment";
    vfs.xOpen = shim_open;
    sqlite3_vfs_register(&vfs, 1);
}

/* ---------------------------------------------------------------- trials */

static struct writer writer;
static int moment_wait_ms;
static bool moment_came;
static bool moment_kept; /* the writer did not have to wait */

static void
write_in_the_moment(void)
{
    moment_came = order(&writer, 1);
    moment_kept = answers(&writer, moment_wait_ms);
}

static int64_t
count_events(void)
{
    struct engine *engine = open_engine();
    struct rows rows = { 0 };
    int64_t count = engine_run(engine, Q_COUNT, &queries[Q_COUNT], false,
                               &arena, &rows, NULL) == DB_OK
                        ? rows_int(&rows, 0, 0)
                        : -1;

    engine_close(engine);
    return count;
}

static bool
file_is_sound(void)
{
    struct db *db = place_open();
    bool sound = place_is_sound(db);

    db_close(db);
    return sound;
}

/* A long WAL, all of it copied; a checkpointer that saw the file before; its
 * checkpoint, and in its moment a commit; a last commit. */
static void
step_through(bool with_turn)
{
    struct engine *engine;
    struct turn *turn =
        with_turn ? turn_open(arena_format(&arena, "%s-turn", place_path()),
                              TURN_MEMORY)
                  : NULL;

    /* Before SQLite is in use here: it must not be carried over a fork. */
    ok(start_writer(&writer, with_turn), "a writer starts");
    engine = open_engine();
    moment_came = moment_kept = false;
    moment_wait_ms = with_turn ? WAITS_MS : ANSWERS_MS;
    ok(order(&writer, MANY) && answers(&writer, ANSWERS_MS) &&
           order(&writer, 0) && answers(&writer, ANSWERS_MS),
       "a long WAL is written and copied");
    if (with_turn)
        ok(turn_take(turn, LIMIT_TURN_MS), "the checkpointer has the turn");
    in_the_moment = write_in_the_moment;
    is_int(engine_checkpoint(engine, false), DB_OK, "it checkpoints");
    ok(moment_came, "and another comes to write in the moment");
    if (with_turn) {
        turn_give(turn);
        ok(!moment_kept && answers(&writer, ANSWERS_MS),
           "who waits for the turn, and then has it");
    } else {
        ok(moment_kept, "who does not wait");
    }
    ok(order(&writer, 1) && answers(&writer, ANSWERS_MS), "one more commits");
    turn_close(turn);
    engine_close(engine);
}

static void
end_trial(void)
{
    ok(end_writer(&writer), "the writer ends well");
    place_remove();
    arena_reset(&arena);
}

/* Whether this SQLite has its fix, as its release notes name them. */
static bool
is_fixed(void)
{
    int version = sqlite3_libversion_number();

    return version >= 3051003 || (version >= 3050007 && version < 3051000) ||
           (version >= 3044006 && version < 3045000);
}

int
main(void)
{
    int64_t count;

    arena_init(&arena, 65536, 64 * 1024 * 1024);
    put_shim();

    ok(place_make("/tmp", &set), "a database is made");
    step_through(true);
    is_int(count_events(), MANY + 2, "with the turn every commit is read");
    ok(file_is_sound(), "and the file is sound");
    end_trial();

    ok(place_make("/tmp", &set), "a database is made");
    step_through(false);
    count = count_events();
    if (is_fixed())
        is_int(count, MANY + 2, "SQLite %s needs no turn",
               sqlite3_libversion());
    else
        ok(count != MANY + 2,
           "without the turn SQLite %s loses commits: %d of %d",
           sqlite3_libversion(), (int)count, MANY + 2);
    end_trial();
    arena_free(&arena);
    return done();
}
