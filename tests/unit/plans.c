/*
 * Saved plans in the database: drafts and their quotes, starting at what was
 * quoted, drawing on the plan, planned against used with refunds and with
 * rollups folded, the end; what the schema itself refuses, and that the proof
 * finds what is broken by hand.
 */
#include "ledger_world.h"

#include "buf.h"
#include "db_engine.h"
#include "plans.h"

enum { VIEWERS = 100000, CLIPS = 10 };

static struct planner_line lines[2];

/* Lines at a version of the book, at so much a clip. */
static void
make_lines(int64_t version, int64_t clip)
{
    lines[0] = (struct planner_line){
        .charge = { .feature = "livestream_viewing",
                    .book = version,
                    .quantity = VIEWERS,
                    .price = 20,
                    .per = 1000 },
        .label = "Public viewing",
        .unit = "viewer-minute",
        .credits = 2000,
    };
    lines[1] = (struct planner_line){
        .charge = { .feature = "clip",
                    .book = version,
                    .quality = "balanced",
                    .quantity = CLIPS,
                    .price = clip,
                    .per = 1 },
        .label = "Clips",
        .unit = "clip",
        .credits = CLIPS * clip,
    };
}

static struct campaign_plan
save(const char *name)
{
    struct campaign_plan plan = { .space = world.space.number,
                                  .name = name,
                                  .book = 1,
                                  .lines = lines,
                                  .line_count = 2 };

    make_lines(1, 10);
    world_lock(&world.space);
    NEED(plans_save(world.db, &world.arena, world.now, &plan) == PLANS_OK);
    world_commit();
    return plan;
}

static struct campaign_plan
read_plan(const char *id)
{
    struct campaign_plan plan = { .number = 0 };
    enum plans_result found =
        plans_by_id(world.db, &world.arena, world.space.number, id, world.now,
                    &plan);

    NEED(found == PLANS_OK);
    return plan;
}

/* Started with the book of this version in force; kept where it went. */
static enum plans_result
start(struct campaign_plan *plan, int64_t book, enum hold_result *held)
{
    struct hold_refusal refusal;
    enum plans_result done;
    int64_t first;

    world_lock(&world.space);
    done = plans_start(world.db, &world.arena, &world.wallet, book, DAY_MS,
                       world.now, plan, &first, held, &refusal);
    if (done == PLANS_OK)
        world_commit();
    db_rollback(world.db);
    return done;
}

static enum plans_result
finish(struct campaign_plan *plan, int64_t *released)
{
    enum plans_result done;

    world_lock(&world.space);
    done = plans_finish(world.db, &world.arena, &world.wallet, world.now, plan,
                        released);
    if (done == PLANS_OK)
        world_commit();
    db_rollback(world.db);
    return done;
}

/* Captures so many clips under a campaign, `times` in one transaction; the
 * last one's seq. */
static int64_t
use_clips(const char *campaign, const char *quality, int64_t clips, int times)
{
    struct hold_ask ask = { .charge = { .feature = "clip",
                                        .book = 1,
                                        .quality = quality,
                                        .price = 10,
                                        .per = 1 },
                            .refs = { .campaign = campaign },
                            .quantity = clips };
    int64_t seq = 0;

    if (strcmp(quality, "premium") == 0)
        ask.charge.price = 25;
    world_lock(&world.space);
    NEED(ledger_plan_holds(world.db, &world.arena, &world.wallet, campaign,
                           "clip") == LEDGER_OK);
    for (int i = 0; i < times; i++)
        NEED(hold_capture_direct(&world.wallet, &ask, world.now, &seq, NULL) ==
             HOLD_OK);
    world_commit();
    return seq;
}

static void
give_back(int64_t seq, int64_t credits)
{
    struct event event;
    int64_t made;

    world_lock(&world.space);
    NEED(ledger_refundable(world.db, &world.arena, &world.wallet, seq,
                           &event) == LEDGER_OK);
    NEED(refund_usage(&world.wallet, &event, credits, "it failed", world.now,
                      &made) == REFUND_OK);
    world_commit();
}

