/*
 * The same operations through the ledger's database: what is loaded, decided
 * and saved in transactions, some of which are rolled back and done again,
 * with readers and ticks in between. After each commit the Space is read
 * anew and compared with the model, and at the end everything is proved.
 */
#include "world.h"

#include <unistd.h>

#include "drive.h"
#include "ledger.h"
#include "ledger_sql.h"
#include "member.h"
#include "order_fact.h"
#include "price.h"
#include "receipt.h"

struct store {
    char folder[64];
    char url[96];
    struct db *db;
    struct arena arena; /* of the store */
    struct member member;
    int64_t spaces;
};

static struct store store;

/* A run: the arena is its own, `step` is emptied after each transaction. */
struct run {
    struct arena arena, step;
    struct model model;
    struct drive drive;
    struct space space;
    struct takings takings[MODEL_HOLDS];
    struct dice dice;
    struct wallet wallet; /* of the transaction */
    int64_t allocations;
};

static struct run run;

static bool running;

/* What the database or the ledger refuses ends the run, as a fault. */
static _Noreturn void
failed(int line, const char *what)
{
    static char words[400];

    snprintf(words, sizeof(words), "world_ledger.c:%d: %s: %s", line, what,
             store.db == NULL ? "" : db_why(store.db));
    if (running)
        world_stop(words);
    printf("Bail out! %s\n", words);
    exit(1);
}

#define NEED(so)                   \
    do {                           \
        if (!(so))                 \
            failed(__LINE__, #so); \
    } while (0)

static const char *
words(const char *text)
{
    return arena_text(&run.arena, text);
}

void
world_ledger_open(void)
{
    static const struct plan plan = { .id = "creator",
                                      .name = "Creator",
                                      .paid = true,
                                      .amount = 1000,
                                      .currency = "GBP",
                                      .interval = "month",
                                      .included = 500,
                                      .rate = 120 };
    struct space space = { .slug = "first",
                           .name = "First",
                           .currency = "GBP",
                           .time_zone = "UTC",
                           .plan = "creator" };
    const char *why = NULL;
    const char *tmp = getenv("TMPDIR");

    arena_init(&store.arena, (size_t)64 * 1024, (size_t)64 * 1024 * 1024);
    snprintf(store.folder, sizeof(store.folder), "%s/scrip-sim-XXXXXX",
             tmp == NULL ? "/tmp" : tmp);
    NEED(mkdtemp(store.folder) != NULL);
    snprintf(store.url, sizeof(store.url), "sqlite:%s/scrip.db", store.folder);
    store.db = db_open(store.url, &ledger_set, true, &store.arena, &why);
    NEED(store.db != NULL && db_migrate(store.db));
    NEED(db_begin(store.db));
    NEED(plan_set(store.db, &store.arena, &plan, &why) == PLAN_OK);
    NEED(space_add(store.db, &store.arena, &space, 0, &why) == SPACE_OK);
    store.member = (struct member){ .email = "sim@demo.test", .name = "Sim" };
    NEED(member_add(store.db, &store.arena, &store.member, &space, ROLE_OWNER,
                    0, &why) == MEMBER_OK);
    NEED(db_commit(store.db));
}

static void
on_fault(void *context, const char *text)
{
    (void)context;
    printf("# %s\n", text);
}

int64_t
world_ledger_close(void)
{
    static const char *const files[] = { "scrip.db",         "scrip.db-wal",
                                         "scrip.db-shm",     "scrip.db-turn",
                                         "scrip.db-journal", "turn" };
    int64_t faults = -1;

    if (!ledger_verify(store.db, &store.arena, on_fault, NULL, NULL, &faults))
        faults = -1;
    db_close(store.db);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", store.folder, files[i]);
        (void)unlink(path);
    }
    if (rmdir(store.folder) != 0)
        printf("# left behind: %s\n", store.folder);
    arena_free(&store.arena);
    return faults;
}

/* --- A run's beginnings. ------------------------------------------------- */

/* A new book with the drive's prices; and it reads as it was written. */
static void
import_prices(void)
{
    static const char *const ids[PRICES] = { "f0", "f1", "f2", "f3" };
    struct price prices[PRICES];
    struct activity activities[PRICES];
    struct price_section section = { "all", "All", activities, PRICES };
    struct price_book book = { .sections = &section, .section_count = 1 };
    const char *why = NULL;

    for (int i = 0; i < PRICES; i++) {
        prices[i] = (struct price){ i == 1 ? "fast" : NULL, run.drive.price[i],
                                    run.drive.per[i] };
        activities[i] =
            (struct activity){ ids[i], ids[i], "unit", &prices[i], 1 };
    }
    NEED(price_import(store.db, &run.step, &book, run.model.now, run.model.now,
                      &run.drive.book, &why) == PRICE_OK);
    NEED(price_book_version(store.db, &run.step, run.drive.book, &book) ==
         PRICE_OK);
    for (int i = 0; i < PRICES; i++) {
        struct charge charge;

        NEED(price_find(&book, ids[i], i == 1 ? "fast" : NULL, 7, &charge) ==
             PRICE_OK);
        NEED(charge.price == run.drive.price[i] &&
             charge.per == run.drive.per[i]);
    }
}

