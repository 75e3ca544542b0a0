/*
 * Rows of products, prices, subscriptions and invoices to values and back.
 * The columns' order is that of queries_billing.sql, next to which this has
 * to be read.
 */
#include "store_billing.h"

#include "store_inside.h"

static struct db_value
time_or_null(int64_t s)
{
    return s == 0 ? NIL : INT(s);
}

int64_t
store_clock_s(struct box *box)
{
    struct rows rows;
    int64_t offset_ms = 0;

    if (box_run(box, &rows, SQ_CLOCK_GET, NONE) && rows.n == 1)
        offset_ms = COLUMN_INT(0);
    return (box->now_ms + offset_ms) / SECOND_MS;
}

/* --- Products and prices ------------------------------------------------ */

bool
store_product_get(struct box *box, const char *id,
                  struct store_product *product)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_PRODUCT_GET, TEXT(id)) || rows.n == 0)
        return false;
    *product = (struct store_product){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .name = COLUMN_TEXT(2),
        .description = COLUMN_TEXT(3),
        .active = COLUMN_INT(4) != 0,
        .metadata = COLUMN_TEXT(5),
    };
    return true;
}

void
store_product_add(struct box *box, const struct store_product *product)
{
    (void)box_run(box, NULL, SQ_PRODUCT_ADD, TEXT(product->id),
                  INT(product->created_s), TEXT(product->name),
                  TEXT(product->description), INT(product->active),
                  TEXT(product->metadata));
}

void
store_product_set(struct box *box, const struct store_product *product)
{
    (void)box_run(box, NULL, SQ_PRODUCT_SET, TEXT(product->id),
                  TEXT(product->name), TEXT(product->description),
                  INT(product->active), TEXT(product->metadata));
}

bool
store_price_get(struct box *box, const char *id, struct store_price *price)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_PRICE_GET, TEXT(id)) || rows.n == 0)
        return false;
    *price = (struct store_price){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .product = COLUMN_TEXT(2),
        .currency = COLUMN_TEXT(3),
        .unit_amount = COLUMN_INT(4),
        .interval = COLUMN_TEXT(5),
        .interval_count = COLUMN_INT(6),
        .active = COLUMN_INT(7) != 0,
        .nickname = COLUMN_TEXT(8),
        .metadata = COLUMN_TEXT(9),
        .name = COLUMN_TEXT(10),
    };
    return true;
}

void
store_price_add(struct box *box, const struct store_price *price)
{
    (void)box_run(box, NULL, SQ_PRICE_ADD, TEXT(price->id),
                  INT(price->created_s), TEXT(price->product),
                  TEXT(price->currency), INT(price->unit_amount),
                  TEXT(price->interval), INT(price->interval_count),
                  INT(price->active), TEXT(price->nickname),
                  TEXT(price->metadata));
}

void
store_price_set(struct box *box, const struct store_price *price)
{
    (void)box_run(box, NULL, SQ_PRICE_SET, TEXT(price->id), INT(price->active),
                  TEXT(price->nickname), TEXT(price->metadata));
}

/* --- Subscriptions ------------------------------------------------------ */

bool
store_subscription_get(struct box *box, const char *id,
                       struct store_subscription *subscription)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_SUBSCRIPTION_GET, TEXT(id)) || rows.n == 0)
        return false;
    *subscription = (struct store_subscription){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .customer = COLUMN_TEXT(2),
        .status = COLUMN_TEXT(3),
        .currency = COLUMN_TEXT(4),
        .metadata = COLUMN_TEXT(5),
        .description = COLUMN_TEXT(6),
        .method = COLUMN_TEXT(7),
        .item = COLUMN_TEXT(8),
        .price = COLUMN_TEXT(9),
        .quantity = COLUMN_INT(10),
        .anchor_s = COLUMN_INT(11),
        .period_start_s = COLUMN_INT(12),
        .period_end_s = COLUMN_INT(13),
        .cancel_at_end = COLUMN_INT(14) != 0,
        .canceled_s = COLUMN_INT(15),
        .ended_s = COLUMN_INT(16),
        .latest_invoice = COLUMN_TEXT(17),
    };
    return true;
}

void
store_subscription_add(struct box *box,
                       const struct store_subscription *subscription)
{
    (void)box_run(box, NULL, SQ_SUBSCRIPTION_ADD, TEXT(subscription->id),
                  INT(subscription->created_s), TEXT(subscription->customer),
                  TEXT(subscription->status), TEXT(subscription->currency),
                  TEXT(subscription->metadata), TEXT(subscription->description),
                  TEXT(subscription->method), TEXT(subscription->item),
                  TEXT(subscription->price), INT(subscription->quantity),
                  INT(subscription->anchor_s),
                  INT(subscription->period_start_s),
                  INT(subscription->period_end_s),
                  INT(subscription->cancel_at_end));
}

