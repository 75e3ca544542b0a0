/*
 * What the files of the store share: columns of the first row.
 */
#ifndef SANDBOX_STORE_INSIDE_H
#define SANDBOX_STORE_INSIDE_H

#include "store.h"

#define COLUMN_TEXT(column) rows_text(&rows, 0, (column))
#define COLUMN_INT(column)  rows_int(&rows, 0, (column))

/* Six columns from `column`: id, type, brand, last4, month, year. */
struct store_method store_method_at(const struct rows *rows, int column);
/* Three: code, decline, message. */
struct store_error store_error_at(const struct rows *rows, int column);
/* A card has a date; what has none is null. */
struct db_value store_date_part(const struct store_method *method,
                                int64_t value);

#endif
