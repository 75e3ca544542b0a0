/*
 * The provider's facts about subscriptions, as rows: see subscription.h. What
 * they come to is subscription_apply.c.
 */
#include "subscription.h"

#include "ledger_sql.h"
#include "log.h"
#include "subscription_inside.h"

void
subscription_of_row(const struct rows *rows, int i,
                    struct subscription *subscription)
{
    *subscription = (struct subscription){
        .provider = rows_text(rows, i, 0),
        .live = rows_int(rows, i, 1) != 0,
        .id = rows_text(rows, i, 2),
        .space = rows_int(rows, i, 3),
        .change = rows_int(rows, i, 4),
        .status = (enum subscription_status)rows_int(rows, i, 5),
        .item = rows_text(rows, i, 6),
        .product = rows_text(rows, i, 7),
        .period_start_ms = rows_int(rows, i, 8),
        .period_end_ms = rows_int(rows, i, 9),
        .cancel_at = rows_int(rows, i, 10),
        .ended_at = rows_int(rows, i, 11),
        .as_of = rows_int(rows, i, 12),
        .doubt = rows_int(rows, i, 13) != 0,
        .asked_at = rows_int(rows, i, 14),
        .surplus = rows_int(rows, i, 15) != 0,
    };
}

static enum subscription_result
find(struct db *db, struct arena *arena, const char *provider, bool live,
     const char *id, struct subscription *now)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_SUBSCRIPTION_ONE, TEXT(provider), INT(live),
               TEXT(id)) != DB_OK)
        return SUBSCRIPTION_BROKEN;
    if (rows.n == 0)
        return SUBSCRIPTION_NONE;
    subscription_of_row(&rows, 0, now);
    return SUBSCRIPTION_OK;
}

/* The subscription is this change's Space's: for ever, whoever says so next.
 * The change is done by that. */
static enum subscription_result
tie(struct db *db, struct arena *arena, const struct membership_change *change,
    struct subscription *now)
{
    bool was_surplus = now->surplus;

    if (now->space != 0 && now->space != change->space) {
        log_error("subscription %s is of another Space than %s says", now->id,
                  change->id);
        return SUBSCRIPTION_OK;
    }
    if (db_run(db, arena, NULL, Q_SUBSCRIPTION_TIE, TEXT(now->provider),
               INT(now->live), TEXT(now->id), INT(change->space)) != DB_OK ||
        db_run(db, arena, NULL, Q_SUBSCRIPTION_SET_CHANGE, TEXT(now->provider),
               INT(now->live), TEXT(now->id), INT(change->space),
               INT(change->number)) != DB_OK ||
        !membership_change_done(db, arena, change, now->id) ||
        find(db, arena, now->provider, now->live, now->id, now) !=
            SUBSCRIPTION_OK)
        return SUBSCRIPTION_BROKEN;
    if (now->surplus && !was_surplus)
        log_error("subscription %s is a second one of its Space: it is to be "
                  "ended and refunded at the provider",
                  now->id);
    return SUBSCRIPTION_OK;
}

/* Ties it to the Space of the change that it names, where it names one. */
static enum subscription_result
tie_named(struct db *db, struct arena *arena, const char *named,
          struct subscription *now)
{
    struct membership_change change;

    switch (membership_change_by_id(db, arena, named, &change)) {
    case MEMBERSHIP_CHANGE_OK: return tie(db, arena, &change, now);
    case MEMBERSHIP_CHANGE_UNKNOWN: return SUBSCRIPTION_OK;
    default: return SUBSCRIPTION_BROKEN;
    }
}

static bool
mention(struct db *db, struct arena *arena, const char *provider, bool live,
        const char *id)
{
    return db_run(db, arena, NULL, Q_SUBSCRIPTION_MENTION, TEXT(provider),
                  INT(live), TEXT(id)) == DB_OK;
}

enum subscription_result
subscription_note(struct db *db, struct arena *arena,
                  const struct subscription_report *report,
                  struct subscription *now)
{
    bool ended = report->status == SUBSCRIPTION_ENDED;

    if (db_run(db, arena, NULL, Q_SUBSCRIPTION_NOTE, TEXT(report->provider),
               INT(report->live), TEXT(report->id), INT(report->status),
               TEXT(report->item), TEXT(report->product),
               INT(report->period_start_ms), INT(report->period_end_ms),
               INT(report->cancel_at),
               INT(!ended                        ? NEVER_MS
                   : report->ended_at < NEVER_MS ? report->ended_at
                                                 : report->as_of),
               INT(report->as_of)) != DB_OK ||
        find(db, arena, report->provider, report->live, report->id, now) !=
            SUBSCRIPTION_OK)
        return SUBSCRIPTION_BROKEN;
    return tie_named(db, arena, report->change, now);
}

enum subscription_result
subscription_note_invoice(struct db *db, struct arena *arena,
                          const struct invoice_report *report,
                          struct subscription *now)
{
    const struct membership_paid *paid = &report->paid;

    if (!mention(db, arena, report->provider, report->live,
                 report->subscription) ||
        db_run(db, arena, NULL, Q_INVOICE_NOTE, TEXT(report->provider),
               INT(report->live), TEXT(report->id), TEXT(report->subscription),
               TEXT(report->change), INT(report->renewal), INT(paid->amount),
               INT(paid->less), INT(paid->paid), TEXT(paid->currency),
               INT(paid->period_start_ms), INT(paid->period_end_ms),
               INT(report->paid_at), INT(report->failed_at),
               INT(report->retries_at), TEXT(report->pay_url)) != DB_OK ||
        find(db, arena, report->provider, report->live, report->subscription,
             now) != SUBSCRIPTION_OK)
        return SUBSCRIPTION_BROKEN;
    /* The change of an invoice says whose it is, not what comes next. */
    return now->space != 0 ? SUBSCRIPTION_OK
                           : tie_named(db, arena, report->change, now);
}

enum subscription_result
subscription_note_begun(struct db *db, struct arena *arena,
                        const char *provider, bool live, const char *id,
                        const struct membership_change *change,
                        struct subscription *now)
{
    if (!mention(db, arena, provider, live, id) ||
        find(db, arena, provider, live, id, now) != SUBSCRIPTION_OK)
        return SUBSCRIPTION_BROKEN;
    return tie(db, arena, change, now);
}

enum subscription_result
subscription_to_ask(struct db *db, struct arena *arena, int64_t asked_before,
                    bool all, int64_t now, int limit,
                    struct subscription **subscriptions, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_SUBSCRIPTION_TO_ASK, INT(asked_before),
               INT(all), INT(now), INT(limit)) != DB_OK)
        return SUBSCRIPTION_BROKEN;
    *count = rows.n;
    *subscriptions =
        arena_array(arena, (size_t)rows.n + 1, sizeof(**subscriptions));
    for (int i = 0; i < rows.n; i++)
        subscription_of_row(&rows, i, &(*subscriptions)[i]);
    return SUBSCRIPTION_OK;
}

bool
subscription_note_asked(struct db *db, struct arena *arena,
                        const struct subscription *subscription, int64_t before,
                        int64_t system_ms, bool *mine)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_SUBSCRIPTION_SET_ASKED,
               TEXT(subscription->provider), INT(subscription->live),
               TEXT(subscription->id), INT(system_ms), INT(before)) != DB_OK)
        return false;
    *mine = rows.changes == 1;
    return true;
}
