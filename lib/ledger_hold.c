/*
 * Loads and saves holds, what they reserve, and what was given back of usage:
 * see ledger.h. What becomes of them is decided in hold.c and refund.c.
 */
#include "ledger_inside.h"
#include "ledger_sql.h"

void
ledger_hold_of_row(const struct rows *rows, int i, struct hold *hold)
{
    *hold = (struct hold){
        .number = rows_int(rows, i, 0),
        .state = (enum hold_state)rows_int(rows, i, 1),
        .credits = rows_int(rows, i, 2),
        .captured = rows_int(rows, i, 3),
        .quantity = rows_int(rows, i, 4),
        .quantity_captured = rows_int(rows, i, 5),
        .charge = { .feature = rows_text(rows, i, 6),
                    .book = rows_int(rows, i, 7),
                    .quality = rows_text(rows, i, 8),
                    .price = rows_int(rows, i, 9),
                    .per = rows_int(rows, i, 10) },
        .refs = { .livestream = rows_text(rows, i, 11),
                  .order = rows_text(rows, i, 12),
                  .campaign = rows_text(rows, i, 13),
                  .member = rows_text(rows, i, 14),
                  .note = rows_text(rows, i, 15) },
        .created_at = rows_int(rows, i, 16),
        .expires_at = rows_int(rows, i, 17),
        .ended_at = rows_null(rows, i, 18) ? NEVER_MS : rows_int(rows, i, 18),
        .plan = rows_int(rows, i, 19),
        .item = rows_int(rows, i, 20),
        .draws_on = rows_int(rows, i, 21),
        .drawn = rows_int(rows, i, 22),
        .captured_at = rows_int(rows, i, 23),
    };
    hold->charge.quantity = hold->charge.book == 0 ? 0 : hold->quantity;
}

/* --- Loading. ------------------------------------------------------------ */

static int
compare_lines(struct wallet *wallet, const struct hold_lot *a,
              const struct hold_lot *b)
{
    const struct lot *x = wallet_lot(wallet, a->lot);
    const struct lot *y = wallet_lot(wallet, b->lot);

    /* What is reserved remains, so its lot is live, and was loaded. */
    assert(x != NULL && y != NULL);
    return lot_order(x, y);
}

static bool
load_lots(struct db *db, struct arena *arena, struct wallet *wallet,
          struct hold *hold)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_HOLD_LOTS, INT(wallet->space),
               INT(hold->number)) != DB_OK)
        return false;
    hold->lot_room = rows.n;
    hold->lots = arena_array(arena, (size_t)rows.n, sizeof(*hold->lots));
    for (int i = 0; i < rows.n; i++) {
        struct hold_lot line = { .lot = rows_int(&rows, i, 0),
                                 .reserved = rows_int(&rows, i, 1),
                                 .stored = rows_int(&rows, i, 1) };
        int at = hold->lot_count++;

        for (; at > 0 && compare_lines(wallet, &hold->lots[at - 1], &line) > 0;
             at--)
            hold->lots[at] = hold->lots[at - 1];
        hold->lots[at] = line;
    }
    return true;
}

static bool
load_row(struct db *db, struct arena *arena, struct wallet *wallet,
         const struct rows *rows, int i)
{
    struct hold hold;

    if (wallet_hold(wallet, rows_int(rows, i, 0)) != NULL)
        return true;
    ledger_hold_of_row(rows, i, &hold);
    if (hold.state == HOLD_HELD && !load_lots(db, arena, wallet, &hold))
        return false;
    wallet_add_hold(wallet, &hold);
    if (hold.state != HOLD_HELD || hold.draws_on == 0)
        return true;
    return ledger_hold(db, arena, wallet, hold.draws_on) == LEDGER_OK;
}

static bool
load_rows(struct db *db, struct arena *arena, struct wallet *wallet,
          const struct rows *rows)
{
    for (int i = 0; i < rows->n; i++)
        if (!load_row(db, arena, wallet, rows, i))
            return false;
    return true;
}

enum ledger_result
ledger_hold(struct db *db, struct arena *arena, struct wallet *wallet,
            int64_t number)
{
    struct rows rows;

    if (wallet_hold(wallet, number) != NULL)
        return LEDGER_OK;
    if (db_run(db, arena, &rows, Q_HOLD_ONE, INT(wallet->space), INT(number)) !=
        DB_OK)
        return LEDGER_BROKEN;
    if (rows.n == 0)
        return LEDGER_UNKNOWN;
    return load_rows(db, arena, wallet, &rows) ? LEDGER_OK : LEDGER_BROKEN;
}

