/*
 * Grants: see grant.h. Everything that can refuse is asked before anything
 * is written or changed; that a period is granted once is its row's key.
 */
#include "grant.h"

#include "ledger_sql.h"
#include "limits.h"

const char *
grant_kind_text(enum grant_kind kind)
{
    static const char *const texts[] = { "bonus", "included_allocation",
                                         "adjustment" };

    return texts[kind];
}

static const char *
wrong(const struct grant *grant, int64_t now)
{
    bool negative = grant->credits < 0;

    if (grant->credits == 0 || grant->credits > LIMIT_CREDITS ||
        grant->credits < -LIMIT_CREDITS)
        return "the credits are 1 to 1,000,000,000,000";
    if (negative && grant->kind != GRANT_ADJUSTMENT)
        return "only an adjustment takes credits away";
    if (negative && grant->expires_at != NEVER_MS)
        return "what is taken away has no end";
    if (grant->kind == GRANT_INCLUDED) {
        if (grant->expires_at == NEVER_MS)
            return "an included allocation needs its end";
        if (grant->expires_at <= grant->period_start)
            return "an included allocation ends after its period began";
        return NULL;
    }
    if (grant->expires_at <= now)
        return "the end has passed";
    return NULL;
}

/* An event of the Space, saved or made in this transaction. */
static bool
find_event(struct db *db, struct arena *arena, const struct wallet *wallet,
           int64_t seq, struct event *event)
{
    for (int i = 0; i < wallet->event_count; i++)
        if (wallet->events[i].seq == seq) {
            *event = wallet->events[i];
            return true;
        }
    return ledger_event(db, arena, wallet->space, seq, event) == LEDGER_OK;
}

/* GRANT_OK: the period has no allocation yet. Under the Space's lock, so
 * nothing comes between this and claim_period(). */
static enum grant_result
find_period(struct db *db, struct arena *arena, const struct wallet *wallet,
            const struct grant *grant, struct event *event)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_ALLOCATION_FIND, INT(wallet->space),
               INT(grant->period_start)) != DB_OK)
        return GRANT_BROKEN;
    if (rows.n == 0)
        return GRANT_OK;
    if (rows_null(&rows, 0, 1))
        return GRANT_REPEATED; /* it had ended: no event */
    if (rows_int(&rows, 0, 0) != grant->credits)
        return GRANT_PERIOD_TAKEN;
    return find_event(db, arena, wallet, rows_int(&rows, 0, 1), event)
               ? GRANT_REPEATED
               : GRANT_BROKEN;
}

/* The period's row, for the event that comes next or for none. That it is
 * there already is a fault here: the transaction is lost and run again. */
static bool
claim_period(struct db *db, struct arena *arena, const struct wallet *wallet,
             const struct grant *grant, bool ended)
{
    struct rows rows;

    return db_run(db, arena, &rows, Q_ALLOCATION_INSERT, INT(wallet->space),
                  INT(grant->period_start), INT(ended ? 0 : grant->credits),
                  ended ? NIL : INT(wallet->seq + 1)) == DB_OK &&
           rows.changes == 1;
}

/* check() has said that it fits. */
static void
apply(struct wallet *wallet, const struct grant *grant, int64_t now)
{
    static const enum event_kind events[] = { EVENT_BONUS,
                                              EVENT_INCLUDED_ALLOCATION,
                                              EVENT_ADJUSTMENT };
    const struct event event = { .kind = events[grant->kind],
                                 .refs = { .member = grant->member,
                                           .note = grant->reason } };
    const struct credit_lot lot = {
        .kind = grant->kind == GRANT_INCLUDED ? LOT_INCLUDED : LOT_BONUS,
        .credits = grant->credits,
        .expires_at = grant->expires_at,
    };

    enum wallet_result done =
        grant->credits < 0 ? wallet_debit(wallet, -grant->credits, &event, now)
                           : wallet_credit(wallet, &lot, 1, &event, now);

    assert(done == WALLET_OK);
}

/* What can be said without the period's row. */
static enum grant_result
check(const struct wallet *wallet, const struct grant *grant, bool ended)
{
    if (ended)
        return GRANT_OK;
    if (grant->credits < 0)
        return -grant->credits > wallet_available(wallet) ? GRANT_INSUFFICIENT
                                                          : GRANT_OK;
    return grant->credits > LIMIT_WALLET - wallet->total ? GRANT_LIMIT
                                                         : GRANT_OK;
}

enum grant_result
grant_decide(struct db *db, struct arena *arena, struct wallet *wallet,
             const struct grant *grant, int64_t now, struct event *event,
             const char **why)
{
    bool ended = grant->kind == GRANT_INCLUDED && grant->expires_at <= now;
    enum grant_result done;

    *event = (struct event){ .kind = EVENT_INCLUDED_ALLOCATION };
    *why = wrong(grant, now);
    if (*why != NULL)
        return GRANT_INVALID;
    if (grant->kind == GRANT_INCLUDED) {
        done = find_period(db, arena, wallet, grant, event);
        if (done != GRANT_OK)
            return done;
    }
    done = check(wallet, grant, ended);
    if (done != GRANT_OK)
        return done;
    if (grant->kind == GRANT_INCLUDED &&
        !claim_period(db, arena, wallet, grant, ended))
        return GRANT_BROKEN;
    if (ended)
        return GRANT_OK;
    apply(wallet, grant, now);
    *event = wallet->events[wallet->event_count - 1];
    return GRANT_OK;
}

enum grant_result
grant_credits(struct db *db, struct arena *arena, const struct space *space,
              const struct grant *grant, int64_t clock_ms, struct event *event,
              const char **why)
{
    struct wallet wallet;
    enum grant_result done;
    int64_t now;

    if (ledger_lock(db, arena, space, clock_ms, &wallet, &now) != LEDGER_OK)
        return GRANT_BROKEN;
    done = grant_decide(db, arena, &wallet, grant, now, event, why);
    if (done != GRANT_OK)
        return done;
    return ledger_save(db, arena, &wallet) == LEDGER_OK ? GRANT_OK
                                                        : GRANT_BROKEN;
}
