/*
 * The provider's customer that a Space is: made once, kept, and made anew
 * where the provider has lost it. See settle.h.
 */
#include "clock.h"
#include "ledger_sql.h"
#include "settle_inside.h"

/* What is kept of the Space; *customer NULL: none yet. */
static bool
load(struct db *db, struct arena *arena, const struct config *config,
     const struct space *space, const char **customer, int64_t *made)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_CUSTOMER_ONE, TEXT(SETTLE_PROVIDER),
               INT(config->livemode), INT(space->number)) != DB_OK)
        return false;
    *customer = rows.n == 0 ? NULL : rows_text(&rows, 0, 0);
    *made = rows.n == 0 ? 0 : rows_int(&rows, 0, 1);
    return true;
}

/* Notes that a customer is being asked for, before it is. */
static bool
begin(struct db *db, struct arena *arena, const struct config *config,
      const struct space *space, const char **customer, int64_t *made)
{
    if (!db_begin(db))
        return false;
    if (db_run(db, arena, NULL, Q_CUSTOMER_BEGIN, TEXT(SETTLE_PROVIDER),
               INT(config->livemode), INT(space->number)) == DB_OK &&
        load(db, arena, config, space, customer, made) && db_commit(db))
        return true;
    db_rollback(db);
    return false;
}

/* Keeps what the provider made, unless another was faster: that one counts. */
static bool
keep(struct db *db, struct arena *arena, const struct config *config,
     const struct space *space, const char **customer, int64_t made)
{
    if (!db_begin(db))
        return false;
    if (db_run(db, arena, NULL, Q_CUSTOMER_KEEP, TEXT(SETTLE_PROVIDER),
               INT(config->livemode), INT(space->number), TEXT(*customer),
               INT(made)) == DB_OK &&
        load(db, arena, config, space, customer, &made) && db_commit(db))
        return true;
    db_rollback(db);
    return false;
}

/* The next try asks for another one. */
static bool
forget(struct db *db, struct arena *arena, const struct config *config,
       const struct space *space, int64_t made)
{
    if (!db_begin(db))
        return false;
    if (db_run(db, arena, NULL, Q_CUSTOMER_FORGET, TEXT(SETTLE_PROVIDER),
               INT(config->livemode), INT(space->number), INT(made)) == DB_OK &&
        db_commit(db))
        return true;
    db_rollback(db);
    return false;
}

enum settle_result
settle_customer(struct db *db, struct arena *arena, const struct config *config,
                const struct space *space, int64_t end_ms,
                const char **customer, const char **why)
{
    struct stripe_customer ask = { .space = space->id, .name = space->name };
    int64_t made;

    if (!load(db, arena, config, space, customer, &made))
        return SETTLE_BROKEN;
    if (*customer != NULL)
        return SETTLE_OK;
    if (!begin(db, arena, config, space, customer, &made))
        return SETTLE_BROKEN;
    if (*customer != NULL)
        return SETTLE_OK;
    ask.made = made;
    ask.end_ms = end_ms;
    switch (stripe_customer_create(config, arena, &ask, customer, why)) {
    case STRIPE_OK: break;
    case STRIPE_UNAVAILABLE: return SETTLE_UNAVAILABLE;
    case STRIPE_MISSING:
    case STRIPE_REFUSED:
        /* As where the Space got another name since a lost answer: the
         * key's request is fixed, so another key is needed. */
        return forget(db, arena, config, space, made) ? SETTLE_REFUSED
                                                      : SETTLE_BROKEN;
    }
    if (!keep(db, arena, config, space, customer, made))
        return SETTLE_BROKEN;
    *why = "the provider's customer was forgotten meanwhile";
    return *customer == NULL ? SETTLE_UNAVAILABLE : SETTLE_OK;
}

enum settle_result
settle_customer_gone(struct db *db, struct arena *arena,
                     const struct config *config, const struct space *space,
                     const char *gone)
{
    const char *customer;
    int64_t made;

    if (!load(db, arena, config, space, &customer, &made))
        return SETTLE_BROKEN;
    if (customer == NULL || strcmp(customer, gone) != 0)
        return SETTLE_OK;
    return forget(db, arena, config, space, made) ? SETTLE_OK : SETTLE_BROKEN;
}

enum settle_result
settle_space_of(struct db *db, struct arena *arena, const char *customer,
                bool live, struct space *space)
{
    struct rows rows;

    if (customer == NULL)
        return SETTLE_NOT_OURS;
    if (db_run(db, arena, &rows, Q_CUSTOMER_SPACE, TEXT(SETTLE_PROVIDER),
               INT(live), TEXT(customer)) != DB_OK)
        return SETTLE_BROKEN;
    if (rows.n == 0)
        return SETTLE_NOT_OURS;
    return space_by_number(db, arena, rows_int(&rows, 0, 0), space) == SPACE_OK
               ? SETTLE_OK
               : SETTLE_BROKEN;
}