/* "clip balanced 10:100 3:30 1:10 7:70": planned, used, refunded, remaining;
 * then the totals. */
static const char *
usage_text(const struct campaign_plan *plan)
{
    struct plans_usage usage;
    struct buf buf;

    NEED(plans_used(world.db, &world.arena, plan, &usage) == PLANS_OK);
    buf_init(&buf, &world.arena, 4000);
    for (int i = 0; i < usage.count; i++) {
        const struct plans_activity *at = &usage.activities[i];
        const struct plans_sum *sums[] = { &at->planned, &at->used,
                                           &at->refunded, &at->remaining };

        buf_format(&buf, "%s %s", at->activity,
                   at->quality == NULL ? "-" : at->quality);
        for (size_t k = 0; k < COUNT_OF(sums); k++)
            buf_format(&buf, " %d:%d", (int)sums[k]->quantity,
                       (int)sums[k]->credits);
        buf_text(&buf, "; ");
    }
    buf_format(&buf, "%d %d %d %d", (int)usage.planned, (int)usage.used,
               (int)usage.refunded, (int)usage.remaining);
    return buf.bytes;
}

static void
is_whole(const char *when)
{
    struct verdict verdict = world_verify(world.db);

    if (!is_int(verdict.faults, 0, "the ledger proves right %s", when))
        printf("#   %s\n", verdict.first);
}

/* --- Drafts and quotes. -------------------------------------------------- */

static void
check_drafts(void)
{
    struct campaign_plan plan = save("First"), found, *plans;
    int64_t saved_at = world.now;
    int count;

    is_int(plan.total, 2100, "a plan's total is its lines'");
    is_text(plan.campaign, plan.id, "its campaign is its id");
    found = read_plan(plan.id);
    is_text(found.name, "First", "it is found by its id");
    ok(found.line_count == 2 && found.total == 2100 &&
           strcmp(found.lines[1].label, "Clips") == 0 &&
           found.lines[1].charge.price == 10 &&
           strcmp(found.lines[1].charge.quality, "balanced") == 0 &&
           found.lines[0].charge.quality == NULL,
       "with its items at its book's prices");
    ok(found.state == PLANS_DRAFT && found.started_at == NEVER_MS &&
           found.quoted_at == saved_at,
       "as a draft, quoted when it was saved");
    is_int(plans_by_id(world.db, &world.arena, world.other.number, plan.id,
                       world.now, &found),
           PLANS_UNKNOWN, "another Space does not have it");
    save("Second");
    save("Third");
    NEED(plans_list(world.db, &world.arena, world.space.number, world.now, 0, 2,
                    &plans, &count) == PLANS_OK);
    ok(count == 2 && strcmp(plans[0].name, "Third") == 0 &&
           strcmp(plans[1].name, "Second") == 0 && plans[1].total == 2100,
       "a list has the newest first, as many as are asked for");
    NEED(plans_list(world.db, &world.arena, world.space.number, world.now,
                    plans[1].number, 2, &plans, &count) == PLANS_OK);
    ok(count == 1 && strcmp(plans[0].name, "First") == 0,
       "and goes on where it ended");
}

/* Ids that look like those of plans. */
static void
check_ids(void)
{
    struct campaign_plan plan = save("Id"), found;
    char other_time[ID_SIZE], nobody[ID_SIZE], event[ID_SIZE];

    id_format(other_time, "pln", plan.created_at + 1, plan.space, plan.number);
    id_format(nobody, "pln", plan.created_at, plan.space, 999);
    id_format(event, "evt", plan.created_at, plan.space, plan.number);
    for (size_t i = 0; i < 5; i++) {
        const char *ids[] = { other_time, nobody, event, "pln_", "" };

        is_int(plans_by_id(world.db, &world.arena, world.space.number, ids[i],
                           world.now, &found),
               PLANS_UNKNOWN, "'%s' is no plan", ids[i]);
    }
}

/* --- A plan's life. ------------------------------------------------------ */

