/*
 * Memberships: see membership.h. The credits are granted by grant.c, which
 * keeps a period from being allocated twice.
 */
#include "membership.h"

#include "ledger_sql.h"

/* A local date and time of day. */
struct local {
    struct civil day;
    int64_t ms;
};

static struct local
local_of(const struct zone *zone, int64_t ms)
{
    int64_t day = zone_day(zone, ms);
    int64_t shifted = ms + zone_offset_s(zone, ms) * SECOND_MS;

    return (struct local){ clock_civil(day), shifted - day * DAY_MS };
}

/* Whether a date is its month's last, where a longer month has `day`. */
static bool
is_clamped(struct civil civil, int day)
{
    return civil.day == day ||
           (civil.day < day &&
            civil.day == clock_month_days(civil.year, civil.month));
}

/* The later of both days is the one that the periods are counted from: one
 * from 28 February to 31 March is followed by one to 30 April. */
int64_t
membership_rollover_end(const struct zone *zone, int64_t start_ms,
                        int64_t end_ms)
{
    struct local start = local_of(zone, start_ms);
    struct local end = local_of(zone, end_ms);
    int months =
        (end.day.year - start.day.year) * 12 + end.day.month - start.day.month;
    int day = start.day.day > end.day.day ? start.day.day : end.day.day;

    if (months < 1 || start.ms != end.ms || !is_clamped(start.day, day) ||
        !is_clamped(end.day, day))
        return end_ms + (end_ms - start_ms);
    return day == end.day.day ? zone_add_months_ms(zone, end_ms, months)
                              : zone_add_months_ms(zone, start_ms, 2 * months);
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
         const struct zone *zone, int64_t now, struct event *event)
{
    const char *why;
    const struct grant grant = {
        .kind = GRANT_INCLUDED,
        .credits = plan->included,
        .period_start = membership->period_start_ms,
        .expires_at =
            plan->rollover && membership->period_end_ms > now
                ? membership_rollover_end(zone, membership->period_start_ms,
                                          membership->period_end_ms)
                : membership->period_end_ms,
        .reason = arena_format(arena, "Included in the %s plan", plan->name),
    };

    if (plan->included == 0)
        return MEMBERSHIP_OK;
    return of_grant(grant_decide(db, arena, wallet, &grant, now, event, &why));
}

static enum membership_result
find_plan(struct db *db, struct arena *arena, const char *id, struct plan *plan)
{
    switch (plan_find(db, arena, id, plan)) {
    case PLAN_OK: return MEMBERSHIP_OK;
    case PLAN_UNKNOWN: return MEMBERSHIP_UNKNOWN_PLAN;
    default: return MEMBERSHIP_BROKEN;
    }
}

enum membership_result
membership_allocate(struct db *db, struct arena *arena, struct wallet *wallet,
                    const struct membership *membership,
                    const struct zone *zone, int64_t now, struct event *event)
{
    struct plan plan;
    enum membership_result found =
        find_plan(db, arena, membership->plan, &plan);

    *event = (struct event){ .seq = 0 };
    return found == MEMBERSHIP_OK ? allocate(db, arena, wallet, &plan,
                                             membership, zone, now, event)
                                  : found;
}

enum membership_result
membership_set(struct db *db, struct arena *arena, struct space *space,
               struct wallet *wallet, const struct membership *membership,
               int64_t now, struct event *event)
{
    struct plan plan;
    enum membership_result done = find_plan(db, arena, membership->plan, &plan);

    *event = (struct event){ .seq = 0 };
    if (done == MEMBERSHIP_OK)
        done = allocate(db, arena, wallet, &plan, membership, wallet->zone, now,
                        event);
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
