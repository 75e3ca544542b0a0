/*
 * A history of 100,000 random events, read by random filters in pages of
 * random sizes from either end: each event that passes is there once, in its
 * place, with its balance, whatever comes in meanwhile; and what usage.h says
 * of a group is what its events come to. N= and SEED= make it longer, or
 * again.
 */
#include "history.h"

#include "dice.h"
#include "ledger_world.h"

enum { POOL = 12, PAGE = 60 };

/* What happened, as this test saw it happen. */
struct fact {
    enum event_kind kind;
    int64_t credits, balance, at, day;
    const char *keys[USAGE_DIMS];
};

static struct fact *facts; /* by seq, from 1 */
static int64_t fact_count, fact_room;
static struct dice dice;
static struct arena turn; /* of one transaction */

static int64_t
roll(int64_t below)
{
    return dice_below(&dice, below);
}

/* --- Making history. ------------------------------------------------------- */

/* A key: common ones first, the last of them rare; at times none, at times
 * one of many. */
static const char *
some_key(int dim)
{
    static const char *const odd[] = {
        "=HYPERLINK(\"x\")", "<script>", "a b", "a,b", "%", "_"
    };
    int64_t at = roll(100);

    if (at < 20)
        return NULL;
    if (at < 90)
        return arena_format(&turn, "%d-%d", dim, (int)roll(POOL));
    if (at < 95)
        return odd[roll((int64_t)COUNT_OF(odd))];
    return arena_format(&turn, "%d one of many %d", dim, (int)roll(100000));
}

static void
note(const struct event *event)
{
    struct fact *fact;
    int64_t balance = fact_count == 0 ? 0 : facts[fact_count].balance;

    if (fact_count + 2 > fact_room) {
        fact_room = fact_room == 0 ? 4096 : 2 * fact_room;
        facts = realloc(facts, (size_t)fact_room * sizeof(*facts));
        NEED(facts != NULL);
    }
    NEED(event->seq == ++fact_count);
    fact = &facts[fact_count];
    *fact = (struct fact){ .kind = event->kind,
                           .credits = event->credits,
                           .balance = balance + event->credits,
                           .at = event->at,
                           .day = event->day };
    for (int dim = 0; dim < USAGE_DIMS; dim++) {
        const char *key = usage_reference((enum usage_dim)dim, event);

        if (key != NULL)
            fact->keys[dim] = arena_text(&world.arena, key);
    }
}

static void
capture(void)
{
    static const char *const features[] = { "clip", "chat", "draft" };
    struct hold_ask ask = {
        .charge = { .feature =
                        roll(2000) == 0 ? "rare feature" : features[roll(3)] },
        .refs = { some_key(0), some_key(1), some_key(2), some_key(4), NULL },
        .quantity = 1 + roll(9),
    };
    int64_t seq;

    NEED(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL) ==
         HOLD_OK);
}

static void
credit(int64_t credits, int64_t expires_at)
{
    struct credit_lot lot = { LOT_BONUS, credits, expires_at };
    struct event event = { .kind =
                               roll(2) == 0 ? EVENT_BONUS : EVENT_ADJUSTMENT };

    NEED(wallet_credit(&world.wallet, &lot, 1, &event, world.now) == WALLET_OK);
}

static void
refund(void)
{
    struct event event;
    int64_t seq, of = world.wallet.seq - roll(min_i64(world.wallet.seq, 500));

    if (ledger_refundable(world.db, &turn, &world.wallet, of, &event) ==
        LEDGER_OK)
        (void)refund_usage(&world.wallet, &event, 1, "why", world.now, &seq);
}

static void
act(void)
{
    static const struct event adjustment = { .kind = EVENT_ADJUSTMENT };
    int64_t what = roll(10000);

    if (what < 10)
        credit(50 + roll(50), world.now + 1 + roll(3 * DAY_MS));
    else if (what < 12)
        credit(20, NEVER_MS);
    else if (what < 300)
        refund();
    else if (what < 320)
        (void)wallet_debit(&world.wallet, 1, &adjustment, world.now);
    else
        capture();
}

static void
lock(void)
{
    int64_t now;

    arena_reset(&turn);
    NEED(db_begin(world.db));
    NEED(ledger_lock(world.db, &turn, &world.space, world.now, &world.wallet,
                     &now) == LEDGER_OK);
}

