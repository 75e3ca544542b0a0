/*
 * Loads and saves wallets: see ledger.h. Rows in, rows out; what they come
 * to is decided in wallet.c. Nothing here commits.
 */
#include "ledger_inside.h"
#include "ledger_sql.h"
#include "log.h"
#include "usage.h"

static const uint8_t chain_start[SIGN_SIZE];

enum ledger_result
ledger_make(struct db *db, struct arena *arena, int64_t space)
{
    enum db_result done = db_run(db, arena, NULL, Q_WALLET_INSERT, INT(space),
                                 INT(NEVER_MS), BLOB(chain_start, SIGN_SIZE));

    return done == DB_OK ? LEDGER_OK : LEDGER_BROKEN;
}

void
ledger_lot_of_row(const struct rows *rows, int i, struct lot *lot)
{
    *lot = (struct lot){ .number = rows_int(rows, i, 0),
                         .kind = (enum lot_kind)rows_int(rows, i, 1),
                         .granted = rows_int(rows, i, 2),
                         .remaining = rows_int(rows, i, 3),
                         .reserved = rows_int(rows, i, 4),
                         .expires_at = rows_int(rows, i, 5),
                         .created_at = rows_int(rows, i, 6),
                         .order = rows_int(rows, i, 7) };
}

bool
ledger_event_of_row(const struct rows *rows, int i, struct arena *arena,
                    struct event *event)
{
    const struct db_value *hash = rows_at(rows, i, 21);

    *event = (struct event){
        .seq = rows_int(rows, i, 0),
        .kind = (enum event_kind)rows_int(rows, i, 1),
        .credits = rows_int(rows, i, 2),
        .balance_after = rows_int(rows, i, 3),
        .at = rows_int(rows, i, 4),
        .day = rows_int(rows, i, 5),
        .hold = rows_int(rows, i, 6),
        .refund_of = rows_int(rows, i, 7),
        .order = rows_int(rows, i, 8),
        .charge = { .feature = rows_text(rows, i, 9),
                    .book = rows_int(rows, i, 10),
                    .quality = rows_text(rows, i, 11),
                    .quantity = rows_int(rows, i, 12),
                    .price = rows_int(rows, i, 13),
                    .per = rows_int(rows, i, 14) },
        .refs = { .livestream = rows_text(rows, i, 15),
                  .order = rows_text(rows, i, 16),
                  .campaign = rows_text(rows, i, 17),
                  .member = rows_text(rows, i, 18),
                  .note = rows_text(rows, i, 19) },
    };
    event->lot_count =
        lot_changes_read(arena, rows_text(rows, i, 20), &event->lots);
    if (event->lot_count < 0 || hash->length != SIGN_SIZE)
        return false;
    memcpy(event->hash, hash->bytes, SIGN_SIZE);
    return true;
}

static enum ledger_result
load(struct db *db, struct arena *arena, int query, const struct space *space,
     struct wallet *wallet)
{
    const struct zone *zone;
    struct rows rows;

    if (db_run(db, arena, &rows, query, INT(space->number)) != DB_OK)
        return LEDGER_BROKEN;
    if (rows.n == 0)
        return LEDGER_UNKNOWN;
    /* Not the caller's: it may have changed since that was read. */
    zone = zone_find(rows_text(&rows, 0, 15));
    if (zone == NULL) {
        log_error("Space %s has the unknown time zone %s", space->slug,
                  rows_text(&rows, 0, 15));
        return LEDGER_BROKEN;
    }
    wallet_init(wallet, arena, space->number, zone);
    wallet->total = rows_int(&rows, 0, 0);
    wallet->held = rows_int(&rows, 0, 1);
    wallet->debt = rows_int(&rows, 0, 2);
    wallet->seq = rows_int(&rows, 0, 3);
    wallet->at = rows_int(&rows, 0, 4);
    wallet->due_at = rows_int(&rows, 0, 5);
    wallet->version = rows_int(&rows, 0, 6);
    wallet->folded = rows_int(&rows, 0, 7);
    wallet->lots_made = rows_int(&rows, 0, 8);
    wallet->holds_made = rows_int(&rows, 0, 9);
    wallet->orders_made = rows_int(&rows, 0, 10);
    memcpy(wallet->hash, rows_at(&rows, 0, 11)->bytes, SIGN_SIZE);
    wallet->plan_holds = rows_int(&rows, 0, 12);
    wallet->caps_set = rows_int(&rows, 0, 13);
    wallet->low = rows_int(&rows, 0, 14) != 0;
    wallet->warn_below = rows_null(&rows, 0, 16) ? -1 : rows_int(&rows, 0, 16);
    wallet->zone_after = rows_int(&rows, 0, 17);
    wallet->warning = (enum wallet_warning)rows_int(&rows, 0, 18);
    wallet->warned_at = rows_int(&rows, 0, 19);
    wallet->top_up_below =
        rows_null(&rows, 0, 20) ? -1 : rows_int(&rows, 0, 20);
    wallet->below = rows_int(&rows, 0, 21) != 0;
    wallet->moment = wallet->at;

