/*
 * What became of an event: see history.h. Refunds of usage name what they
 * refund; what takes a top-up's credits back, or gives them back again, has
 * its order.
 */
#include "history.h"

#include "ledger_sql.h"

#define BIT(kind) (1u << (kind))

static bool
take(struct arena *arena, const struct rows *rows, struct event **events,
     int *count)
{
    *events = arena_array(arena, (size_t)rows->n + 1, sizeof(**events));
    for (*count = 0; *count < rows->n; (*count)++)
        if (!ledger_event_of_row(rows, *count, arena, &(*events)[*count]))
            return false;
    return true;
}

/* The kinds that may undo an event of an order, and of which sign. */
static unsigned
undone_by(const struct event *event, bool *only_positive)
{
    *only_positive = event->kind != EVENT_TOP_UP;
    switch (event->kind) {
    case EVENT_TOP_UP:
        return BIT(EVENT_TOP_UP_REFUND) | BIT(EVENT_DISPUTE) |
               BIT(EVENT_DISPUTE_REVERSAL);
    case EVENT_DISPUTE: return BIT(EVENT_DISPUTE_REVERSAL);
    case EVENT_TOP_UP_REFUND:
        return event->credits < 0 ? BIT(EVENT_TOP_UP_REFUND) : 0;
    default: return 0;
    }
}

bool
history_followed(struct db *db, struct arena *arena, int64_t space,
                 const struct event *event, int limit, struct event **events,
                 int *count)
{
    enum db_result done;
    struct rows rows;
    bool only_positive;

    if (event->order == 0)
        done = db_run(db, arena, &rows, Q_HISTORY_REFUNDS, INT(space),
                      INT(event->seq), INT(limit));
    else {
        unsigned kinds = undone_by(event, &only_positive);

        done = db_run(db, arena, &rows, Q_HISTORY_OF_ORDER, INT(space),
                      INT(event->order), INT(event->seq), INT(kinds),
                      INT(only_positive ? 1 : INT64_MIN), INT(limit));
    }
    return done == DB_OK && take(arena, &rows, events, count);
}

bool
history_top_up(struct db *db, struct arena *arena, int64_t space, int64_t order,
               struct event *event)
{
    struct event *found;
    struct rows rows;
    int count;

    if (db_run(db, arena, &rows, Q_HISTORY_OF_ORDER, INT(space), INT(order),
               INT(0), INT(BIT(EVENT_TOP_UP)), INT(1), INT(1)) != DB_OK ||
        !take(arena, &rows, &found, &count))
        return false;
    *event = count == 1 ? found[0] : (struct event){ .seq = 0 };
    return true;
}