static void
note_all(void)
{
    for (int i = 0; i < world.wallet.event_count; i++)
        note(&world.wallet.events[i]);
    NEED(ledger_save(world.db, &turn, &world.wallet) == LEDGER_OK);
    NEED(db_commit(world.db));
}

/* One transaction of so many operations, some time after the last. */
static void
live(int64_t operations, int64_t pause)
{
    world.now += roll(pause + 1);
    lock();
    for (int64_t i = 0; i < operations; i++)
        act();
    note_all();
}

static void
change_zone(const char *zone)
{
    struct space to = { .time_zone = zone };
    const char *why = NULL;

    NEED(db_begin(world.db));
    NEED(space_change(world.db, &world.arena, &world.space, &to, &why) ==
         SPACE_OK);
    NEED(db_commit(world.db));
}

/* --- Reading it. ------------------------------------------------------------ */

static bool
passes(const struct history_filter *filter, const struct fact *fact)
{
    bool usage =
        fact->kind == EVENT_CAPTURED_USAGE || fact->kind == EVENT_USAGE_REFUND;

    if ((filter->kinds & 1u << fact->kind) == 0 ||
        fact->day < filter->from_day || fact->day > filter->to_day ||
        fact->at < filter->from_at || fact->at > filter->to_at)
        return false;
    for (int dim = 0; dim < USAGE_DIMS; dim++) {
        const char *want = filter->references[dim];
        const char *has = fact->keys[dim];

        if (want == NULL)
            continue;
        if (want[0] == '\0' ? has != NULL || !usage
                            : has == NULL || strcmp(has, want) != 0)
            return false;
    }
    return true;
}

static void
look(void)
{
    int64_t now;

    NEED(ledger_look(world.db, &turn, &world.space, world.now, &world.wallet,
                     &now) == LEDGER_OK);
}

static void
read_some(const struct history_filter *filter, const struct history_span *span,
          enum history_order order, int limit, struct event **events,
          int *count)
{
    arena_reset(&turn);
    NEED(db_begin_read(world.db));
    look();
    NEED(history_read(world.db, &turn, &world.wallet, filter, span, order,
                      limit, events, count));
    db_rollback(world.db);
}

static bool
is_fact(const struct event *event)
{
    const struct fact *fact = &facts[event->seq];

    return event->kind == fact->kind && event->credits == fact->credits &&
           event->balance_after == fact->balance && event->at == fact->at &&
           event->day == fact->day;
}

/* The next one that passes, from `seq` on; beyond the end: none does. */
static int64_t
next_fact(const struct history_filter *filter, int64_t seq, int step,
          int64_t last)
{
    while (seq >= 1 && seq <= last && !passes(filter, &facts[seq]))
        seq += step;
    return seq;
}

/* Reads all of a filter's events, page by page; others come in between where
 * `busy`. How many are wrong, missing, or there twice. */
static int
wrong_pages(const struct history_filter *filter, enum history_order order,
            bool busy)
{
    bool newest = order == HISTORY_NEWEST_FIRST;
    int step = newest ? -1 : 1, wrong = 0, count, limit;
    int64_t last = fact_count, expected = newest ? last : 1, all = 0;
    struct history_span span;
    struct event *events;

    for (int64_t seq = 1; seq <= last; seq++)
        all += passes(filter, &facts[seq]);
    arena_reset(&turn);
    look();
    NEED(history_span(world.db, &turn, &world.wallet, filter, &span));
    span.high = min_i64(span.high, last);
    do {
        limit = 1 + (int)roll(PAGE + all / 20);
        read_some(filter, &span, order, limit, &events, &count);
        for (int i = 0; i < count; i++) {
            expected = next_fact(filter, expected, step, last);
            if (events[i].seq != expected || !is_fact(&events[i]))
                return wrong + 1;
            expected += step;
        }
        if (count > 0 && newest)
            span.high = events[count - 1].seq - 1;
        else if (count > 0)
            span.low = events[count - 1].seq + 1;
        if (busy && roll(4) == 0)
            live(1 + roll(3), HOUR_MS);
    } while (count == limit);
    expected = next_fact(filter, expected, step, last);
    return wrong + (expected >= 1 && expected <= last);
}

static const struct fact *
some_fact(void)
{
    return &facts[1 + roll(fact_count)];
}