void
store_subscription_set(struct box *box,
                       const struct store_subscription *subscription)
{
    (void)box_run(box, NULL, SQ_SUBSCRIPTION_SET, TEXT(subscription->id),
                  TEXT(subscription->status), TEXT(subscription->metadata),
                  TEXT(subscription->description), TEXT(subscription->method),
                  TEXT(subscription->price), INT(subscription->quantity),
                  INT(subscription->anchor_s),
                  INT(subscription->period_start_s),
                  INT(subscription->period_end_s),
                  INT(subscription->cancel_at_end),
                  time_or_null(subscription->canceled_s),
                  time_or_null(subscription->ended_s),
                  TEXT(subscription->latest_invoice));
}

/* --- Invoices ----------------------------------------------------------- */

bool
store_invoice_get(struct box *box, const char *id,
                  struct store_invoice *invoice)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_INVOICE_GET, TEXT(id)) || rows.n == 0)
        return false;
    *invoice = (struct store_invoice){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .customer = COLUMN_TEXT(2),
        .subscription = COLUMN_TEXT(3),
        .reason = COLUMN_TEXT(4),
        .cycle_s = COLUMN_INT(5),
        .currency = COLUMN_TEXT(6),
        .status = COLUMN_TEXT(7),
        .total = COLUMN_INT(8),
        .balance_before = COLUMN_INT(9),
        .balance_after = COLUMN_INT(10),
        .due = COLUMN_INT(11),
        .paid = COLUMN_INT(12),
        .attempts = COLUMN_INT(13),
        .period_start_s = COLUMN_INT(14),
        .period_end_s = COLUMN_INT(15),
        .finalized_s = COLUMN_INT(16),
        .paid_s = COLUMN_INT(17),
        .voided_s = COLUMN_INT(18),
        .intent = COLUMN_TEXT(19),
        .number = COLUMN_INT(20),
    };
    return true;
}

void
store_invoice_add(struct box *box, const struct store_invoice *invoice)
{
    (void)box_run(box, NULL, SQ_INVOICE_ADD, TEXT(invoice->id),
                  INT(invoice->created_s), TEXT(invoice->customer),
                  TEXT(invoice->subscription), TEXT(invoice->reason),
                  INT(invoice->cycle_s), TEXT(invoice->currency),
                  INT(invoice->balance_before), INT(invoice->period_start_s),
                  INT(invoice->period_end_s));
}

void
store_invoice_set(struct box *box, const struct store_invoice *invoice)
{
    (void)box_run(box, NULL, SQ_INVOICE_SET, TEXT(invoice->id),
                  TEXT(invoice->status), INT(invoice->total),
                  INT(invoice->balance_after), INT(invoice->due),
                  INT(invoice->paid), INT(invoice->attempts),
                  time_or_null(invoice->finalized_s),
                  time_or_null(invoice->paid_s),
                  time_or_null(invoice->voided_s), TEXT(invoice->intent));
}

void
store_invoice_line_add(struct box *box, const char *subscription,
                       const char *invoice,
                       const struct store_invoice_line *line)
{
    (void)box_run(box, NULL, SQ_INVOICE_LINE_ADD, TEXT(line->id),
                  TEXT(subscription), TEXT(invoice), INT(line->amount),
                  TEXT(line->description), INT(line->proration),
                  INT(line->start_s), INT(line->end_s), TEXT(line->price),
                  INT(line->quantity));
}

struct store_invoice_line *
store_invoice_lines(struct box *box, const char *invoice, int *count)
{
    struct store_invoice_line *lines;
    struct rows rows;

    (void)box_run(box, &rows, SQ_INVOICE_LINE_LIST, TEXT(invoice));
    *count = rows.n;
    lines = arena_array(box->arena, (size_t)rows.n + 1, sizeof(*lines));
    for (int i = 0; i < rows.n; i++)
        lines[i] = (struct store_invoice_line){
            .id = rows_text(&rows, i, 0),
            .amount = rows_int(&rows, i, 1),
            .description = rows_text(&rows, i, 2),
            .proration = rows_int(&rows, i, 3) != 0,
            .start_s = rows_int(&rows, i, 4),
            .end_s = rows_int(&rows, i, 5),
            .price = rows_text(&rows, i, 6),
            .quantity = rows_int(&rows, i, 7),
        };
    return lines;
}
