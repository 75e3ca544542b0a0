/*
 * Reading what a query brought. A row, a column or a type that is not there
 * is a mistake in our own code, never a matter of data: the tables are
 * STRICT. So it stops the program.
 */
#include "db.h"

const struct db_value *
rows_at(const struct rows *rows, int row, int column)
{
    assert(row >= 0 && row < rows->n);
    assert(column >= 0 && column < rows->columns);
    return &rows->values[(size_t)row * (size_t)rows->columns + (size_t)column];
}

int64_t
rows_int(const struct rows *rows, int row, int column)
{
    const struct db_value *value = rows_at(rows, row, column);

    assert(value->type == DB_INT || value->type == DB_NULL);
    return value->type == DB_INT ? value->i : 0;
}

const char *
rows_text(const struct rows *rows, int row, int column)
{
    const struct db_value *value = rows_at(rows, row, column);

    assert(value->type == DB_TEXT || value->type == DB_NULL);
    return value->type == DB_TEXT ? value->bytes : NULL;
}

bool
rows_null(const struct rows *rows, int row, int column)
{
    return rows_at(rows, row, column)->type == DB_NULL;
}