/* Made of what is there, so that most find something. */
static void
some_filter(struct history_filter *filter)
{
    const struct fact *like = some_fact();

    history_all(filter);
    if (roll(3) == 0)
        filter->kinds = (unsigned)roll((1 << EVENT_KINDS) - 1) + 1;
    else if (roll(3) == 0)
        filter->kinds = 1u << like->kind;
    for (int dim = 0; dim < USAGE_DIMS; dim++)
        if (roll(4) == 0)
            filter->references[dim] =
                like->keys[dim] == NULL ? "" : like->keys[dim];
    if (roll(3) == 0)
        filter->from_day = like->day - roll(3);
    if (roll(3) == 0)
        filter->to_day = like->day + roll(3);
    if (roll(4) == 0)
        filter->from_at = like->at - roll(HOUR_MS) * roll(2);
    if (roll(4) == 0)
        filter->to_at = like->at + roll(HOUR_MS) * roll(2);
}

static void
check_filters(const char *when, int rounds, bool busy)
{
    int wrong[2] = { 0, 0 };

    for (int i = 0; i < rounds; i++) {
        struct history_filter filter;

        some_filter(&filter);
        for (int order = 0; order < 2; order++)
            wrong[order] += wrong_pages(&filter, (enum history_order)order,
                                        busy && order == 0);
    }
    is_int(wrong[0], 0, "%s: newest first, all that pass once", when);
    is_int(wrong[1], 0, "%s: oldest first, all that pass once", when);
}

/* Each group of usage leads to its events, and these come to its figures. */
static int
wrong_group(enum usage_dim dim, const struct usage_group *group, int64_t day)
{
    struct history_filter filter;
    struct usage_group sum = { .key = NULL };
    struct event *events;
    int count;

    history_all(&filter);
    filter.kinds = 1u << EVENT_CAPTURED_USAGE | 1u << EVENT_USAGE_REFUND;
    filter.references[dim] = group->key == NULL ? "" : group->key;
    filter.from_day = day;
    NEED(history_read(world.db, &turn, &world.wallet, &filter,
                      &(struct history_span){ 1, world.wallet.seq },
                      HISTORY_OLDEST_FIRST, (int)fact_count, &events, &count));
    for (int i = 0; i < count; i++) {
        bool usage = events[i].kind == EVENT_CAPTURED_USAGE;

        sum.captured -= usage ? events[i].credits : 0;
        sum.refunded += usage ? 0 : events[i].credits;
        sum.events++;
    }
    return sum.captured != group->captured || sum.refunded != group->refunded ||
           sum.events != group->events ||
           (count > 0 && (events[0].at != group->first_at ||
                          events[count - 1].at != group->last_at));
}

static void
check_groups(void)
{
    int64_t day = facts[fact_count].day - 3;
    struct usage_range range = { .space = world.space.number,
                                 .from = day,
                                 .to = facts[fact_count].day };
    int wrong = 0;

    for (int dim = 0; dim < USAGE_DIMS; dim++) {
        struct usage_group *groups;
        int count;

        arena_reset(&turn);
        look();
        NEED(usage_groups(world.db, &world.arena, &range, (enum usage_dim)dim,
                          NULL, 30, &groups, &count));
        for (int i = 0; i < count; i++) {
            arena_reset(&turn);
            look();
            wrong += wrong_group((enum usage_dim)dim, &groups[i], day);
        }
    }
    is_int(wrong, 0, "each group leads to the events that it adds up");
}

/* All of the groups of a dimension, page by page, and how many there are. */
static struct usage_group
sum_of_groups(const struct usage_range *range, enum usage_dim dim)
{
    struct usage_group sum = { .key = NULL };
    struct usage_cursor cursor, *after = NULL;
    int count = 100;

    while (count == 100) {
        struct usage_group *groups;

        NEED(usage_groups(world.db, &turn, range, dim, after, 100, &groups,
                          &count));
        for (int i = 0; i < count; i++) {
            sum.captured += groups[i].captured;
            sum.refunded += groups[i].refunded;
            sum.events += groups[i].events;
            cursor =
                (struct usage_cursor){ groups[i].captured - groups[i].refunded,
                                       groups[i].key == NULL ? ""
                                                             : groups[i].key };
        }
        after = &cursor;
    }
    return sum;
}

/* What groups by each reference, days and the events come to is the same, and
 * with what is no usage it is the balance. */
