/*
 * The write turn, both kinds: that two never have it, that the dead give it
 * up, that who waits is served in order, and that no state of its file does
 * worse than an error. Children are forked and say by a pipe where they are.
 */
#include "turn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "tap.h"

static char folder[] = "/tmp/scrip-turn-XXXXXX";
static char path[64];

static const char *const kinds[] = { "memory", "file" };

/* What all processes of a test see. */
struct shared {
    volatile int64_t counter;
    volatile int order[8];
    volatile int ordered;
    volatile int waiting; /* who is about to wait */
    volatile int inside;
    volatile int broken;
};
static struct shared *shared;

static void
sleep_ms(long ms)
{
    struct timespec pause = { ms / 1000, (ms % 1000) * 1000000 };

    nanosleep(&pause, NULL);
}

static void
clear(void)
{
    char next[80];

    snprintf(next, sizeof(next), "%s-next", path);
    unlink(next);
    unlink(path);
}

static void
begin(void)
{
    clear();
    memset(shared, 0, sizeof(*shared));
}

/* Until `child` sleeps, having said that it is the `number`th to wait. */
static void
wait_until_it_waits(pid_t child, int number)
{
    char name[64];
    char state = 0;
    FILE *file;

    snprintf(name, sizeof(name), "/proc/%d/stat", (int)child);
    while (shared->waiting < number)
        sleep_ms(1);
    while (state != 'S') {
        sleep_ms(1);
        file = fopen(name, "r");
        if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
            state = 'S';
        if (file != NULL)
            fclose(file);
    }
}