enum ledger_result
ledger_plan_holds(struct db *db, struct arena *arena, struct wallet *wallet,
                  const char *campaign, const char *feature)
{
    struct rows rows;

    if (wallet->plan_holds == 0 || campaign == NULL)
        return LEDGER_OK;
    if (db_run(db, arena, &rows, Q_HOLD_PLANS, INT(wallet->space),
               TEXT(campaign), TEXT(feature)) != DB_OK ||
        !load_rows(db, arena, wallet, &rows))
        return LEDGER_BROKEN;
    return LEDGER_OK;
}

enum ledger_result
ledger_holds_of_plan(struct db *db, struct arena *arena, struct wallet *wallet,
                     int64_t plan)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_HOLD_OF_PLAN, INT(wallet->space),
               INT(plan)) != DB_OK ||
        !load_rows(db, arena, wallet, &rows))
        return LEDGER_BROKEN;
    return LEDGER_OK;
}

bool
ledger_load_due(struct db *db, struct arena *arena, struct wallet *wallet,
                int64_t now)
{
    struct rows rows;

    /* Before anything is due it is enough to know that no hold is sooner. */
    wallet->later_holds_at = wallet->due_at;
    if (wallet->due_at > now)
        return true;
    if (db_run(db, arena, &rows, Q_HOLD_DUE, INT(wallet->space), INT(now)) !=
            DB_OK ||
        !load_rows(db, arena, wallet, &rows) ||
        db_run(db, arena, &rows, Q_HOLD_NEXT_END, INT(wallet->space),
               INT(now)) != DB_OK)
        return false;
    wallet->later_holds_at =
        rows_null(&rows, 0, 0) ? NEVER_MS : rows_int(&rows, 0, 0);
    return true;
}

static enum ledger_result
find_event(struct db *db, struct arena *arena, struct wallet *wallet,
           int64_t seq, struct event *event)
{
    for (int i = wallet->events_saved; i < wallet->event_count; i++)
        if (wallet->events[i].seq == seq) {
            *event = wallet->events[i];
            return LEDGER_OK;
        }
    return ledger_event(db, arena, wallet->space, seq, event);
}

static bool
load_refunded(struct db *db, struct arena *arena, struct wallet *wallet,
              int64_t seq)
{
    struct rows rows;

    for (int i = 0; i < wallet->refunded_count; i++)
        if (wallet->refunded[i].seq == seq)
            return true;
    if (db_run(db, arena, &rows, Q_REFUNDED_ONE, INT(wallet->space),
               INT(seq)) != DB_OK)
        return false;
    if (rows.n == 1)
        wallet_refunded(wallet, seq)->credits = rows_int(&rows, 0, 0);
    return true;
}

enum ledger_result
ledger_refundable(struct db *db, struct arena *arena, struct wallet *wallet,
                  int64_t seq, struct event *event)
{
    enum ledger_result found = find_event(db, arena, wallet, seq, event);

    if (found != LEDGER_OK || event->kind != EVENT_CAPTURED_USAGE)
        return found;
    if (!load_refunded(db, arena, wallet, seq))
        return LEDGER_BROKEN;
    for (int i = 0; i < event->lot_count; i++)
        if (ledger_bring_lot(db, arena, wallet, event->lots[i].lot) !=
            LEDGER_OK)
            return LEDGER_BROKEN;
    return LEDGER_OK;
}

/* --- Saving. ------------------------------------------------------------- */

static bool
insert_hold(struct db *db, struct arena *arena, int64_t space,
            const struct hold *hold)
{
    const struct charge *charge = &hold->charge;
    const struct refs *refs = &hold->refs;

    return db_run(db, arena, NULL, Q_HOLD_INSERT, INT(space), INT(hold->number),
                  INT(hold->state), INT(hold->credits), INT(hold->captured),
                  INT(hold->quantity), INT(hold->quantity_captured),
                  TEXT(charge->feature), ledger_number(charge->book),
                  TEXT(charge->quality), ledger_number(charge->price),
                  ledger_number(charge->per), TEXT(refs->livestream),
                  TEXT(refs->order), TEXT(refs->campaign), TEXT(refs->member),
                  TEXT(refs->note), INT(hold->created_at),
                  INT(hold->expires_at),
                  hold->state == HOLD_HELD ? NIL : INT(hold->ended_at),
                  ledger_number(hold->plan), ledger_number(hold->item),
                  ledger_number(hold->draws_on), INT(hold->drawn),
                  INT(hold->captured_at)) == DB_OK;
}

static bool
update_hold(struct db *db, struct arena *arena, int64_t space,
            const struct hold *hold)
{
    return db_run(db, arena, NULL, Q_HOLD_UPDATE, INT(space), INT(hold->number),
                  INT(hold->state), INT(hold->credits), INT(hold->captured),
                  INT(hold->quantity), INT(hold->quantity_captured),
                  INT(hold->expires_at),
                  hold->state == HOLD_HELD ? NIL : INT(hold->ended_at),
                  INT(hold->drawn), INT(hold->captured_at)) == DB_OK;
}