static void
check_totals(void)
{
    struct usage_range range = { .space = world.space.number,
                                 .from = facts[1].day - 2,
                                 .to = facts[fact_count].day + 2 };
    struct usage_group sum, days = { .key = NULL };
    int64_t captured = 0, refunded = 0, events = 0, other = 0;
    struct usage_day *each;
    int count, wrong = 0;

    for (int64_t i = 1; i <= fact_count; i++) {
        bool usage = facts[i].kind == EVENT_CAPTURED_USAGE;
        bool back = facts[i].kind == EVENT_USAGE_REFUND;

        captured -= usage ? facts[i].credits : 0;
        refunded += back ? facts[i].credits : 0;
        events += usage || back;
        other += usage || back ? 0 : facts[i].credits;
    }
    arena_reset(&turn);
    look();
    NEED(usage_days(world.db, &turn, &range, &each, &count));
    for (int i = 0; i < count; i++) {
        days.captured += each[i].captured;
        days.refunded += each[i].refunded;
        days.events += each[i].events;
    }
    for (int dim = 0; dim < USAGE_DIMS; dim++) {
        arena_reset(&turn);
        look();
        sum = sum_of_groups(&range, (enum usage_dim)dim);
        wrong += sum.captured != captured || sum.refunded != refunded ||
                 sum.events != events;
    }
    is_int(wrong, 0, "the groups by each reference come to all of the usage");
    ok(days.captured == captured && days.refunded == refunded &&
           days.events == events,
       "and so do the days");
    is_int(other - captured + refunded, world.wallet.total,
           "and with everything else it is the balance, to the credit");
}

/* --- How it is found. -------------------------------------------------------- */

