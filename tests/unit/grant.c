/*
 * Grants and memberships: bonuses, adjustments, included allocations once for
 * a period, rollover, and ends of months in the Space's time zone.
 */
#include "ledger_world.h"
#include "membership.h"

static int64_t
ms(const char *text)
{
    int64_t at = 0;

    if (text != NULL)
        NEED(clock_parse(text, &at));
    return text == NULL ? NEVER_MS : at;
}

/* --- Grants, one after another on one Space. ------------------------------ */

static const struct grant_case {
    const char *name;
    enum grant_kind kind;
    int64_t credits;
    const char *expires, *period;
    enum grant_result result;
    int64_t total; /* afterwards */
} grant_cases[] = {
    { "a bonus that never ends", GRANT_BONUS, 100, NULL, NULL, GRANT_OK, 100 },
    { "a bonus of nothing", GRANT_BONUS, 0, NULL, NULL, GRANT_INVALID, 100 },
    { "a bonus below zero", GRANT_BONUS, -1, NULL, NULL, GRANT_INVALID, 100 },
    { "a bonus beyond an operation's limit", GRANT_BONUS, LIMIT_CREDITS + 1,
      NULL, NULL, GRANT_INVALID, 100 },
    { "a bonus whose end has passed", GRANT_BONUS, 5, "2026-01-10T12:00:00Z",
      NULL, GRANT_INVALID, 100 },
    { "a bonus that ends in a millisecond", GRANT_BONUS, 5,
      "2026-01-10T12:00:00.001Z", NULL, GRANT_OK, 105 },
    { "an allocation without an end", GRANT_INCLUDED, 500, NULL,
      "2026-01-01T00:00:00Z", GRANT_INVALID, 105 },
    { "an allocation that ends before its period", GRANT_INCLUDED, 500,
      "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z", GRANT_INVALID, 105 },
    { "an allocation", GRANT_INCLUDED, 500, "2026-02-01T00:00:00Z",
      "2026-01-01T00:00:00Z", GRANT_OK, 605 },
    { "the same period again", GRANT_INCLUDED, 500, "2026-02-01T00:00:00Z",
      "2026-01-01T00:00:00Z", GRANT_REPEATED, 605 },
    { "the same period with other credits", GRANT_INCLUDED, 501,
      "2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", GRANT_PERIOD_TAKEN, 605 },
    { "a period that has ended", GRANT_INCLUDED, 500, "2025-12-01T00:00:00Z",
      "2025-11-01T00:00:00Z", GRANT_OK, 605 },
    { "that period again", GRANT_INCLUDED, 500, "2025-12-01T00:00:00Z",
      "2025-11-01T00:00:00Z", GRANT_REPEATED, 605 },
    { "an adjustment up is a bonus lot", GRANT_ADJUSTMENT, 10, NULL, NULL,
      GRANT_OK, 615 },
    { "an adjustment down", GRANT_ADJUSTMENT, -15, NULL, NULL, GRANT_OK, 600 },
    { "an adjustment down with an end", GRANT_ADJUSTMENT, -1,
      "2027-01-01T00:00:00Z", NULL, GRANT_INVALID, 600 },
    { "an adjustment of all that is there", GRANT_ADJUSTMENT, -600, NULL, NULL,
      GRANT_OK, 0 },
    { "an adjustment of one more", GRANT_ADJUSTMENT, -1, NULL, NULL,
      GRANT_INSUFFICIENT, 0 },
};

static int64_t
total_of(const struct space *space)
{
    struct wallet wallet;
    int64_t now;

    NEED(ledger_look(world.db, &world.arena, space, world.now, &wallet, &now) ==
         LEDGER_OK);
    return wallet.total;
}

