/*
 * Spaces: which may be made, what they are then, and how they are found.
 */
#include "people.h"

struct row {
    const char *name;
    struct space space;
    enum space_result result;
};

static char long_slug[64], longer_slug[65], long_name[201], longer_name[202];

static const struct row rows[] = {
    { "the least of all", { .slug = "a", .name = "A" }, SPACE_OK },
    { "digits and dashes", { .slug = "0-a-", .name = "A" }, SPACE_OK },
    { "all of it named",
      { .slug = "all",
        .name = "All",
        .currency = "EUR",
        .time_zone = "America/New_York",
        .plan = "creator" },
      SPACE_OK },
    { "the longest slug", { .slug = long_slug, .name = "A" }, SPACE_OK },
    { "the longest name", { .slug = "long", .name = long_name }, SPACE_OK },
    { "a name that is there may be again",
      { .slug = "b", .name = "A" },
      SPACE_OK },
    { "a slug that is there", { .slug = "demo", .name = "A" }, SPACE_TAKEN },
    { "no slug", { .name = "A" }, SPACE_INVALID },
    { "an empty slug", { .slug = "", .name = "A" }, SPACE_INVALID },
    { "a slug too long", { .slug = longer_slug, .name = "A" }, SPACE_INVALID },
    { "a dash first", { .slug = "-a", .name = "A" }, SPACE_INVALID },
    { "upper case", { .slug = "Demo", .name = "A" }, SPACE_INVALID },
    { "an underscore, as ids have",
      { .slug = "spc_0", .name = "A" },
      SPACE_INVALID },
    { "a slash", { .slug = "a/b", .name = "A" }, SPACE_INVALID },
    { "letters of others",
      { .slug = "caf\xc3\xa9", .name = "A" },
      SPACE_INVALID },
    { "no name", { .slug = "x" }, SPACE_INVALID },
    { "an empty name", { .slug = "x", .name = "" }, SPACE_INVALID },
    { "a name too long", { .slug = "x", .name = longer_name }, SPACE_INVALID },
    { "a name that is no UTF-8",
      { .slug = "x", .name = "\xff" },
      SPACE_INVALID },
    { "a currency in lower case",
      { .slug = "x", .name = "A", .currency = "gbp" },
      SPACE_INVALID },
    { "a currency that is none",
      { .slug = "x", .name = "A", .currency = "ZZZ" },
      SPACE_INVALID },
    { "a currency too long",
      { .slug = "x", .name = "A", .currency = "GBPX" },
      SPACE_INVALID },
    { "a time zone that is none",
      { .slug = "x", .name = "A", .time_zone = "Europe/Atlantis" },
      SPACE_INVALID },
    { "a time zone that is a path",
      { .slug = "x", .name = "A", .time_zone = "../etc/passwd" },
      SPACE_INVALID },
    { "a plan that is none",
      { .slug = "x", .name = "A", .plan = "gold" },
      SPACE_INVALID },
};

static enum space_result
add(struct space *space, const char **why)
{
    enum space_result result;

    people_need(db_begin(people.db));
    result = space_add(people.db, &people.arena, space, people.now, why);
    if (result == SPACE_OK)
        people_need(db_commit(people.db));
    else
        db_rollback(people.db);
    return result;
}

static void
try_adding(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct space space = rows[i].space;
        const char *why = NULL;
        struct rows wallet;
        is_int(add(&space, &why), rows[i].result, "%s", rows[i].name);
        ok((why != NULL) == (rows[i].result == SPACE_INVALID),
           "  and words where it is wrong: %s", why == NULL ? "-" : why);
        if (rows[i].result != SPACE_OK)
            continue;
        ok(db_run(people.db, &people.arena, &wallet, Q_WALLET_READ,
                  INT(space.number)) == DB_OK &&
               wallet.n == 1 && rows_int(&wallet, 0, 0) == 0 &&
               rows_int(&wallet, 0, 5) == NEVER_MS,
           "  it has an empty wallet");
    }
}

