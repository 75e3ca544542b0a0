/*
 * Loads, saves and replaces a Space's caps: see ledger.h. What a cap counts
 * goes by the events (cap.c); counting anew reads those of its window.
 */
#include "ledger_inside.h"
#include "ledger_sql.h"
#include "usage.h"

enum { PAGE = 1000 };

bool
ledger_load_caps(struct db *db, struct arena *arena, struct wallet *wallet)
{
    struct rows rows;

    if (wallet->caps_set == 0)
        return true;
    if (db_run(db, arena, &rows, Q_CAP_ALL, INT(wallet->space)) != DB_OK)
        return false;
    wallet->cap_count = rows.n;
    wallet->caps = arena_array(arena, (size_t)rows.n, sizeof(*wallet->caps));
    for (int i = 0; i < rows.n; i++)
        wallet->caps[i] =
            (struct cap){ .number = rows_int(&rows, i, 0),
                          .on = (enum cap_on)rows_int(&rows, i, 1),
                          .value = rows_text(&rows, i, 2),
                          .credits = rows_int(&rows, i, 3),
                          .per = (enum cap_per)rows_int(&rows, i, 4),
                          .used = rows_int(&rows, i, 5),
                          .window = rows_int(&rows, i, 6),
                          .held = rows_int(&rows, i, 7) };
    return true;
}

bool
ledger_save_caps(struct db *db, struct arena *arena, struct wallet *wallet)
{
    for (int i = 0; i < wallet->cap_count; i++) {
        struct cap *cap = &wallet->caps[i];

        if (cap->changed &&
            db_run(db, arena, NULL, Q_CAP_UPDATE, INT(wallet->space),
                   INT(cap->number), INT(cap->credits), INT(cap->used),
                   INT(cap->window), INT(cap->held)) != DB_OK)
            return false;
        cap->changed = false;
    }
    return true;
}

static const struct cap *
find_same(const struct wallet *wallet, const struct cap *like)
{
    for (int i = 0; i < wallet->cap_count; i++) {
        const struct cap *cap = &wallet->caps[i];

        if (cap->on == like->on && cap->per == like->per &&
            strcmp(cap->value, like->value) == 0)
            return cap;
    }
    return NULL;
}

/* What open holds hold of it: those of the database, with the wallet's own
 * word for the ones that it has loaded. */
static bool
count_held(struct db *db, struct arena *arena, struct wallet *wallet,
           struct cap *cap)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_CAP_OPEN_HOLDS, INT(wallet->space)) != DB_OK)
        return false;
    for (int i = 0; i < rows.n; i++) {
        const struct refs refs = { .livestream = rows_text(&rows, i, 2),
                                   .order = rows_text(&rows, i, 3),
                                   .campaign = rows_text(&rows, i, 4),
                                   .member = rows_text(&rows, i, 5) };

        if (wallet_hold(wallet, rows_int(&rows, i, 0)) == NULL &&
            cap_matches(cap, rows_text(&rows, i, 1), &refs))
            cap->held += rows_int(&rows, i, 6);
    }
    for (int i = 0; i < wallet->hold_count; i++) {
        const struct hold *hold = &wallet->holds[i];

        if (hold->state == HOLD_HELD &&
            cap_matches(cap, hold->charge.feature, &hold->refs))
            cap->held += hold_left(hold);
    }
    return true;
}

/* The last event before a time, by halving: events are dated in order. */
static bool
last_before(struct db *db, struct arena *arena, const struct wallet *wallet,
            int64_t at, int64_t *seq)
{
    int64_t low = 0, high = wallet->seq + 1;

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        struct rows rows;

        if (db_run(db, arena, &rows, Q_CAP_EVENT_AT, INT(wallet->space),
                   INT(middle)) != DB_OK)
            return false;
        if (rows.n == 1 && rows_int(&rows, 0, 0) < at)
            low = middle;
        else
            high = middle;
    }
    *seq = low;
    return true;
}

/* Counts stored events from a day on, one after the other. */
static bool
count_events(struct db *db, struct arena *page, const struct wallet *wallet,
             struct cap *cap, int64_t from)
{
    int64_t last;
    int count = PAGE;

