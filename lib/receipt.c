/*
 * Receipts: see receipt.h.
 */
#include "receipt.h"

#include "ledger_sql.h"

/* More than a provider lets a payment be refunded in parts. */
enum { LIMIT_CHANGES = 1000 };

__extension__ typedef __int128 wide;

enum order_result
receipt_issue(struct db *db, struct arena *arena, const struct order *order,
              int64_t day)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_RECEIPT_INSERT, INT(order->space),
               INT(order->number), TEXT(order->member_name),
               INT(day)) != DB_OK ||
        rows.changes != 1)
        return ORDER_BROKEN;
    return ORDER_OK;
}

enum order_result
receipt_find(struct db *db, struct arena *arena, const struct order *order,
             struct receipt *receipt)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_RECEIPT_OF_ORDER, INT(order->space),
               INT(order->number)) != DB_OK)
        return ORDER_BROKEN;
    if (rows.n == 0)
        return ORDER_UNKNOWN;
    *receipt = (struct receipt){
        .number = rows_int(&rows, 0, 0),
        .space_name = rows_text(&rows, 0, 1),
        .buyer = rows_text(&rows, 0, 2),
        .day = rows_int(&rows, 0, 3),
        .seller = { .name = rows_text(&rows, 0, 4),
                    .address = rows_text(&rows, 0, 5),
                    .vat_number = rows_text(&rows, 0, 6),
                    .vat_rate = rows_null(&rows, 0, 7)
                                    ? SELLER_NO_VAT
                                    : rows_int(&rows, 0, 7) },
    };
    return ORDER_OK;
}

enum order_result
receipt_changes(struct db *db, struct arena *arena, const struct order *order,
                struct receipt_change **changes, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_RECEIPT_CHANGES, INT(order->space),
               INT(order->number), INT(LIMIT_CHANGES)) != DB_OK)
        return ORDER_BROKEN;
    *changes = arena_array(arena, (size_t)rows.n + 1, sizeof(**changes));
    for (*count = 0; *count < rows.n; (*count)++)
        (*changes)[*count] = (struct receipt_change){
            .kind = (enum event_kind)rows_int(&rows, *count, 0),
            .day = rows_int(&rows, *count, 1),
            .amount = rows_int(&rows, *count, 2),
        };
    return ORDER_OK;
}

struct receipt_parts
receipt_split(int64_t amount, int64_t rate)
{
    wide all = SELLER_RATE_UNIT + rate;
    wide net;

    assert(amount >= 0 && rate >= 0);
    net = ((wide)amount * SELLER_RATE_UNIT * 2 + all) / (2 * all);
    return (struct receipt_parts){ .net = (int64_t)net,
                                   .vat = amount - (int64_t)net };
}