static void
try_finding(void)
{
    struct space found, by_id;
    char id[ID_SIZE];

    people_need(space_find(people.db, &people.arena, "all", &found) ==
                SPACE_OK);
    is_text(found.currency, "EUR", "a Space has its currency");
    is_text(found.time_zone, "America/New_York", "  its time zone");
    is_text(found.plan, "creator", "  its plan");
    is_int(found.status, SPACE_ACTIVE, "  which, being paid, is active");
    ok(found.period_start_ms == NEVER_MS && found.period_end_ms == NEVER_MS,
       "  without a period");
    is_int(found.low_threshold, -1, "  and no threshold");
    is_int(space_find(people.db, &people.arena, found.id, &by_id), SPACE_OK,
           "it is found by its id too");
    is_int(by_id.number, found.number, "  the same one");
    is_int(people.free.status, SPACE_NONE, "an unpaid plan is no membership");
    is_text(people.free.plan, "starter", "  and is what there is unasked");
    id_format(id, "spc", people.now + 1, 0, found.number);
    is_int(space_find(people.db, &people.arena, id, &by_id), SPACE_UNKNOWN,
           "an id of another time is another's");
    id_format(id, "mem", people.now, 0, found.number);
    is_int(space_find(people.db, &people.arena, id, &by_id), SPACE_UNKNOWN,
           "a member's id is none");
    is_int(space_find(people.db, &people.arena, "nowhere", &by_id),
           SPACE_UNKNOWN, "a slug that nobody has");
    is_int(space_find(people.db, &people.arena, "", &by_id), SPACE_UNKNOWN,
           "no slug at all");
    is_int(space_find(people.db, &people.arena, "Demo", &by_id), SPACE_UNKNOWN,
           "a slug in another case");
    is_int(space_by_number(people.db, &people.arena, 999, &by_id),
           SPACE_UNKNOWN, "a number that none has");
}

static void
try_buying(void)
{
    static const bool may[2][4] = { { false, false, false, false },
                                    { false, true, true, false } };
    static const char *const words[] = { "none", "active", "past_due",
                                         "cancelled" };

    for (int paid = 0; paid <= 1; paid++)
        for (int status = SPACE_NONE; status <= SPACE_CANCELLED; status++) {
            struct space space = { .status = (enum space_status)status };
            struct plan plan = { .paid = paid };
            ok(space_may_buy(&space, &plan) == may[paid][status],
               "%s plan, %s: %s", paid ? "a paid" : "an unpaid", words[status],
               may[paid][status] ? "may buy" : "may not");
            is_text(space_status_text(space.status), words[status],
                    "  in that word");
        }
}

/* The business clock, which lies beside the Spaces. */
static void
try_clock(void)
{
    int64_t now = 0, before = clock_system_ms();

    people_need(db_begin(people.db));
    people_need(site_clock_set(people.db, &people.arena, DAY_MS));
    people_need(db_commit(people.db));
    ok(site_clock_now(people.db, &people.arena, true, &now) &&
           now >= before + DAY_MS && now < before + DAY_MS + MINUTE_MS,
       "the sandbox's clock is a day ahead");
    ok(site_clock_now(people.db, &people.arena, false, &now) && now >= before &&
           now < before + MINUTE_MS,
       "a real site does not look at that");
    people_need(db_begin(people.db));
    people_need(site_clock_set(people.db, &people.arena, 0));
    people_need(db_commit(people.db));
    ok(site_clock_now(people.db, &people.arena, true, &now) &&
           now < before + MINUTE_MS,
       "set back, it is the system's");
}

int
main(void)
{
    memset(long_slug, 'a', sizeof(long_slug) - 1);
    memset(longer_slug, 'a', sizeof(longer_slug) - 1);
    memset(long_name, 'n', sizeof(long_name) - 1);
    memset(longer_name, 'n', sizeof(longer_name) - 1);
    people_begin();
    try_adding();
    try_finding();
    try_buying();
    try_clock();
    people_end();
    return done();
}
