/*
 * Saved plans, and their life from draft to finish: see plans.h. What was
 * used of them is plans_used.c's.
 */
#include "plans.h"

#include "ledger_inside.h"
#include "ledger_sql.h"

static const char *const state_texts[] = {
    [PLANS_DRAFT] = "draft",
    [PLANS_STARTED] = "started",
    [PLANS_FINISHED] = "finished",
    [PLANS_EXPIRED] = "expired",
};

const char *
plans_state_text(enum plans_state state)
{
    assert((size_t)state < COUNT_OF(state_texts));
    return state_texts[state];
}

/* --- Reading. ------------------------------------------------------------ */

static int64_t
time_of_row(const struct rows *rows, int i, int column)
{
    return rows_null(rows, i, column) ? NEVER_MS : rows_int(rows, i, column);
}

/* Row i of campaign_plan_one and _page. */
static void
plan_of_row(const struct rows *rows, int i, int64_t space,
            struct campaign_plan *plan)
{
    bool open = rows_int(rows, i, 11) != 0;

    *plan = (struct campaign_plan){
        .space = space,
        .number = rows_int(rows, i, 0),
        .name = rows_text(rows, i, 1),
        .campaign = rows_text(rows, i, 2),
        .member = rows_int(rows, i, 3),
        .member_name = rows_text(rows, i, 4),
        .book = rows_int(rows, i, 5),
        .quoted_at = rows_int(rows, i, 6),
        .created_at = rows_int(rows, i, 7),
        .started_at = time_of_row(rows, i, 8),
        .expires_at = time_of_row(rows, i, 9),
        .finished_at = time_of_row(rows, i, 10),
    };
    if (plan->started_at == NEVER_MS)
        plan->state = PLANS_DRAFT;
    else if (plan->finished_at != NEVER_MS)
        plan->state = PLANS_FINISHED;
    else
        plan->state = open ? PLANS_STARTED : PLANS_EXPIRED;
    id_format(plan->id, "pln", plan->created_at, space, plan->number);
}

static bool
load_lines(struct db *db, struct arena *arena, struct campaign_plan *plan)
{
    struct planner_line *lines;
    struct rows rows;

    if (db_run(db, arena, &rows, Q_CAMPAIGN_PLAN_ITEMS, INT(plan->space),
               INT(plan->number)) != DB_OK)
        return false;
    lines = arena_array(arena, (size_t)rows.n + 1, sizeof(*lines));
    for (int i = 0; i < rows.n; i++) {
        struct charge charge = { .feature = rows_text(&rows, i, 0),
                                 .book = plan->book,
                                 .quality = rows_text(&rows, i, 1),
                                 .quantity = rows_int(&rows, i, 2),
                                 .price = rows_int(&rows, i, 5),
                                 .per = rows_int(&rows, i, 6) };

        lines[i] = (struct planner_line){
            .charge = charge,
            .label = rows_text(&rows, i, 3),
            .unit = rows_text(&rows, i, 4),
            .credits = price_of_charge(&charge, charge.quantity),
        };
    }
    plan->lines = lines;
    plan->line_count = rows.n;
    plan->total = planner_total(lines, rows.n);
    return true;
}

enum plans_result
plans_by_id(struct db *db, struct arena *arena, int64_t space, const char *text,
            int64_t now, struct campaign_plan *plan)
{
    struct rows rows;
    struct id id;

    if (text == NULL || !id_parse(text, "pln", &id) || id.space != space)
        return PLANS_UNKNOWN;
    if (db_run(db, arena, &rows, Q_CAMPAIGN_PLAN_ONE, INT(space),
               INT(id.number), INT(now)) != DB_OK)
        return PLANS_BROKEN;
    if (rows.n == 0)
        return PLANS_UNKNOWN;
    plan_of_row(&rows, 0, space, plan);
    if (strcmp(plan->id, text) != 0)
        return PLANS_UNKNOWN; /* another time: not an id that we gave */
    return load_lines(db, arena, plan) ? PLANS_OK : PLANS_BROKEN;
}

enum plans_result
plans_list(struct db *db, struct arena *arena, int64_t space, int64_t now,
           int64_t before, int limit, struct campaign_plan **plans, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_CAMPAIGN_PLAN_PAGE, INT(space),
               INT(before == 0 ? INT64_MAX : before), INT(now),
               INT(limit)) != DB_OK)
        return PLANS_BROKEN;
    *count = rows.n;
    *plans = arena_array(arena, (size_t)rows.n + 1, sizeof(**plans));
    for (int i = 0; i < rows.n; i++) {
        plan_of_row(&rows, i, space, &(*plans)[i]);
        if (!load_lines(db, arena, &(*plans)[i]))
            return PLANS_BROKEN;
    }
    return PLANS_OK;
}

/* --- Drafts. ------------------------------------------------------------- */

