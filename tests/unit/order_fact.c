/*
 * Refunds and disputes as facts: what they come to, and that the order in
 * which they are told makes no difference. Eight events of one payment are
 * told in all 40,320 orders, for a dispute that is won and one that is lost.
 */
#include "order_fact.h"
#include "clock.h"
#include "db_engine.h"
#include "ledger_world.h"
#include "settle.h"

#include <stdlib.h>

/* --- What facts come to: pure. --------------------------------------------- */

#define REFUND(n, s)                                                        \
    {                                                                       \
        .kind = FACT_REFUND, .state = (s), .amount = (n), .currency = "GBP" \
    }
#define DISPUTE(n, s)                                                        \
    {                                                                        \
        .kind = FACT_DISPUTE, .state = (s), .amount = (n), .currency = "GBP" \
    }

static const struct {
    const char *words;
    struct fact facts[4];
    int count;
    int64_t out, taken; /* of 2,500, of 3,300 credits */
    enum order_status status;
} sums[] = {
    { "nothing", { REFUND(0, FACT_PENDING) }, 0, 0, 0, ORDER_PAID },
    { "a refund under way",
      { REFUND(500, FACT_PENDING) },
      1,
      0,
      0,
      ORDER_PAID },
    { "a fifth",
      { REFUND(500, FACT_OUT) },
      1,
      500,
      660,
      ORDER_PARTLY_REFUNDED },
    { "a penny, rounded down",
      { REFUND(1, FACT_OUT) },
      1,
      1,
      1,
      ORDER_PARTLY_REFUNDED },
    { "all but a penny",
      { REFUND(2499, FACT_OUT) },
      1,
      2499,
      3298,
      ORDER_PARTLY_REFUNDED },
    { "all of it", { REFUND(2500, FACT_OUT) }, 1, 2500, 3300, ORDER_REFUNDED },
    { "all of it in parts",
      { REFUND(800, FACT_OUT), REFUND(800, FACT_OUT), REFUND(900, FACT_OUT) },
      3,
      2500,
      3300,
      ORDER_REFUNDED },
    { "a refund that failed",
      { REFUND(2500, FACT_BACK) },
      1,
      0,
      0,
      ORDER_PAID },
    { "one that failed and one that did not",
      { REFUND(500, FACT_BACK), REFUND(500, FACT_OUT) },
      2,
      500,
      660,
      ORDER_PARTLY_REFUNDED },
    { "a dispute", { DISPUTE(2500, FACT_OUT) }, 1, 2500, 3300, ORDER_DISPUTED },
    { "a dispute over a part",
      { DISPUTE(1000, FACT_OUT) },
      1,
      1000,
      1320,
      ORDER_DISPUTED },
    { "an inquiry", { DISPUTE(2500, FACT_PENDING) }, 1, 0, 0, ORDER_PAID },
    { "a dispute that was won",
      { DISPUTE(2500, FACT_BACK) },
      1,
      0,
      0,
      ORDER_PAID },
    { "a refund and a dispute: nothing twice",
      { REFUND(1000, FACT_OUT), DISPUTE(2500, FACT_OUT) },
      2,
      2500,
      3300,
      ORDER_DISPUTED },
    { "a refund after a dispute that was won",
      { DISPUTE(2500, FACT_BACK), REFUND(2500, FACT_OUT) },
      2,
      2500,
      3300,
      ORDER_REFUNDED },
    { "a dispute over more than was paid",
      { DISPUTE(9007199254740991, FACT_OUT),
        DISPUTE(9007199254740991, FACT_OUT) },
      2,
      2500,
      3300,
      ORDER_DISPUTED },
    { "another currency, which says nothing of this payment",
      { { .kind = FACT_REFUND,
          .state = FACT_OUT,
          .amount = 2500,
          .currency = "EUR" } },
      1,
      0,
      0,
      ORDER_PAID },
};

static void
try_sums(void)
{
    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        struct facts_sum sum =
            order_facts_sum(sums[i].facts, sums[i].count, 2500, "GBP");

        is_int(sum.out, sums[i].out, "%s: the money", sums[i].words);
        is_int(sum.status, sums[i].status, "%s: the status", sums[i].words);
        is_int(order_facts_taken(3300, sum.out, 2500), sums[i].taken,
               "%s: the credits", sums[i].words);
    }
    is_int(order_facts_taken(LIMIT_CREDITS, LIMIT_INTEGER - 1, LIMIT_INTEGER),
           LIMIT_CREDITS - 1, "in 128 bits between");
}

