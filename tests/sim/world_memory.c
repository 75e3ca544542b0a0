/*
 * The wallet in memory against the model, operation by operation. A twin of
 * it is settled at random moments besides, as a tick or a reader would, and
 * has to write the very same chain of events. And now and then an operation
 * is undone and done again, which has to come to the same.
 */
#include "world.h"

#include "drive.h"

enum { ARENA_MAX = 512 * 1024 * 1024 };

struct world {
    struct arena arena;
    struct model model;
    struct drive drive, twin_drive;
    struct wallet wallet, twin;
    struct takings takings[MODEL_HOLDS], twin_takings[MODEL_HOLDS];
    struct dice ticks;
};

int64_t world_tally[OP_KINDS][OUTCOMES];

void
world_begin(struct model *model, uint64_t seed, const char **zone)
{
    static const char *const zones[] = { "Europe/London", "UTC",
                                         "America/New_York", "Asia/Kolkata" };
    /* The weeks around the changes of 2026 and a leap year's February. */
    static const int64_t days[] = { 20539, 20750, 21230, 20480 };
    struct dice dice = { .state = seed ^ 0x5eed };
    int64_t now = days[dice_between(&dice, 0, 3)] * DAY_MS +
                  dice_between(&dice, 0, 14 * DAY_MS);

    *zone = zones[dice_between(&dice, 0, 3)];
    assert(zone_find(*zone) != NULL);
    model_start(model, zone_find(*zone), now);
    for (int i = 0; i < PRICES; i++) {
        model->price[i] = dice_between(&dice, 1, 25);
        model->per[i] = i < 2 ? 1 : dice_between(&dice, 1, 1000);
    }
    for (int i = 0; i < CAPS; i++)
        model->cap[i] = dice_between(&dice, 50, 5000);
}

static void
start(struct world *w, uint64_t seed)
{
    const char *zone;

    world_begin(&w->model, seed, &zone);
    w->ticks = (struct dice){ .state = seed };
    w->drive = (struct drive){ .book = 1 };
    memcpy(w->drive.price, w->model.price, sizeof(w->drive.price));
    memcpy(w->drive.per, w->model.per, sizeof(w->drive.per));
    w->twin_drive = w->drive;
    wallet_init(&w->wallet, &w->arena, 1, zone_find(zone));
    wallet_init(&w->twin, &w->arena, 1, zone_find(zone));
    w->wallet.caps = drive_caps(&w->arena, &w->model);
    w->twin.caps = drive_caps(&w->arena, &w->model);
    w->wallet.cap_count = w->twin.cap_count = CAPS;
    for (int i = 0; i < MODEL_HOLDS; i++) {
        w->takings[i] = (struct takings){ .order = i };
        w->twin_takings[i] = (struct takings){ .order = i };
    }
}

static enum outcome
operate(struct world *w, struct drive *drive, struct wallet *wallet,
        struct takings *takings, const struct op *op, int64_t now)
{
    int event = model_pick_event(&w->model, op);
    int order = model_pick_order(&w->model, op);

    drive->of = event == 0 ? NULL : &wallet->events[event - 1];
    drive->takings = order == 0 ? NULL : &takings[order];
    drive->order_credits = w->model.orders[order].credits;
    wallet_settle(wallet, now);
    return drive_do(drive, wallet, op, model_pick_hold(&w->model, op), now);
}

/* As nothing that was decided may remain after it was undone. */
static void
do_and_undo(struct world *w, const struct op *op, int64_t now)
{
    struct drive drive = w->drive;
    struct wallet before;

    if (op->kind == OP_TAKE || op->kind == OP_RETURN)
        return;
    wallet_copy(&before, &w->wallet);
    (void)operate(w, &drive, &w->wallet, w->takings, op, now);
    w->wallet = before;
}

static const char *
step(struct world *w, const struct op *op, int number)
{
    int64_t from = w->model.now, now = from + op->wait;
    int first = w->wallet.event_count;
    enum outcome got, twin, want;
    const char *why;

    for (int ticks = (int)dice_between(&w->ticks, 0, 3); ticks > 0; ticks--) {
        from = dice_between(&w->ticks, from, now);
        wallet_settle(&w->twin, from);
    }
    model_wait(&w->model, now);
    if (number % 5 == 0)
        do_and_undo(w, op, now);
    got = operate(w, &w->drive, &w->wallet, w->takings, op, now);
    twin = operate(w, &w->twin_drive, &w->twin, w->twin_takings, op, now);
    want = model_apply(&w->model, op);
    world_tally[op->kind][want]++;
    if (got != want)
        return arena_format(&w->arena, "it comes to %d, the model says %d", got,
                            want);
    why = drive_differs(&w->model, &w->wallet, first, true);
    if (why != NULL)
        return why;
    if (twin != got || memcmp(w->wallet.hash, w->twin.hash, SIGN_SIZE) != 0)
        return "ticks in between made other events";
    why = drive_differs(&w->model, &w->twin, w->twin.event_count, true);
    return why == NULL
               ? NULL
               : arena_format(&w->arena, "with ticks in between: %s", why);
}

struct call {
    struct world *world;
    const struct op *ops;
    int count;
    uint64_t seed;
    int *at;
    int64_t *done;
    const char *why;
};

static void
go(void *context)
{
    struct call *call = context;
    struct world *w = call->world;

    start(w, call->seed);
    for (*call->at = 0; *call->at < call->count && model_has_room(&w->model);
         ++*call->at) {
        call->why = step(w, &call->ops[*call->at], *call->at);
        if (call->why != NULL)
            break;
        ++*call->done;
    }
}

const char *
world_memory(const struct op *ops, int count, uint64_t seed, int *at,
             int64_t *done)
{
    static struct world w;
    struct call call = { &w, ops, count, seed, at, done, NULL };
    const char *stopped;

    if (w.arena.max == 0)
        arena_init(&w.arena, (size_t)8 * 1024 * 1024, ARENA_MAX);
    arena_reset(&w.arena);
    stopped = world_guard(go, &call);
    return stopped == NULL ? call.why : stopped;
}
