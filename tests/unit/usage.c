/*
 * Usage by day and reference: what the pages show is what the events say, at
 * every moment, whatever is folded.
 */
#include "usage.h"

#include "dice.h"
#include "ledger_world.h"

enum { EVENTS = 2600, KEYS = 5 };

/* Every usage event, for adding up anew. */
struct fact {
    int64_t seq, day, at, captured, refunded;
    const char *keys[USAGE_DIMS];
};
static struct fact facts[EVENTS + 100];
static int fact_count;
/* The last event that is to count; 0: all do. */
static int64_t until;

static struct dice dice = { 20261122 };

static int
roll(int below)
{
    return (int)dice_below(&dice, below);
}

static void
note(const struct event *event)
{
    struct fact *fact = &facts[fact_count++];

    *fact =
        (struct fact){ .seq = event->seq, .day = event->day, .at = event->at };
    if (event->kind == EVENT_CAPTURED_USAGE)
        fact->captured = -event->credits;
    else
        fact->refunded = event->credits;
    for (int dim = 0; dim < USAGE_DIMS; dim++)
        fact->keys[dim] = usage_reference((enum usage_dim)dim, event);
}

/* One transaction of up to `count` captures, and a refund at times. */
static void
use(int count)
{
    static const char *const names[KEYS] = { NULL, "a", "b", "b b",
                                             "\xc3\xa9" };

    world.now += roll(3 * (int)HOUR_MS);
    world_lock(&world.space);
    for (int i = 0; i < count; i++) {
        struct hold_ask ask = {
            .charge = { .feature = roll(2) == 0 ? "clip" : "chat" },
            .refs = { names[roll(KEYS)], names[roll(KEYS)], names[roll(KEYS)],
                      names[roll(KEYS)], "note" },
            .quantity = 1 + roll(9),
        };
        int64_t seq;

        NEED(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL) ==
             HOLD_OK);
        note(&world.wallet.events[world.wallet.event_count - 1]);
    }
    if (roll(4) == 0) {
        struct event event;
        int64_t seq;

        NEED(ledger_refundable(world.db, &world.arena, &world.wallet,
                               world.wallet.seq - roll(count),
                               &event) == LEDGER_OK);
        if (refund_usage(&world.wallet, &event, 1, "why", world.now, &seq) ==
            REFUND_OK)
            note(&world.wallet.events[world.wallet.event_count - 1]);
    }
    world_commit();
}

static bool
counts(const struct fact *fact, int64_t from, int64_t to)
{
    return fact->day >= from && fact->day <= to &&
           (until == 0 || fact->seq <= until);
}