/* --- A world with an order. ------------------------------------------------ */

static const struct config config = { .livemode = false };
static struct member member = { .email = "buyer@example.test",
                                .name = "Bea Buyer" };
static struct plan plan;
static int orders_made;

static void
begin(void)
{
    const char *why;

    world_begin("2026-01-10T12:00:00Z");
    NEED(db_begin(world.db));
    NEED(member_add(world.db, &world.arena, &member, &world.space, ROLE_OWNER,
                    world.now, &why) == MEMBER_OK);
    NEED(plan_find(world.db, &world.arena, "creator", &plan) == PLAN_OK);
    NEED(db_commit(world.db));
    world_grant(&world.space, 500, NEVER_MS);
}

static void
place(struct order *order)
{
    static const struct tier tier = { "gbp25", 2500, "GBP", 300 };
    const struct order_ask ask = {
        .tier = &tier,
        .plan = &plan,
        .member = member.number,
        .key = arena_format(&world.arena, "key %d", orders_made),
        .clock_ms = world.now,
        .system_ms = world.now + orders_made * HOUR_MS
    };

    orders_made++;
    NEED(db_begin(world.db));
    NEED(order_create(world.db, &world.arena, &world.space, &ask, order) ==
         ORDER_OK);
    NEED(db_commit(world.db));
}

/* --- Events, as the provider writes them. ----------------------------------- */

enum told {
    COMPLETED,
    SUCCEEDED,
    REFUND_1,
    REFUND_2,
    REFUND_2_FAILED,
    DISPUTED,
    WITHDRAWN,
    WON,
    LOST,
    TOLD
};

