/*
 * Changes of membership as rows: see membership_change.h.
 */
#include "membership_change.h"

#include "idem.h"
#include "ledger_sql.h"

/* A little under the provider's limit of 24 hours, counted by its clock. */
static const int64_t session_life_ms = 23 * HOUR_MS;

static void
of_row(const struct rows *rows, int i, struct membership_change *change)
{
    *change = (struct membership_change){
        .space = rows_int(rows, i, 0),
        .number = rows_int(rows, i, 1),
        .member = rows_int(rows, i, 2),
        .terms = { .change = rows_int(rows, i, 1),
                   .plan = rows_text(rows, i, 3),
                   .amount = rows_int(rows, i, 4),
                   .currency = rows_text(rows, i, 5),
                   .interval = rows_text(rows, i, 6),
                   .effective_at = rows_int(rows, i, 9) },
        .begins = rows_int(rows, i, 7) != 0,
        .state = (enum membership_change_state)rows_int(rows, i, 8),
        .created_at = rows_int(rows, i, 10),
        .placed_at = rows_int(rows, i, 11),
        .expires_at = rows_int(rows, i, 12),
        .asked_at = rows_int(rows, i, 13),
        .attempts = rows_int(rows, i, 14),
        .session = rows_text(rows, i, 15),
        .subscription = rows_text(rows, i, 16),
        .payment_url = rows_text(rows, i, 17),
        .at_once = rows_int(rows, i, 18) != 0,
    };
    id_format(change->id, "mch", change->created_at, change->space,
              change->number);
}

static enum membership_change_result
one(enum db_result result, const struct rows *rows,
    struct membership_change *change)
{
    if (result != DB_OK)
        return MEMBERSHIP_CHANGE_BROKEN;
    if (rows->n == 0)
        return MEMBERSHIP_CHANGE_UNKNOWN;
    of_row(rows, 0, change);
    return MEMBERSHIP_CHANGE_OK;
}

enum membership_change_result
membership_change_find(struct db *db, struct arena *arena, int64_t space,
                       int64_t number, struct membership_change *change)
{
    struct rows rows;

    return one(db_run(db, arena, &rows, Q_MEMBERSHIP_CHANGE_ONE, INT(space),
                      INT(number)),
               &rows, change);
}

enum membership_change_result
membership_change_by_id(struct db *db, struct arena *arena, const char *text,
                        struct membership_change *change)
{
    enum membership_change_result found;
    struct id id;

    if (text == NULL || !id_parse(text, "mch", &id))
        return MEMBERSHIP_CHANGE_UNKNOWN;
    found = membership_change_find(db, arena, id.space, id.number, change);
    if (found == MEMBERSHIP_CHANGE_OK && strcmp(change->id, text) != 0)
        return MEMBERSHIP_CHANGE_UNKNOWN; /* not an id that we gave */
    return found;
}

enum membership_change_result
membership_change_last_begun(struct db *db, struct arena *arena, int64_t space,
                             struct membership_change *change)
{
    struct rows rows;

    return one(db_run(db, arena, &rows, Q_MEMBERSHIP_CHANGE_LAST_BEGUN,
                      INT(space)),
               &rows, change);
}

enum membership_change_result
membership_change_to_ask(struct db *db, struct arena *arena,
                         int64_t asked_before, int limit,
                         struct membership_change **changes, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_MEMBERSHIP_CHANGE_TO_ASK, INT(asked_before),
               INT(limit)) != DB_OK)
        return MEMBERSHIP_CHANGE_BROKEN;
    *count = rows.n;
    *changes = arena_array(arena, (size_t)rows.n + 1, sizeof(**changes));
    for (int i = 0; i < rows.n; i++)
        of_row(&rows, i, &(*changes)[i]);
    return MEMBERSHIP_CHANGE_OK;
}

/* What the key made before; UNKNOWN: nothing. */
static enum membership_change_result
find_first(struct db *db, struct arena *arena, struct idem *idem,
           struct membership_change *change)
{
    switch (idem_find(db, arena, idem)) {
    case IDEM_NEW: return MEMBERSHIP_CHANGE_UNKNOWN;
    case IDEM_REPLAYED: break;
    case IDEM_KEY_REUSED: return MEMBERSHIP_CHANGE_KEY_REUSED;
    case IDEM_BROKEN: return MEMBERSHIP_CHANGE_BROKEN;
    }
    return membership_change_find(db, arena, idem->space, idem->ref, change) ==
                   MEMBERSHIP_CHANGE_OK
               ? MEMBERSHIP_CHANGE_REPLAYED
               : MEMBERSHIP_CHANGE_BROKEN;
}

/* The one that is open in the Space; UNKNOWN: none is. */
static enum membership_change_result
find_open(struct db *db, struct arena *arena, int64_t space,
          struct membership_change *change)
{
    struct rows rows;

    return one(db_run(db, arena, &rows, Q_MEMBERSHIP_CHANGE_OPEN, INT(space)),
               &rows, change);
}

/* A change that was refused is asked for again, under a new name at the
 * provider, which would only repeat its refusal to the old one. */
static enum membership_change_result
open_again(struct db *db, struct arena *arena,
           const struct membership_change_ask *ask, int64_t now,
           struct membership_change *change)
{
    struct membership_change other;
    enum membership_change_result open =
        find_open(db, arena, change->space, &other);