/* No filter may read all of a history: each query says by what it goes. */
static void
check_plans(void)
{
    static const struct {
        int query;
        const char *by;
    } cases[] = {
        { Q_HISTORY_RUN_NEWEST, "event_seq (space=? AND seq>? AND seq<?)" },
        { Q_HISTORY_RUN_OLDEST, "event_seq (space=? AND seq>? AND seq<?)" },
        { Q_HISTORY_KIND_NEWEST,
          "event_rare (space=? AND kind=? AND seq>? AND seq<?)" },
        { Q_HISTORY_KIND_OLDEST,
          "event_rare (space=? AND kind=? AND seq>? AND seq<?)" },
        { Q_HISTORY_BLOCKS_NEWEST,
          "PRIMARY KEY (space=? AND dim=? AND key=? AND block>? AND block<?)" },
        { Q_HISTORY_BLOCKS_OLDEST,
          "PRIMARY KEY (space=? AND dim=? AND key=? AND block>? AND block<?)" },
        { Q_HISTORY_REFUNDS, "event_refund (space=? AND refund_of=?)" },
        { Q_HISTORY_OF_ORDER, "event_ord (space=? AND ord=? AND seq>?)" },
        { Q_HISTORY_AT, "event_seq (space=? AND seq=?)" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct db_query *query = &ledger_set.queries[cases[i].query];
        struct db_value nothing[16] = { { .type = DB_NULL } };
        bool sorts = false, goes;
        struct rows rows;

        for (int k = 0; k < query->parameters; k++)
            nothing[k] = NIL;
        NEED(db_run_sql(world.db, &world.arena, &rows,
                        arena_format(&world.arena, "EXPLAIN QUERY PLAN %s",
                                     query->sql),
                        nothing, query->parameters) == DB_OK);
        NEED(rows.n >= 1);
        goes = strstr(rows_text(&rows, 0, 3), cases[i].by) != NULL;
        for (int k = 0; k < rows.n; k++)
            sorts = sorts || strstr(rows_text(&rows, k, 3), "B-TREE") != NULL;
        if (!ok(goes && !sorts, "%s goes by its index", query->name))
            printf("#   got  %s\n", rows_text(&rows, 0, 3));
    }
}

/* Times and days come to the very seqs, where the zone was never another. */
static void
check_spans(const char *when)
{
    int wrong = 0;

    for (int i = 0; i < 200; i++) {
        const struct fact *a = some_fact();
        struct history_filter filter;
        struct history_span span;
        int64_t first, last;

        history_all(&filter);
        if (i % 2 == 0)
            filter.from_day = filter.to_day = a->day + roll(2);
        else
            filter.from_at = filter.to_at = a->at + roll(2);
        arena_reset(&turn);
        look();
        NEED(history_span(world.db, &turn, &world.wallet, &filter, &span));
        first = next_fact(&filter, 1, 1, fact_count);
        last = next_fact(&filter, fact_count, -1, fact_count);
        if (first > fact_count)
            wrong += span.low <= span.high && span.high < fact_count;
        else
            wrong += span.low != first || span.high != last;
    }
    is_int(wrong, 0, "%s: a span is no longer than it has to be", when);
}

static void
check_text(void)
{
    struct history_filter a, b;

    history_all(&a);
    history_all(&b);
    a.references[0] = "x 1:1:y";
    b.references[0] = "x";
    b.references[1] = "y";
    ok(strcmp(history_text(&world.arena, &a), history_text(&world.arena, &b)) !=
           0,
       "no value of a filter looks like another filter");
    b = a;
    is_text(history_text(&world.arena, &a), history_text(&world.arena, &b),
            "the same filter has the same text");
    b.kinds = 1;
    ok(strcmp(history_text(&world.arena, &a), history_text(&world.arena, &b)) !=
           0,
       "kinds make another filter");
}

/* Lots that end and holds that are over, written by nobody. */
static void
check_due(void)
{
    struct hold_ask ask = world_viewing(1000, HOUR_MS);
    int64_t stored, number;
    struct fact due[3];

    /* Every lot of act() has ended then, so that none ends among these. */
    world.now += 3 * DAY_MS;
    lock();
    note_all();
    stored = fact_count;
    lock();
    credit(500, world.now + 30 * MINUTE_MS);
    credit(500, world.now + 40 * MINUTE_MS);
    NEED(hold_place(&world.wallet, &ask, world.now, &number, NULL) == HOLD_OK);
    note_all();
    world.now += 2 * HOUR_MS;
    arena_reset(&turn);
    look();
    is_int(world.wallet.event_count, 3, "two lots and what a hold gave back");
    for (int i = 0; i < world.wallet.event_count; i++)
        note(&world.wallet.events[i]);
    is_int(fact_count - stored, 5, "nobody has written the last three");
    check_filters("with what is due", 20, false);
    memcpy(due, &facts[fact_count - 2], sizeof(due));
    fact_count -= 3;
    live(1, 0);
    for (int i = 0; i < 3; i++)
        ok(due[i].kind == facts[stored + 3 + i].kind &&
               due[i].credits == facts[stored + 3 + i].credits &&
               due[i].at == facts[stored + 3 + i].at,
           "due event %d was shown as it is written", i + 1);
    check_filters("once it is written", 10, false);
}

static int64_t
number_of(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoll(text, NULL, 10);
}

int
main(void)
{
    int64_t n = number_of("N", 100000);
    struct verdict verdict;

    dice.state = (uint64_t)number_of("SEED", clock_system_ms());
    printf("# SEED=%lld N=%lld\n", (long long)dice.state, (long long)n);
    /* The first block holds the largest page: no reset gives it back. */
    arena_init(&turn, (size_t)64 << 20, (size_t)512 << 20);
    world_begin("2026-01-15T10:00:00Z");
    check_plans();
    check_text();
    world_grant(&world.space, 1000000000, NEVER_MS);
    arena_reset(&turn);
    look();
    {
        struct event first;

        NEED(ledger_event(world.db, &turn, world.space.number, 1, &first) ==
             LEDGER_OK);
        note(&first);
    }
    live(700, HOUR_MS);
    check_filters("before anything is folded", 20, false);
    while (fact_count < n / 2)
        live(1 + roll(400), 20 * HOUR_MS);
    check_spans("with one zone");
    check_filters("over half a history", 20, false);
    change_zone("Pacific/Auckland");
    while (fact_count < n * 6 / 10)
        live(1 + roll(100), 2 * HOUR_MS);
    check_filters("in another zone", 20, false);
    change_zone("Pacific/Honolulu");
    while (fact_count < n)
        live(1 + roll(400), 20 * HOUR_MS);
    check_filters("after a day that came twice", 30, false);
    check_filters("while more comes in", 20, true);
    check_groups();
    check_totals();
    check_due();
    verdict = world_verify(world.db);
    if (!is_int(verdict.faults, 0, "all of it proves right"))
        printf("#   %s\n", verdict.first);
    world_end();
    arena_free(&turn);
    free(facts);
    return done();
}
