/*
 * The proof has to fail: each kind of damage, done by hand to a copy of a
 * ledger that proves right, is found and named.
 */
#include "ledger_world.h"

#include <fcntl.h>

#include "db_engine.h"
#include "order_fact.h"
#include "usage.h"

/* Enough of everything: two Spaces, folded usage, holds of all states, caps,
 * refunds, a plan, an expiry. */
static void
fill(void)
{
    struct cap caps[] = { { .on = CAP_MEMBER,
                            .value = "m1",
                            .credits = 1000000,
                            .per = CAP_TOTAL } };
    struct hold_ask ask = world_viewing(70, DAY_MS);
    struct hold_ask plan = world_viewing(5000, 2 * DAY_MS);
    struct event event;
    int64_t made, seq = 0;

    world_grant(&world.other, 10, NEVER_MS);
    world_grant(&world.space, 100, world.now + HOUR_MS);
    world_grant(&world.space, 100000, NEVER_MS);
    world_lock(&world.space);
    NEED(ledger_set_caps(world.db, &world.arena, &world.wallet, caps, 1) ==
         LEDGER_OK);
    plan.plan = plan.item = 1;
    plan.refs.campaign = "launch";
    NEED(hold_place(&world.wallet, &plan, world.now, &made, NULL) == HOLD_OK);
    for (int i = 0; i < 1100; i++) {
        ask.refs.member = i % 2 == 0 ? "m1" : NULL;
        ask.refs.livestream = i % 3 == 0 ? "live" : "later";
        NEED(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL) ==
             HOLD_OK);
    }
    NEED(hold_place(&world.wallet, &ask, world.now, &made, NULL) == HOLD_OK);
    NEED(hold_release(&world.wallet, made, world.now) == HOLD_OK);
    ask.refs.member = "m1";
    NEED(hold_place(&world.wallet, &ask, world.now, &made, NULL) == HOLD_OK);
    world_commit();
    world.now += 2 * HOUR_MS;
    world_lock(&world.space);
    NEED(ledger_refundable(world.db, &world.arena, &world.wallet, seq,
                           &event) == LEDGER_OK);
    NEED(refund_usage(&world.wallet, &event, 1, "why", world.now, &seq) ==
         REFUND_OK);
    world_commit();
}

static void
tell_fact(const char *id, enum fact_kind kind, enum fact_state state,
          int64_t amount)
{
    const struct fact fact = { .provider = "stripe",
                               .id = id,
                               .kind = kind,
                               .state = state,
                               .payment = "pi_1",
                               .amount = amount,
                               .currency = "GBP" };
    struct fact_done fact_done;

    NEED(db_begin(world.db));
    NEED(order_fact(world.db, &world.arena, &fact, world.now, &fact_done) ==
         ORDER_OK);
    NEED(db_commit(world.db));
}

/* An order of the other Space: paid, a part refunded, disputed, won. */
static void
fill_order(void)
{
    static const struct tier tier = { "gbp25", 2500, "GBP", 300 };
    static struct member member = { .email = "buyer@example.test",
                                    .name = "Bea Buyer" };
    const struct payment payment = { .provider = "stripe",
                                     .state = PAYMENT_PAID,
                                     .id = "pi_1",
                                     .currency = "gbp",
                                     .amount = 2500 };
    struct order_ask ask = { .tier = &tier,
                             .key = "key",
                             .clock_ms = world.now,
                             .system_ms = world.now };
    struct plan plan;
    struct order order;
    enum settled settled;
    const char *why = NULL;

    NEED(db_begin(world.db));
    NEED(member_add(world.db, &world.arena, &member, &world.other, ROLE_OWNER,
                    world.now, &why) == MEMBER_OK);
    NEED(plan_find(world.db, &world.arena, "creator", &plan) == PLAN_OK);
    ask.plan = &plan;
    ask.member = member.number;
    NEED(order_create(world.db, &world.arena, &world.other, &ask, &order) ==
         ORDER_OK);
    NEED(order_settle(world.db, &world.arena, &world.other, &order, &payment,
                      world.now, &settled) == ORDER_OK);
    NEED(db_commit(world.db));
    tell_fact("re_1", FACT_REFUND, FACT_OUT, 500);
    tell_fact("dp_1", FACT_DISPUTE, FACT_OUT, 2500);
    tell_fact("dp_1", FACT_DISPUTE, FACT_BACK, 2500);
}

