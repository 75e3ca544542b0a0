/*
 * What the provider says of subscriptions, in whatever order: the same facts
 * in every order, each of them twice, come to the same membership and to the
 * same credits. And what must bring none.
 */
#include "subscription.h"
#include "ledger_world.h"
#include "member.h"
#include "membership_change.h"

#define P1 "2026-01-31T09:00:00Z"
#define P2 "2026-02-28T09:00:00Z"
#define P3 "2026-03-31T09:00:00Z"

static int64_t
ms(const char *text)
{
    int64_t at;

    NEED(clock_parse(text, &at));
    return at;
}

/* The thousands of steps are in few transactions: durability is tried
 * elsewhere. */

/* A new Space, and a change that begins a subscription of it. */
static void
begin(struct space *space, const char *slug, const char *plan_id,
      struct membership_change *change)
{
    struct member member = { .email =
                                 arena_format(&world.arena, "%s@x.test", slug),
                             .name = "Owner" };
    struct membership_change_ask ask = { .key = slug,
                                         .clock_ms = world.now,
                                         .system_ms = world.now };
    const char *why;
    struct plan plan;

    *space = (struct space){ .slug = slug,
                             .name = slug,
                             .currency = "GBP",
                             .time_zone = "Europe/London",
                             .plan = "starter" };
    NEED(space_add(world.db, &world.arena, space, world.now, &why) == SPACE_OK);
    NEED(member_add(world.db, &world.arena, &member, space, ROLE_OWNER,
                    world.now, &why) == MEMBER_OK);
    NEED(plan_find(world.db, &world.arena, plan_id, &plan) == PLAN_OK);
    ask.plan = &plan;
    ask.member = member.number;
    NEED(membership_change_create(world.db, &world.arena, space, &ask,
                                  change) == MEMBERSHIP_CHANGE_OK);
}

/* --- Facts. ---------------------------------------------------------------- */

enum kind { BEGUN, SUBSCRIPTION, PAID, FAILED };

struct fact {
    enum kind kind;
    const char *id;          /* of the invoice */
    const char *start, *end; /* of the period */
    enum subscription_status status;
    int as_of; /* seconds after the beginning */
    int64_t amount;
    const char *currency;
    bool named; /* it names the change */
    bool renewal;
};

static void
tell(const struct fact *fact, const char *id,
     const struct membership_change *change, struct subscription_applied *told)
{
    const char *named = fact->named ? change->id : NULL;
    int64_t as_of = ms(P1) + fact->as_of * SECOND_MS;
    struct subscription now;
    struct space space;

    if (fact->kind == BEGUN) {
        NEED(subscription_note_begun(world.db, &world.arena, "stripe", false,
                                     id, change, &now) == SUBSCRIPTION_OK);
    } else if (fact->kind == SUBSCRIPTION) {
        const struct subscription_report report = {
            .provider = "stripe",
            .id = id,
            .change = named,
            .status = fact->status,
            .item = "si_1",
            .period_start_ms = ms(fact->start),
            .period_end_ms = ms(fact->end),
            .cancel_at = NEVER_MS,
            .ended_at =
                fact->status == SUBSCRIPTION_ENDED ? ms(fact->end) : NEVER_MS,
            .as_of = as_of,
        };

        NEED(subscription_note(world.db, &world.arena, &report, &now) ==
             SUBSCRIPTION_OK);
    } else {
        const struct invoice_report report = {
            .provider = "stripe",
            .id = arena_format(&world.arena, "%s_%s", fact->id, id),
            .subscription = id,
            .change = named,
            .renewal = fact->renewal,
            .paid = { .amount = fact->amount,
                      .paid = fact->kind == PAID ? fact->amount : 0,
                      .currency = fact->currency,
                      .period_start_ms = ms(fact->start),
                      .period_end_ms = ms(fact->end) },
            .paid_at = fact->kind == PAID ? as_of : NEVER_MS,
            .failed_at = fact->kind == FAILED ? as_of : NEVER_MS,
            .retries_at = NEVER_MS,
        };

        NEED(subscription_note_invoice(world.db, &world.arena, &report, &now) ==
             SUBSCRIPTION_OK);
    }
    *told = (struct subscription_applied){ .changed = false };
    if (now.space != 0) {
        NEED(space_by_number(world.db, &world.arena, now.space, &space) ==
             SPACE_OK);
        NEED(subscription_apply(world.db, &world.arena, &space, world.now,
                                told) != SUBSCRIPTION_BROKEN);
    }
}

static int64_t
total_of(const struct space *space)
{
    struct wallet wallet;
    int64_t now;

    NEED(ledger_look(world.db, &world.arena, space, world.now, &wallet, &now) ==
         LEDGER_OK);
    return wallet.total;
}

