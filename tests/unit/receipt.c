/*
 * Receipts: VAT apart from the amount in a table and at random, rates as
 * text, and that a receipt is issued once, numbered without a gap, and never
 * changed by what is set or renamed later.
 */
#include "receipt.h"
#include "dice.h"
#include "ledger_world.h"

/* --- VAT. ------------------------------------------------------------------- */

static const struct {
    int64_t amount, rate, net, vat;
} splits[] = {
    { 2500, 2000, 2083, 417 },
    { 5000, 2000, 4167, 833 },
    { 10000, 2000, 8333, 1667 },
    { 2500, 0, 2500, 0 },
    { 2500, 500, 2381, 119 },
    { 2500, 1750, 2128, 372 },
    { 2500, 825, 2309, 191 },
    { 2500, 10000, 1250, 1250 },
    { 0, 2000, 0, 0 },
    { 1, 2000, 1, 0 },
    { 2, 2000, 2, 0 },
    { 3, 2000, 3, 0 },  /* 2.5: half of a penny goes up */
    { 1, 10000, 1, 0 }, /* 0.5 as well */
    { 9, 2000, 8, 1 },  /* 7.5 */
    { 6, 2000, 5, 1 },  /* without a rest */
    { 2500, 2100, 2066, 434 },
    { 9007199254740991, 2000, 7505999378950826, 1501199875790165 },
};

static void
try_splits(void)
{
    struct dice dice = { 1 };

    for (size_t i = 0; i < COUNT_OF(splits); i++) {
        struct receipt_parts parts =
            receipt_split(splits[i].amount, splits[i].rate);

        is_int(parts.net, splits[i].net, "%lld at %lld: net",
               (long long)splits[i].amount, (long long)splits[i].rate);
        is_int(parts.vat, splits[i].vat, "  and VAT");
    }
    for (int i = 0; i < 100000; i++) {
        int64_t amount = dice_below(&dice, 1000000);
        int64_t rate = dice_between(&dice, 0, SELLER_RATE_MAX);
        struct receipt_parts parts = receipt_split(amount, rate);

        /* |net * (1 + rate) - amount| is at most half a unit of net. */
        if (parts.net + parts.vat != amount || parts.vat < 0 ||
            llabs(parts.net * (SELLER_RATE_UNIT + rate) -
                  amount * SELLER_RATE_UNIT) *
                    2 >
                SELLER_RATE_UNIT + rate) {
            ok(false, "%lld at %lld comes to %lld and %lld", (long long)amount,
               (long long)rate, (long long)parts.net, (long long)parts.vat);
            return;
        }
    }
    ok(true, "100,000 amounts are their net and VAT, to the nearest");
}

static const struct {
    const char *text;
    int64_t rate; /* -1: none */
    const char *again;
} rates[] = {
    { "20", 2000, "20" },       { "17.5", 1750, "17.5" },
    { "8.25", 825, "8.25" },    { "0", 0, "0" },
    { "0.5", 50, "0.5" },       { "0.05", 5, "0.05" },
    { "5.50", 550, "5.5" },     { "100", 10000, "100" },
    { "100.00", 10000, "100" }, { "100.01", -1, NULL },
    { "101", -1, NULL },        { "1000000000000000000000", -1, NULL },
    { "-1", -1, NULL },         { "+1", -1, NULL },
    { "", -1, NULL },           { ".5", -1, NULL },
    { "5.", -1, NULL },         { "5.123", -1, NULL },
    { "5.1.2", -1, NULL },      { "5,5", -1, NULL },
    { "20%", -1, NULL },        { " 20", -1, NULL },
    { "1e1", -1, NULL },
};

static void
try_rates(void)
{
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        int64_t rate = -1;
        bool read = seller_rate_of(rates[i].text, &rate);

        ok(read == (rates[i].rate >= 0) && rate == rates[i].rate,
           "'%s' is %lld", rates[i].text, (long long)rates[i].rate);
        if (read)
            is_text(seller_rate_text(&world.arena, rate), rates[i].again,
                    "  and back");
    }
}

/* --- Issuing. --------------------------------------------------------------- */

static struct member member = { .email = "buyer@example.test",
                                .name = "Bea Buyer" };
static struct plan plan;

static void
set_seller(const struct space *space, const char *name, const char *number,
           int64_t rate)
{
    const struct seller seller = { .name = name,
                                   .vat_number = number,
                                   .vat_rate = rate };
    const char *why = "";

    NEED(db_begin(world.db));
    NEED(seller_set(world.db, &world.arena, space == NULL ? 0 : space->number,
                    &seller, world.now, &why) == SELLER_OK);
    NEED(db_commit(world.db));
}

