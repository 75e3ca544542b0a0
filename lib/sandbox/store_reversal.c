/*
 * Rows of refunds, disputes and movements to values and back. The columns'
 * order is that of queries_reversals.sql, next to which this has to be read.
 */
#include "store_reversal.h"

#include "store_inside.h"

bool
store_refund_get(struct box *box, const char *id, struct store_refund *refund)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_REFUND_GET, TEXT(id)) || rows.n == 0)
        return false;
    *refund = (struct store_refund){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .charge = COLUMN_TEXT(2),
        .intent = COLUMN_TEXT(3),
        .amount = COLUMN_INT(4),
        .currency = COLUMN_TEXT(5),
        .status = COLUMN_TEXT(6),
        .reason = COLUMN_TEXT(7),
        .failure_reason = COLUMN_TEXT(8),
        .metadata = COLUMN_TEXT(9),
        .settle_ms = rows_null(&rows, 0, 10) ? NEVER_MS : COLUMN_INT(10),
        .settle_well = COLUMN_INT(11) != 0,
        .method = COLUMN_TEXT(12),
        .movement = COLUMN_TEXT(13),
        .failure_movement = COLUMN_TEXT(14),
    };
    return true;
}

bool
store_dispute_get(struct box *box, const char *id,
                  struct store_dispute *dispute)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_DISPUTE_GET, TEXT(id)) || rows.n == 0)
        return false;
    *dispute = (struct store_dispute){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .charge = COLUMN_TEXT(2),
        .intent = COLUMN_TEXT(3),
        .amount = COLUMN_INT(4),
        .currency = COLUMN_TEXT(5),
        .reason = COLUMN_TEXT(6),
        .status = COLUMN_TEXT(7),
        .evidence = COLUMN_TEXT(8),
        .submissions = COLUMN_INT(9),
        .due_s = COLUMN_INT(10),
        .metadata = COLUMN_TEXT(11),
        .brand = COLUMN_TEXT(12),
    };
    return true;
}

bool
store_movement_get(struct box *box, const char *id,
                   struct store_movement *movement)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_MOVEMENT_GET, TEXT(id)) || rows.n == 0)
        return false;
    *movement = (struct store_movement){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .category = COLUMN_TEXT(2),
        .source = COLUMN_TEXT(3),
        .amount = COLUMN_INT(4),
        .currency = COLUMN_TEXT(5),
    };
    return true;
}

bool
store_movement_of(struct box *box, const char *source, const char *category,
                  struct store_movement *movement)
{
    struct rows rows;

    return box_run(box, &rows, SQ_MOVEMENT_OF, TEXT(source), TEXT(category)) &&
           rows.n == 1 &&
           store_movement_get(box, rows_text(&rows, 0, 0), movement);
}

static struct db_value
time_or_null(int64_t ms)
{
    return ms == NEVER_MS ? NIL : INT(ms);
}

void
store_refund_add(struct box *box, const struct store_refund *refund)
{
    (void)box_run(box, NULL, SQ_REFUND_ADD, TEXT(refund->id),
                  INT(refund->created_s), TEXT(refund->charge),
                  INT(refund->amount), TEXT(refund->currency),
                  TEXT(refund->status), TEXT(refund->reason),
                  TEXT(refund->metadata), time_or_null(refund->settle_ms),
                  INT(refund->settle_well));
}

void
store_refund_set(struct box *box, const struct store_refund *refund)
{
    (void)box_run(box, NULL, SQ_REFUND_SET, TEXT(refund->id),
                  TEXT(refund->status), TEXT(refund->failure_reason),
                  TEXT(refund->metadata), time_or_null(refund->settle_ms));
}

void
store_dispute_add(struct box *box, const struct store_dispute *dispute)
{
    (void)box_run(box, NULL, SQ_DISPUTE_ADD, TEXT(dispute->id),
                  INT(dispute->created_s), TEXT(dispute->charge),
                  INT(dispute->amount), TEXT(dispute->currency),
                  TEXT(dispute->reason), TEXT(dispute->status),
                  INT(dispute->due_s), TEXT(dispute->metadata));
}

void
store_dispute_set(struct box *box, const struct store_dispute *dispute)
{
    (void)box_run(box, NULL, SQ_DISPUTE_SET, TEXT(dispute->id),
                  TEXT(dispute->status), TEXT(dispute->evidence),
                  INT(dispute->submissions), TEXT(dispute->metadata));
}

const char *
store_movement_add(struct box *box, const char *category, const char *source,
                   int64_t amount, const char *currency)
{
    const char *id = box_id(box, "txn_", 24);

    (void)box_run(box, NULL, SQ_MOVEMENT_ADD, TEXT(id), INT(box_now_s(box)),
                  TEXT(category), TEXT(source), INT(amount), TEXT(currency));
    return id;
}
