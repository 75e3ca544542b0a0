/*
 * Rows to values and back. The columns' order is that of queries.sql, next
 * to which this has to be read. No rule about payments stands here.
 */
#include "store_inside.h"

bool
store_customer_get(struct box *box, const char *id,
                   struct store_customer *customer)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_CUSTOMER_GET, TEXT(id)) || rows.n == 0)
        return false;
    *customer = (struct store_customer){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .email = COLUMN_TEXT(2),
        .name = COLUMN_TEXT(3),
        .description = COLUMN_TEXT(4),
        .metadata = COLUMN_TEXT(5),
        .method = COLUMN_TEXT(6),
        .balance = COLUMN_INT(7),
    };
    return true;
}

bool
store_session_get(struct box *box, const char *id,
                  struct store_session *session)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_SESSION_GET, TEXT(id), INT(box_now_s(box))) ||
        rows.n == 0)
        return false;
    *session = (struct store_session){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .expires_s = COLUMN_INT(2),
        .status = COLUMN_TEXT(3),
        .payment_status = COLUMN_TEXT(4),
        .currency = COLUMN_TEXT(5),
        .amount = COLUMN_INT(6),
        .reference = COLUMN_TEXT(7),
        .metadata = COLUMN_TEXT(8),
        .intent_metadata = COLUMN_TEXT(9),
        .methods = COLUMN_TEXT(10),
        .customer = COLUMN_TEXT(11),
        .email = COLUMN_TEXT(12),
        .success_url = COLUMN_TEXT(13),
        .cancel_url = COLUMN_TEXT(14),
        .intent = COLUMN_TEXT(15),
        .mode = COLUMN_TEXT(16),
        .future_usage = COLUMN_TEXT(17),
        .setup = COLUMN_TEXT(18),
        .subscription = COLUMN_TEXT(19),
        .invoice = COLUMN_TEXT(20),
    };
    return true;
}

struct store_method
store_method_at(const struct rows *rows, int column)
{
    return (struct store_method){
        .id = rows_text(rows, 0, column),
        .type = rows_text(rows, 0, column + 1),
        .brand = rows_text(rows, 0, column + 2),
        .last4 = rows_text(rows, 0, column + 3),
        .month = rows_int(rows, 0, column + 4),
        .year = rows_int(rows, 0, column + 5),
    };
}

struct store_error
store_error_at(const struct rows *rows, int column)
{
    return (struct store_error){
        .code = rows_text(rows, 0, column),
        .decline = rows_text(rows, 0, column + 1),
        .message = rows_text(rows, 0, column + 2),
    };
}

bool
store_intent_get(struct box *box, const char *id, struct store_intent *intent)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_INTENT_GET, TEXT(id)) || rows.n == 0)
        return false;
    *intent = (struct store_intent){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .session = COLUMN_TEXT(2),
        .amount = COLUMN_INT(3),
        .currency = COLUMN_TEXT(4),
        .status = COLUMN_TEXT(5),
        .metadata = COLUMN_TEXT(6),
        .customer = COLUMN_TEXT(7),
        .email = COLUMN_TEXT(8),
        .method = store_method_at(&rows, 9),
        .error = store_error_at(&rows, 15),
        .charge = COLUMN_TEXT(18),
        .settle_ms = rows_null(&rows, 0, 19) ? NEVER_MS : COLUMN_INT(19),
        .settle_well = COLUMN_INT(20) != 0,
        .description = COLUMN_TEXT(21),
        .future_usage = COLUMN_TEXT(22),
        .canceled_s = COLUMN_INT(23),
        .cancel_reason = COLUMN_TEXT(24),
    };
    return true;
}

bool
store_charge_get(struct box *box, const char *id, struct store_charge *charge)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_CHARGE_GET, TEXT(id)) || rows.n == 0)
        return false;
    *charge = (struct store_charge){
        .id = COLUMN_TEXT(0),
        .created_s = COLUMN_INT(1),
        .intent = COLUMN_TEXT(2),
        .amount = COLUMN_INT(3),
        .currency = COLUMN_TEXT(4),
        .status = COLUMN_TEXT(5),
        .metadata = COLUMN_TEXT(6),
        .customer = COLUMN_TEXT(7),
        .email = COLUMN_TEXT(8),
        .method = store_method_at(&rows, 9),
        .error = store_error_at(&rows, 15),
        .refunded = COLUMN_INT(18),
        .disputed = COLUMN_INT(19) != 0,
        .movement = COLUMN_TEXT(20),
    };
    return true;
}

struct store_line *
store_lines(struct box *box, const char *session, int *count)
{
    struct store_line *lines;
    struct rows rows;

    (void)box_run(box, &rows, SQ_LINE_LIST, TEXT(session));
    *count = rows.n;
    lines = arena_array(box->arena, (size_t)rows.n + 1, sizeof(*lines));
    for (int i = 0; i < rows.n; i++)
        lines[i] = (struct store_line){
            .position = rows_int(&rows, i, 0),
            .id = rows_text(&rows, i, 1),
            .price = rows_text(&rows, i, 2),
            .product = rows_text(&rows, i, 3),
            .name = rows_text(&rows, i, 4),
            .description = rows_text(&rows, i, 5),
            .unit_amount = rows_int(&rows, i, 6),
            .quantity = rows_int(&rows, i, 7),
            .interval = rows_text(&rows, i, 8),
            .interval_count = rows_int(&rows, i, 9),
        };
    return lines;
}