static void
try_grants(void)
{
    int64_t allocation = 0;

    for (size_t i = 0; i < COUNT_OF(grant_cases); i++) {
        const struct grant_case *c = &grant_cases[i];
        const struct grant grant = { .kind = c->kind,
                                     .credits = c->credits,
                                     .expires_at = ms(c->expires),
                                     .period_start = ms(c->period),
                                     .reason = c->name };
        struct event event;
        const char *why = NULL;

        NEED(db_begin(world.db));
        is_int(grant_credits(world.db, &world.arena, &world.space, &grant,
                             world.now, &event, &why),
               c->result, "%s", c->name);
        ok((why != NULL) == (c->result == GRANT_INVALID),
           "%s: words where they are needed", c->name);
        if (c->result == GRANT_OK)
            NEED(db_commit(world.db));
        else
            db_rollback(world.db);
        is_int(total_of(&world.space), c->total, "%s: the total", c->name);
        if (c->kind == GRANT_INCLUDED && c->credits == 500 && event.seq != 0) {
            if (c->result == GRANT_OK)
                allocation = event.seq;
            is_int(event.seq, allocation, "%s: the period's event", c->name);
        }
    }
}

static void
try_limit(void)
{
    struct grant grant = { .kind = GRANT_BONUS,
                           .credits = LIMIT_CREDITS,
                           .expires_at = NEVER_MS,
                           .reason = "much" };
    enum grant_result result = GRANT_OK;
    struct event event;
    const char *why;
    int times = 0;

    while (result == GRANT_OK && times < 2000) {
        NEED(db_begin(world.db));
        result = grant_credits(world.db, &world.arena, &world.other, &grant,
                               world.now, &event, &why);
        if (result == GRANT_OK)
            NEED(db_commit(world.db));
        times++;
    }
    db_rollback(world.db);
    is_int(result, GRANT_LIMIT, "a wallet has a limit");
    is_int(times, LIMIT_WALLET / LIMIT_CREDITS + 1, "and that is it");
    is_int(total_of(&world.other), LIMIT_WALLET, "which it may reach");
}

/* --- When credits that roll over end. -------------------------------------- */

static const struct rollover_case {
    const char *name;
    const char *zone, *start, *end, *until;
} rollover_cases[] = {
    { "a month from the first", "Europe/London", "2026-01-01T00:00:00Z",
      "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z" },
    { "a month from the 31st of January, clamped and back", "Europe/London",
      "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-30T23:00:00Z" },
    { "the 31st of January in a leap year", "UTC", "2028-01-31T09:30:00Z",
      "2028-02-29T09:30:00Z", "2028-03-31T09:30:00Z" },
    { "over the night without an hour", "Europe/London", "2026-03-15T10:00:00Z",
      "2026-04-15T09:00:00Z", "2026-05-15T09:00:00Z" },
    { "over the night with two of them", "Europe/London",
      "2026-10-15T09:00:00Z", "2026-11-15T10:00:00Z", "2026-12-15T10:00:00Z" },
    { "a year", "Europe/London", "2026-02-01T00:00:00Z", "2027-02-01T00:00:00Z",
      "2028-02-01T00:00:00Z" },
    { "from a clamped end to the 31st: the day comes back", "UTC",
      "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z" },
    { "from the 30th, clamped in February", "UTC", "2026-02-28T10:00:00Z",
      "2026-03-30T10:00:00Z", "2026-04-30T10:00:00Z" },
    { "from the 28th, on the 28th", "UTC", "2026-02-28T10:00:00Z",
      "2026-03-28T10:00:00Z", "2026-04-28T10:00:00Z" },
    { "a year from a leap day, clamped twice", "UTC", "2028-02-29T10:00:00Z",
      "2029-02-28T10:00:00Z", "2030-02-28T10:00:00Z" },
    { "and back to the leap day", "UTC", "2031-02-28T10:00:00Z",
      "2032-02-29T10:00:00Z", "2033-02-28T10:00:00Z" },
    { "a provider's month by UTC over the night without an hour", "UTC",
      "2026-03-15T10:00:00Z", "2026-04-15T10:00:00Z", "2026-05-15T10:00:00Z" },
    { "ten days, which are no months", "Europe/London", "2026-01-01T00:00:00Z",
      "2026-01-11T00:00:00Z", "2026-01-21T00:00:00Z" },
};

static void
try_rollover(void)
{
    for (size_t i = 0; i < COUNT_OF(rollover_cases); i++) {
        const struct rollover_case *c = &rollover_cases[i];
        const struct zone *zone = zone_find(c->zone);
        char got[CLOCK_TEXT_SIZE], want[CLOCK_TEXT_SIZE];

        NEED(zone != NULL);
        clock_format(want, ms(c->until));
        clock_format(got,
                     membership_rollover_end(zone, ms(c->start), ms(c->end)));
        is_text(got, want, "%s", c->name);
    }
}

