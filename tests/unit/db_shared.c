/*
 * The database between programs: who waits and for how long, what a reader
 * sees, what a kill or a full disk leaves, and when a checkpoint is made.
 */
#include "db_world.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>

#include "clock.h"
#include "db_engine.h"
#include "limits.h"

static void
sleep_us(long us)
{
    struct timespec pause = { 0, us * 1000 };

    nanosleep(&pause, NULL);
}

/* A child in the middle of a transaction, with thing `id` inserted; it stays
 * there until it is killed. 0: it could not. */
static pid_t
fork_writer(const char *option, int64_t id)
{
    int ends[2];
    char byte = 0;
    pid_t child;

    if (pipe(ends) != 0)
        return 0;
    child = fork();
    if (child == 0) {
        struct db *db = world_open(option);

        if (db == NULL || !db_begin(db) ||
            db_run(db, &world_arena, NULL, T_THING_INSERT, INT(id), NIL, INT(0),
                   NIL) != DB_OK ||
            write(ends[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        byte = 0;
    close(ends[0]);
    return byte == 'x' ? child : 0;
}

static void
try_waiting(const char *option)
{
    struct db *db = world_open(option);
    pid_t child = fork_writer(option, 1);
    int64_t began = clock_monotonic_ms();
    int64_t waited;
    bool wal = option[0] == '\0';
    bool taken;

    ok(child != 0, "another program writes");
    is_int(world_count(db), wal ? 0 : -1, "a reader %s",
           wal ? "does not see it" : "is told: busy");
    waited = clock_monotonic_ms() - began;
    ok(wal ? waited < LIMIT_TURN_MS : waited >= LIMIT_TURN_MS, "and %s",
       wal ? "does not wait" : "not before its time");
    taken = db_begin_read(db);
    ok(taken == wal && (wal || db_last(db) == DB_BUSY),
       "a reading transaction neither");
    db_rollback(db);
    began = clock_monotonic_ms();
    taken = db_begin(db);
    waited = clock_monotonic_ms() - began;
    ok(!taken && db_last(db) == DB_BUSY, "a writer is told: busy");
    ok(waited >= LIMIT_TURN_MS && waited < 2 * LIMIT_TURN_MS,
       "after its time and no more (%d ms)", (int)waited);
    kill(child, SIGKILL);
    world_wait(child);
    began = clock_monotonic_ms();
    ok(world_insert(db, 2) && clock_monotonic_ms() - began < LIMIT_TURN_MS,
       "killed, the other gives its turn up");
    is_int(world_count(db), 1, "and nothing of it is left");
    ok(world_sound(db), "and the file is sound");
    db_close(db);
}

/* sqlite3(1) and the like do not know of the turn. */
static void
try_stranger(void)
{
    struct db *db = world_open("");
    enum db_result result;
    struct engine *stranger = engine_open(world_path(""), 0, &result);
    int64_t began;
    bool taken;

    ok(result == DB_OK && engine_exec(stranger, "BEGIN IMMEDIATE") == DB_OK,
       "a writer that takes no turn is there");
    began = clock_monotonic_ms();
    taken = db_begin(db);
    ok(!taken && db_last(db) == DB_BUSY &&
           clock_monotonic_ms() - began < 2 * LIMIT_TURN_MS,
       "it is waited for, and not for ever");
    ok(engine_exec(stranger, "ROLLBACK") == DB_OK && world_insert(db, 1),
       "gone, it leaves the turn to us");
    engine_close(stranger);
    db_close(db);
}

static void
try_one_moment(void)
{
    struct db *reader = world_open("");
    struct db *writer = world_open("");

    ok(world_insert(writer, 1) && db_begin_read(reader) &&
           world_count(reader) == 1,
       "a reading transaction begins");
    ok(world_insert(writer, 2), "a writer does not wait for it");
    is_int(world_count(reader), 1, "it still sees its own moment");
    ok(db_commit(reader) && world_count(reader) == 2,
       "and afterwards the new one");
    db_close(reader);
    db_close(writer);
}

/* ----------------------------------------------------------- checkpoints */

static bool
insert_many(struct db *db, int64_t first, int64_t count)
{
    char bytes[3000];

    memset(bytes, 'x', sizeof(bytes));
    for (int64_t i = first; i < first + count; i++)
        if (!db_begin(db) ||
            db_run(db, NULL, NULL, T_THING_INSERT, INT(i), NIL, INT(0),
                   BLOB(bytes, sizeof(bytes))) != DB_OK ||
            !db_commit(db))
            return false;
    return true;
}

static void
try_checkpoints(void)
{
    enum { MANY = 900 };
    struct db *db = world_open("");
    int64_t before = world_size("");
    struct db *reader;

    ok(insert_many(db, 1, MANY) && world_size("") == before &&
           world_size("-wal") > MANY * 3000,
       "below its limit nothing is checkpointed, nor by SQLite itself");
    db_close(db);
    ok(world_size("") == before && world_size("-wal") > MANY * 3000,
       "nor on a close, even the last");
    db = world_open("");
    is_int(world_count(db), MANY, "all is there");
    db_set_checkpoint(db, 50);
    ok(insert_many(db, MANY + 1, 1) && world_size("") > MANY * 3000,
       "the commit that finds the WAL too long checkpoints it");
    is_int(world_size("-wal"), 0, "and empties it: nobody reads it again");
    ok(insert_many(db, MANY + 2, 1000) && world_size("-wal") < 100 * 4096,
       "and again, so that it stays short");
    reader = world_open("");
    ok(db_begin_read(reader) && world_count(reader) == MANY + 1001,
       "a reader stays");
    ok(insert_many(db, MANY + 1002, 300), "writers go on meanwhile");
    is_int(world_count(reader), MANY + 1001, "over checkpoints too");
    db_rollback(reader);
    ok(insert_many(db, MANY + 1302, LIMIT_WAL_RETRY_PAGES) &&
           world_count(reader) == MANY + 1301 + LIMIT_WAL_RETRY_PAGES &&
           world_sound(reader),
       "and all is sound");
    ok(world_size("-wal") < 100 * 4096, "and short, once no reader is left");
    db_close(reader);
    db_close(db);
}

/* ------------------------------------------------------------- full disk */

static void
limit_files(rlim_t bytes)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Files may not grow in here: EFBIG, as ENOSPC would be. Exits with the
 * number of the first step that went wrong. */
static void
write_to_full_disk(const char *option)
{
    struct db *db = world_open(option);
    enum db_result result = DB_OK;
    bool kept;

    signal(SIGXFSZ, SIG_IGN);
    if (db == NULL || !world_insert(db, 1))
        _exit(1);
    limit_files(400000);
    if (!db_begin(db))
        _exit(2);
    for (int i = 0; i < 50 && result == DB_OK; i++)
        result = db_run(db, NULL, NULL, T_FILL, INT(1), INT(100000));
    kept = db_commit(db);
    if (kept || db_last(db) != DB_FULL)
        _exit(3);
    if (db_in_transaction(db) || world_count(db) != 1)
        _exit(4); /* reads go on */
    limit_files(RLIM_INFINITY);
    if (!world_insert(db, 2) || world_count(db) != 2 || !world_sound(db))
        _exit(5); /* and writes, once there is room, without a new start */
    _exit(0);
}

static void
try_full_disk(const char *option)
{
    pid_t child = fork();

    if (child == 0)
        write_to_full_disk(option);
    is_int(world_wait(child), 0, "a full disk loses the transaction only");
}

/* ------------------------------------------------------------------ kills */

/* Inserts 1, 2, 3... and tells of each once it is committed. */
static void
insert_until_killed(const char *option, int64_t first, int tell)
{
    struct db *db = world_open(option);

    if (db == NULL)
        _exit(1);
    db_set_checkpoint(db, 20);
    for (int64_t id = first;; id++)
        if (!world_insert(db, id) ||
            write(tell, &id, sizeof(id)) != (ssize_t)sizeof(id))
            _exit(2);
}

static void
try_kills(const char *option)
{
    enum { KILLS = 25 };
    struct db *db = world_open(option);
    int64_t last = 0;
    int64_t told;
    long next_us = 0;
    int lost = 0;

    for (int i = 0; i < KILLS; i++) {
        int ends[2];
        pid_t child;

        if (pipe(ends) != 0)
            break;
        child = fork();
        if (child == 0)
            insert_until_killed(option, last + 1, ends[1]);
        close(ends[1]);
        if (read(ends[0], &told, sizeof(told)) > 0)
            last = told; /* it is at it */
        sleep_us(next_us = (next_us * 7919 + 1) % 20000);
        kill(child, SIGKILL);
        lost += world_wait(child) != -SIGKILL;
        while (read(ends[0], &told, sizeof(told)) > 0)
            last = told;
        close(ends[0]);
        /* One may be committed and not told of. */
        lost += world_count(db) != last && world_count(db) != last + 1;
        last = world_count(db);
        arena_reset(&world_arena);
    }
    ok(lost == 0 && last >= KILLS, "killed %d times: no told commit is lost",
       (int)KILLS);
    ok(world_sound(db), "and the file is sound");
    db_close(db);
}

/* --------------------------------------------------------- a damaged turn */

static void
try_damaged_turn(void)
{
    struct db *db = world_open("");
    bool begun;

    ok(world_insert(db, 1) && truncate(world_path("-turn"), 3) == 0,
       "the turn's file is cut short in use");
    begun = db_begin(db);
    ok(!begun && db_last(db) == DB_BROKEN, "no write without it: %s",
       db_why(db));
    is_int(world_count(db), 1, "reads go on");
    db_close(db);
    db = world_open("");
    ok(world_insert(db, 2), "a new start heals it");
    db_close(db);
}

/* What plain CGI saves where a request only reads. */
static void
try_no_turn(void)
{
    struct db *db;

    db_close(world_open(""));
    ok(unlink(world_path("-turn")) == 0, "the turn's file is gone");
    db = world_open_set(&world_set, "");
    is_int(world_count(db), 0, "who only reads needs none");
    ok(access(world_path("-turn"), F_OK) != 0, "and makes none");
    ok(world_insert(db, 1) && access(world_path("-turn"), F_OK) == 0,
       "the first write does");
    db_close(db);
}

int
main(void)
{
    static const char *const options[] = { "", "?journal=truncate" };
    static void (*const with_both[])(
        const char *) = { try_waiting, try_full_disk, try_kills };
    static void (*const with_wal[])(void) = { try_stranger, try_one_moment,
                                              try_checkpoints, try_damaged_turn,
                                              try_no_turn };

    world_begin();
    for (size_t i = 0; i < COUNT_OF(with_both); i++)
        for (size_t j = 0; j < COUNT_OF(options); j++) {
            printf("# %s\n", j == 0 ? "WAL" : "rollback journal");
            with_both[i](options[j]);
            world_clear();
        }
    for (size_t i = 0; i < COUNT_OF(with_wal); i++) {
        with_wal[i]();
        world_clear();
        arena_reset(&world_arena);
    }
    world_end();
    return done();
}