static void
set_caps(int count)
{
    NEED(ledger_set_caps(store.db, &run.step, &run.wallet,
                         drive_caps(&run.step, &run.model),
                         count) == LEDGER_OK);
}

static void
lock(int64_t at)
{
    int64_t now;

    NEED(db_begin(store.db));
    NEED(ledger_lock(store.db, &run.step, &run.space, at, &run.wallet, &now) ==
         LEDGER_OK);
    NEED(now == at);
}

static void
commit(void)
{
    NEED(ledger_save(store.db, &run.step, &run.wallet) == LEDGER_OK);
    NEED(db_commit(store.db));
}

static void
start(uint64_t seed)
{
    const char *zone, *why = NULL;
    char slug[32];

    if (run.arena.max == 0) {
        arena_init(&run.arena, (size_t)1024 * 1024, (size_t)256 << 20);
        arena_init(&run.step, (size_t)1024 * 1024, (size_t)256 << 20);
    }
    arena_reset(&run.arena);
    arena_reset(&run.step);
    world_begin(&run.model, seed, &zone);
    run.dice = (struct dice){ .state = seed };
    run.drive = (struct drive){ 0 };
    run.allocations = 0;
    memcpy(run.drive.price, run.model.price, sizeof(run.drive.price));
    memcpy(run.drive.per, run.model.per, sizeof(run.drive.per));
    for (int i = 0; i < MODEL_HOLDS; i++)
        run.takings[i] = (struct takings){ .order = i };
    snprintf(slug, sizeof(slug), "s%lld", (long long)++store.spaces);
    run.space = (struct space){ .slug = words(slug),
                                .name = "A Space",
                                .currency = "GBP",
                                .time_zone = zone,
                                .plan = "creator" };
    NEED(db_begin(store.db));
    NEED(space_add(store.db, &run.arena, &run.space, run.model.now, &why) ==
         SPACE_OK);
    import_prices();
    NEED(db_commit(store.db));
    lock(run.model.now);
    set_caps(CAPS);
    commit();
}

/* --- Operations. --------------------------------------------------------- */

static const char *
payment_of(int64_t order)
{
    return arena_format(&run.step, "pi_%lld_%lld", (long long)run.space.number,
                        (long long)order);
}

/* The rows that have to be there with a top-up: its order, payment and
 * receipt. A credit costs one of the currency's smallest unit. */
static void
pay_order(const struct op *op, int64_t now)
{
    int64_t number = run.drive.orders_made + 1, space = run.space.number;
    struct order order;

    NEED(db_run(store.db, &run.step, NULL, Q_ORDER_INSERT, INT(space),
                INT(number), INT(store.member.number), TEXT("gbp25"),
                INT(op->amount + op->more), TEXT("GBP"), INT(120),
                INT(op->amount), INT(op->more), INT(now), INT(now), INT(now),
                INT(0), INT(0)) == DB_OK);
    NEED(db_run(store.db, &run.step, NULL, Q_ORDER_SET_PAID, INT(space),
                INT(number), INT(now), TEXT(payment_of(number)), NIL) == DB_OK);
    NEED(db_run(store.db, &run.step, NULL, Q_PAYMENT_INSERT, TEXT("stripe"),
                INT(0), TEXT(payment_of(number)), INT(space), INT(number),
                INT(op->amount + op->more), TEXT("GBP"), INT(now)) == DB_OK);
    NEED(order_find(store.db, &run.step, space, number, &order) == ORDER_OK &&
         receipt_issue(store.db, &run.step, &order,
                       zone_day(run.wallet.zone, now)) == ORDER_OK);
    run.wallet.orders_made = number;
}

static void
keep_fact(int64_t order, const char *id, enum fact_state state, int64_t amount)
{
    NEED(db_run(store.db, &run.step, NULL, Q_FACT_KEEP, TEXT("stripe"), INT(0),
                TEXT(id), INT(FACT_DISPUTE), INT(state),
                TEXT(payment_of(order)), NIL, INT(amount), TEXT("GBP"), NIL,
                INT(0)) == DB_OK);
}