static bool
save_line(struct db *db, struct arena *arena, int64_t space,
          const struct hold *hold, struct hold_lot *line)
{
    enum db_result done;

    if (line->reserved == line->stored)
        return true;
    if (line->reserved == 0)
        done = db_run(db, arena, NULL, Q_HOLD_LOT_DELETE, INT(space),
                      INT(hold->number), INT(line->lot));
    else
        done = db_run(db, arena, NULL, Q_HOLD_LOT_SET, INT(space),
                      INT(hold->number), INT(line->lot), INT(line->reserved));
    line->stored = line->reserved;
    return done == DB_OK;
}

static bool
save_lines(struct db *db, struct arena *arena, int64_t space, struct hold *hold)
{
    bool stored = false;

    for (int i = 0; i < hold->lot_count; i++) {
        stored = stored || hold->lots[i].stored > 0;
        if (hold->state == HOLD_HELD &&
            !save_line(db, arena, space, hold, &hold->lots[i]))
            return false;
    }
    if (hold->state == HOLD_HELD || !stored)
        return true;
    hold->lot_count = 0;
    return db_run(db, arena, NULL, Q_HOLD_LOTS_DELETE, INT(space),
                  INT(hold->number)) == DB_OK;
}

static bool
save_refunded(struct db *db, struct arena *arena, struct wallet *wallet)
{
    for (int i = 0; i < wallet->refunded_count; i++) {
        struct refunded *refunded = &wallet->refunded[i];

        if (refunded->changed &&
            db_run(db, arena, NULL, Q_REFUNDED_SET, INT(wallet->space),
                   INT(refunded->seq), INT(refunded->credits),
                   INT(refunded->captured)) != DB_OK)
            return false;
        refunded->changed = false;
    }
    return true;
}

bool
ledger_save_holds(struct db *db, struct arena *arena, struct wallet *wallet)
{
    for (int i = 0; i < wallet->hold_count; i++) {
        struct hold *hold = &wallet->holds[i];
        bool went;

        if (!hold->changed)
            continue;
        went = hold->fresh ? insert_hold(db, arena, wallet->space, hold)
                           : update_hold(db, arena, wallet->space, hold);
        if (!went || !save_lines(db, arena, wallet->space, hold))
            return false;
        hold->changed = hold->fresh = false;
    }
    return save_refunded(db, arena, wallet);
}

/* --- Lists. -------------------------------------------------------------- */

static enum db_result
read_page(struct db *db, struct arena *arena, int64_t space,
          enum hold_list which, int64_t now, int64_t below, int limit,
          struct rows *rows)
{
    switch (which) {
    case HOLD_LIST_HELD:
        return db_run(db, arena, rows, Q_HOLD_PAGE_OPEN, INT(space), INT(below),
                      INT(now), INT(limit));
    case HOLD_LIST_CAPTURED:
        return db_run(db, arena, rows, Q_HOLD_PAGE_STATE, INT(space),
                      INT(below), INT(HOLD_CAPTURED), INT(limit));
    case HOLD_LIST_RELEASED:
        return db_run(db, arena, rows, Q_HOLD_PAGE_RARE, INT(space), INT(below),
                      INT(HOLD_RELEASED), INT(limit));
    case HOLD_LIST_EXPIRED:
        return db_run(db, arena, rows, Q_HOLD_PAGE_EXPIRED, INT(space),
                      INT(below), INT(now), INT(limit));
    case HOLD_LIST_ALL: break;
    }
    return db_run(db, arena, rows, Q_HOLD_PAGE, INT(space), INT(below),
                  INT(limit));
}

enum ledger_result
ledger_holds(struct db *db, struct arena *arena, int64_t space,
             enum hold_list which, int64_t now, int64_t before, int limit,
             struct hold **holds, int *count)
{
    struct rows rows;

    if (read_page(db, arena, space, which, now,
                  before == 0 ? INT64_MAX : before, limit, &rows) != DB_OK)
        return LEDGER_BROKEN;
    *count = rows.n;
    *holds = arena_array(arena, (size_t)rows.n, sizeof(**holds));
    for (int i = 0; i < rows.n; i++) {
        struct hold *hold = &(*holds)[i];

        ledger_hold_of_row(&rows, i, hold);
        if (hold->state == HOLD_HELD && hold->expires_at <= now) {
            hold->state = HOLD_EXPIRED;
            hold->ended_at = hold->expires_at;
        }
    }
    return LEDGER_OK;
}
