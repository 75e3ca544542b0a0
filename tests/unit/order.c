/*
 * Checkout orders: making them once for a key, and what every report of a
 * payment does to them, in a table and in random order. However the reports
 * come, a payment credits once.
 */
#include "order.h"
#include "dice.h"
#include "ledger_world.h"

static struct member member = { .email = "buyer@example.test",
                                .name = "Bea Buyer" };
static struct plan plan;
static const struct tier tier = { "gbp25", 2500, "GBP", 300 };

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
}

static enum order_result
create(const char *key, const struct tier *of, int64_t system_ms,
       struct order *order)
{
    const struct order_ask ask = { .tier = of,
                                   .plan = &plan,
                                   .member = member.number,
                                   .key = key,
                                   .clock_ms = world.now,
                                   .system_ms = system_ms };
    enum order_result made;

    NEED(db_begin(world.db));
    made = order_create(world.db, &world.arena, &world.space, &ask, order);
    if (made == ORDER_OK)
        NEED(db_commit(world.db));
    else
        db_rollback(world.db);
    return made;
}

/* --- Making orders. --------------------------------------------------------- */

static void
try_creating(void)
{
    const struct tier other = { "gbp50", 5000, "GBP", 0 };
    struct order first, again;
    char key[16];

    is_int(create("key", &tier, world.now, &first), ORDER_OK, "an order");
    is_int(first.credits, 3000, "buys what its tier does at the plan's rate");
    is_int(first.bonus, 300, "and its bonus");
    is_int(first.status, ORDER_AWAITING_PAYMENT, "and waits");
    is_int(create("key", &tier, world.now, &again), ORDER_REPLAYED,
           "the same key again");
    is_text(again.id, first.id, "is the same order");
    is_int(create("key", &other, world.now, &again), ORDER_KEY_REUSED,
           "the same key for another tier");
    for (int i = 0; i < LIMIT_UNPAID_ORDERS - 1; i++) {
        snprintf(key, sizeof(key), "more %d", i);
        NEED(create(key, &tier, world.now, &again) == ORDER_OK);
    }
    is_int(create("one more", &tier, world.now, &again), ORDER_TOO_MANY,
           "the eleventh unpaid one in an hour");
    is_int(create("key", &tier, world.now, &again), ORDER_REPLAYED,
           "which does not keep a replay out");
    is_int(create("one more", &tier, world.now + HOUR_MS, &again), ORDER_OK,
           "an hour later the refused key may be used");
    is_int(order_by_id(world.db, &world.arena, world.other.number, first.id,
                       &again),
           ORDER_UNKNOWN, "another Space does not see it");
    is_int(order_by_id(world.db, &world.arena, 0, first.id, &again), ORDER_OK,
           "the provider's report finds it");
    first.id[10] = first.id[10] == '0' ? '1' : '0';
    is_int(order_by_id(world.db, &world.arena, 0, first.id, &again),
           ORDER_UNKNOWN, "an id of another time is none that we gave");
}

/* --- Reports. --------------------------------------------------------------- */

enum report {
    PAID,
    PAID_AGAIN, /* the very same */
    PAID_ELSE,  /* by another payment */
    PENDING,
    FAILED,
    EXPIRED,
    LESS, /* a pound less than was asked */
    EUROS,
    TEST_MODE,
    NOTHING,
    REPORTS
};

static struct payment
payment_of(enum report report, const struct order *order)
{
    struct payment payment = { .provider = "stripe",
                               .state = PAYMENT_PAID,
                               .currency = "gbp",
                               .amount = order->amount };

    payment.id =
        arena_format(&world.arena, "pi_%lld%s", (long long)order->number,
                     report == PAID_ELSE ? "b" : "");
    switch (report) {
    case PENDING: payment.state = PAYMENT_PENDING; break;
    case FAILED: payment.state = PAYMENT_FAILED; break;
    case EXPIRED: payment.state = PAYMENT_EXPIRED; break;
    case NOTHING: payment.state = PAYMENT_NONE; break;
    case LESS: payment.amount -= 100; break;
    case EUROS: payment.currency = "eur"; break;
    case TEST_MODE: payment.live_expected = true; break;
    default: break;
    }
    return payment;
}

static enum settled
tell(const struct order *order, enum report report)
{
    const struct payment payment = payment_of(report, order);
    enum settled settled;

    NEED(db_begin(world.db));
    NEED(order_settle(world.db, &world.arena, &world.space, order, &payment,
                      world.now, &settled) == ORDER_OK);
    NEED(db_commit(world.db));
    return settled;
}

static struct order
new_order(void)
{
    static int64_t hours;
    static int made;
    struct order order;
    char key[24];

    snprintf(key, sizeof(key), "order %d", ++made);
    hours += 2; /* past the hour of unpaid orders */
    NEED(create(key, &tier, world.now + hours * HOUR_MS, &order) == ORDER_OK);
    return order;
}

static enum order_status
status_of(const struct order *order)
{
    struct order now;

    NEED(order_find(world.db, &world.arena, order->space, order->number,
                    &now) == ORDER_OK);
    return now.status;
}

static int64_t
total(void)
{
    world_look(&world.space);
    return world.wallet.total;
}

#define LIST(...) { __VA_ARGS__ }, COUNT_OF(((enum report[]){ __VA_ARGS__ }))