/* --- Every order. ----------------------------------------------------------- */

/* A first period and a renewal that failed and was paid later, with what the
 * provider says of them. Both periods have credits that are there now. */
static const struct fact renewal[] = {
    { .kind = BEGUN },
    { .kind = PAID,
      .id = "in_1",
      .start = P1,
      .end = P2,
      .amount = 4900,
      .currency = "gbp",
      .as_of = 1,
      .named = true },
    { .kind = SUBSCRIPTION,
      .start = P2,
      .end = P3,
      .named = true,
      .status = SUBSCRIPTION_ACTIVE,
      .as_of = 100 },
    { .kind = FAILED,
      .id = "in_2",
      .start = P2,
      .end = P3,
      .amount = 4900,
      .currency = "gbp",
      .as_of = 101,
      .renewal = true },
    { .kind = PAID,
      .id = "in_2",
      .start = P2,
      .end = P3,
      .amount = 4900,
      .currency = "gbp",
      .as_of = 102,
      .renewal = true },
};

enum { FACTS = COUNT_OF(renewal) };

static void
swap(int *one, int *other)
{
    int kept = *one;

    *one = *other;
    *other = kept;
}

/* The next permutation in the order of dictionaries. */
static bool
next_order(int order[FACTS])
{
    int i = FACTS - 2, j = FACTS - 1;

    while (i >= 0 && order[i] > order[i + 1])
        i--;
    if (i < 0)
        return false;
    while (order[j] < order[i])
        j--;
    swap(&order[i], &order[j]);
    for (int a = i + 1, b = FACTS - 1; a < b; a++, b--)
        swap(&order[a], &order[b]);
    return true;
}

static void
try_orders(void)
{
    int order[FACTS] = { 0, 1, 2, 3, 4 };
    int orders = 0, wrong = 0;

    world.now = ms("2026-02-20T12:00:00Z");
    do {
        struct arena_mark mark = arena_mark(&world.arena);
        const char *slug = arena_format(&world.arena, "order-%d", orders);
        const char *id = arena_format(&world.arena, "sub_%d", orders);
        struct membership_change change;
        struct space space;

        begin(&space, slug, "studio", &change);
        for (int i = 0; i < FACTS * 2; i++) {
            struct subscription_applied told;

            tell(&renewal[order[i % FACTS]], id, &change, &told);
        }
        NEED(space_by_number(world.db, &world.arena, space.number, &space) ==
             SPACE_OK);
        if (total_of(&space) != 4000 || space.status != SPACE_ACTIVE ||
            strcmp(space.plan, "studio") != 0 ||
            space.period_start_ms != ms(P2) || space.period_end_ms != ms(P3)) {
            wrong++;
            printf("# order %d%d%d%d%d: %lld credits, status %d\n", order[0],
                   order[1], order[2], order[3], order[4],
                   (long long)total_of(&space), (int)space.status);
        }
        orders++;
        arena_rewind(&world.arena, mark);
    } while (next_order(order));
    is_int(orders, 120, "every order of five facts");
    is_int(wrong, 0, "comes to two allocations and the second period");
}

/* --- What must bring nothing. ----------------------------------------------- */

static const struct bad_case {
    const char *name;
    struct fact fact;
    bool review;
    int64_t total; /* 500 were there */
} bad[] = {
    { "a second renewal event for the period",
      { .kind = PAID,
        .id = "in_first",
        .start = P1,
        .end = P2,
        .amount = 1900,
        .currency = "gbp",
        .as_of = 5 },
      false,
      500 },
    { "another invoice for the same period",
      { .kind = PAID,
        .id = "in_twin",
        .start = P1,
        .end = P2,
        .amount = 1900,
        .currency = "gbp",
        .as_of = 5 },
      false,
      500 },
    { "an invoice for zero",
      { .kind = PAID,
        .id = "in_zero",
        .start = P2,
        .end = P3,
        .amount = 0,
        .currency = "gbp",
        .as_of = 6 },
      false,
      500 },
    { "one in another currency",
      { .kind = PAID,
        .id = "in_usd",
        .start = P2,
        .end = P3,
        .amount = 1900,
        .currency = "usd",
        .as_of = 7 },
      true,
      500 },
    { "one of another amount",
      { .kind = PAID,
        .id = "in_less",
        .start = P2,
        .end = P3,
        .amount = 1,
        .currency = "gbp",
        .as_of = 8 },
      true,
      500 },
    { "a renewal that failed",
      { .kind = FAILED,
        .id = "in_failed",
        .start = P2,
        .end = P3,
        .amount = 1900,
        .currency = "gbp",
        .as_of = 9,
        .renewal = true },
      false,
      500 },
    { "the end of it leaves what is there",
      { .kind = SUBSCRIPTION,
        .start = P1,
        .end = P2,
        .as_of = 10,
        .status = SUBSCRIPTION_ENDED },
      false,
      500 },
    { "a renewal after the end",
      { .kind = PAID,
        .id = "in_late",
        .start = P2,
        .end = P3,
        .amount = 1900,
        .currency = "gbp",
        .as_of = 11,
        .renewal = true },
      true,
      500 },
    { "a word from before the end",
      { .kind = SUBSCRIPTION,
        .start = P2,
        .end = P3,
        .as_of = 9,
        .status = SUBSCRIPTION_ACTIVE },
      false,
      500 },
    { "and one from after it",
      { .kind = SUBSCRIPTION,
        .start = P2,
        .end = P3,
        .as_of = 12,
        .status = SUBSCRIPTION_ACTIVE },
      false,
      500 },
};

