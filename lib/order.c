/*
 * Making, finding and listing checkout orders: see order.h. Fulfilment is in
 * order_settle.c. Every change of an order locks its Space's wallet first
 * and moves the wallet's version, so a page that polls sees it.
 */
#include "order.h"

#include "idem.h"
#include "ledger_sql.h"

/* A little under the provider's limit of 24 hours, counted by its clock. */
static const int64_t session_life_ms = 23 * HOUR_MS;

static const char *const status_texts[ORDER_STATUSES] = {
    [ORDER_AWAITING_PAYMENT] = "awaiting_payment",
    [ORDER_PROCESSING] = "processing",
    [ORDER_PAID] = "paid",
    [ORDER_FAILED] = "failed",
    [ORDER_EXPIRED] = "expired",
    [ORDER_PARTLY_REFUNDED] = "partly_refunded",
    [ORDER_REFUNDED] = "refunded",
    [ORDER_DISPUTED] = "disputed",
    [ORDER_REVIEW] = "review",
};

const char *
order_status_text(enum order_status status)
{
    assert(status < ORDER_STATUSES);
    return status_texts[status];
}

bool
order_was_paid(enum order_status status)
{
    return status == ORDER_PAID || status == ORDER_PARTLY_REFUNDED ||
           status == ORDER_REFUNDED || status == ORDER_DISPUTED;
}

bool
order_is_open(enum order_status status)
{
    return status == ORDER_AWAITING_PAYMENT || status == ORDER_PROCESSING;
}

bool
order_keeps_card(const struct order *order)
{
    return order->save_card || (order->automatic && order->session != NULL);
}

static void
order_of_row(const struct rows *rows, int i, struct order *order)
{
    *order = (struct order){
        .space = rows_int(rows, i, 0),
        .number = rows_int(rows, i, 1),
        .member = rows_int(rows, i, 2),
        .member_name = rows_text(rows, i, 3),
        .tier = rows_text(rows, i, 4),
        .amount = rows_int(rows, i, 5),
        .currency = rows_text(rows, i, 6),
        .rate = rows_int(rows, i, 7),
        .credits = rows_int(rows, i, 8),
        .bonus = rows_int(rows, i, 9),
        .status = (enum order_status)rows_int(rows, i, 10),
        .created_at = rows_int(rows, i, 11),
        .paid_at = rows_null(rows, i, 12) ? NEVER_MS : rows_int(rows, i, 12),
        .placed_at = rows_int(rows, i, 13),
        .session_expires_at = rows_int(rows, i, 14),
        .asked_at = rows_int(rows, i, 15),
        .session = rows_text(rows, i, 16),
        .payment = rows_text(rows, i, 17),
        .payment_url = rows_text(rows, i, 18),
        .receipt_url = rows_text(rows, i, 19),
        .why = rows_text(rows, i, 20),
        .automatic = rows_int(rows, i, 21) != 0,
        .save_card = rows_int(rows, i, 22) != 0,
        .charge = rows_text(rows, i, 23),
        .refunded_amount = rows_int(rows, i, 24),
        .refunded_credits = rows_int(rows, i, 25),
        .paid_amount = rows_int(rows, i, 26),
        .paid_currency = rows_text(rows, i, 27),
    };
    id_format(order->id, "ord", order->created_at, order->space, order->number);
}

static void
orders_of_rows(const struct rows *rows, struct arena *arena,
               struct order **orders, int *count)
{
    *count = rows->n;
    *orders = arena_array(arena, (size_t)rows->n + 1, sizeof(**orders));
    for (int i = 0; i < rows->n; i++)
        order_of_row(rows, i, &(*orders)[i]);
}

enum order_result
order_find(struct db *db, struct arena *arena, int64_t space, int64_t number,
           struct order *order)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_ORDER_ONE, INT(space), INT(number)) != DB_OK)
        return ORDER_BROKEN;
    if (rows.n == 0)
        return ORDER_UNKNOWN;
    order_of_row(&rows, 0, order);
    return ORDER_OK;
}

enum order_result
order_by_id(struct db *db, struct arena *arena, int64_t space, const char *text,
            struct order *order)
{
    struct id id;
    enum order_result found;

    if (text == NULL || !id_parse(text, "ord", &id) ||
        (space != 0 && id.space != space))
        return ORDER_UNKNOWN;
    found = order_find(db, arena, id.space, id.number, order);
    if (found == ORDER_OK && strcmp(order->id, text) != 0)
        return ORDER_UNKNOWN; /* another time: not an id that we gave */
    return found;
}

enum order_result
order_list(struct db *db, struct arena *arena, int64_t space, int64_t before,
           int limit, struct order **orders, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_ORDER_PAGE, INT(space),
               INT(before == 0 ? INT64_MAX : before), INT(limit)) != DB_OK)
        return ORDER_BROKEN;
    orders_of_rows(&rows, arena, orders, count);
    return ORDER_OK;
}

enum order_result
order_unfinished(struct db *db, struct arena *arena, int64_t space, int limit,
                 struct order **orders, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_ORDER_UNFINISHED, INT(space), INT(limit)) !=
        DB_OK)
        return ORDER_BROKEN;
    orders_of_rows(&rows, arena, orders, count);
    return ORDER_OK;
}