static void
check_life(void)
{
    struct campaign_plan plan = save("Life");
    enum hold_result held;
    int64_t released, seq;

    is_int(finish(&plan, &released), PLANS_NOT_STARTED,
           "a draft cannot be finished");
    is_int(start(&plan, 1, &held), PLANS_REFUSED, "nothing there, no start");
    is_int(held, HOLD_INSUFFICIENT, "for want of credits");
    plan = read_plan(plan.id);
    is_int(plan.state, PLANS_DRAFT, "and it stays a draft");
    world_grant(&world.space, 50000, NEVER_MS);
    is_int(start(&plan, 1, &held), PLANS_OK, "with credits it starts");
    plan = read_plan(plan.id);
    ok(plan.state == PLANS_STARTED && plan.started_at == world.now &&
           plan.expires_at == world.now + DAY_MS,
       "and says since when and until when");
    world_look(&world.space);
    is_int(world.wallet.held, 2100, "its total is held");
    is_int(start(&plan, 1, &held), PLANS_NOT_DRAFT, "once");
    is_int(plans_quote(world.db, &world.arena, world.now, &plan),
           PLANS_NOT_DRAFT, "and never quoted anew");
    is_whole("with a plan started");

    seq = use_clips(plan.campaign, "balanced", 3, 1);
    give_back(seq, 10);
    use_clips(plan.campaign, "premium", 1, 1);
    is_text(usage_text(&plan),
            "livestream_viewing - 100000:2000 0:0 0:0 100000:2000; "
            "clip balanced 10:100 3:30 1:10 7:70; "
            "clip premium 0:0 1:25 0:0 0:0; 2100 55 10 2070",
            "what is used comes off, what is given back is shown, and what "
            "was not planned stands behind");
    world_look(&world.space);
    is_int(world.wallet.held, 2070, "what was planned came from the plan");
    give_back(seq, 20);
    is_text(strstr(usage_text(&plan), "clip balanced"),
            "clip balanced 10:100 3:30 3:30 7:70; "
            "clip premium 0:0 1:25 0:0 0:0; 2100 55 30 2070",
            "given back whole is the whole quantity");
    use_clips(plan.campaign, "balanced", 9, 1);
    is_text(strstr(usage_text(&plan), "clip balanced"),
            "clip balanced 10:100 12:120 3:30 0:0; "
            "clip premium 0:0 1:25 0:0 0:0; 2100 145 30 2000",
            "more than was planned leaves nothing, and not less");

    is_int(finish(&plan, &released), PLANS_OK, "it is finished");
    is_int(released, 2000, "what it still held is given back");
    plan = read_plan(plan.id);
    ok(plan.state == PLANS_FINISHED && plan.finished_at == world.now,
       "and says when");
    is_int(finish(&plan, &released), PLANS_OK, "finishing twice is fine");
    is_int(released, 0, "and gives nothing back again");
    world_look(&world.space);
    is_int(world.wallet.held, 0, "nothing is held any more");
    is_int(world.wallet.plan_holds, 0, "by no plan");
    is_whole("with a plan finished");
}

/* Rollups in between: 1,024 events are folded, more come behind. */
static void
check_folded(void)
{
    struct campaign_plan plan = save("Long"), none = save("None");
    enum hold_result held;
    int64_t seq, released;

    NEED(start(&plan, 1, &held) == PLANS_OK);
    NEED(start(&none, 1, &held) == PLANS_OK);
    seq = use_clips(plan.campaign, "balanced", 1, 5);
    use_clips(NULL, "premium", 1, 700);
    use_clips(plan.campaign, "balanced", 1, 3);
    use_clips(NULL, "premium", 1, 700);
    give_back(seq, 10);
    world_look(&world.space);
    ok(world.wallet.folded > 0 && world.wallet.folded < world.wallet.seq,
       "events are folded, but not all");
    use_clips(plan.campaign, "balanced", 2, 1);
    give_back(seq - 1, 4);
    is_text(strstr(usage_text(&plan), "clip balanced"),
            "clip balanced 10:100 10:100 1:14 0:0; 2100 100 14 2000",
            "folded or not, each is counted once");
    is_text(strstr(usage_text(&none), "clip balanced"),
            "clip balanced 10:100 0:0 0:0 10:100; 2100 0 0 2100",
            "and for its own plan alone");
    is_whole("with folded usage");
    NEED(finish(&plan, &released) == PLANS_OK &&
         finish(&none, &released) == PLANS_OK);
}