static const struct report_case {
    const char *name;
    enum report reports[6];
    size_t count;
    enum order_status status;
    bool credited;
} report_cases[] = {
    { "paid", LIST(PAID), ORDER_PAID, true },
    { "paid twice", LIST(PAID, PAID_AGAIN), ORDER_PAID, true },
    { "paid, then reported paid by another payment", LIST(PAID, PAID_ELSE),
      ORDER_PAID, true },
    { "pending, then paid", LIST(PENDING, PAID), ORDER_PAID, true },
    { "paid, then a late pending", LIST(PAID, PENDING), ORDER_PAID, true },
    { "pending, then failed", LIST(PENDING, FAILED), ORDER_FAILED, false },
    { "failed, then paid after all", LIST(FAILED, PAID), ORDER_PAID, true },
    { "paid, then a late failure", LIST(PAID, FAILED), ORDER_PAID, true },
    { "expired", LIST(EXPIRED), ORDER_EXPIRED, false },
    { "expired, then paid after all", LIST(EXPIRED, PAID), ORDER_PAID, true },
    { "paid, then a late expiry", LIST(PAID, EXPIRED), ORDER_PAID, true },
    { "pending, then its session expires", LIST(PENDING, EXPIRED),
      ORDER_PROCESSING, false },
    { "nothing is said", LIST(NOTHING), ORDER_AWAITING_PAYMENT, false },
    { "less was paid", LIST(LESS), ORDER_REVIEW, false },
    { "another currency was paid", LIST(EUROS), ORDER_REVIEW, false },
    { "less was paid, then all of it is reported", LIST(LESS, PAID),
      ORDER_REVIEW, false },
    { "under review, then failed and expired", LIST(LESS, FAILED, EXPIRED),
      ORDER_REVIEW, false },
    { "a test payment on a live site", LIST(TEST_MODE), ORDER_AWAITING_PAYMENT,
      false },
    { "everything at once", LIST(PENDING, FAILED, EXPIRED, PAID, LESS, EUROS),
      ORDER_PAID, true },
};

static void
try_reports(void)
{
    for (size_t i = 0; i < COUNT_OF(report_cases); i++) {
        const struct report_case *c = &report_cases[i];
        const struct order order = new_order();
        int64_t before = total();

        for (size_t k = 0; k < c->count; k++)
            tell(&order, c->reports[k]);
        is_int(status_of(&order), c->status, "%s: the status", c->name);
        is_int(total() - before, c->credited ? 3300 : 0, "%s: the credits",
               c->name);
    }
}

/* Any reports of good payments, in any order, any number of times. */
static void
try_random_reports(void)
{
    static const enum report good[] = { PAID,   PAID_AGAIN, PENDING,
                                        FAILED, EXPIRED,    NOTHING };
    struct dice dice = { 20260110 };
    int wrong = 0;

    printf("# SEED=%d\n", (int)dice.state);
    for (int round = 0; round < 150; round++) {
        const struct order order = new_order();
        int64_t before = total();
        bool paid = false;

        for (int k = 0; k < 8; k++) {
            enum report report = good[dice_below(&dice, COUNT_OF(good))];

            paid = paid || report == PAID || report == PAID_AGAIN;
            tell(&order, report);
        }
        wrong += total() - before != (paid ? 3300 : 0);
        wrong += paid != (status_of(&order) == ORDER_PAID);
    }
    is_int(wrong, 0, "150 orders and 1,200 reports of them at random");
}

/* --- One payment, two orders; and what an operator decides. ------------------ */

static void
try_stolen_payment(void)
{
    const struct order mine = new_order(), other = new_order();
    struct payment payment = payment_of(PAID, &mine);
    enum settled settled;
    int64_t before;

    tell(&mine, PAID);
    before = total();
    NEED(db_begin(world.db));
    NEED(order_settle(world.db, &world.arena, &world.space, &other, &payment,
                      world.now, &settled) == ORDER_OK);
    NEED(db_commit(world.db));
    is_int(settled, SETTLED_REVIEW, "a payment that paid another order");
    is_int(total(), before, "credits nobody twice");
}

static enum order_result
resolve(const struct order *order, bool credit)
{
    enum order_result result;

    NEED(db_begin(world.db));
    result = order_resolve(world.db, &world.arena, &world.space, order, credit,
                           world.now);
    if (result == ORDER_OK)
        NEED(db_commit(world.db));
    else
        db_rollback(world.db);
    return result;
}

static void
try_resolving(void)
{
    const struct order one = new_order(), two = new_order();
    int64_t before = total();

    is_int(resolve(&one, true), ORDER_NOT_OPEN,
           "what is not under review is not resolved");
    tell(&one, LESS);
    tell(&two, EUROS);
    is_int(resolve(&one, true), ORDER_OK, "credited by the operator");
    is_int(status_of(&one), ORDER_PAID, "is paid");
    is_int(total() - before, 3300, "with its credits");
    is_int(resolve(&one, true), ORDER_NOT_OPEN, "once");
    is_int(resolve(&two, false), ORDER_OK, "dismissed by the operator");
    is_int(status_of(&two), ORDER_FAILED, "has failed");
    tell(&two, EUROS);
    is_int(status_of(&two), ORDER_FAILED, "for that payment for good");
    tell(&one, PAID);
    is_int(total() - before, 3300, "and a late report credits nothing more");
}

static void
try_proof(void)
{
    struct verdict verdict = world_verify(world.db);

    is_int(verdict.faults, 0, "the ledger is whole: %s",
           verdict.first == NULL ? "-" : verdict.first);
}

int
main(void)
{
    begin();
    try_creating();
    try_reports();
    try_random_reports();
    try_stolen_payment();
    try_resolving();
    try_proof();
    world_end();
    return done();
}
