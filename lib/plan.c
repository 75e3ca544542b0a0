/*
 * Plans and tiers: see plan.h.
 */
#include "plan.h"

#include "ledger_sql.h"
#include "limits.h"
#include "text.h"

/* Rates beyond this make no sense. */
static const int64_t rate_max = 1000000;
/* The most that the provider charges at once, in minor units. */
static const int64_t tier_amount_max = 99999999;

static void
plan_of_row(const struct rows *rows, int i, struct plan *plan)
{
    *plan = (struct plan){ .id = rows_text(rows, i, 0),
                           .name = rows_text(rows, i, 1),
                           .paid = rows_int(rows, i, 2) != 0,
                           .amount = rows_int(rows, i, 3),
                           .currency = rows_text(rows, i, 4),
                           .interval = rows_text(rows, i, 5),
                           .included = rows_int(rows, i, 6),
                           .rollover = rows_int(rows, i, 7) != 0,
                           .rate = rows_int(rows, i, 8) };
}

enum plan_result
plan_find(struct db *db, struct arena *arena, const char *id, struct plan *plan)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_PLAN_ONE, TEXT(id)) != DB_OK)
        return PLAN_BROKEN;
    if (rows.n == 0)
        return PLAN_UNKNOWN;
    plan_of_row(&rows, 0, plan);
    return PLAN_OK;
}

enum plan_result
plan_list(struct db *db, struct arena *arena, struct plan **plans, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_PLAN_ALL, NONE) != DB_OK)
        return PLAN_BROKEN;
    *count = rows.n;
    *plans = arena_array(arena, (size_t)rows.n + 1, sizeof(**plans));
    for (int i = 0; i < rows.n; i++)
        plan_of_row(&rows, i, &(*plans)[i]);
    return PLAN_OK;
}

/* Ids of plans and tiers are for machines: [a-z0-9][a-z0-9_-]{0,62}. */
static bool
id_fits(const char *id)
{
    size_t length = strlen(id);

    return length >= 1 && length <= 63 && id[0] != '-' && id[0] != '_' &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static const char *
plan_wrong(const struct plan *plan)
{
    if (!id_fits(plan->id))
        return "the id is 1 to 63 of a-z, 0-9, '-' and '_'";
    if (!text_fits(plan->name, strlen(plan->name), 1, LIMIT_TEXT))
        return "the name is 1 to 200 characters";
    if (plan->amount < 0 || plan->amount > LIMIT_INTEGER)
        return "the amount is out of range";
    if (money_digits(plan->currency) < 0)
        return "the currency is not one that we sell in";
    if (strcmp(plan->interval, "month") != 0 &&
        strcmp(plan->interval, "year") != 0)
        return "the interval is month or year";
    if (plan->included < 0 || plan->included > LIMIT_CREDITS)
        return "the included credits are out of range";
    if (plan->rate < 1 || plan->rate > rate_max)
        return "the rate is 1 to 1,000,000 credits";
    return NULL;
}

enum plan_result
plan_set(struct db *db, struct arena *arena, const struct plan *plan,
         const char **why)
{
    *why = plan_wrong(plan);
    if (*why != NULL)
        return PLAN_INVALID;
    if (db_run(db, arena, NULL, Q_PLAN_SET, TEXT(plan->id), TEXT(plan->name),
               INT(plan->paid), INT(plan->amount), TEXT(plan->currency),
               TEXT(plan->interval), INT(plan->included), INT(plan->rollover),
               INT(plan->rate)) != DB_OK)
        return PLAN_BROKEN;
    return PLAN_OK;
}

static void
tier_of_row(const struct rows *rows, int i, struct tier *tier)
{
    *tier = (struct tier){ .id = rows_text(rows, i, 0),
                           .amount = rows_int(rows, i, 1),
                           .currency = rows_text(rows, i, 2),
                           .bonus = rows_int(rows, i, 3) };
}

enum plan_result
tier_list(struct db *db, struct arena *arena, const char *currency,
          struct tier **tiers, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_TIER_ALL, TEXT(currency)) != DB_OK)
        return PLAN_BROKEN;
    *count = rows.n;
    *tiers = arena_array(arena, (size_t)rows.n + 1, sizeof(**tiers));
    for (int i = 0; i < rows.n; i++)
        tier_of_row(&rows, i, &(*tiers)[i]);
    return PLAN_OK;
}

enum plan_result
tier_find(struct db *db, struct arena *arena, const char *id,
          const char *currency, struct tier *tier)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_TIER_ONE, TEXT(id), TEXT(currency)) != DB_OK)
        return PLAN_BROKEN;
    if (rows.n == 0)
        return PLAN_UNKNOWN;
    tier_of_row(&rows, 0, tier);
    return PLAN_OK;
}

static const char *
tier_wrong(const struct tier *tier)
{
    if (!id_fits(tier->id))
        return "the id is 1 to 63 of a-z, 0-9, '-' and '_'";
    if (money_digits(tier->currency) < 0)
        return "the currency is not one that we sell in";
    if (tier->amount < 1 || tier->amount > tier_amount_max)
        return "the amount is out of range";
    if (tier->bonus < 0 || tier->bonus > LIMIT_CREDITS / 2)
        return "the bonus is out of range";
    return NULL;
}

enum plan_result
tier_set(struct db *db, struct arena *arena, const struct tier *tier,
         const char **why)
{
    *why = tier_wrong(tier);
    if (*why != NULL)
        return PLAN_INVALID;
    if (db_run(db, arena, NULL, Q_TIER_SET, TEXT(tier->id), INT(tier->amount),
               TEXT(tier->currency), INT(tier->bonus)) != DB_OK)
        return PLAN_BROKEN;
    return PLAN_OK;
}

int64_t
tier_credits(const struct tier *tier, int64_t rate)
{
    int64_t credits;

    if (__builtin_mul_overflow(tier->amount, rate, &credits))
        return LIMIT_INTEGER;
    return credits / money_unit(tier->currency);
}

bool
tier_sells(const struct tier *tier, int64_t rate)
{
    int64_t credits = tier_credits(tier, rate);

    return credits >= 1 && credits <= LIMIT_CREDITS;
}
