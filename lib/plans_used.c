/*
 * What was used of a plan: see plans.h. The database sums the events of the
 * plan's campaign, runs of folded ones and the tail behind them; here they
 * are set against what was planned.
 */
#include "ledger_sql.h"
#include "limits.h"
#include "plans.h"

__extension__ typedef __int128 wide;

static const int64_t million = 1000000;

/* The line of an activity, made where there is none. */
static struct plans_activity *
find_activity(struct arena *arena, struct plans_usage *usage, int *room,
              const char *activity, const char *quality)
{
    for (int i = 0; i < usage->count; i++) {
        struct plans_activity *at = &usage->activities[i];
        bool plain = at->quality == NULL || quality == NULL;

        if (strcmp(at->activity, activity) == 0 &&
            (plain ? at->quality == quality
                   : strcmp(at->quality, quality) == 0))
            return at;
    }
    arena_grow(arena, (void **)&usage->activities, usage->count, room,
               sizeof(*usage->activities));
    usage->activities[usage->count] =
        (struct plans_activity){ .activity = activity, .quality = quality };
    return &usage->activities[usage->count++];
}

static void
add_quantity(struct plans_sum *sum, wide quantity)
{
    wide all = sum->quantity + quantity;

    sum->quantity = all > LIMIT_INTEGER ? LIMIT_INTEGER : (int64_t)all;
}

static void
add_planned(struct arena *arena, const struct campaign_plan *plan,
            struct plans_usage *usage, int *room)
{
    for (int i = 0; i < plan->line_count; i++) {
        const struct planner_line *line = &plan->lines[i];
        struct plans_activity *at =
            find_activity(arena, usage, room, line->charge.feature,
                          line->charge.quality);

        at->label = line->label;
        at->unit = line->unit;
        add_quantity(&at->planned, line->charge.quantity);
        at->planned.credits += line->credits;
    }
    usage->planned = plan->total;
}

static bool
add_used(struct db *db, struct arena *arena, const struct campaign_plan *plan,
         struct plans_usage *usage, int *room)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_CAMPAIGN_PLAN_USED, INT(plan->space),
               TEXT(plan->campaign)) != DB_OK)
        return false;
    for (int i = 0; i < rows.n; i++) {
        const char *activity = rows_text(&rows, i, 0);
        int64_t credits = rows_int(&rows, i, 4);
        struct plans_activity *at;

        usage->used += credits;
        if (activity == NULL)
            continue;
        at =
            find_activity(arena, usage, room, activity, rows_text(&rows, i, 1));
        add_quantity(&at->used, (wide)rows_int(&rows, i, 2) * million +
                                    rows_int(&rows, i, 3));
        at->used.credits += credits;
    }
    return true;
}

static bool
add_refunded(struct db *db, struct arena *arena,
             const struct campaign_plan *plan, struct plans_usage *usage,
             int *room)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_CAMPAIGN_PLAN_REFUNDED, INT(plan->space),
               TEXT(plan->campaign)) != DB_OK)
        return false;
    for (int i = 0; i < rows.n; i++) {
        const char *activity = rows_text(&rows, i, 0);
        int64_t captured = rows_int(&rows, i, 3);
        int64_t credits = rows_int(&rows, i, 4);
        int64_t alike = rows_int(&rows, i, 5);
        struct plans_activity *at;

        usage->refunded += credits * alike;
        if (activity == NULL || captured == 0)
            continue;
        at =
            find_activity(arena, usage, room, activity, rows_text(&rows, i, 1));
        add_quantity(&at->refunded,
                     (wide)rows_int(&rows, i, 2) * credits / captured * alike);
        at->refunded.credits += credits * alike;
    }
    return true;
}

/* Labels of what was used but not planned, as far as the book has them. */
static bool
name_others(struct db *db, struct arena *arena,
            const struct campaign_plan *plan, struct plans_usage *usage)
{
    struct price_book book = { .version = 0 };

    for (int i = 0; i < usage->count; i++) {
        struct plans_activity *at = &usage->activities[i];
        const struct activity *activity;

        if (at->label != NULL)
            continue;
        if (book.version == 0 &&
            price_book_version(db, arena, plan->book, &book) != PRICE_OK)
            return false;
        activity = price_activity(&book, at->activity);
        if (activity == NULL)
            continue;
        at->label = activity->label;
        at->unit = activity->unit;
    }
    return true;
}

enum plans_result
plans_used(struct db *db, struct arena *arena, const struct campaign_plan *plan,
           struct plans_usage *usage)
{
    int room = 0;

    *usage = (struct plans_usage){ .count = 0 };
    add_planned(arena, plan, usage, &room);
    if (plan->state != PLANS_DRAFT &&
        (!add_used(db, arena, plan, usage, &room) ||
         !add_refunded(db, arena, plan, usage, &room) ||
         !name_others(db, arena, plan, usage)))
        return PLANS_BROKEN;
    for (int i = 0; i < usage->count; i++) {
        struct plans_activity *at = &usage->activities[i];

        at->remaining.quantity =
            max_i64(at->planned.quantity - at->used.quantity, 0);
        at->remaining.credits =
            max_i64(at->planned.credits - at->used.credits, 0);
        usage->remaining += at->remaining.credits;
    }
    return PLANS_OK;
}