static bool
same_key(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static struct usage_group
add_up(enum usage_dim dim, const char *key, int64_t from, int64_t to)
{
    struct usage_group sum = { .key = key, .first_at = INT64_MAX };

    for (int i = 0; i < fact_count; i++) {
        const struct fact *fact = &facts[i];

        if (!counts(fact, from, to) || !same_key(fact->keys[dim], key))
            continue;
        sum.captured += fact->captured;
        sum.refunded += fact->refunded;
        sum.events++;
        sum.first_at = min_i64(sum.first_at, fact->at);
        sum.last_at = max_i64(sum.last_at, fact->at);
    }
    return sum;
}

/* All groups of a range, two to a page; how many are not as added up, in a
 * wrong order, or there twice. */
static int
wrong_groups(enum usage_dim dim, int64_t from, int64_t to)
{
    struct usage_range range = { world.space.number, from, to, until };
    struct usage_cursor cursor, *after = NULL;
    struct usage_group last = { .captured = INT64_MAX };
    int64_t events = 0, all = 0;
    int wrong = 0, count = 2;

    while (count == 2) {
        struct usage_group *groups;

        NEED(usage_groups(world.db, &world.arena, &range, dim, after, 2,
                          &groups, &count));
        for (int i = 0; i < count; i++) {
            struct usage_group *group = &groups[i];
            struct usage_group sum = add_up(dim, group->key, from, to);
            int64_t net = group->captured - group->refunded;
            int64_t before = last.captured - last.refunded;

            wrong += group->captured != sum.captured ||
                     group->refunded != sum.refunded ||
                     group->events != sum.events ||
                     group->first_at != sum.first_at ||
                     (until == 0 ? group->last_at != sum.last_at
                                 : group->last_at < sum.last_at);
            wrong += net > before ||
                     (net == before && after != NULL && group->key != NULL &&
                      last.key != NULL && strcmp(group->key, last.key) <= 0);
            events += group->events;
            last = *group;
        }
        if (count > 0) {
            cursor = (struct usage_cursor){ last.captured - last.refunded,
                                            last.key == NULL ? "" : last.key };
            after = &cursor;
        }
    }
    for (int i = 0; i < fact_count; i++)
        all += counts(&facts[i], from, to);
    return wrong + (events != all);
}

static int
wrong_days(int64_t from, int64_t to)
{
    struct usage_range range = { world.space.number, from, to, until };
    struct usage_day *days;
    int count, wrong = 0;

    NEED(usage_days(world.db, &world.arena, &range, &days, &count));
    for (int i = 0; i < count; i++) {
        int64_t captured = 0, refunded = 0, events = 0;

        for (int j = 0; j < fact_count; j++)
            if (counts(&facts[j], days[i].day, days[i].day)) {
                captured += facts[j].captured;
                refunded += facts[j].refunded;
                events++;
            }
        wrong += days[i].captured != captured || days[i].refunded != refunded ||
                 days[i].events != events ||
                 (i > 0 && days[i].day <= days[i - 1].day);
    }
    for (int j = 0; j < fact_count; j++) {
        bool found = !counts(&facts[j], from, to);

        for (int i = 0; i < count; i++)
            found = found || days[i].day == facts[j].day;
        wrong += !found;
    }
    return wrong;
}

static void
check_all(const char *when)
{
    int64_t first = facts[0].day, last = facts[fact_count - 1].day;
    int64_t middle = first + (last - first) / 2;
    int wrong = 0;

    for (int dim = 0; dim < USAGE_DIMS; dim++) {
        wrong += wrong_groups((enum usage_dim)dim, first, last);
        wrong += wrong_groups((enum usage_dim)dim, first, middle);
        wrong += wrong_groups((enum usage_dim)dim, middle, middle);
        wrong += wrong_groups((enum usage_dim)dim, last + 1, last + 9);
    }
    is_int(wrong, 0, "%s the groups are what the events say", when);
    is_int(wrong_days(first, last) + wrong_days(middle, last), 0,
           "%s so are the days", when);
}

/* What was so when these events were the last ones, folded since or not. */
static void
check_moments(void)
{
    static const int64_t moments[] = { 1, 2, 700, 1023, 1024, 1025, 2048 };

    for (size_t i = 0; i < COUNT_OF(moments) + 2; i++) {
        until = i < COUNT_OF(moments)
                    ? moments[i]
                    : world.wallet.seq - (int64_t)(i - COUNT_OF(moments));
        check_all(arena_format(&world.arena, "as of event %d,", (int)until));
    }
    until = 0;
}

/* Which runs of events each reference is listed under. */
static void
check_blocks(void)
{
    struct rows rows;
    struct event *events;
    int count, missing = 0;

    NEED(ledger_events(world.db, &world.arena, world.space.number, 0, 10000,
                       &events, &count) == LEDGER_OK);
    for (int i = 0; i < count; i++)
        for (int dim = 0; dim < USAGE_DIMS; dim++) {
            const char *key = usage_reference((enum usage_dim)dim, &events[i]);
            bool usage = events[i].kind == EVENT_CAPTURED_USAGE ||
                         events[i].kind == EVENT_USAGE_REFUND;
            bool found =
                (key == NULL && !usage) || events[i].seq > world.wallet.folded;

            if (found || i % 7 != 0)
                continue;
            key = key == NULL ? "" : key;
            NEED(db_run(world.db, &world.arena, &rows, Q_USAGE_BLOCKS,
                        INT(world.space.number), INT(dim), TEXT(key), INT(1000),
                        INT(100)) == DB_OK);
            for (int j = 0; j < rows.n; j++)
                found = found || rows_int(&rows, j, 0) ==
                                     (events[i].seq - 1) / USAGE_BLOCK;
            missing += !found;
        }
    is_int(missing, 0, "each reference is listed with its runs of events");
}

int
main(void)
{
    enum usage_dim dim;
    struct verdict verdict;

    world_begin("2026-03-20T10:00:00Z");
    world_grant(&world.space, 100000, NEVER_MS);
    while (fact_count < 900)
        use(1 + roll(40));
    world_look(&world.space);
    is_int(world.wallet.folded, 0, "before 1,024 events nothing is folded");
    check_all("before a fold");
    while (world.wallet.seq < USAGE_BLOCK) {
        use(1);
        world_look(&world.space);
    }
    is_int(world.wallet.folded, USAGE_BLOCK,
           "the write that makes it 1,024 folds them");
    check_all("right after it");
    use(20);
    check_all("with a tail behind it");
    use(1400 < EVENTS - fact_count ? 1400 : EVENTS - fact_count);
    world_look(&world.space);
    is_int(world.wallet.folded, 2 * USAGE_BLOCK, "a large write folds as well");
    check_all("after that");
    check_moments();
    check_blocks();
    verdict = world_verify(world.db);
    if (!is_int(verdict.faults, 0, "all of it proves right"))
        printf("#   %s\n", verdict.first);
    for (int i = 0; i < USAGE_DIMS; i++)
        ok(usage_dim_of(usage_dim_text((enum usage_dim)i), &dim) &&
               (int)dim == i,
           "%s is itself", usage_dim_text((enum usage_dim)i));
    ok(!usage_dim_of("note", &dim), "nothing is grouped by note");
    world_end();
    return done();
}
