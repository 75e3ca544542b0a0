/*
 * Pauses: several programs write and checkpoint while they are stopped and
 * continued at random, as a CPU quota does to them. Afterwards the file has
 * to be sound and every commit that was told of has to be in it.
 *
 *     turn_pauses                          for some seconds
 *     turn_pauses SECONDS [SEED]           as our programs do: with the turn
 *     turn_pauses without SECONDS [SEED]   and with the turn taken away
 *
 * "without": the same writers and the same checkpointer, but nobody takes a
 * turn, as SQLite's own manual allows. SQLite before 3.51.3 loses data then,
 * within seconds or minutes; turn_window.c stops in the moment in which it
 * does. Nothing in lib/ can be switched so: these writers go past db.h.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "clock.h"
#include "dice.h"
#include "fault/place.h"
#include "limits.h"
#include "turn.h"

enum {
    WRITERS = 4,
    PAYLOAD_MAX = 6000,
    CHECKPOINT_PAGES = 15, /* often, for here is where it hurts */
    SLICE_MS = 2000        /* between two looks at the file */
};

enum { Q_INSERT, Q_COUNT_UP, Q_DONE, Q_ALL, Q_TRIM, Q_QUERIES };

/* A payload can be computed from its writer and number, so that a page that
 * came from elsewhere shows. */
static const struct db_query queries[] = {
    { "insert", "INSERT INTO event (writer, n, payload) VALUES (?1, ?2, ?3)",
      3 },
    { "count_up", "UPDATE writer SET n = n + 1 WHERE writer = ?1 RETURNING n",
      1 },
    { "done", "SELECT n FROM writer WHERE writer = ?1", 1 },
    { "all",
      "SELECT n, payload FROM event WHERE writer = ?1 AND n > ?2 ORDER BY n",
      2 },
    { "trim", "DELETE FROM event WHERE writer = ?1 AND n = ?2", 2 },
};

static const struct db_migration migrations[] = {
    { 1, "events",
      "CREATE TABLE event (writer INTEGER NOT NULL, n INTEGER NOT NULL,"
      "  payload BLOB NOT NULL, PRIMARY KEY (writer, n)) STRICT;"
      "CREATE INDEX event_payload ON event (substr(payload, 1, 40));"
      "CREATE TABLE writer (writer INTEGER PRIMARY KEY, n INTEGER NOT NULL)"
      "  STRICT;"
      "INSERT INTO writer VALUES (0, 0), (1, 0), (2, 0), (3, 0);" },
};

static const struct db_set set = { queries, Q_QUERIES, migrations, 1, NULL, 0 };

/* Rows a writer keeps: older ones go, so that pages are used again. */
#define KEEP 200

static bool with_turn = true;

/* Seen by all. What a writer was told is committed. */
static struct {
    volatile int64_t told[WRITERS];
    volatile int64_t failed[WRITERS];
    volatile int64_t checkpoints;
} * shared;

static size_t
make_payload(char bytes[PAYLOAD_MAX], int64_t writer, int64_t n)
{
    struct dice dice = { (uint64_t)writer * 1000003 + (uint64_t)n };
    size_t length = (size_t)dice_between(&dice, 200, PAYLOAD_MAX - 1);

    for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
        uint64_t word = dice_roll(&dice);
        size_t left = length - i;

        memcpy(bytes + i, &word, left < sizeof(word) ? left : sizeof(word));
    }
    return length;
}

static void
sleep_us(int64_t us)
{
    struct timespec pause = { us / 1000000, (us % 1000000) * 1000 };

    nanosleep(&pause, NULL);
}

/* --------------------------------------------------------------- writers */

/* The three statements of a transaction, by either way in. */
static const struct db_value *
values_of(enum db_result *unused, int64_t writer, int64_t n, char *bytes,
          struct db_value values[3])
{
    (void)unused;
    values[0] = INT(writer);
    values[1] = INT(n);
    values[2] = BLOB(bytes, make_payload(bytes, writer, n));
    return values;
}

static bool
write_with_turn(struct db *db, int64_t writer, int64_t n)
{
    char bytes[PAYLOAD_MAX];
    struct db_value values[3];
    bool kept = false;

    values_of(NULL, writer, n, bytes, values);
    if (db_begin(db) &&
        db_run_values(db, &arena, NULL, Q_INSERT, values, 3) == DB_OK &&
        db_run(db, &arena, NULL, Q_COUNT_UP, INT(writer)) == DB_OK &&
        db_run(db, &arena, NULL, Q_TRIM, INT(writer), INT(n - KEEP)) == DB_OK)
        kept = db_commit(db);
    db_rollback(db);
    return kept;
}

