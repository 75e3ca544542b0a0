/*
 * Grants: see grant.h. The period's row decides whether an allocation was
 * made, not a look beforehand.
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

static enum grant_result
first_allocation(struct db *db, struct arena *arena,
                 const struct wallet *wallet, const struct grant *grant,
                 struct event *event)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_ALLOCATION_FIND, INT(wallet->space),
               INT(grant->period_start)) != DB_OK ||
        rows.n != 1)
        return GRANT_BROKEN;
    if (rows_null(&rows, 0, 1)) {
        *event = (struct event){ .kind = EVENT_INCLUDED_ALLOCATION };
        return GRANT_REPEATED;
    }
    if (rows_int(&rows, 0, 0) != grant->credits)
        return GRANT_PERIOD_TAKEN;
    return ledger_event(db, arena, wallet->space, rows_int(&rows, 0, 1),
                        event) == LEDGER_OK
               ? GRANT_REPEATED
               : GRANT_BROKEN;
}

/* Claims the period, for the event that comes next or for nothing. */
static enum grant_result
claim_period(struct db *db, struct arena *arena, const struct wallet *wallet,
             const struct grant *grant, bool ended, struct event *event)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_ALLOCATION_INSERT, INT(wallet->space),
               INT(grant->period_start), INT(ended ? 0 : grant->credits),
               ended ? NIL : INT(wallet->seq + 1)) != DB_OK)
        return GRANT_BROKEN;
    if (rows.changes == 1)
        return GRANT_OK;
    return first_allocation(db, arena, wallet, grant, event);
}

static enum wallet_result
apply(struct wallet *wallet, const struct grant *grant, int64_t now)
{
    static const enum event_kind events[] = { EVENT_BONUS,
                                              EVENT_INCLUDED_ALLOCATION,
                                              EVENT_ADJUSTMENT };
    const struct event event = { .kind = events[grant->kind],
                                 .refs = { .note = grant->reason } };
    const struct credit_lot lot = {
        .kind = grant->kind == GRANT_INCLUDED ? LOT_INCLUDED : LOT_BONUS,
        .credits = grant->credits,
        .expires_at = grant->expires_at,
    };

    if (grant->credits < 0)
        return wallet_debit(wallet, -grant->credits, &event, now);
    return wallet_credit(wallet, &lot, 1, &event, now);
}

enum grant_result
grant_credits(struct db *db, struct arena *arena, const struct space *space,
              const struct grant *grant, int64_t clock_ms, struct event *event,
              const char **why)
{
    struct wallet wallet;
    int64_t now;
    bool ended;

    *event = (struct event){ 0 };
    if (ledger_lock(db, arena, space, clock_ms, &wallet, &now) != LEDGER_OK)
        return GRANT_BROKEN;
    *why = wrong(grant, now);
    if (*why != NULL)
        return GRANT_INVALID;
    ended = grant->kind == GRANT_INCLUDED && grant->expires_at <= now;
    if (grant->kind == GRANT_INCLUDED) {
        enum grant_result claimed =
            claim_period(db, arena, &wallet, grant, ended, event);

        if (claimed != GRANT_OK)
            return claimed;
    }
    if (!ended) {
        enum wallet_result done = apply(&wallet, grant, now);

        if (done != WALLET_OK)
            return done == WALLET_LIMIT ? GRANT_LIMIT : GRANT_INSUFFICIENT;
        *event = wallet.events[wallet.event_count - 1];
    }
    return ledger_save(db, arena, &wallet) == LEDGER_OK ? GRANT_OK
                                                        : GRANT_BROKEN;
}