enum order_result
order_to_ask(struct db *db, struct arena *arena, int64_t asked_before,
             int limit, struct order **orders, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_ORDER_TO_ASK, INT(asked_before),
               INT(limit)) != DB_OK)
        return ORDER_BROKEN;
    orders_of_rows(&rows, arena, orders, count);
    return ORDER_OK;
}

/* The key as this request uses it. Requests are the same when they ask for
 * the same tier, and the card to be kept or not. */
static void
name_key(struct arena *arena, const struct space *space,
         const struct order_ask *ask, struct idem *idem)
{
    struct fingerprint print;

    *idem = (struct idem){ .key = ask->key,
                           .space = space->number,
                           .member = ask->member,
                           .operation = IDEM_CHECKOUT };
    fingerprint_begin(&print, arena);
    fingerprint_text(&print, "tier", ask->tier->id);
    if (ask->save_card)
        fingerprint_int(&print, "save_card", 1);
    fingerprint_end(&print, idem);
}

/* What the key made before; ORDER_OK: nothing. */
static enum order_result
find_first(struct db *db, struct arena *arena, struct idem *idem,
           struct order *order)
{
    switch (idem_find(db, arena, idem)) {
    case IDEM_NEW: return ORDER_OK;
    case IDEM_REPLAYED: break;
    case IDEM_KEY_REUSED: return ORDER_KEY_REUSED;
    case IDEM_BROKEN: return ORDER_BROKEN;
    }
    return order_find(db, arena, idem->space, idem->ref, order) == ORDER_OK
               ? ORDER_REPLAYED
               : ORDER_BROKEN;
}

enum order_result
order_place(struct db *db, struct arena *arena, struct wallet *wallet,
            const struct order_ask *ask, int64_t now, struct order *order)
{
    const struct tier *tier = ask->tier;
    int64_t number = wallet->orders_made + 1;

    if (db_run(db, arena, NULL, Q_ORDER_INSERT, INT(wallet->space), INT(number),
               INT(ask->member), TEXT(tier->id), INT(tier->amount),
               TEXT(tier->currency), INT(ask->plan->rate),
               INT(tier_credits(tier, ask->plan->rate)), INT(tier->bonus),
               INT(now), INT(ask->system_ms),
               INT(ask->system_ms + session_life_ms), INT(ask->automatic),
               INT(ask->save_card)) != DB_OK)
        return ORDER_BROKEN;
    wallet->orders_made = number;
    wallet->changed = true;
    if (ledger_save(db, arena, wallet) != LEDGER_OK)
        return ORDER_BROKEN;
    return order_find(db, arena, wallet->space, number, order);
}

enum order_result
order_create(struct db *db, struct arena *arena, const struct space *space,
             const struct order_ask *ask, struct order *order)
{
    struct wallet wallet;
    struct idem idem;
    struct rows rows;
    enum order_result first;
    int64_t now;

    if (ledger_lock(db, arena, space, ask->clock_ms, &wallet, &now) !=
        LEDGER_OK)
        return ORDER_BROKEN;
    name_key(arena, space, ask, &idem);
    first = find_first(db, arena, &idem, order);
    if (first != ORDER_OK)
        return first;
    if (db_run(db, arena, &rows, Q_ORDER_UNPAID_COUNT, INT(ask->member),
               INT(ask->system_ms - HOUR_MS)) != DB_OK)
        return ORDER_BROKEN;
    if (rows_int(&rows, 0, 0) >= LIMIT_UNPAID_ORDERS)
        return ORDER_TOO_MANY;
    idem.ref = wallet.orders_made + 1;
    if (idem_keep(db, arena, &idem) != IDEM_NEW)
        return ORDER_BROKEN;
    return order_place(db, arena, &wallet, ask, now, order);
}

/* Moves the version of the Space, which is what its ETags see. */
static bool
touch(struct db *db, struct arena *arena, int64_t space)
{
    struct rows rows;

    return db_run(db, arena, &rows, Q_WALLET_TOUCH, INT(space)) == DB_OK &&
           rows.changes == 1;
}

enum order_result
order_keep_session(struct db *db, struct arena *arena,
                   const struct order *order, const char *session,
                   const char *url)
{
    if (!touch(db, arena, order->space) ||
        db_run(db, arena, NULL, Q_ORDER_SET_SESSION, INT(order->space),
               INT(order->number), TEXT(session), TEXT(url)) != DB_OK)
        return ORDER_BROKEN;
    return ORDER_OK;
}

enum order_result
order_keep_charge(struct db *db, struct arena *arena, const struct order *order,
                  const char *charge, const char *receipt_url)
{
    if (!touch(db, arena, order->space) ||
        db_run(db, arena, NULL, Q_ORDER_SET_CHARGE, INT(order->space),
               INT(order->number), TEXT(charge), TEXT(receipt_url)) != DB_OK)
        return ORDER_BROKEN;
    return ORDER_OK;
}

enum order_result
order_note_asked(struct db *db, struct arena *arena, const struct order *order,
                 int64_t before, int64_t system_ms)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_ORDER_SET_ASKED, INT(order->space),
               INT(order->number), INT(system_ms), INT(before)) != DB_OK)
        return ORDER_BROKEN;
    return rows.changes == 1 ? ORDER_OK : ORDER_NOT_OPEN;
}