static bool
write_without(struct engine *engine, int64_t writer, int64_t n)
{
    char bytes[PAYLOAD_MAX];
    struct db_value values[3];
    struct db_value trim[] = { INT(writer), INT(n - KEEP) };

    values_of(NULL, writer, n, bytes, values);
    if (engine_exec(engine, "BEGIN IMMEDIATE") == DB_OK &&
        engine_run(engine, Q_INSERT, &queries[Q_INSERT], true, &arena, NULL,
                   values) == DB_OK &&
        engine_run(engine, Q_COUNT_UP, &queries[Q_COUNT_UP], true, &arena, NULL,
                   values) == DB_OK &&
        engine_run(engine, Q_TRIM, &queries[Q_TRIM], true, &arena, NULL,
                   trim) == DB_OK &&
        engine_exec(engine, "COMMIT") == DB_OK)
        return true;
    if (engine_in_transaction(engine) &&
        engine_exec(engine, "ROLLBACK") != DB_OK)
        _exit(2);
    return false;
}

static NORETURN void
be_writer(int writer)
{
    struct dice dice = { (uint64_t)(shared->told[writer] * WRITERS + writer) };
    struct db *db = with_turn ? place_open() : NULL;
    enum db_result result = DB_OK;
    struct engine *engine =
        with_turn ? NULL : engine_open(place_path(), Q_QUERIES, &result);

    if ((with_turn && db == NULL) || result != DB_OK)
        _exit(1);
    if (with_turn)
        db_set_checkpoint(db, CHECKPOINT_PAGES);
    for (;;) { /* with rests: only between writes is a WAL copied whole */
        int64_t n = shared->told[writer] + 1;
        bool kept = with_turn ? write_with_turn(db, writer, n)
                              : write_without(engine, writer, n);

        if (kept)
            shared->told[writer] = n;
        else
            shared->failed[writer]++;
        arena_reset(&arena);
        sleep_us(dice_below(&dice, 500));
    }
}

/* A program that only checkpoints, all the time. */
static NORETURN void
be_checkpointer(void)
{
    const char *beside = arena_format(&arena, "%s-turn", place_path());
    struct turn *turn = with_turn ? turn_open(beside, TURN_MEMORY) : NULL;
    enum db_result result;
    struct engine *engine = engine_open(place_path(), 0, &result);
    enum engine_journal journal; /* asked for, so that the WAL is open */
    bool whole = false;

    if ((with_turn && turn == NULL) || result != DB_OK ||
        engine_journal(engine, &journal) != DB_OK)
        _exit(1);
    for (;;) {
        if (with_turn && !turn_take(turn, LIMIT_TURN_MS))
            continue;
        whole = with_turn && !whole; /* without, only the other kind races */
        result = engine_checkpoint(engine, whole);
        if (with_turn)
            turn_give(turn);
        if (result == DB_OK)
            shared->checkpoints++;
    }
}

/* ---------------------------------------------------------------- pauses */

/* Every other time the last one, which checkpoints. */
static void
pause_at_random(const pid_t *children, int count, int64_t until_ms,
                struct dice *dice)
{
    while (clock_monotonic_ms() < until_ms) {
        int64_t which = dice_below(dice, 2 * count);
        pid_t child = children[which < count ? which : count - 1];

        kill(child, SIGSTOP);
        sleep_us(dice_between(dice, 500, 2999));
        kill(child, SIGCONT);
        sleep_us(dice_below(dice, 500));
    }
}

/* Kills them all; false where one had ended before. */
static bool
end_all(const pid_t *children, int count)
{
    bool all = true;
    int status;

    for (int i = 0; i < count; i++)
        kill(children[i], SIGKILL);
    for (int i = 0; i < count; i++)
        all = waitpid(children[i], &status, 0) == children[i] &&
              WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && all;
    return all;
}

/* ---------------------------------------------------------- what was kept */