/* Waits for a child; whether it ended by itself and well. */
static bool
ended_well(pid_t child)
{
    int status;

    return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

/* A child that takes the turn, says so, and keeps it until it is killed. */
static pid_t
fork_holder(enum turn_kind kind)
{
    int ends[2];
    char byte = 0;
    pid_t child;

    if (pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        struct turn *turn = turn_open(path, kind);

        if (turn == NULL || !turn_take(turn, 2000) ||
            write(ends[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        byte = 0;
    close(ends[0]);
    return byte == 'x' ? child : -1;
}

static void
end_holder(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* --------------------------------------------------- what a turn is for */

static void
try_alone(enum turn_kind kind)
{
    struct turn *turn = turn_open(path, kind);
    struct stat found;

    if (!ok(turn != NULL, "%s: opens", kinds[kind]))
        return;
    is_int(turn_kind(turn), kind, "%s: is of the kind asked for", kinds[kind]);
    ok(stat(path, &found) == 0 && (found.st_mode & 0777) == 0600,
       "%s: its file is the owner's alone", kinds[kind]);
    for (int i = 0; i < 3; i++) {
        ok(turn_take(turn, 0), "%s: taken without waiting", kinds[kind]);
        turn_give(turn);
    }
    turn_close(turn);
    turn = turn_open(path, kind);
    ok(turn != NULL && turn_take(turn, 0), "%s: and again after a close",
       kinds[kind]);
    turn_give(turn);
    turn_close(turn);
}

static void
try_held(enum turn_kind kind)
{
    pid_t child = fork_holder(kind);
    struct turn *turn = turn_open(path, kind);
    int64_t began = clock_monotonic_ms();
    int64_t waited;
    bool taken;

    ok(child > 0 && turn != NULL, "%s: another program has it", kinds[kind]);
    taken = turn_take(turn, 0);
    ok(!taken && errno == ETIMEDOUT, "%s: not taken from it", kinds[kind]);
    began = clock_monotonic_ms();
    taken = turn_take(turn, 150);
    waited = clock_monotonic_ms() - began;
    ok(!taken && errno == ETIMEDOUT && waited >= 150 && waited < 1500,
       "%s: waited for as long as was said", kinds[kind]);
    end_holder(child);
    ok(turn_take(turn, 1000), "%s: the killed holder gave it up", kinds[kind]);
    turn_give(turn);
    ok(turn_take(turn, 0), "%s: and all is as before", kinds[kind]);
    turn_give(turn);
    turn_close(turn);
}

/* Killed while it waits, at the head of the queue and behind it. */
static void
try_killed_waiters(enum turn_kind kind)
{
    struct turn *turn = turn_open(path, kind);
    pid_t waiters[3];

    ok(turn != NULL && turn_take(turn, 0), "%s: held here", kinds[kind]);
    for (size_t i = 0; i < COUNT_OF(waiters); i++) {
        waiters[i] = fork();
        if (waiters[i] == 0) {
            struct turn *mine = turn_open(path, kind);

            shared->waiting++;
            _exit(mine == NULL || !turn_take(mine, 20000) ||
                  (turn_give(mine), false));
        }
        wait_until_it_waits(waiters[i], (int)i + 1);
    }
    end_holder(waiters[0]);
    end_holder(waiters[1]);
    turn_give(turn);
    ok(ended_well(waiters[2]), "%s: the last waiter is served all the same",
       kinds[kind]);
    ok(turn_take(turn, 1000), "%s: and then we", kinds[kind]);
    turn_give(turn);
    turn_close(turn);
}

/* Many at once on a file that is not there yet; each opens and closes it
 * again and again, so that many are the first, many the last. */
static void
count_up(enum turn_kind kind, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        struct turn *turn = turn_open(path, kind);

        if (turn == NULL)
            _exit(2);
        for (int j = 0; j < 20; j++) {
            if (!turn_take(turn, 20000))
                _exit(3);
            if (shared->inside++ != 0)
                shared->broken = 1;
            shared->counter = shared->counter + 1;
            shared->inside--;
            turn_give(turn);
        }
        turn_close(turn);
    }
    _exit(0);
}

static void
try_many(enum turn_kind kind)
{
    enum { PROCESSES = 6, ROUNDS = 40 };
    pid_t children[PROCESSES];
    bool well = true;

    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            count_up(kind, ROUNDS);
    }
    for (int i = 0; i < PROCESSES; i++)
        well = ended_well(children[i]) && well;
    ok(well, "%s: many open and take it at once", kinds[kind]);
    ok(!shared->broken, "%s: no two had it together", kinds[kind]);
    is_int(shared->counter, PROCESSES * ROUNDS * 20, "%s: none was lost",
           kinds[kind]);
}

/* ---------------------------------------------------------------- order */

static void
wait_in_line(int number)
{
    struct turn *turn = turn_open(path, TURN_MEMORY);

    shared->waiting++;
    if (turn == NULL || !turn_take(turn, 20000))
        _exit(1);
    shared->order[shared->ordered++] = number;
    sleep_ms(2);
    turn_give(turn);
    _exit(0);
}

enum { WAITERS = 5 };

/* Children that wait for the turn, which we have, one behind the other. */
static void
fork_line(pid_t *children)
{
    for (int i = 0; i < WAITERS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            wait_in_line(i);
        wait_until_it_waits(children[i], i + 1);
    }
}

static bool
line_ended_well(const pid_t *children)
{
    bool well = true;

    for (int i = 0; i < WAITERS; i++)
        well = ended_well(children[i]) && well;
    return well;
}

static void
try_order(void)
{
    struct turn *turn = turn_open(path, TURN_MEMORY);
    pid_t children[WAITERS];
    bool ordered = true;
    bool well = turn != NULL && turn_take(turn, 0);

    fork_line(children);
    turn_give(turn);
    well = line_ended_well(children) && well;
    for (int i = 0; i < WAITERS; i++)
        ordered = ordered && shared->order[i] == i;
    ok(well && ordered, "who waits is served in the order of coming");
    turn_close(turn);
}

/* How many of the line were served before who gave the turn had it again;
 * -1 where something went wrong. */
static int
served_before_giver(void)
{
    struct turn *turn = turn_open(path, TURN_MEMORY);
    pid_t children[WAITERS];
    bool well = turn != NULL && turn_take(turn, 0);
    int served;

    fork_line(children);
    turn_give(turn);
    well = turn_take(turn, 20000) && well;
    served = shared->ordered;
    turn_give(turn);
    well = line_ended_well(children) && well;
    turn_close(turn);
    return well ? served : -1;
}

/* The first waiter has the head of the queue and never loses it. Another is
 * woken for it, and who asks before it runs goes first: it may happen, but is
 * not the rule. Without a queue nobody would be served before the giver. */
static void
try_giver(void)
{
    enum { ROUNDS = 20 };
    int least = WAITERS;
    int last = 0;

    for (int i = 0; i < ROUNDS; i++) {
        int served;

        begin();
        served = served_before_giver();
        least = served < least ? served : least;
        last += served == WAITERS;
    }
    ok(least >= 1, "who has given it never has it before who waits for it");
    ok(last > ROUNDS / 2, "and stands behind all who wait: %d of %d times",
       last, (int)ROUNDS);
}

/* ------------------------------------------------------ damage and loss */

enum damage { CUT, EMPTIED, GROWN, MAGIC, LAYOUT, NOISE };

static const struct {
    const char *words;
    enum damage damage;
} damages[] = {
    { "cut short", CUT },
    { "emptied", EMPTIED },
    { "grown", GROWN },
    { "without its magic", MAGIC },
    { "of another layout", LAYOUT },
    { "overwritten", NOISE },
};

static bool
damage_file(enum damage damage)
{
    int file = open(path, O_RDWR);
    char noise[64];
    bool done_so = false;

    memset(noise, 0xa5, sizeof(noise));
    switch (damage) {
    case CUT: done_so = ftruncate(file, 20) == 0; break;
    case EMPTIED: done_so = ftruncate(file, 0) == 0; break;
    case GROWN: done_so = ftruncate(file, 100000) == 0; break;
    case MAGIC: done_so = pwrite(file, noise, 8, 0) == 8; break;
    case LAYOUT: done_so = pwrite(file, noise, 4, 16) == 4; break;
    case NOISE: done_so = pwrite(file, noise, 64, 0) == 64; break;
    }
    close(file);
    return done_so;
}

static void
try_damage_in_use(size_t i)
{
    struct turn *turn = turn_open(path, TURN_MEMORY);
    struct turn *other;
    bool taken;

    ok(turn != NULL && damage_file(damages[i].damage),
       "in use and %s:", damages[i].words);
    taken = turn_take(turn, 100);
    ok(!taken && errno == EPROTO, "  it is not taken, and nobody dies");
    other = turn_open(path, TURN_MEMORY);
    ok(other == NULL && errno == EPROTO, "  nor opened by another");
    turn_close(turn);
    turn = turn_open(path, TURN_MEMORY);
    ok(turn != NULL && turn_take(turn, 100), "  and is well once all let go");
    if (turn != NULL)
        turn_give(turn);
    turn_close(turn);
}

static void
try_damage_at_rest(size_t i)
{
    struct turn *turn = turn_open(path, TURN_MEMORY);

    turn_close(turn);
    ok(damage_file(damages[i].damage) &&
           (turn = turn_open(path, TURN_MEMORY)) != NULL &&
           turn_take(turn, 100),
       "at rest and %s: made anew", damages[i].words);
    turn_give(turn);
    turn_close(turn);
}

/* A backup of a running site has the page of a held turn in it. */
static void
try_copy(void)
{
    pid_t child = fork_holder(TURN_MEMORY);
    char copy[80];
    char bytes[4096];
    int from = open(path, O_RDONLY);
    int to;
    ssize_t n;
    struct turn *turn;

    snprintf(copy, sizeof(copy), "%s-copy", path);
    to = open(copy, O_RDWR | O_CREAT | O_TRUNC, 0600);
    n = read(from, bytes, sizeof(bytes));
    ok(child > 0 && n > 0 && write(to, bytes, (size_t)n) == n,
       "the file of a held turn is copied");
    close(from);
    close(to);
    turn = turn_open(copy, TURN_MEMORY);
    ok(turn != NULL && turn_take(turn, 0), "the copy is not held by anybody");
    turn_give(turn);
    turn_close(turn);
    unlink(copy);
    end_holder(child);
}

static void
try_removed(enum turn_kind kind)
{
    struct turn *one = turn_open(path, kind);
    struct turn *two = turn_open(path, kind);
    bool taken;

    unlink(path);
    ok(one != NULL && two != NULL && turn_take(one, 100),
       "%s: taken though the file was removed", kinds[kind]);
    taken = turn_take(two, 50);
    ok(!taken && errno == ETIMEDOUT, "%s: and the other meets us at the new",
       kinds[kind]);
    turn_give(one);
    ok(turn_take(two, 50), "%s: and gets it after us", kinds[kind]);
    turn_give(two);
    turn_close(one);
    turn_close(two);
}

static void
try_kinds_together(void)
{
    struct turn *memory = turn_open(path, TURN_MEMORY);
    struct turn *file = turn_open(path, TURN_FILE);
    bool both;

    ok(memory != NULL && file != NULL && turn_take(memory, 100),
       "one kind takes it");
    both = turn_take(file, 50);
    ok(!both && errno == ETIMEDOUT, "and the other cannot");
    turn_give(memory);
    turn_close(memory);
    ok(turn_take(file, 100), "the other takes it");
    memory = turn_open(path, TURN_MEMORY);
    ok(memory == NULL && errno == ETIMEDOUT, "and the one cannot even come");
    turn_give(file);
    turn_close(file);
}

static void
try_no_file(void)
{
    char bad[80];

    snprintf(bad, sizeof(bad), "%s/none/turn", folder);
    ok(turn_open(bad, TURN_MEMORY) == NULL && errno == ENOENT,
       "no folder, no turn");
    ok(turn_open(folder, TURN_MEMORY) == NULL && errno == EISDIR,
       "a folder is no turn");
    snprintf(bad, sizeof(bad), "%s/link", folder);
    ok(symlink("turn", bad) == 0 && turn_open(bad, TURN_MEMORY) == NULL &&
           errno == ELOOP,
       "a symbolic link is not followed");
    unlink(bad);
    ok(mkfifo(bad, 0600) == 0 && turn_open(bad, TURN_MEMORY) == NULL &&
           errno == EPROTO,
       "a pipe is no turn");
    unlink(bad);
}

int
main(void)
{
    static void (*const of_each_kind[])(enum turn_kind) = {
        try_alone, try_held, try_killed_waiters, try_many, try_removed,
    };

    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/turn", folder);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < COUNT_OF(of_each_kind); i++)
        for (int kind = TURN_MEMORY; kind <= TURN_FILE; kind++) {
            begin();
            of_each_kind[i]((enum turn_kind)kind);
        }
    begin();
    try_order();
    try_giver();
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        begin();
        try_damage_in_use(i);
        begin();
        try_damage_at_rest(i);
    }
    begin();
    try_copy();
    begin();
    try_kinds_together();
    begin();
    try_no_file();
    clear();
    rmdir(folder);
    return done();
}