static void
copy_file(const char *from, const char *to)
{
    char buffer[65536];
    int in = open(from, O_RDONLY), out;
    ssize_t n;

    if (in < 0)
        return;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    NEED(out >= 0);
    while ((n = read(in, buffer, sizeof(buffer))) > 0)
        NEED(write(out, buffer, (size_t)n) == n);
    NEED(n == 0);
    close(in);
    close(out);
}

static const char *
join(const char *folder, const char *name)
{
    return arena_format(&world.arena, "%s/%s", folder, name);
}

/* What breaks the ledger, and the beginning of what the proof says. */
static const struct {
    const char *words, *sql, *found;
} damages[] = {
    { "a changed amount",
      "UPDATE event SET credits = credits - 1, balance_after ="
      " balance_after - 1 WHERE space = 1 AND seq = 7;",
      "Space 1, event 8: broken: the balance after an event" },
    { "a changed quantity",
      "UPDATE event SET quantity = quantity + 1 WHERE space = 1 AND seq = 7;",
      "Space 1, event 7: its hash" },
    { "a changed reference",
      "UPDATE event SET note = 'x' WHERE space = 1 AND seq = 9;",
      "Space 1, event 9: its hash" },
    { "a changed lot of an event",
      "UPDATE event SET lots = '[[1,-2]]' WHERE space = 1 AND seq = 7;",
      "Space 1, event 7: its hash" },
    { "a refund that was forgotten",
      "UPDATE payment_fact SET state = 2 WHERE fact = 're_1';",
      "Space 2, order 1: broken: what has gone back" },
    { "a refund of more than was taken",
      "UPDATE payment_fact SET amount = 600 WHERE fact = 're_1';",
      "Space 2, order 1: broken: what has gone back" },
    { "a dispute that was not won after all",
      "UPDATE payment_fact SET state = 1 WHERE fact = 'dp_1';",
      "Space 2, order 1: broken: what has gone back" },
    { "a refund of no order's",
      "UPDATE payment_fact SET space = NULL, ord = NULL"
      " WHERE fact = 'dp_1';",
      "Space 2, order 1: broken: a refund or dispute of a payment" },
    { "an order that says less is refunded",
      "UPDATE checkout_order SET refunded_amount = 499 WHERE space = 2;",
      "Space 2, order 1: broken: what has gone back" },
    { "an order that says that it is whole",
      "UPDATE checkout_order SET status = 2 WHERE space = 2;",
      "Space 2, order 1: broken: what has gone back" },
    { "a taking from nowhere",
      "UPDATE taken SET credits = credits + 1 WHERE space = 2 AND part = 1;",
      "Space 2, order 1: broken: what is taken of an order" },
    { "an event of a refund without its money",
      "DELETE FROM reversal WHERE space = 2 AND seq = 3;",
      "Space 2, event 3: broken: an event of a refund" },
    { "money that came back, and went",
      "UPDATE reversal SET amount = -amount WHERE space = 2 AND seq = 4;",
      "Space 2, event 4: broken: an event of a refund" },
    { "a removed event", "DELETE FROM event WHERE space = 1 AND seq = 30;",
      "Space 1, event 31: broken: the balance after an event" },
    { "the last event removed",
      "DELETE FROM event WHERE space = 1 AND seq = (SELECT max(seq) FROM event"
      " WHERE space = 1);",
      "Space 1, wallet: broken: a wallet's total" },
    { "two events that changed places",
      "UPDATE event SET seq = -1 WHERE space = 1 AND seq = 40;"
      "UPDATE event SET seq = 40 WHERE space = 1 AND seq = 41;"
      "UPDATE event SET seq = 41 WHERE space = 1 AND seq = -1;",
      "Space 1, event" },
    { "events in another order of time",
      "UPDATE event SET at = at - 5 WHERE space = 1 AND seq = 50;",
      "Space 1, event 50: broken: events are dated in their order" },
    { "a lot below zero",
      "UPDATE lot SET remaining = -1, live = NULL WHERE space = 1 AND lot = 1;",
      "Space 1, " },
    { "a lot with more than was granted",
      "UPDATE lot SET remaining = granted + 1 WHERE space = 1 AND lot = 2;",
      "Space 1, " },
    { "credits moved between lots",
      "UPDATE lot SET remaining = remaining - 1 WHERE space = 1 AND lot = 2;"
      "UPDATE lot SET remaining = 1, live = 1 WHERE space = 1 AND lot = 1;",
      "Space 1, " },
    { "a stale wallet", "UPDATE wallet SET total = total + 1 WHERE space = 1;",
      "Space 1, wallet: broken: a wallet's total" },
    { "a wallet that holds too little",
      "UPDATE wallet SET held = held - 1 WHERE space = 1;",
      "Space 1, wallet: broken: total = sum" },
    { "a wallet with another hash",
      "UPDATE wallet SET hash = zeroblob(32) WHERE space = 1;",
      "Space 1, wallet: broken: a wallet's total" },
    { "a wallet that expects nothing",
      "UPDATE wallet SET due_at = 4611686018427387904 WHERE space = 1;",
      "Space 1, wallet: broken: a wallet's held" },
    { "debt from nowhere", "UPDATE wallet SET debt = 5 WHERE space = 2;",
      "Space 2, wallet" },
    { "a wallet that is gone", "DELETE FROM wallet WHERE space = 2;",
      "Space 2, events: broken: every row of the ledger" },
    { "a lot that reserves for nobody",
      "UPDATE lot SET reserved = reserved + 1 WHERE space = 1 AND lot = 2;"
      "UPDATE wallet SET held = held + 1 WHERE space = 1;",
      "Space 1, lot 2: broken: what a lot has reserved" },
    { "a hold without its reservation",
      "DELETE FROM hold_lot WHERE space = 1 AND hold = 3;", "Space 1, lot 2" },
    { "a reservation without its hold",
      "DELETE FROM hold WHERE space = 1 AND hold = 3;",
      "Space 1, hold 3: broken: an open hold" },
    { "a hold that captured what no event says",
      "UPDATE hold SET captured = 1, quantity_captured = 1"
      " WHERE space = 1 AND hold = 2;",
      "Space 1, hold 2: broken: a hold has captured" },
    { "a hold of too many credits",
      "UPDATE hold SET credits = credits + 1 WHERE space = 1 AND hold = 2;",
      "Space 1, hold 2: its credits are not its quantity" },
    { "a hold at another price",
      "UPDATE hold SET price = 19 WHERE space = 1 AND hold = 3;",
      "Space 1, hold 3: broken: what was charged by a price book" },
    { "a price that was changed",
      "UPDATE price SET credits = 21 WHERE version = 1 AND"
      " activity = 'livestream_viewing';",
      "Space 1, event" },
    { "a refund that nobody noted", "DELETE FROM refunded WHERE space = 1;",
      "Space 1, event 1102: broken: usage is given back once" },
    { "more noted than was given back",
      "UPDATE refunded SET credits = credits + 1 WHERE space = 1;",
      "Space 1, event 1102: broken: usage is given back once" },
    { "a stale rollup",
      "UPDATE rollup SET captured = captured + 1 WHERE space = 1 AND dim = 4"
      " AND key = 'm1';",
      "Space 1, usage of day 20779 by dimension 4: broken: rollups say" },
    { "a rollup of nothing",
      "INSERT INTO rollup VALUES (1, 0, 3, 'x', 1, 0, 1, 5, 5);",
      "Space 1, usage by dimension 0: broken: rollups hold" },
    { "a missing rollup", "DELETE FROM rollup WHERE space = 1 AND dim = 0;",
      "Space 1, usage of day" },
    { "a run of events that is not listed",
      "DELETE FROM event_block WHERE space = 1 AND dim = 0 AND key = 'live';",
      "Space 1, event" },
    { "a run of usage without a reference that is not listed",
      "DELETE FROM event_block WHERE space = 1 AND dim = 4 AND key = '';",
      "Space 1, event" },
    { "a warning of another thing", "UPDATE wallet SET warning = 3;",
      "Space 1, wallet: broken: a balance warns of what it is" },
    { "a warning that nobody needs", "UPDATE wallet SET low = 1;",
      "Space 1, wallet: broken: a balance counts as low" },
    { "a warning that is missing",
      "UPDATE space SET low_threshold = 1000000 WHERE number = 1;",
      "Space 1, wallet: broken: a balance counts as low" },
    { "a fold that was forgotten",
      "UPDATE wallet SET folded = 0 WHERE space = 1; DELETE FROM rollup;",
      "Space 1, wallet: broken: rollups hold whole runs" },
    { "a cap that counts too little",
      "UPDATE cap SET used = used - 1 WHERE space = 1;",
      "Space 1, cap 1: what is used of it" },
    { "a cap that misses a hold", "UPDATE cap SET held = 0 WHERE space = 1;",
      "Space 1, cap 1: broken: a cap counts" },
    { "a top-up that nobody paid",
      "UPDATE event SET kind = 0 WHERE space = 2 AND seq = 1;",
      "Space 2, event 1: broken: every top-up was paid" },
    { "an allocation without its period",
      "UPDATE event SET kind = 1 WHERE space = 2 AND seq = 1;",
      "Space 2, event 1: broken: an allocated period" },
};

