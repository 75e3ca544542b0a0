/*
 * The simulation: random operations of every kind, moved through time, on
 * the ledger's own code and on a simple model, compared after each.
 *
 *     SEED=7 N=1000000 build/sim/ledger
 *
 * SEED makes the run repeatable (it is printed), N is how many operations are
 * done in memory, and DB_N through a database, which is proved at the end.
 * What fails is shortened to the fewest operations that still fail, and
 * printed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "clock.h"
#include "tap.h"
#include "world.h"

enum { WORLD = 120 };

typedef const char *world(const struct op *ops, int count, uint64_t seed,
                          int *at, int64_t *done);

static int64_t
setting(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    char *end;
    long long value;

    if (text == NULL || *text == '\0')
        return otherwise;
    value = strtoll(text, &end, 10);
    assert(*end == '\0');
    return value;
}

/* Leaves out what the fault does not need, in ever smaller pieces. */
static int
shorten(world *run, struct op *ops, int count, uint64_t seed)
{
    struct op tried[WORLD];
    int64_t done = 0;
    int at;

    for (int piece = count / 2; piece > 0; piece = piece > 1 ? piece / 2 : 0)
        for (int from = 0; from + piece <= count;) {
            size_t head = (size_t)from;
            size_t tail = (size_t)(count - from - piece);

            memcpy(tried, ops, head * sizeof(*ops));
            memcpy(tried + from, ops + from + piece, tail * sizeof(*ops));
            if (run(tried, count - piece, seed, &at, &done) != NULL) {
                count = at + 1;
                memcpy(ops, tried, (size_t)count * sizeof(*ops));
            } else {
                from += piece;
            }
        }
    return count;
}

/* Smaller numbers where they still fail. */
static void
simplify(world *run, struct op *ops, int count, uint64_t seed)
{
    int64_t done = 0;
    int at;

    for (int i = 0; i < count; i++) {
        int64_t *numbers[] = { &ops[i].wait, &ops[i].amount, &ops[i].more };

        for (size_t j = 0; j < COUNT_OF(numbers); j++) {
            int64_t was = *numbers[j];

            for (int64_t less = was == 1 ? 1 : was / 2; less > 0; less /= 2) {
                *numbers[j] = was - less;
                if (j != 0 && *numbers[j] == 0)
                    break;
                if (run(ops, count, seed, &at, &done) == NULL)
                    break;
                was = *numbers[j];
            }
            *numbers[j] = was;
        }
    }
}

static void
explain(world *run, struct op *ops, int count, uint64_t seed)
{
    int64_t done = 0, passed = 0;
    int at, quiet = open("/dev/null", O_WRONLY), err = dup(2);
    const char *why;

    dup2(quiet, 2);
    for (int before = count + 1; count < before;) {
        before = count;
        count = shorten(run, ops, count, seed);
        simplify(run, ops, count, seed);
    }
    dup2(err, 2);
    why = run(ops, count, seed, &at, &done);
    printf("# %d operations are enough: %s\n", count,
           why == NULL ? "(not any more)" : why);
    for (int i = 0; i < count; i++) {
        passed += ops[i].wait;
        op_print(&ops[i], i, passed);
    }
    close(quiet);
    close(err);
}

static bool
simulate(world *run, uint64_t seed, int64_t operations)
{
    struct dice dice = { .state = seed };
    int64_t done = 0, worlds = 0, began = clock_monotonic_ms();

    while (done < operations) {
        struct op ops[WORLD];
        uint64_t own = dice_roll(&dice);
        struct dice mine = { .state = own };
        int at;
        const char *why;

        for (int i = 0; i < WORLD; i++)
            op_random(&ops[i], &mine);
        why = run(ops, WORLD, own, &at, &done);
        worlds++;
        if (why != NULL) {
            printf("# world %" PRId64 ", operation %d: %s\n", worlds, at, why);
            explain(run, ops, at + 1, own);
            return false;
        }
    }
    printf("# %" PRId64 " operations in %" PRId64 " worlds, %" PRId64 " ms\n",
           done, worlds, clock_monotonic_ms() - began);
    return true;
}

/* What has to have been met, for a run of this length to mean anything. */
static const struct {
    enum op_kind kind;
    int outcomes[5]; /* as enum outcome of model.h; 0 ends it */
} expected[] = {
    { OP_ADJUST, { OUT_INSUFFICIENT } },
    { OP_PLACE, { OUT_INSUFFICIENT, OUT_CAP } },
    { OP_PLAN, { OUT_INSUFFICIENT, OUT_CAP } },
    { OP_CAPTURE, { OUT_UNKNOWN, OUT_NOT_OPEN, OUT_EXCEEDS } },
    { OP_EXTEND, { OUT_NOT_OPEN, OUT_EXCEEDS, OUT_INSUFFICIENT, OUT_CAP } },
    { OP_RELEASE, { OUT_UNKNOWN, OUT_NOT_OPEN } },
    { OP_DIRECT, { OUT_INSUFFICIENT, OUT_CAP } },
    { OP_REFUND, { OUT_EXCEEDS } },
};

static void
check_ledger(int64_t seed, int64_t n)
{
    bool same;

    world_ledger_open();
    same = simulate(world_ledger, (uint64_t)seed, n);
    ok(same, "through the database the ledger does what the model says");
    is_int(world_ledger_close(), 0, "and what it wrote proves right");
}

static void
check_tally(int64_t n)
{
    int64_t least = n / 10000;

    for (int kind = 0; kind < OP_KINDS; kind++) {
        printf("# %8s", op_text((enum op_kind)kind));
        for (int i = 0; i < OUTCOMES; i++)
            printf(" %8" PRId64, world_tally[kind][i]);
        putchar('\n');
        ok(world_tally[kind][OUT_OK] > least, "%s succeeded often enough",
           op_text((enum op_kind)kind));
    }
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        for (int j = 0; expected[i].outcomes[j] != 0; j++)
            ok(world_tally[expected[i].kind][expected[i].outcomes[j]] > least,
               "%s was refused (%d) often enough", op_text(expected[i].kind),
               expected[i].outcomes[j]);
}

int
main(void)
{
    int64_t seed = setting("SEED", clock_system_ms());
    int64_t n = setting("N", 100000);
    int64_t db_n = setting("DB_N", 3000);

    printf("# SEED=%" PRId64 " N=%" PRId64 " DB_N=%" PRId64 "\n", seed, n,
           db_n);
    ok(simulate(world_memory, (uint64_t)seed, n),
       "in memory the wallet does what the model says");
    check_tally(n);
    check_ledger(seed, db_n);
    return done();
}