static void
try_bad(void)
{
    static const struct fact first = { .kind = PAID,
                                       .id = "in_first",
                                       .start = P1,
                                       .end = P2,
                                       .amount = 1900,
                                       .currency = "gbp",
                                       .as_of = 1,
                                       .named = true };
    struct subscription_applied told;
    struct membership_change change;
    struct space space;

    world.now = ms("2026-02-10T12:00:00Z");
    begin(&space, "bad", "basic", &change);
    tell(&first, "sub_bad", &change, &told);
    is_int(told.allocated, 1, "an invoice before anything else allocates");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        tell(&bad[i].fact, "sub_bad", &change, &told);
        is_int(total_of(&space), bad[i].total, "%s", bad[i].name);
        ok(told.review == bad[i].review && told.allocated == 0,
           "%s: whether somebody must look", bad[i].name);
    }
    NEED(space_by_number(world.db, &world.arena, space.number, &space) ==
         SPACE_OK);
    is_int(space.status, SPACE_CANCELLED, "ended stays ended");
    is_text(space.plan, "basic", "and says of which plan");
}

/* --- One live subscription. -------------------------------------------------- */

static void
try_two(void)
{
    static const struct fact paid = { .kind = PAID,
                                      .id = "in_x",
                                      .start = P1,
                                      .end = P2,
                                      .amount = 1900,
                                      .currency = "gbp",
                                      .as_of = 1 };
    static const struct fact begun = { .kind = BEGUN };
    struct subscription_applied told;
    struct membership_change change;
    struct subscription *all;
    struct space space;
    int count, surplus = 0;

    begin(&space, "two", "basic", &change);
    tell(&begun, "sub_first", &change, &told);
    tell(&paid, "sub_first", &change, &told);
    tell(&begun, "sub_second", &change, &told);
    tell(&paid, "sub_second", &change, &told);
    is_int(total_of(&space), 500, "a second subscription allocates nothing");
    NEED(subscription_to_ask(world.db, &world.arena, INT64_MAX, true, world.now,
                             10000, &all, &count) == SUBSCRIPTION_OK);
    for (int i = 0; i < count; i++)
        if (all[i].space == space.number) {
            surplus += all[i].surplus;
            ok(all[i].surplus == (strcmp(all[i].id, "sub_second") == 0),
               "%s: whether it must end", all[i].id);
        }
    is_int(surplus, 1, "and is the one that must end");
}

static void
count_fault(void *context, const char *words)
{
    (void)context;
    printf("# %s\n", words);
}

int
main(void)
{
    static const struct plan plans[] = {
        { "starter", "Starter", false, 0, "GBP", "month", 0, false, 120 },
        { "basic", "Basic", true, 1900, "GBP", "month", 500, false, 120 },
        { "studio", "Studio", true, 4900, "GBP", "month", 2000, true, 150 },
    };
    const char *why;
    int64_t faults;

    world_begin("2026-01-31T10:00:00Z");
    NEED(db_begin(world.db));
    for (size_t i = 0; i < COUNT_OF(plans); i++)
        NEED(plan_set(world.db, &world.arena, &plans[i], &why) == PLAN_OK);
    NEED(db_commit(world.db));
    NEED(db_begin(world.db));
    try_bad();
    try_two();
    NEED(db_commit(world.db));
    NEED(db_begin(world.db));
    try_orders();
    db_rollback(world.db);
    NEED(ledger_verify(world.db, &world.arena, count_fault, NULL, NULL,
                       &faults));
    is_int(faults, 0, "the ledger is whole");
    world_end();
    return done();
}