/* The rows that have to be there with what was taken or given back: the last
 * dispute ended, and another one over what is taken now. */
static void
keep_reversal(const struct takings *takings, int64_t moved)
{
    int64_t space = run.space.number, order = takings->order;
    int64_t taken = takeback_taken(takings), seq = run.drive.taken_seq;
    struct rows facts;

    NEED(db_run(store.db, &run.step, &facts, Q_FACT_OF_ORDER, INT(space),
                INT(order)) == DB_OK);
    for (int i = 0; i < facts.n; i++)
        keep_fact(order, rows_text(&facts, i, 0), FACT_BACK,
                  rows_int(&facts, i, 3));
    if (taken > 0)
        keep_fact(order,
                  arena_format(&run.step, "dp_%lld_%lld", (long long)space,
                               (long long)seq),
                  FACT_OUT, taken);
    NEED(db_run(store.db, &run.step, NULL, Q_FACT_TIE_PAYMENT, TEXT("stripe"),
                INT(0), TEXT(payment_of(order)), INT(space),
                INT(order)) == DB_OK);
    NEED(db_run(store.db, &run.step, NULL, Q_REVERSAL_INSERT, INT(space),
                INT(seq), INT(order), INT(moved)) == DB_OK);
    for (int i = 0; i < takings->count; i++)
        NEED(db_run(store.db, &run.step, NULL, Q_TAKEN_KEEP, INT(space),
                    INT(order), INT(i + 1), INT(takings->parts[i].lot),
                    INT(takings->parts[i].credits)) == DB_OK);
    NEED(db_run(store.db, &run.step, NULL, Q_ORDER_SET_REVERSED, INT(space),
                INT(order), INT(taken > 0 ? ORDER_DISPUTED : ORDER_PAID),
                INT(taken), INT(taken)) == DB_OK);
}

static void
load_taken_lots(const struct takings *takings)
{
    for (int i = 0; i < takings->count; i++) {
        int64_t number = takings->parts[i].lot;
        struct lot lot;

        if (number == 0 || wallet_lot(&run.wallet, number) != NULL)
            continue;
        NEED(ledger_lot(store.db, &run.step, run.space.number, number, &lot) ==
             LEDGER_OK);
        wallet_add_lot(&run.wallet, &lot);
    }
}

/* Takings live in memory, where a transaction that is undone has to put them
 * back; the rows are written beside. */
static struct takings *
keep_takings(int order)
{
    struct takings *takings = &run.takings[order];
    struct taken *parts = arena_array(&run.arena, MODEL_EVENTS, sizeof(*parts));

    if (takings->count > 0)
        memcpy(parts, takings->parts, (size_t)takings->count * sizeof(*parts));
    takings->parts = parts;
    takings->room = MODEL_EVENTS;
    return takings;
}

static void
load_event(int seq, struct event *event)
{
    run.drive.of = NULL;
    if (seq == 0)
        return;
    NEED(ledger_refundable(store.db, &run.step, &run.wallet, seq, event) ==
         LEDGER_OK);
    run.drive.of = event;
}

static void
load_for(const struct op *op, int hold, struct event *event)
{
    static const char *const features[] = { "f0", "f1", "f2", "f3", "own" };
    static const char *const campaigns[] = { NULL, "c1", "c2" };
    int order = model_pick_order(&run.model, op);
    enum ledger_result found = LEDGER_OK;

    run.drive.takings = NULL;
    if (op->kind == OP_PLACE || op->kind == OP_DIRECT)
        found = ledger_plan_holds(store.db, &run.step, &run.wallet,
                                  campaigns[op->campaign], features[op->what]);
    if (op->kind == OP_CAPTURE || op->kind == OP_EXTEND ||
        op->kind == OP_RELEASE)
        found = ledger_hold(store.db, &run.step, &run.wallet, hold);
    NEED(found != LEDGER_BROKEN);
    if (op->kind == OP_REFUND)
        load_event(model_pick_event(&run.model, op), event);
    if ((op->kind == OP_TAKE || op->kind == OP_RETURN) && order != 0) {
        run.drive.takings = keep_takings(order);
        run.drive.order_credits = run.model.orders[order].credits;
        load_taken_lots(run.drive.takings);
    }
}

