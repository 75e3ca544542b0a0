/*
 * Spaces by slug, id and number, and making one. A Space and its wallet are
 * made in one transaction, so that no Space is ever without one.
 */
#include "space.h"

#include "ledger.h"
#include "ledger_sql.h"
#include "limits.h"
#include "space_row.h"
#include "text.h"
#include "zone.h"

#define SLUG_MAX      63
#define CURRENCY_SIZE 3

void
space_of_row(const struct rows *rows, int i, struct space *space)
{
    *space = (struct space){
        .number = rows_int(rows, i, 0),
        .slug = rows_text(rows, i, 1),
        .name = rows_text(rows, i, 2),
        .currency = rows_text(rows, i, 3),
        .time_zone = rows_text(rows, i, 4),
        .plan = rows_text(rows, i, 5),
        .status = (enum space_status)rows_int(rows, i, 6),
        .period_start_ms = rows_int(rows, i, 7),
        .period_end_ms = rows_int(rows, i, 8),
        .low_threshold = rows_null(rows, i, 9) ? -1 : rows_int(rows, i, 9),
    };
    id_format(space->id, "spc", rows_int(rows, i, 10), 0, space->number);
}

static enum space_result
one(enum db_result result, const struct rows *rows, struct space *space)
{
    if (result != DB_OK)
        return SPACE_BROKEN;
    if (rows->n == 0)
        return SPACE_UNKNOWN;
    space_of_row(rows, 0, space);
    return SPACE_OK;
}

enum space_result
space_by_number(struct db *db, struct arena *arena, int64_t number,
                struct space *space)
{
    struct rows rows;

    return one(db_run(db, arena, &rows, Q_SPACE_BY_NUMBER, INT(number)), &rows,
               space);
}

/* [a-z0-9][a-z0-9-]{0,62}: so never an id, which has an underscore. */
static bool
is_slug(const char *text)
{
    size_t length = strlen(text);

    return length >= 1 && length <= SLUG_MAX && text[0] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

enum space_result
space_find(struct db *db, struct arena *arena, const char *slug_or_id,
           struct space *space)
{
    enum space_result result;
    struct rows rows;
    struct id id;

    if (is_slug(slug_or_id))
        return one(db_run(db, arena, &rows, Q_SPACE_BY_SLUG, TEXT(slug_or_id)),
                   &rows, space);
    if (!id_parse(slug_or_id, "spc", &id))
        return SPACE_UNKNOWN;
    result = space_by_number(db, arena, id.number, space);
    if (result == SPACE_OK && strcmp(space->id, slug_or_id) != 0)
        return SPACE_UNKNOWN;
    return result;
}

/* What is wrong with a Space to be made, or NULL. */
static const char *
fault_of(const struct space *space)
{
    if (space->slug == NULL || !is_slug(space->slug))
        return "the slug must be 1 to 63 of a-z, 0-9 and -, and not begin "
               "with -";
    if (space->name == NULL ||
        !text_fits(space->name, strlen(space->name), 1, LIMIT_TEXT))
        return "the name must have 1 to 200 characters";
    if (strlen(space->currency) != CURRENCY_SIZE ||
        money_digits(space->currency) < 0)
        return "the currency must be one that is known here, such as GBP";
    if (zone_find(space->time_zone) != NULL)
        return NULL;
    if (zone_find("UTC") == NULL)
        return "no time zones can be read on this machine: they come with "
               "the system's tzdata, or lie where SCRIP_ZONEINFO says";
    return "there is no such time zone; one is Europe/London";
}

static enum space_result
insert(struct db *db, struct arena *arena, struct space *space, int64_t now)
{
    struct rows rows;
    enum db_result result;

    result =
        db_run(db, arena, &rows, Q_SPACE_INSERT, TEXT(space->slug),
               TEXT(space->name), TEXT(space->currency), TEXT(space->time_zone),
               TEXT(space->plan), INT(space->status), INT(NEVER_MS), INT(now));
    if (result == DB_CONFLICT)
        return SPACE_TAKEN;
    if (result != DB_OK || rows.n != 1)
        return SPACE_BROKEN;
    space->number = rows_int(&rows, 0, 0);
    if (ledger_make(db, arena, space->number) != LEDGER_OK)
        return SPACE_BROKEN;
    return space_by_number(db, arena, space->number, space);
}

enum space_result
space_add(struct db *db, struct arena *arena, struct space *space, int64_t now,
          const char **why)
{
    enum plan_result found;
    struct plan plan;

    if (space->currency == NULL)
        space->currency = "GBP";
    if (space->time_zone == NULL)
        space->time_zone = "UTC";
    if (space->plan == NULL)
        space->plan = "starter";
    *why = fault_of(space);
    if (*why != NULL)
        return SPACE_INVALID;
    found = plan_find(db, arena, space->plan, &plan);
    if (found == PLAN_UNKNOWN)
        *why = arena_format(arena, "there is no plan '%s'", space->plan);
    if (found != PLAN_OK)
        return found == PLAN_UNKNOWN ? SPACE_INVALID : SPACE_BROKEN;
    space->status = plan.paid ? SPACE_ACTIVE : SPACE_NONE;
    return insert(db, arena, space, now);
}

/* Its currency is that of its orders, and of what they are worth. */
static enum space_result
may_change_currency(struct db *db, struct arena *arena,
                    const struct space *space, const char *currency)
{
    struct rows rows;

    if (currency == NULL || strcmp(space->currency, currency) == 0)
        return SPACE_OK;
    if (db_run(db, arena, &rows, Q_SPACE_HAS_ORDERS, INT(space->number)) !=
        DB_OK)
        return SPACE_BROKEN;
    return rows_int(&rows, 0, 0) != 0 ? SPACE_FIXED : SPACE_OK;
}

enum space_result
space_change(struct db *db, struct arena *arena, struct space *space,
             const struct space *to, const char **why)
{
    struct space changed = *space;
    enum space_result may;
    struct plan plan;

    if (to->name != NULL)
        changed.name = to->name;
    if (to->currency != NULL)
        changed.currency = to->currency;
    if (to->time_zone != NULL)
        changed.time_zone = to->time_zone;
    *why = fault_of(&changed);
    if (*why != NULL)
        return SPACE_INVALID;
    if (to->plan != NULL && strcmp(to->plan, space->plan) != 0) {
        switch (plan_find(db, arena, to->plan, &plan)) {
        case PLAN_OK: break;
        case PLAN_UNKNOWN:
            *why = arena_format(arena, "there is no plan '%s'", to->plan);
            return SPACE_INVALID;
        default: return SPACE_BROKEN;
        }
        changed.plan = to->plan;
        changed.status = plan.paid ? SPACE_ACTIVE : SPACE_NONE;
    }
    may = may_change_currency(db, arena, space, to->currency);
    if (may != SPACE_OK)
        return may;
    if (db_run(db, arena, NULL, Q_SPACE_UPDATE, INT(space->number),
               TEXT(changed.name), TEXT(changed.currency),
               TEXT(changed.time_zone), TEXT(changed.plan),
               INT(changed.status)) != DB_OK)
        return SPACE_BROKEN;
    return space_by_number(db, arena, space->number, space);
}

const char *
space_status_text(enum space_status status)
{
    switch (status) {
    case SPACE_ACTIVE: return "active";
    case SPACE_PAST_DUE: return "past_due";
    case SPACE_CANCELLED: return "cancelled";
    default: return "none";
    }
}

bool
space_may_buy(const struct space *space, const struct plan *plan)
{
    return plan->paid &&
           (space->status == SPACE_ACTIVE || space->status == SPACE_PAST_DUE);
}