    if (open == MEMBERSHIP_CHANGE_OK) {
        *change = other;
        return MEMBERSHIP_CHANGE_OTHER_OPEN;
    }
    if (open != MEMBERSHIP_CHANGE_UNKNOWN ||
        db_run(db, arena, NULL, Q_MEMBERSHIP_CHANGE_AGAIN, INT(change->space),
               INT(change->number),
               INT(ask->effective_at == 0 ? now : ask->effective_at),
               INT(ask->system_ms)) != DB_OK ||
        membership_change_find(db, arena, change->space, change->number,
                               change) != MEMBERSHIP_CHANGE_OK)
        return MEMBERSHIP_CHANGE_BROKEN;
    return MEMBERSHIP_CHANGE_OK;
}

static enum membership_change_result
insert(struct db *db, struct arena *arena, struct wallet *wallet,
       const struct membership_change_ask *ask, int64_t now, struct idem *idem,
       struct membership_change *change)
{
    const struct plan *plan = ask->plan;
    struct rows rows;

    if (db_run(db, arena, &rows, Q_MEMBERSHIP_CHANGE_INSERT, INT(wallet->space),
               INT(ask->member), TEXT(plan->id), INT(plan->amount),
               TEXT(plan->currency), TEXT(plan->interval),
               INT(ask->subscription == NULL),
               INT(ask->effective_at == 0 ? now : ask->effective_at), INT(now),
               INT(ask->system_ms), INT(ask->system_ms + session_life_ms),
               TEXT(ask->subscription), INT(ask->at_once)) != DB_OK ||
        rows.n != 1)
        return MEMBERSHIP_CHANGE_BROKEN;
    idem->ref = rows_int(&rows, 0, 0);
    wallet->changed = true;
    if (idem_keep(db, arena, idem) != IDEM_NEW ||
        ledger_save(db, arena, wallet) != LEDGER_OK ||
        membership_change_find(db, arena, wallet->space, idem->ref, change) !=
            MEMBERSHIP_CHANGE_OK)
        return MEMBERSHIP_CHANGE_BROKEN;
    return MEMBERSHIP_CHANGE_OK;
}

enum membership_change_result
membership_change_create(struct db *db, struct arena *arena,
                         const struct space *space,
                         const struct membership_change_ask *ask,
                         struct membership_change *change)
{
    struct idem idem = { .key = ask->key,
                         .space = space->number,
                         .member = ask->member,
                         .operation = IDEM_MEMBERSHIP };
    enum membership_change_result found;
    struct fingerprint print;
    struct wallet wallet;
    int64_t now;

    if (ledger_lock(db, arena, space, ask->clock_ms, &wallet, &now) !=
        LEDGER_OK)
        return MEMBERSHIP_CHANGE_BROKEN;
    fingerprint_begin(&print, arena);
    fingerprint_text(&print, "plan", ask->plan->id);
    fingerprint_end(&print, &idem);
    found = find_first(db, arena, &idem, change);
    if (found == MEMBERSHIP_CHANGE_REPLAYED &&
        change->state == MEMBERSHIP_CHANGE_REFUSED)
        return open_again(db, arena, ask, now, change);
    if (found != MEMBERSHIP_CHANGE_UNKNOWN)
        return found;
    if (ask->current)
        return MEMBERSHIP_CHANGE_CURRENT;
    if (ask->past_due)
        return MEMBERSHIP_CHANGE_PAST_DUE;
    found = find_open(db, arena, space->number, change);
    if (found == MEMBERSHIP_CHANGE_OK)
        return MEMBERSHIP_CHANGE_OTHER_OPEN;
    if (found != MEMBERSHIP_CHANGE_UNKNOWN)
        return found;
    return insert(db, arena, &wallet, ask, now, &idem, change);
}

bool
membership_change_keep_session(struct db *db, struct arena *arena,
                               const struct membership_change *change,
                               const char *session, const char *url)
{
    return db_run(db, arena, NULL, Q_MEMBERSHIP_CHANGE_SET_SESSION,
                  INT(change->space), INT(change->number), TEXT(session),
                  TEXT(url)) == DB_OK;
}

bool
membership_change_note_asked(struct db *db, struct arena *arena,
                             const struct membership_change *change,
                             int64_t before, int64_t system_ms, bool *mine)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_MEMBERSHIP_CHANGE_SET_ASKED,
               INT(change->space), INT(change->number), INT(system_ms),
               INT(before)) != DB_OK)
        return false;
    *mine = rows.changes == 1;
    return true;
}

bool
membership_change_close(struct db *db, struct arena *arena,
                        const struct membership_change *change,
                        enum membership_change_state state)
{
    return db_run(db, arena, NULL, Q_MEMBERSHIP_CHANGE_CLOSE,
                  INT(change->space), INT(change->number), INT(state)) == DB_OK;
}

bool
membership_change_done(struct db *db, struct arena *arena,
                       const struct membership_change *change,
                       const char *subscription)
{
    return db_run(db, arena, NULL, Q_MEMBERSHIP_CHANGE_DONE, INT(change->space),
                  INT(change->number), TEXT(subscription)) == DB_OK;
}