/* --- Memberships. ----------------------------------------------------------- */

static enum membership_result
set(struct space *space, const char *plan, const char *start, const char *end,
    int64_t *credits)
{
    const struct membership membership = { plan, ms(start), ms(end) };
    enum membership_result result;
    struct wallet wallet;
    struct event event;
    int64_t now;

    NEED(db_begin(world.db));
    NEED(ledger_lock(world.db, &world.arena, space, world.now, &wallet, &now) ==
         LEDGER_OK);
    result = membership_set(world.db, &world.arena, space, &wallet, &membership,
                            now, &event);
    *credits = event.credits;
    if (result > MEMBERSHIP_REPEATED) {
        db_rollback(world.db);
        return result;
    }
    NEED(ledger_save(world.db, &world.arena, &wallet) == LEDGER_OK);
    NEED(db_commit(world.db));
    return result;
}

static void
try_memberships(void)
{
    struct space space = { .slug = "member",
                           .name = "Member",
                           .currency = "GBP",
                           .time_zone = "Europe/London" };
    static const struct plan plans[] = {
        { "starter", "Starter", false, 0, "GBP", "month", 0, false, 120 },
        { "rolling", "Rolling", true, 1, "GBP", "month", 70, true, 120 },
    };
    const char *why;
    int64_t credits;

    NEED(db_begin(world.db));
    for (size_t i = 0; i < COUNT_OF(plans); i++)
        NEED(plan_set(world.db, &world.arena, &plans[i], &why) == PLAN_OK);
    NEED(space_add(world.db, &world.arena, &space, world.now, &why) ==
         SPACE_OK);
    NEED(db_commit(world.db));

    is_int(space.status, SPACE_NONE, "no plan named: the unpaid one");
    is_int(set(&space, "nothing", "2026-01-01T00:00:00Z",
               "2026-02-01T00:00:00Z", &credits),
           MEMBERSHIP_UNKNOWN_PLAN, "a plan that there is not");
    is_int(set(&space, "creator", "2026-01-01T00:00:00Z",
               "2026-02-01T00:00:00Z", &credits),
           MEMBERSHIP_OK, "a paid plan");
    is_int(credits, 500, "with its allocation");
    is_int(space.status, SPACE_ACTIVE, "is active");
    is_int(set(&space, "creator", "2026-01-01T00:00:00Z",
               "2026-02-01T00:00:00Z", &credits),
           MEMBERSHIP_REPEATED, "set again");
    is_int(credits, 500, "shows the first event");
    is_int(total_of(&space), 500, "and grants nothing more");
    is_int(set(&space, "rolling", "2026-01-01T00:00:00Z",
               "2026-02-01T00:00:00Z", &credits),
           MEMBERSHIP_PERIOD_TAKEN, "another plan for the same period");
    is_text(space.plan, "creator", "changes nothing");
    is_int(set(&space, "rolling", "2026-01-05T00:00:00Z",
               "2026-02-05T00:00:00Z", &credits),
           MEMBERSHIP_OK, "another period of a plan that rolls over");
    world.now = ms("2026-02-05T00:00:00Z");
    is_int(total_of(&space), 70, "outlives its period, the other does not");
    world.now = ms("2026-03-05T00:00:00Z") - 1;
    is_int(total_of(&space), 70, "to its last millisecond");
    world.now++;
    is_int(total_of(&space), 0, "and no further");
    is_int(set(&space, "starter", "2026-03-05T00:00:00Z",
               "2026-04-05T00:00:00Z", &credits),
           MEMBERSHIP_OK, "back to the unpaid plan");
    is_int(space.status, SPACE_NONE, "is no membership");
    is_int(credits, 0, "and brings nothing");
}

static void
count_fault(void *context, const char *words)
{
    (void)context;
    printf("# %s\n", words);
}

int
main(void)
{
    int64_t faults = -1;

    world_begin("2026-01-10T12:00:00Z");
    try_grants();
    try_limit();
    try_rollover();
    try_memberships();
    ok(ledger_verify(world.db, &world.arena, count_fault, NULL, NULL, &faults),
       "the ledger can be proved");
    is_int(faults, 0, "and is whole");
    world_end();
    return done();
}