    if (db_run(db, arena, &rows, Q_LOT_LIVE, INT(space->number)) != DB_OK)
        return LEDGER_BROKEN;
    for (int i = 0; i < rows.n; i++) {
        struct lot lot;

        ledger_lot_of_row(&rows, i, &lot);
        wallet_add_lot(wallet, &lot);
    }
    return LEDGER_OK;
}

static enum ledger_result
load_settled(struct db *db, struct arena *arena, int query,
             const struct space *space, int64_t clock_ms, struct wallet *wallet,
             int64_t *now)
{
    enum ledger_result loaded = load(db, arena, query, space, wallet);

    if (loaded != LEDGER_OK)
        return loaded;
    *now = wallet_now(wallet, clock_ms);
    if (!ledger_load_caps(db, arena, wallet) ||
        !ledger_load_due(db, arena, wallet, *now))
        return LEDGER_BROKEN;
    wallet_settle(wallet, *now);
    return LEDGER_OK;
}

enum ledger_result
ledger_lock(struct db *db, struct arena *arena, const struct space *space,
            int64_t clock_ms, struct wallet *wallet, int64_t *now)
{
    return load_settled(db, arena, Q_WALLET_LOCK, space, clock_ms, wallet, now);
}

enum ledger_result
ledger_look(struct db *db, struct arena *arena, const struct space *space,
            int64_t clock_ms, struct wallet *wallet, int64_t *now)
{
    return load_settled(db, arena, Q_WALLET_READ, space, clock_ms, wallet, now);
}

static bool
save_lot(struct db *db, struct arena *arena, int64_t space,
         const struct lot *lot)
{
    struct db_value live = lot->remaining > 0 ? INT(1) : NIL;
    struct db_value order = lot->order == 0 ? NIL : INT(lot->order);

    if (lot->fresh)
        return db_run(db, arena, NULL, Q_LOT_INSERT, INT(space),
                      INT(lot->number), INT(lot->kind), INT(lot->granted),
                      INT(lot->remaining), INT(lot->reserved),
                      INT(lot->expires_at), INT(lot->created_at), order,
                      live) == DB_OK;
    return db_run(db, arena, NULL, Q_LOT_UPDATE, INT(space), INT(lot->number),
                  INT(lot->remaining), INT(lot->reserved), live) == DB_OK;
}

struct db_value
ledger_number(int64_t number)
{
    return number == 0 ? NIL : INT(number);
}

static bool
save_event(struct db *db, struct arena *arena, int64_t space,
           const struct event *event)
{
    const struct charge *charge = &event->charge;
    const struct refs *refs = &event->refs;

    return db_run(db, arena, NULL, Q_EVENT_INSERT, INT(space), INT(event->seq),
                  INT(event->kind), INT(event->credits),
                  INT(event->balance_after), INT(event->at), INT(event->day),
                  ledger_number(event->hold), ledger_number(event->refund_of),
                  ledger_number(event->order), TEXT(charge->feature),
                  ledger_number(charge->book), TEXT(charge->quality),
                  ledger_number(charge->quantity), ledger_number(charge->price),
                  ledger_number(charge->per), TEXT(refs->livestream),
                  TEXT(refs->order), TEXT(refs->campaign), TEXT(refs->member),
                  TEXT(refs->note),
                  TEXT(lot_changes_text(arena, event->lots, event->lot_count)),
                  BLOB(event->hash, SIGN_SIZE)) == DB_OK;
}

static bool
save_lots(struct db *db, struct arena *arena, struct wallet *wallet)
{
    for (int i = 0; i < wallet->lot_count; i++) {
        struct lot *lot = &wallet->lots[i];

        if (lot->changed && !save_lot(db, arena, wallet->space, lot))
            return false;
        lot->changed = lot->fresh = false;
    }
    return true;
}