static void
check_expiry(void)
{
    struct campaign_plan plan = save("Late");
    enum hold_result held;
    int64_t released;

    NEED(start(&plan, 1, &held) == PLANS_OK);
    world.now += DAY_MS - 1;
    plan = read_plan(plan.id);
    is_int(plan.state, PLANS_STARTED,
           "a millisecond before its end it goes on");
    world.now += 1;
    plan = read_plan(plan.id);
    is_int(plan.state, PLANS_EXPIRED, "at its end it has expired, unwritten");
    world_look(&world.space);
    is_int(world.wallet.held, 0, "and holds nothing");
    is_int(finish(&plan, &released), PLANS_OK, "finishing it is fine");
    is_int(released, 0, "and does nothing");
    plan = read_plan(plan.id);
    is_int(plan.state, PLANS_EXPIRED, "it stays expired");
    is_whole("with a plan expired");
}

/* A book with another price of a clip, in force at once. */
static int64_t
change_prices(int64_t clip)
{
    struct price clips[] = { { "balanced", clip, 1 } };
    struct price viewing[] = { { NULL, 20, 1000 } };
    struct activity all[] = { { "livestream_viewing", "Public viewing",
                                "viewer-minute", viewing, 1 },
                              { "clip", "Clips", "clip", clips, 1 } };
    struct price_section section = { "all", "All", all, 2 };
    struct price_book book = { .sections = &section, .section_count = 1 };
    const char *why = NULL;
    int64_t version;

    NEED(db_begin(world.db));
    NEED(price_import(world.db, &world.arena, &book, world.now, world.now,
                      &version, &why) == PRICE_OK);
    NEED(db_commit(world.db));
    return version;
}

static void
check_quotes(void)
{
    struct campaign_plan early = save("Early"), late = save("Late");
    int64_t book = change_prices(11), released;
    enum hold_result held;
    enum plans_result done;

    world.now += PLANS_QUOTE_MS;
    is_int(start(&early, book, &held), PLANS_OK,
           "24 hours after its quote a plan starts at it");
    world_look(&world.space);
    is_int(world.wallet.held, 2100, "for what was quoted");
    use_clips(early.campaign, "balanced", 10, 1);
    is_text(strstr(usage_text(&early), "clip balanced"),
            "clip balanced 10:100 10:100 0:0 0:0; 2100 100 0 2000",
            "and is used at its own prices");
    NEED(finish(&early, &released) == PLANS_OK);
    world.now += 1;
    is_int(start(&late, book, &held), PLANS_QUOTE_EXPIRED,
           "a moment later it does not, for prices have changed");
    is_int(start(&late, 1, &held), PLANS_OK,
           "had they not, it would at any time");
    NEED(finish(&late, &released) == PLANS_OK);

    late = save("Anew");
    make_lines(book, 11);
    late.book = book;
    late.lines = lines;
    late.line_count = 2;
    late.name = "Newer";
    world.now += 5;
    world_lock(&world.space);
    done = plans_quote(world.db, &world.arena, world.now, &late);
    world_commit();
    is_int(done, PLANS_OK, "a draft is quoted anew");
    late = read_plan(late.id);
    ok(late.total == 2110 && late.book == book && late.quoted_at == world.now &&
           strcmp(late.name, "Newer") == 0,
       "at the prices of now, under its new name");
    is_whole("with quotes of two books");
}

/* --- What the schema refuses, and what the proof finds. ------------------- */

static bool
engine_runs(struct engine *engine, const char *sql)
{
    return engine_exec(engine, sql) == DB_OK;
}

