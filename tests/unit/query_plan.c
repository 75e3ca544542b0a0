/*
 * The way that queries go: what is read often finds its few rows by an
 * index, and never reads all that a Space has ever had. SQLite decides that
 * by its statistics, so a query may change its way without being touched.
 */
#include "db_world.h"

#include "ledger_sql.h"

static const struct {
    const char *words;
    int query;
    const char *way; /* has to be in what SQLite says of it */
} ways[] = {
    { "a wallet's live lots, whatever was spent", Q_LOT_LIVE,
      "lot USING INDEX lot_live (space=?)" },
    { "holds that are due", Q_HOLD_DUE,
      "hold USING INDEX hold_open (space=? AND expires_at<?)" },
    { "the next hold that ends", Q_HOLD_NEXT_END,
      "hold USING INDEX hold_open (space=? AND expires_at>?)" },
    { "open holds, whatever has ended", Q_HOLD_PAGE_OPEN,
      "hold USING INDEX hold_open (space=? AND expires_at>?)" },
    { "holds in a rare state", Q_HOLD_PAGE_RARE,
      "hold USING INDEX hold_rare (space=? AND state=? AND hold<?)" },
    { "expired holds, noted", Q_HOLD_PAGE_EXPIRED,
      "hold USING INDEX hold_rare (space=? AND state=? AND hold<?)" },
    { "expired holds, not noted", Q_HOLD_PAGE_EXPIRED,
      "hold USING INDEX hold_open (space=? AND expires_at<?)" },
    { "the holds that a capture under a campaign draws on", Q_HOLD_PLANS,
      "hold USING INDEX hold_plan (space=? AND campaign=? AND feature=?)" },
    { "the holds of a plan", Q_HOLD_OF_PLAN,
      "hold USING INDEX hold_plan (space=?" },
    { "whether a plan is still open", Q_CAMPAIGN_PLAN_ONE,
      "h USING INDEX hold_plan (space=? AND campaign=?)" },
    { "which plans of a page are", Q_CAMPAIGN_PLAN_PAGE,
      "h USING INDEX hold_plan (space=? AND campaign=?)" },
    { "what was used under a campaign: runs of it", Q_CAMPAIGN_PLAN_USED,
      "b USING PRIMARY KEY (space=? AND dim=? AND key=?)" },
    { "and their events", Q_CAMPAIGN_PLAN_USED,
      "e USING INDEX event_seq (space=? AND seq>? AND seq<?)" },
    { "and those behind", Q_CAMPAIGN_PLAN_USED,
      "event USING INDEX event_seq (space=? AND seq>?)" },
    { "an idempotency key", Q_IDEM_FIND,
      "idem USING PRIMARY KEY (key=? AND space=? AND scope=? AND"
      " operation=?)" },
    { "a day's groups, by key", Q_USAGE_DAY_FIRST,
      "rollup USING PRIMARY KEY (space=? AND dim=? AND day=?)" },
    { "and behind one", Q_USAGE_DAY_NEXT,
      "rollup USING PRIMARY KEY (space=? AND dim=? AND day=? AND key>?)" },
    { "the days that have groups", Q_USAGE_DAYS_THERE,
      "r USING PRIMARY KEY (space=? AND dim=? AND day>?)" },
    { "a page of events", Q_EVENT_PAGE,
      "event USING INDEX event_seq (space=? AND seq<?)" },
};

static const char *
way_of(struct db *db, int query)
{
    const char *sql = arena_format(&world_arena, "EXPLAIN QUERY PLAN %s",
                                   ledger_set.queries[query].sql);
    const char *all = "";
    struct db_value values[20];
    int count = ledger_set.queries[query].parameters;
    struct rows rows;

    for (int i = 0; i < count && i < (int)COUNT_OF(values); i++)
        values[i] = INT(1);
    if (db_run_sql(db, &world_arena, &rows, sql, values, count) != DB_OK)
        return db_why(db);
    for (int i = 0; i < rows.n; i++)
        all = arena_format(&world_arena, "%s%s; ", all, rows_text(&rows, i, 3));
    return all;
}

int
main(void)
{
    struct db *db;

    world_begin();
    db = world_open_set(&ledger_set, "");
    ok(db_migrate(db), "a new ledger");
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        const char *way = way_of(db, ways[i].query);

        if (!ok(strstr(way, ways[i].way) != NULL, "%s: by its index",
                ways[i].words))
            printf("#   got  %s\n#   want %s\n", way, ways[i].way);
    }
    db_close(db);
    db = world_open_set(&ledger_set, "");
    ok(strstr(way_of(db, Q_LOT_LIVE), "lot_live") != NULL,
       "and whoever opens it later goes the same way");
    db_close(db);
    world_end();
    return done();
}
