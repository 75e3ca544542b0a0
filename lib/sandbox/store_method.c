/*
 * Rows of payment methods and setup intents to values and back. The columns'
 * order is that of queries_methods.sql, next to which this has to be read.
 */
#include "store_method.h"

#include "store_inside.h"

bool
store_saved_get(struct box *box, const char *id, struct store_saved *saved)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_METHOD_GET, TEXT(id)) || rows.n == 0)
        return false;
    *saved = (struct store_saved){
        .method = store_method_at(&rows, 0),
        .created_s = COLUMN_INT(6),
        .customer = COLUMN_TEXT(7),
        .email = COLUMN_TEXT(8),
        .metadata = COLUMN_TEXT(9),
        .agreed = COLUMN_INT(10) != 0,
        .over = COLUMN_INT(11) != 0,
    };
    return true;
}

void
store_saved_add(struct box *box, const struct store_saved *saved)
{
    const struct store_method *method = &saved->method;

    (void)box_run(box, NULL, SQ_METHOD_ADD, TEXT(method->id),
                  INT(saved->created_s), TEXT(saved->customer),
                  TEXT(method->brand), TEXT(method->last4), INT(method->month),
                  INT(method->year), TEXT(saved->email), TEXT(saved->metadata),
                  INT(saved->agreed), INT(saved->over));
}

void
store_saved_set(struct box *box, const struct store_saved *saved)
{
    (void)box_run(box, NULL, SQ_METHOD_SET, TEXT(saved->method.id),
                  TEXT(saved->customer), TEXT(saved->metadata),
                  INT(saved->agreed), INT(saved->over));
}

bool
store_setup_get(struct box *box, const char *id, struct store_setup *setup)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_SETUP_GET, TEXT(id)) || rows.n == 0)
        return false;
    *setup = (struct store_setup){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .session = COLUMN_TEXT(2),
        .customer = COLUMN_TEXT(3),
        .status = COLUMN_TEXT(4),
        .metadata = COLUMN_TEXT(5),
        .method = store_method_at(&rows, 6),
        .error = store_error_at(&rows, 12),
    };
    return true;
}

void
store_setup_add(struct box *box, const struct store_setup *setup)
{
    (void)box_run(box, NULL, SQ_SETUP_ADD, TEXT(setup->id),
                  INT(setup->created_s), TEXT(setup->session),
                  TEXT(setup->customer), TEXT(setup->status),
                  TEXT(setup->metadata));
}

void
store_setup_set(struct box *box, const struct store_setup *setup)
{
    const struct store_method *method = &setup->method;

    (void)box_run(box, NULL, SQ_SETUP_SET, TEXT(setup->id),
                  TEXT(setup->customer), TEXT(setup->status), TEXT(method->id),
                  TEXT(method->type), TEXT(method->brand), TEXT(method->last4),
                  store_date_part(method, method->month),
                  store_date_part(method, method->year),
                  TEXT(setup->error.code), TEXT(setup->error.decline),
                  TEXT(setup->error.message));
}