static enum outcome
operate(const struct op *op, int64_t now)
{
    int hold = model_pick_hold(&run.model, op);
    struct event event;
    enum outcome outcome;
    int64_t taken;

    if (op->kind == OP_TOP_UP)
        pay_order(op, now);
    if (op->kind == OP_GRANT && op->flag)
        NEED(db_run(store.db, &run.step, NULL, Q_ALLOCATION_INSERT,
                    INT(run.space.number), INT(++run.allocations),
                    INT(op->amount), INT(run.wallet.seq + 1)) == DB_OK);
    load_for(op, hold, &event);
    taken = run.drive.takings == NULL ? 0 : takeback_taken(run.drive.takings);
    outcome = drive_do(&run.drive, &run.wallet, op, hold, now);
    if (run.drive.takings != NULL && outcome == OUT_OK)
        keep_reversal(run.drive.takings,
                      taken - takeback_taken(run.drive.takings));
    if (op->kind == OP_PRICE)
        import_prices();
    return outcome;
}

/* --- Comparing. ---------------------------------------------------------- */

/* A reader's view, with every hold looked up. */
static const char *
look(void)
{
    struct wallet seen;
    int64_t now;
    const char *why;

    NEED(db_begin_read(store.db));
    NEED(ledger_look(store.db, &run.step, &run.space, run.model.now, &seen,
                     &now) == LEDGER_OK);
    for (int n = 1; n <= run.model.hold_count; n++)
        NEED(ledger_hold(store.db, &run.step, &seen, n) == LEDGER_OK);
    db_rollback(store.db);
    why = drive_differs(&run.model, &seen, 0, false);
    return why == NULL ? NULL
                       : words(arena_format(&run.step, "read anew: %s", why));
}

/* One operation in the open transaction; the words of what differs. */
static const char *
step(const struct op *op, int64_t now)
{
    int first = run.wallet.event_count;
    enum outcome got = operate(op, now), want;
    const char *why;

    want = model_apply(&run.model, op);
    world_tally[op->kind][want]++;
    if (op->kind == OP_CAP)
        set_caps(CAPS);
    if (got != want)
        return words(arena_format(
            &run.step, "it comes to %d, the model says %d", got, want));
    why = drive_differs(&run.model, &run.wallet, first, false);
    return why == NULL ? NULL : words(why);
}

/* A tick, or a transaction that comes to nothing. */
static void
disturb(const struct op *op, int64_t from, int64_t now)
{
    struct drive drive = run.drive;
    struct takings takings[MODEL_HOLDS];
    int64_t allocations = run.allocations;

    if (dice_chance(&run.dice, 20)) {
        lock(dice_between(&run.dice, from, now));
        commit();
    }
    /* The picks are made of what the model knows then. */
    model_wait(&run.model, now);
    if (!dice_chance(&run.dice, 10))
        return;
    memcpy(takings, run.takings, sizeof(takings));
    lock(now);
    (void)operate(op, now);
    if (dice_chance(&run.dice, 50))
        NEED(ledger_save(store.db, &run.step, &run.wallet) == LEDGER_OK);
    db_rollback(store.db);
    memcpy(run.takings, takings, sizeof(takings));
    run.drive = drive;
    run.allocations = allocations;
}

/* Now and then all caps are dropped and set again, and so counted anew. */
static void
count_anew(void)
{
    if (!dice_chance(&run.dice, 3))
        return;
    set_caps(0);
    set_caps(CAPS);
}

/* As many operations as share a transaction. */
static const char *
transaction(const struct op *ops, int count, int *at, int64_t *done)
{
    int64_t now = run.model.now + ops[*at].wait;
    const char *why;
    bool more;

    disturb(&ops[*at], run.model.now, now);
    lock(now);
    do {
        why = step(&ops[*at], now);
        if (why != NULL)
            return why;
        ++*at;
        ++*done;
        more = *at < count && ops[*at].wait == 0 &&
               model_has_room(&run.model) && dice_chance(&run.dice, 70);
        if (more && dice_chance(&run.dice, 20))
            NEED(ledger_save(store.db, &run.step, &run.wallet) == LEDGER_OK);
    } while (more);
    count_anew();
    commit();
    return look();
}

struct call {
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

    start(call->seed);
    *call->at = 0;
    while (call->why == NULL && *call->at < call->count &&
           model_has_room(&run.model)) {
        call->why = transaction(call->ops, call->count, call->at, call->done);
        arena_reset(&run.step);
    }
}

const char *
world_ledger(const struct op *ops, int count, uint64_t seed, int *at,
             int64_t *done)
{
    struct call call = { ops, count, seed, at, done, NULL };
    const char *stopped;

    running = true;
    stopped = world_guard(go, &call);
    running = false;
    db_rollback(store.db);
    /* A fault after the last operation is that operation's. */
    if (*at == count)
        --*at;
    return stopped == NULL ? call.why : stopped;
}