static bool
insert_items(struct db *db, struct arena *arena,
             const struct campaign_plan *plan)
{
    for (int i = 0; i < plan->line_count; i++) {
        const struct charge *charge = &plan->lines[i].charge;

        assert(charge->book == plan->book);
        if (db_run(db, arena, NULL, Q_CAMPAIGN_PLAN_ITEM_INSERT,
                   INT(plan->space), INT(plan->number), INT(i + 1),
                   TEXT(charge->feature), TEXT(charge->quality),
                   INT(charge->quantity)) != DB_OK)
            return false;
    }
    return true;
}

enum plans_result
plans_save(struct db *db, struct arena *arena, int64_t now,
           struct campaign_plan *plan)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_CAMPAIGN_PLAN_LAST, INT(plan->space)) !=
        DB_OK)
        return PLANS_BROKEN;
    plan->number = rows_int(&rows, 0, 0) + 1;
    plan->state = PLANS_DRAFT;
    plan->created_at = plan->quoted_at = now;
    plan->started_at = plan->expires_at = plan->finished_at = NEVER_MS;
    plan->total = planner_total(plan->lines, plan->line_count);
    id_format(plan->id, "pln", now, plan->space, plan->number);
    plan->campaign = arena_text(arena, plan->id);
    if (db_run(db, arena, NULL, Q_CAMPAIGN_PLAN_INSERT, INT(plan->space),
               INT(plan->number), TEXT(plan->name), TEXT(plan->campaign),
               ledger_number(plan->member), INT(plan->book), INT(now),
               INT(now)) != DB_OK ||
        !insert_items(db, arena, plan))
        return PLANS_BROKEN;
    return PLANS_OK;
}

enum plans_result
plans_quote(struct db *db, struct arena *arena, int64_t now,
            struct campaign_plan *plan)
{
    if (plan->state != PLANS_DRAFT)
        return PLANS_NOT_DRAFT;
    plan->quoted_at = now;
    plan->total = planner_total(plan->lines, plan->line_count);
    if (db_run(db, arena, NULL, Q_CAMPAIGN_PLAN_QUOTE, INT(plan->space),
               INT(plan->number), TEXT(plan->name), INT(plan->book),
               INT(now)) != DB_OK ||
        db_run(db, arena, NULL, Q_CAMPAIGN_PLAN_ITEMS_DELETE, INT(plan->space),
               INT(plan->number)) != DB_OK ||
        !insert_items(db, arena, plan))
        return PLANS_BROKEN;
    return PLANS_OK;
}

/* --- Start and finish. --------------------------------------------------- */

enum plans_result
plans_start(struct db *db, struct arena *arena, struct wallet *wallet,
            int64_t book, int64_t lasts_ms, int64_t now,
            struct campaign_plan *plan, int64_t *first, enum hold_result *held,
            struct hold_refusal *refusal)
{
    const struct planner_start start = {
        .plan = plan->number,
        .name = plan->name,
        .campaign = plan->campaign,
        .lines = plan->lines,
        .count = plan->line_count,
        .lasts_ms = lasts_ms,
    };

    if (plan->state != PLANS_DRAFT)
        return PLANS_NOT_DRAFT;
    if (book != plan->book && now - plan->quoted_at > PLANS_QUOTE_MS)
        return PLANS_QUOTE_EXPIRED;
    *held = planner_place(wallet, &start, now, first, refusal);
    if (*held != HOLD_OK)
        return PLANS_REFUSED;
    plan->state = PLANS_STARTED;
    plan->started_at = now;
    plan->expires_at = now + lasts_ms;
    return db_run(db, arena, NULL, Q_CAMPAIGN_PLAN_START, INT(plan->space),
                  INT(plan->number), INT(plan->started_at),
                  INT(plan->expires_at)) == DB_OK
               ? PLANS_OK
               : PLANS_BROKEN;
}

/* The open holds of the plan, released. */
static void
release_all(struct wallet *wallet, int64_t plan, int64_t now, int64_t *released)
{
    for (int i = 0; i < wallet->hold_count; i++) {
        struct hold *hold = &wallet->holds[i];

        if (hold->plan != plan || hold->state != HOLD_HELD)
            continue;
        *released += hold_left(hold);
        if (hold_release(wallet, hold->number, now) != HOLD_OK)
            abort(); /* it is open, and it is there */
    }
}

enum plans_result
plans_finish(struct db *db, struct arena *arena, struct wallet *wallet,
             int64_t now, struct campaign_plan *plan, int64_t *released)
{
    *released = 0;
    if (plan->state == PLANS_DRAFT)
        return PLANS_NOT_STARTED;
    if (plan->state != PLANS_STARTED)
        return PLANS_OK;
    if (ledger_holds_of_plan(db, wallet->arena, wallet, plan->number) !=
        LEDGER_OK)
        return PLANS_BROKEN;
    release_all(wallet, plan->number, now, released);
    plan->state = PLANS_FINISHED;
    plan->finished_at = now;
    return db_run(db, arena, NULL, Q_CAMPAIGN_PLAN_FINISH, INT(plan->space),
                  INT(plan->number), INT(now)) == DB_OK
               ? PLANS_OK
               : PLANS_BROKEN;
}