static bool
writer_is_whole(struct db *db, int writer)
{
    struct rows done_so;
    struct rows rows;
    char bytes[PAYLOAD_MAX];
    int64_t n;

    if (db_run(db, &arena, &done_so, Q_DONE, INT(writer)) != DB_OK ||
        done_so.n != 1)
        return false;
    n = rows_int(&done_so, 0, 0);
    if (n < shared->told[writer] || n > shared->told[writer] + 1) {
        printf("# writer %d was told %d, the file has %d\n", writer,
               (int)shared->told[writer], (int)n);
        return false;
    }
    if (db_run(db, &arena, &rows, Q_ALL, INT(writer), INT(n - KEEP)) != DB_OK ||
        rows.n != (n < KEEP ? n : KEEP))
        return false;
    for (int i = 0; i < rows.n; i++) {
        const struct db_value *payload = rows_at(&rows, i, 1);
        int64_t at = rows_int(&rows, i, 0);
        size_t length = make_payload(bytes, writer, at);

        if (at != n - rows.n + 1 + i || payload->length != length ||
            memcmp(payload->bytes, bytes, length) != 0)
            return false;
    }
    shared->told[writer] = n; /* the one that was cut off before it told */
    return true;
}

static bool
file_is_whole(void)
{
    struct db *db = place_open();
    bool whole = place_is_sound(db);

    for (int i = 0; i < WRITERS && whole; i++) {
        whole = writer_is_whole(db, i);
        if (!whole)
            printf("# writer %d: rows missing or changed\n", i);
    }
    db_close(db);
    arena_reset(&arena);
    return whole;
}

/* Slices of writing and pausing, each followed by a look. */
static bool
run(int64_t seconds, uint64_t seed)
{
    int64_t until = clock_monotonic_ms() + seconds * SECOND_MS;
    struct dice dice = { seed };
    pid_t children[WRITERS + 1];
    bool alive = true;
    bool whole = true;

    while (alive && whole && clock_monotonic_ms() < until) {
        int count = 0;

        fflush(stdout);
        for (; count < WRITERS; count++) {
            children[count] = fork();
            if (children[count] == 0)
                be_writer(count);
        }
        children[count] = fork();
        if (children[count++] == 0)
            be_checkpointer();
        pause_at_random(children, count,
                        min_i64(until, clock_monotonic_ms() + SLICE_MS), &dice);
        alive = end_all(children, count);
        whole = file_is_whole();
    }
    if (!alive)
        printf("# a writer ended by itself\n");
    return alive && whole;
}

static int64_t
total(const volatile int64_t *values)
{
    int64_t sum = 0;

    for (int i = 0; i < WRITERS; i++)
        sum += values[i];
    return sum;
}

/* One trial in a new database; false where something was lost. */
static bool
trial(const char *name, bool turn, int64_t seconds, uint64_t seed)
{
    const char *place = getenv("TMPDIR");
    int64_t began = clock_monotonic_ms();
    bool whole;

    /* In memory a commit takes no time, so that more of them meet. */
    if (place == NULL)
        place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    memset(shared, 0, sizeof(*shared));
    with_turn = turn;
    if (!ok(place_make(place, &set), "%s: a database is made", name))
        return false;
    whole = run(seconds, seed);
    place_remove();
    printf("# %s: %d ms, %d commits told of, %d refused, %d checkpoints\n",
           name, (int)(clock_monotonic_ms() - began), (int)total(shared->told),
           (int)total(shared->failed), (int)shared->checkpoints);
    return whole;
}

static void
try_with(int64_t seconds, uint64_t seed)
{
    bool whole = trial("with the turn", true, seconds, seed);

    ok(whole, "with the turn every told commit is kept");
    ok(total(shared->told) > 20 * seconds && shared->checkpoints > 20 * seconds,
       "and there were many, of checkpoints too");
    is_int(total(shared->failed), 0, "and none was refused");
}

int
main(int argc, char **argv)
{
    bool without = argc > 1 && strcmp(argv[1], "without") == 0;
    char **numbers = argv + (without ? 2 : 1);
    int count = argc - (without ? 2 : 1);
    int64_t seconds = count > 0 ? strtoll(numbers[0], NULL, 10) : 6;
    uint64_t seed = count > 1 ? strtoull(numbers[1], NULL, 10)
                              : (uint64_t)clock_system_ms();

    printf("# seed %" PRIu64 "\n", seed);
    arena_init(&arena, 65536, 64 * 1024 * 1024);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    if (without)
        ok(!trial("without", false, seconds, seed), "data is lost without it");
    else
        try_with(seconds, seed);
    arena_free(&arena);
    return done();
}