static void
check_schema(void)
{
    static const char *const refused[] = {
        "UPDATE campaign_plan SET book = 2 WHERE started_at IS NOT NULL;",
        "UPDATE campaign_plan SET expires_at = expires_at + 1"
        " WHERE started_at IS NOT NULL;",
        "UPDATE campaign_plan SET finished_at = NULL"
        " WHERE finished_at IS NOT NULL;",
        "DELETE FROM campaign_plan;",
        "UPDATE campaign_plan_item SET quantity = quantity + 1;",
        "DELETE FROM campaign_plan_item WHERE plan ="
        " (SELECT max(plan) FROM campaign_plan WHERE started_at IS NOT NULL);",
        "INSERT INTO campaign_plan_item SELECT space, plan, 9, 'clip', 'fast',"
        " 1 FROM campaign_plan WHERE started_at IS NOT NULL;",
        "INSERT INTO campaign_plan_item SELECT space, plan, 9, 'clip', 'fast',"
        " 0 FROM campaign_plan WHERE started_at IS NULL;",
    };
    enum db_result result;
    struct engine *engine =
        engine_open(arena_format(&world.arena, "%s/scrip.db", world.folder), 0,
                    &result);

    NEED(engine != NULL && result == DB_OK);
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        ok(!engine_runs(engine, refused[i]), "the schema refuses: %s",
           refused[i]);
    engine_close(engine);
}

/* Damage by a hand that the schema does not hold back, one after the other,
 * each undone. */
static void
check_proof(void)
{
    static const struct {
        const char *words, *sql, *found;
    } damages[] = {
        { "an item without a price",
          "UPDATE campaign_plan_item SET quality = 'x' WHERE plan = 1"
          " AND item = 2;",
          "Space 1, plan 1: broken: a saved plan has items" },
        { "an item that is gone",
          "DELETE FROM campaign_plan_item WHERE plan = 1 AND item = 1;",
          "Space 1, plan 1: broken: a saved plan has items" },
        { "another quantity than was started",
          "UPDATE campaign_plan_item SET quantity = 9 WHERE plan = 5"
          " AND item = 2;",
          "Space 1, plan 5 item 2: broken: a started plan holds" },
        { "a start without holds",
          "UPDATE campaign_plan SET started_at = quoted_at,"
          " expires_at = quoted_at + 1 WHERE plan = 1;",
          "Space 1, plan 1 item 1: broken: a started plan holds" },
        { "another book than was started",
          "UPDATE campaign_plan SET book = 2 WHERE plan = 5;",
          "Space 1, plan 5 item 1: broken: a started plan holds" },
    };
    enum db_result result;
    struct engine *engine =
        engine_open(arena_format(&world.arena, "%s/scrip.db", world.folder), 0,
                    &result);

    NEED(engine != NULL && result == DB_OK);
    NEED(engine_runs(engine,
                     "PRAGMA foreign_keys = OFF;"
                     "PRAGMA ignore_check_constraints = ON;"
                     "CREATE TABLE kept_plan AS SELECT * FROM campaign_plan;"
                     "CREATE TABLE kept_item AS"
                     " SELECT * FROM campaign_plan_item;"
                     "DROP TRIGGER campaign_plan_started;"
                     "DROP TRIGGER campaign_plan_no_delete;"
                     "DROP TRIGGER campaign_plan_item_insert;"
                     "DROP TRIGGER campaign_plan_item_delete;"
                     "DROP TRIGGER campaign_plan_item_update;"));
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        struct verdict verdict;

        NEED(engine_runs(engine, damages[i].sql));
        verdict = world_verify(world.db);
        if (!ok(verdict.first != NULL &&
                    strncmp(verdict.first, damages[i].found,
                            strlen(damages[i].found)) == 0,
                "the proof finds %s", damages[i].words))
            printf("#   got  %s\n#   want %s\n",
                   verdict.first == NULL ? "" : verdict.first,
                   damages[i].found);
        NEED(engine_runs(
            engine, "DELETE FROM campaign_plan_item; DELETE FROM campaign_plan;"
                    "INSERT INTO campaign_plan SELECT * FROM kept_plan;"
                    "INSERT INTO campaign_plan_item SELECT * FROM kept_item;"));
    }
    engine_close(engine);
    is_whole("once all is mended");
}

int
main(void)
{
    world_begin("2026-11-22T10:00:00Z");
    check_drafts();
    check_ids();
    check_life();
    check_folded();
    check_expiry();
    check_quotes();
    check_schema();
    check_proof();
    world_end();
    return done();
}