    /* A zone that was changed may have moved a day's border by a day. */
    if (!last_before(db, page, wallet,
                     zone_day_start_ms(wallet->zone, from) - 2 * DAY_MS, &last))
        return false;
    while (count == PAGE) {
        struct rows rows;

        arena_reset(page);
        if (db_run(db, page, &rows, Q_CAP_USAGE, INT(wallet->space), INT(last),
                   INT(from), INT(PAGE)) != DB_OK)
            return false;
        count = rows.n;
        for (int i = 0; i < count; i++) {
            struct event event;

            if (!ledger_event_of_row(&rows, i, page, &event))
                return false;
            cap_count(cap, &event);
            last = event.seq;
        }
    }
    return true;
}

static enum usage_dim
dim_of(enum cap_on on)
{
    switch (on) {
    case CAP_MEMBER: return USAGE_MEMBER;
    case CAP_FEATURE: return USAGE_FEATURE;
    case CAP_CAMPAIGN: return USAGE_CAMPAIGN;
    case CAP_LIVESTREAM: break;
    }
    return USAGE_LIVESTREAM;
}

/* What was used in the window of `day`. The rollups say it, unless what was
 * given back in it could have met the floor of 0 on the way. Everything of
 * the wallet's has to be saved. */
static bool
count_used(struct db *db, struct wallet *wallet, struct cap *cap, int64_t day)
{
    struct usage_range range = { .space = wallet->space,
                                 .from = cap_window(cap->per, day),
                                 .to = INT64_MAX };
    struct usage_group sum;
    struct arena own;
    bool went;

    if (cap->per == CAP_TOTAL)
        range.from = INT64_MIN;
    arena_init(&own, (size_t)256 * 1024, LIMIT_ARENA);
    went = usage_of(db, &own, &range, dim_of(cap->on), cap->value, &sum);
    if (went && (cap->per == CAP_TOTAL || sum.refunded == 0)) {
        cap->used = sum.captured - sum.refunded;
        cap->window = cap_window(cap->per, day);
    } else if (went) {
        went = count_events(db, &own, wallet, cap, range.from);
    }
    arena_free(&own);
    return went;
}

static bool
insert_cap(struct db *db, struct arena *arena, int64_t space,
           const struct cap *cap)
{
    return db_run(db, arena, NULL, Q_CAP_INSERT, INT(space), INT(cap->number),
                  INT(cap->on), TEXT(cap->value), INT(cap->credits),
                  INT(cap->per), INT(cap->used), INT(cap->window),
                  INT(cap->held)) == DB_OK;
}

enum ledger_result
ledger_set_caps(struct db *db, struct arena *arena, struct wallet *wallet,
                const struct cap *caps, int count)
{
    struct cap *made = arena_array(arena, (size_t)count, sizeof(*made));
    int64_t day = zone_day(wallet->zone, wallet->moment);

    /* What is due has to be among the events that are counted. */
    if (ledger_save(db, arena, wallet) != LEDGER_OK)
        return LEDGER_BROKEN;
    for (int i = 0; i < count; i++) {
        const struct cap *same = find_same(wallet, &caps[i]);

        made[i] = caps[i];
        made[i].number = i + 1;
        made[i].changed = false;
        made[i].used = same == NULL ? 0 : same->used;
        made[i].window = same == NULL ? 0 : same->window;
        made[i].held = same == NULL ? 0 : same->held;
        if (same == NULL && (!count_used(db, wallet, &made[i], day) ||
                             !count_held(db, arena, wallet, &made[i])))
            return LEDGER_BROKEN;
    }
    if (db_run(db, arena, NULL, Q_CAP_DELETE_ALL, INT(wallet->space)) != DB_OK)
        return LEDGER_BROKEN;
    for (int i = 0; i < count; i++)
        if (!insert_cap(db, arena, wallet->space, &made[i]))
            return LEDGER_BROKEN;
    wallet->caps = made;
    wallet->cap_count = count;
    wallet->caps_set = count;
    wallet->changed = true;
    return LEDGER_OK;
}
