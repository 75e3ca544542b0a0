/*
 * Memberships: see membership.h. The credits are granted by grant.c, which
 * keeps a period from being allocated twice.
 */
#include "membership.h"

#include "ledger_sql.h"

int64_t
membership_rollover_end(const struct zone *zone, int64_t start_ms,
                        int64_t end_ms)
{
    enum { MONTHS_MAX = 24 };

    for (int months = 1; months <= MONTHS_MAX; months++)
        if (zone_add_months_ms(zone, start_ms, months) == end_ms)
            return zone_add_months_ms(zone, start_ms, 2 * months);
    return end_ms + (end_ms - start_ms);
}

static enum membership_result
of_grant(enum grant_result granted)
{
    switch (granted) {
    case GRANT_OK: return MEMBERSHIP_OK;
    case GRANT_REPEATED: return MEMBERSHIP_REPEATED;
    case GRANT_PERIOD_TAKEN: return MEMBERSHIP_PERIOD_TAKEN;
    case GRANT_LIMIT: return MEMBERSHIP_LIMIT;
    case GRANT_INVALID:
    case GRANT_INSUFFICIENT:
    case GRANT_BROKEN: break;
    }
    return MEMBERSHIP_BROKEN;
}

static enum membership_result
allocate(struct db *db, struct arena *arena, struct wallet *wallet,
         const struct plan *plan, const struct membership *membership,
         int64_t now, struct event *event)
{
    const char *why;
    const struct grant grant = {
        .kind = GRANT_INCLUDED,
        .credits = plan->included,
        .period_start = membership->period_start_ms,
        .expires_at = plan->rollover && membership->period_end_ms > now
                          ? membership_rollover_end(wallet->zone,
                                                    membership->period_start_ms,
                                                    membership->period_end_ms)
                          : membership->period_end_ms,
        .reason = arena_format(arena, "Included in the %s plan", plan->name),
    };

    return of_grant(grant_decide(db, arena, wallet, &grant, now, event, &why));
}

enum membership_result
membership_set(struct db *db, struct arena *arena, struct space *space,
               struct wallet *wallet, const struct membership *membership,
               int64_t now, struct event *event)
{
    enum membership_result done = MEMBERSHIP_OK;
    struct plan plan;

    *event = (struct event){ .seq = 0 };
    switch (plan_find(db, arena, membership->plan, &plan)) {
    case PLAN_OK: break;
    case PLAN_UNKNOWN: return MEMBERSHIP_UNKNOWN_PLAN;
    default: return MEMBERSHIP_BROKEN;
    }
    if (plan.included > 0)
        done = allocate(db, arena, wallet, &plan, membership, now, event);
    if (done > MEMBERSHIP_REPEATED)
        return done;
    wallet->changed = true;
    if (db_run(db, arena, NULL, Q_SPACE_SET_MEMBERSHIP, INT(space->number),
               TEXT(plan.id), INT(plan.paid ? SPACE_ACTIVE : SPACE_NONE),
               INT(membership->period_start_ms),
               INT(membership->period_end_ms)) != DB_OK ||
        space_by_number(db, arena, space->number, space) != SPACE_OK)
        return MEMBERSHIP_BROKEN;
    return done;
}