/* By a hand that the schema does not hold back. */
static void
damage(const char *path, const char *sql)
{
    enum db_result result;
    struct engine *engine = engine_open(path, 0, &result);

    NEED(engine != NULL && result == DB_OK);
    NEED(engine_exec(engine, "PRAGMA foreign_keys = OFF;"
                             "PRAGMA ignore_check_constraints = ON;"
                             "DROP TRIGGER event_no_update;"
                             "DROP TRIGGER event_no_delete;"
                             "DROP TRIGGER payment_fact_forward;"
                             "DROP TRIGGER reversal_no_update;"
                             "DROP TRIGGER reversal_no_delete;"
                             "DROP TRIGGER price_no_update;") == DB_OK);
    if (engine_exec(engine, sql) != DB_OK) {
        printf("Bail out! %s: %s\n", sql, engine_why(engine));
        exit(1);
    }
    engine_close(engine);
}

static void
check_damage(const char *folder, size_t i)
{
    struct db *db;
    struct verdict verdict;

    (void)unlink(join(folder, "scrip.db-shm"));
    (void)unlink(join(folder, "scrip.db-wal"));
    copy_file(join(world.folder, "scrip.db"), join(folder, "scrip.db"));
    copy_file(join(world.folder, "scrip.db-wal"), join(folder, "scrip.db-wal"));
    damage(join(folder, "scrip.db"), damages[i].sql);
    db = world_open(folder);
    verdict = world_verify(db);
    ok(verdict.faults > 0, "%s is found", damages[i].words);
    if (!ok(verdict.first != NULL && strncmp(verdict.first, damages[i].found,
                                             strlen(damages[i].found)) == 0,
            "%s is named", damages[i].words))
        printf("#   got  %s\n#   want %s\n",
               verdict.first == NULL ? "" : verdict.first, damages[i].found);
    db_close(db);
}

int
main(void)
{
    char folder[] = "/tmp/scrip-damage-XXXXXX";
    struct verdict verdict;

    world_begin("2026-11-22T10:00:00Z");
    NEED(mkdtemp(folder) != NULL);
    fill();
    fill_order();
    verdict = world_verify(world.db);
    if (!is_int(verdict.faults, 0, "what is not damaged proves right"))
        printf("#   %s\n", verdict.first);
    db_close(world.db);
    for (size_t i = 0; i < COUNT_OF(damages); i++)
        check_damage(folder, i);
    world_remove(folder);
    world.db = world_open(world.folder);
    world_end();
    return done();
}