/* Types, and objects as formats of: the order's number, its id. */
static const struct {
    const char *type, *object;
} texts[TOLD] = {
    [COMPLETED] = { "checkout.session.completed",
                    "\"id\":\"cs_%1$d\",\"object\":\"checkout.session\","
                    "\"status\":\"complete\",\"payment_status\":\"paid\","
                    "\"mode\":\"payment\",\"metadata\":{\"order\":\"%2$s\"},"
                    "\"payment_intent\":\"pi_%1$d\",\"currency\":\"gbp\","
                    "\"amount_total\":2500,\"livemode\":false" },
    [SUCCEEDED] = { "payment_intent.succeeded",
                    "\"id\":\"pi_%1$d\",\"object\":\"payment_intent\","
                    "\"status\":\"succeeded\",\"currency\":\"gbp\","
                    "\"amount_received\":2500,\"livemode\":false,"
                    "\"metadata\":{\"order\":\"%2$s\"}" },
#define REFUND_TEXT(number, amount, status)                                  \
    "\"id\":\"re_%1$d_" number "\",\"object\":\"refund\",\"amount\":" amount \
    ",\"currency\":\"gbp\",\"charge\":\"ch_%1$d\","                          \
    "\"payment_intent\":\"pi_%1$d\",\"reason\":\"requested_by_customer\","   \
    "\"status\":\"" status "\",\"x\":\"%2$s\""
    [REFUND_1] = { "refund.created", REFUND_TEXT("1", "500", "succeeded") },
    [REFUND_2] = { "refund.updated", REFUND_TEXT("2", "700", "succeeded") },
    [REFUND_2_FAILED] = { "refund.failed", REFUND_TEXT("2", "700", "failed") },
#define DISPUTE_TEXT(status)                                               \
    "\"id\":\"dp_%1$d\",\"object\":\"dispute\",\"amount\":2500,"           \
    "\"currency\":\"gbp\",\"charge\":\"ch_%1$d\",\"livemode\":false,"      \
    "\"payment_intent\":\"pi_%1$d\",\"reason\":\"fraudulent\",\"status\":" \
    "\"" status "\",\"x\":\"%2$s\""
    [DISPUTED] = { "charge.dispute.created", DISPUTE_TEXT("needs_response") },
    [WITHDRAWN] = { "charge.dispute.funds_withdrawn",
                    DISPUTE_TEXT("needs_response") },
    [WON] = { "charge.dispute.closed", DISPUTE_TEXT("won") },
    [LOST] = { "charge.dispute.closed", DISPUTE_TEXT("lost") },
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* One telling of it; `copy` makes another event of the same words. */
static struct stripe_event
telling(enum told told, const struct order *order, int copy)
{
    struct stripe_event event;
    char object[1024];
    const char *body;

    (void)snprintf(object, sizeof(object), texts[told].object,
                   (int)order->number, order->id);
    body = arena_format(&world.arena,
                        "{\"id\":\"evt_%d_%d_%d\",\"object\":\"event\","
                        "\"type\":\"%s\",\"created\":1795455285,"
                        "\"livemode\":false,\"data\":{\"object\":{%s}}}",
                        (int)order->number, (int)told, copy, texts[told].type,
                        object);
    NEED(stripe_event_read(&world.arena, body, strlen(body), &event));
    return event;
}
#pragma GCC diagnostic pop

/* What is left when all is told: everything that money is in. */
static const char *
ledger_of(const struct order *order)
{
    struct arena *arena = &world.arena;
    struct rows rows;
    struct buf buf;
    struct order now;

    buf_init(&buf, arena, 4096);
    NEED(order_find(world.db, arena, order->space, order->number, &now) ==
         ORDER_OK);
    buf_format(&buf, "%s %lld %lld %s;", order_status_text(now.status),
               (long long)now.refunded_amount, (long long)now.refunded_credits,
               now.payment == NULL ? "-" : now.payment);
    NEED(db_run(world.db, arena, &rows, Q_WALLET_READ, INT(order->space)) ==
         DB_OK);
    buf_format(&buf, "total %lld debt %lld;", (long long)rows_int(&rows, 0, 0),
               (long long)rows_int(&rows, 0, 2));
    NEED(db_run(world.db, arena, &rows, Q_LOT_LIVE, INT(order->space)) ==
         DB_OK);
    for (int i = 0; i < rows.n; i++)
        buf_format(&buf, "%s %lld of %lld;",
                   lot_kind_text((enum lot_kind)rows_int(&rows, i, 1)),
                   (long long)rows_int(&rows, i, 3),
                   (long long)rows_int(&rows, i, 2));
    NEED(db_run(world.db, arena, &rows, Q_FACT_OF_ORDER, INT(order->space),
                INT(order->number)) == DB_OK);
    buf_format(&buf, "%d facts", rows.n);
    return buf.bytes;
}

/* --- Every order of eight events. ------------------------------------------- */

enum { EVENTS = 8 };

struct walk {
    const struct order *order;
    struct stripe_event events[EVENTS];
    const char *want;
    int orders, wrong;
};

static void
savepoint(const char *words, int depth)
{
    NEED(engine_exec(world.db->engine, arena_format(&world.arena, "%s s%d",
                                                    words, depth)) == DB_OK);
}

/* Tells what is left in every order, undoing each telling afterwards, so
 * that orders share their beginnings. */
static void
walk_on(struct walk *walk, unsigned told, int depth)
{
    struct arena_mark mark = arena_mark(&world.arena);

    if (depth == EVENTS) {
        const char *ledger = ledger_of(walk->order);

        walk->orders++;
        if (strcmp(ledger, walk->want) != 0 && walk->wrong++ < 3)
            printf("# order %d: %s\n", walk->orders, ledger);
    }
    for (int i = 0; i < EVENTS; i++) {
        struct settle_told done;

        if ((told & 1U << i) != 0)
            continue;
        savepoint("SAVEPOINT", depth);
        NEED(settle_apply(world.db, &world.arena, &config, &walk->events[i],
                          world.now, &done) == SETTLE_OK);
        walk_on(walk, told | 1U << i, depth + 1);
        savepoint("ROLLBACK TO", depth);
        savepoint("RELEASE", depth);
        arena_rewind(&world.arena, mark);
    }
}

static void
try_orders(enum told end, const char *want)
{
    static const enum told first[] = { COMPLETED, SUCCEEDED,       REFUND_1,
                                       REFUND_2,  REFUND_2_FAILED, DISPUTED,
                                       WITHDRAWN };
    struct walk walk = { .want = want };
    struct order order;

    place(&order);
    walk.order = &order;
    for (int i = 0; i < EVENTS - 1; i++)
        walk.events[i] = telling(first[i], &order, 0);
    walk.events[EVENTS - 1] = telling(end, &order, 0);
    NEED(db_begin(world.db));
    walk_on(&walk, 0, 0);
    db_rollback(world.db);
    is_int(walk.orders, 40320, "so many orders were told");
    is_int(walk.wrong, 0, "and came to: %s", want);
}

int
main(void)
{
    try_sums();
    begin();
    try_orders(WON, "partly_refunded 500 660 pi_1;total 3140 debt 0;"
                    "bonus 500 of 500;top_up 2640 of 3000;3 facts");
    try_orders(LOST, "disputed 2500 3300 pi_2;total 500 debt 0;"
                     "bonus 500 of 500;3 facts");
    world_end();
    return done();
}