void
store_customer_add(struct box *box, const struct store_customer *customer)
{
    (void)box_run(box, NULL, SQ_CUSTOMER_ADD, TEXT(customer->id),
                  INT(customer->created_s), TEXT(customer->email),
                  TEXT(customer->name), TEXT(customer->description),
                  TEXT(customer->metadata));
}

void
store_customer_set(struct box *box, const struct store_customer *customer)
{
    (void)box_run(box, NULL, SQ_CUSTOMER_SET, TEXT(customer->id),
                  TEXT(customer->email), TEXT(customer->name),
                  TEXT(customer->description), TEXT(customer->metadata),
                  TEXT(customer->method));
}

void
store_session_add(struct box *box, const struct store_session *session,
                  const struct store_line *lines, int count)
{
    (void)box_run(box, NULL, SQ_SESSION_ADD, TEXT(session->id),
                  INT(session->created_s), INT(session->expires_s),
                  TEXT(session->currency), INT(session->amount),
                  TEXT(session->reference), TEXT(session->metadata),
                  TEXT(session->intent_metadata), TEXT(session->methods),
                  TEXT(session->customer), TEXT(session->email),
                  TEXT(session->success_url), TEXT(session->cancel_url),
                  TEXT(session->mode), TEXT(session->payment_status),
                  TEXT(session->future_usage), TEXT(session->setup));
    for (int i = 0; i < count; i++)
        (void)box_run(box, NULL, SQ_LINE_ADD, TEXT(session->id),
                      INT(lines[i].position), TEXT(lines[i].id),
                      TEXT(lines[i].price), TEXT(lines[i].product),
                      TEXT(lines[i].name), TEXT(lines[i].description),
                      INT(lines[i].unit_amount), INT(lines[i].quantity),
                      TEXT(lines[i].interval), INT(lines[i].interval_count));
}

void
store_intent_add(struct box *box, const struct store_intent *intent)
{
    (void)box_run(box, NULL, SQ_INTENT_ADD, TEXT(intent->id),
                  INT(intent->created_s), TEXT(intent->session),
                  INT(intent->amount), TEXT(intent->currency),
                  TEXT(intent->status), TEXT(intent->metadata),
                  TEXT(intent->customer), TEXT(intent->email),
                  TEXT(intent->description), TEXT(intent->future_usage));
}

struct db_value
store_date_part(const struct store_method *method, int64_t value)
{
    return method->month == 0 ? NIL : INT(value);
}

void
store_intent_set(struct box *box, const struct store_intent *intent)
{
    const struct store_method *method = &intent->method;
    bool settles = intent->settle_ms != NEVER_MS;

    (void)box_run(box, NULL, SQ_INTENT_SET, TEXT(intent->id),
                  TEXT(intent->status), INT(intent->amount),
                  TEXT(intent->currency), TEXT(method->id), TEXT(method->type),
                  TEXT(method->brand), TEXT(method->last4),
                  store_date_part(method, method->month),
                  store_date_part(method, method->year),
                  TEXT(intent->error.code), TEXT(intent->error.decline),
                  TEXT(intent->error.message), TEXT(intent->charge),
                  settles ? INT(intent->settle_ms) : NIL,
                  INT(intent->settle_well), TEXT(intent->metadata),
                  TEXT(intent->customer), TEXT(intent->description),
                  TEXT(intent->cancel_reason),
                  intent->canceled_s == 0 ? NIL : INT(intent->canceled_s));
}

void
store_charge_add(struct box *box, const struct store_charge *charge)
{
    const struct store_method *method = &charge->method;

    (void)box_run(box, NULL, SQ_CHARGE_ADD, TEXT(charge->id),
                  INT(charge->created_s), TEXT(charge->intent),
                  INT(charge->amount), TEXT(charge->currency),
                  TEXT(charge->status), TEXT(charge->metadata),
                  TEXT(charge->customer), TEXT(charge->email), TEXT(method->id),
                  TEXT(method->type), TEXT(method->brand), TEXT(method->last4),
                  store_date_part(method, method->month),
                  store_date_part(method, method->year),
                  TEXT(charge->error.code), TEXT(charge->error.decline),
                  TEXT(charge->error.message));
}

bool
store_session_takes(const struct store_session *session, const char *method)
{
    size_t length = strlen(method);

    for (const char *at = session->methods; at != NULL;) {
        const char *comma = strchr(at, ',');

        if (strncmp(at, method, length) == 0 &&
            (at[length] == '\0' || at[length] == ','))
            return true;
        at = comma == NULL ? NULL : comma + 1;
    }
    return false;
}
