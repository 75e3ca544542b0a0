/*
 * Due work: it is taken by one at a time, comes again where whoever had it
 * died, and is never lost between being done and being asked for again.
 */
#include "work.h"
#include "ledger_world.h"

static struct work work;

static void
add(const char *reference, int64_t due_at)
{
    NEED(db_begin(world.db));
    NEED(work_add(world.db, &world.arena, "kind", 1, reference, due_at));
    NEED(db_commit(world.db));
}

static enum work_result
take(int64_t now)
{
    return work_take(world.db, &world.arena, now, &work);
}

static void
done_with(int64_t now)
{
    NEED(db_begin(world.db));
    NEED(work_done(world.db, &world.arena, &work, now));
    NEED(db_commit(world.db));
}

static void
try_order(void)
{
    add("late", 2000);
    add("soon", 1000);
    is_int(take(999), WORK_NONE, "nothing is due yet");
    is_int(take(2000), WORK_OK, "what is due first is taken first");
    is_text(work.reference, "soon", "which is the one");
    is_int(work.attempts, 1, "at its first attempt");
    done_with(2000);
    is_int(take(2000), WORK_OK, "then the next");
    is_text(work.reference, "late", "which is the other");
    is_int(take(2000), WORK_NONE, "nobody else is given it");
    is_int(take(2000 + LIMIT_WORK_LEASE_MS), WORK_OK,
           "until whoever had it must have died");
    is_int(work.attempts, 2, "which was an attempt");
    done_with(2000);
    is_int(take(INT64_MAX / 2), WORK_NONE, "and done is done");
}

static void
try_again(void)
{
    add("twice", 1000);
    add("twice", 5000);
    is_int(take(1000), WORK_OK, "asked for twice: at the sooner time");
    add("twice", 1000);
    done_with(1500);
    is_int(take(1500), WORK_OK,
           "asked for while it was done: it is done once more");
    is_int(work.attempts, 1, "from the first attempt");
    done_with(1500);
    is_int(take(INT64_MAX / 2), WORK_NONE, "and no more");
}

static void
try_later(void)
{
    add("hard", 1000);
    NEED(take(1000) == WORK_OK);
    NEED(db_begin(world.db));
    NEED(work_later(world.db, &world.arena, &work, 9000, "no answer"));
    NEED(db_commit(world.db));
    is_int(take(8999), WORK_NONE, "put off");
    is_int(take(9000), WORK_OK, "and due again");
    is_text(work.why, "no answer", "with the words of the last attempt");
    is_int(work.attempts, 2, "which counts");
    NEED(db_begin(world.db));
    NEED(work_add(world.db, &world.arena, "kind", 1, "hard", 9500));
    NEED(work_later(world.db, &world.arena, &work, 99000, "no answer"));
    NEED(db_commit(world.db));
    is_int(take(9500), WORK_OK,
           "who asks for it during a vain attempt is not put off with it");
    done_with(9500);
}

static void
try_waits(void)
{
    is_int(work_wait_ms(1), 10 * SECOND_MS, "10 s after one attempt");
    is_int(work_wait_ms(2), 20 * SECOND_MS, "20 s after two");
    is_int(work_wait_ms(9), 2560 * SECOND_MS, "43 minutes after nine");
    is_int(work_wait_ms(10), HOUR_MS, "an hour after ten");
    is_int(work_wait_ms(1000000), HOUR_MS, "and after a million");
}

int
main(void)
{
    world_begin("2026-01-10T12:00:00Z");
    try_order();
    try_again();
    try_later();
    try_waits();
    world_end();
    return done();
}