static void
place(const struct space *space, const char *key, struct order *order)
{
    const struct tier tier = { "gbp25", 2500, "GBP", 300 };
    const struct order_ask ask = { .tier = &tier,
                                   .plan = &plan,
                                   .member = member.number,
                                   .key = key,
                                   .clock_ms = world.now,
                                   .system_ms = world.now };

    NEED(db_begin(world.db));
    NEED(order_create(world.db, &world.arena, space, &ask, order) == ORDER_OK);
    NEED(db_commit(world.db));
}

static void
pay(const struct space *space, const struct order *order)
{
    const struct payment payment = {
        .provider = "stripe",
        .state = PAYMENT_PAID,
        .currency = "gbp",
        .amount = order->amount,
        .id = arena_format(&world.arena, "pi_%s", order->id),
    };
    enum settled settled;

    NEED(db_begin(world.db));
    NEED(order_settle(world.db, &world.arena, space, order, &payment, world.now,
                      &settled) == ORDER_OK);
    NEED(db_commit(world.db));
}

static enum order_result
find(const struct order *order, struct receipt *receipt)
{
    return receipt_find(world.db, &world.arena, order, receipt);
}

static void
rename_everybody(void)
{
    const struct space to = { .name = "Another name" };
    struct member again = { .email = member.email, .name = "Somebody Else" };
    const char *why = "";

    NEED(db_begin(world.db));
    NEED(space_change(world.db, &world.arena, &world.space, &to, &why) ==
         SPACE_OK);
    NEED(member_add(world.db, &world.arena, &again, &world.space, ROLE_OWNER,
                    world.now, &why) == MEMBER_OK);
    NEED(db_commit(world.db));
}

static void
try_issuing(void)
{
    struct order unpaid, first, second, other;
    struct receipt receipt;
    enum db_result refused;

    place(&world.space, "unpaid", &unpaid);
    place(&world.space, "first", &first);
    place(&world.space, "second", &second);
    place(&world.other, "other", &other);
    is_int(find(&first, &receipt), ORDER_UNKNOWN, "unpaid: no receipt");

    pay(&world.space, &second);
    is_int(find(&second, &receipt), ORDER_OK, "paid: a receipt");
    is_int(receipt.number, 1, "the first of its Space, whatever the order");
    is_text(receipt.seller.name, NULL, "of nobody who was set");
    is_int(receipt.seller.vat_rate, SELLER_NO_VAT, "without VAT");

    set_seller(NULL, "Everyone Ltd", "GB1", 2000);
    set_seller(&world.other, "Other Ltd", NULL, SELLER_NO_VAT);
    pay(&world.space, &first);
    pay(&world.space, &first);
    pay(&world.other, &other);
    set_seller(NULL, "Later Ltd", "GB2", 2500);
    set_seller(&world.space, "Own Ltd", "GB3", 500);
    rename_everybody();

    is_int(find(&second, &receipt), ORDER_OK, "the old one is there");
    is_text(receipt.seller.name, NULL, "and has got no seller since");
    is_int(find(&first, &receipt), ORDER_OK, "the next, paid twice,");
    is_int(receipt.number, 2, "is one more");
    is_text(receipt.seller.name, "Everyone Ltd", "of who sold that day");
    is_int(receipt.seller.vat_rate, 2000, "at that day's VAT");
    is_text(receipt.space_name, "demo", "to the Space as it was called");
    is_text(receipt.buyer, "Bea Buyer", "by the member as they were called");
    is_int(receipt.day, zone_day(zone_find("Europe/London"), world.now),
           "on the Space's day");
    is_int(find(&other, &receipt), ORDER_OK, "another Space");
    is_int(receipt.number, 1, "numbers its own");
    is_text(receipt.seller.name, "Other Ltd", "and has its own seller");

    NEED(db_begin(world.db));
    refused =
        db_run(world.db, &world.arena, NULL, Q_RECEIPT_INSERT,
               INT(world.space.number), INT(first.number), TEXT("x"), INT(1));
    is_int(refused, DB_CONFLICT, "an order has one receipt");
    db_rollback(world.db);
    NEED(db_begin(world.db));
    is_int(receipt_issue(world.db, &world.arena, &unpaid, 20000), ORDER_OK,
           "one by hand, of what nobody paid,");
    NEED(db_commit(world.db));
    {
        struct rows rows;

        NEED(db_run(world.db, &world.arena, &rows, Q_VERIFY_RECEIPT, NONE) ==
             DB_OK);
        is_int(rows.n, 1, "is found by the proof");
    }
}

int
main(void)
{
    const char *why = "";

    world_begin("2026-07-10T23:30:00Z");
    NEED(db_begin(world.db));
    NEED(member_add(world.db, &world.arena, &member, &world.space, ROLE_OWNER,
                    world.now, &why) == MEMBER_OK);
    NEED(plan_find(world.db, &world.arena, "creator", &plan) == PLAN_OK);
    NEED(db_commit(world.db));
    try_splits();
    try_rates();
    try_issuing();
    world_end();
    return done();
}