enum ledger_result
ledger_save(struct db *db, struct arena *arena, struct wallet *wallet)
{
    if (!wallet->changed)
        return LEDGER_OK;
    wallet_watch(wallet);
    if (!save_lots(db, arena, wallet) ||
        !ledger_save_holds(db, arena, wallet) ||
        !ledger_save_caps(db, arena, wallet))
        return LEDGER_BROKEN;
    for (; wallet->events_saved < wallet->event_count; wallet->events_saved++)
        if (!save_event(db, arena, wallet->space,
                        &wallet->events[wallet->events_saved]))
            return LEDGER_BROKEN;
    if (!usage_fold(db, arena, wallet))
        return LEDGER_BROKEN;
    if (db_run(db, arena, NULL, Q_WALLET_UPDATE, INT(wallet->space),
               INT(wallet->total), INT(wallet->held), INT(wallet->debt),
               INT(wallet->seq), INT(wallet->at), INT(wallet->due_at),
               INT(wallet->folded), INT(wallet->lots_made),
               INT(wallet->holds_made), INT(wallet->orders_made),
               BLOB(wallet->hash, SIGN_SIZE), INT(wallet->plan_holds),
               INT(wallet->caps_set), INT(wallet->low), INT(wallet->warning),
               INT(wallet->warned_at),
               wallet->top_up_below < 0 ? NIL : INT(wallet->top_up_below),
               INT(wallet->below)) != DB_OK)
        return LEDGER_BROKEN;
    if (wallet->top_up_due &&
        db_run(db, arena, NULL, Q_AUTO_CHARGE_INSERT, INT(wallet->space),
               INT(wallet->moment)) != DB_OK)
        return LEDGER_BROKEN;
    wallet->top_up_due = false;
    wallet->version++;
    wallet->changed = false;
    return LEDGER_OK;
}

enum ledger_result
ledger_lot(struct db *db, struct arena *arena, int64_t space, int64_t number,
           struct lot *lot)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_LOT_ONE, INT(space), INT(number)) != DB_OK)
        return LEDGER_BROKEN;
    if (rows.n == 0)
        return LEDGER_UNKNOWN;
    ledger_lot_of_row(&rows, 0, lot);
    return LEDGER_OK;
}

enum ledger_result
ledger_bring_lot(struct db *db, struct arena *arena, struct wallet *wallet,
                 int64_t number)
{
    struct lot lot;
    enum ledger_result found;

    if (wallet_lot(wallet, number) != NULL)
        return LEDGER_OK;
    found = ledger_lot(db, arena, wallet->space, number, &lot);
    if (found == LEDGER_OK)
        wallet_add_lot(wallet, &lot);
    return found;
}

static enum ledger_result
events_of_rows(const struct rows *rows, struct arena *arena, int64_t space,
               struct event **events, int *count)
{
    *count = rows->n;
    *events = arena_array(arena, (size_t)rows->n + 1, sizeof(**events));
    for (int i = 0; i < rows->n; i++)
        if (!ledger_event_of_row(rows, i, arena, &(*events)[i])) {
            log_error("Space %lld: event %lld cannot be read", (long long)space,
                      (long long)rows_int(rows, i, 0));
            return LEDGER_BROKEN;
        }
    return LEDGER_OK;
}

enum ledger_result
ledger_events(struct db *db, struct arena *arena, int64_t space, int64_t before,
              int limit, struct event **events, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_EVENT_PAGE, INT(space),
               INT(before == 0 ? INT64_MAX : before), INT(limit)) != DB_OK)
        return LEDGER_BROKEN;
    return events_of_rows(&rows, arena, space, events, count);
}

enum ledger_result
ledger_event(struct db *db, struct arena *arena, int64_t space, int64_t seq,
             struct event *event)
{
    struct rows rows;
    struct event *events;
    int count;
    enum ledger_result done;

    if (db_run(db, arena, &rows, Q_EVENT_ONE, INT(space), INT(seq)) != DB_OK)
        return LEDGER_BROKEN;
    if (rows.n == 0)
        return LEDGER_UNKNOWN;
    done = events_of_rows(&rows, arena, space, &events, &count);
    if (done == LEDGER_OK)
        *event = events[0];
    return done;
}
