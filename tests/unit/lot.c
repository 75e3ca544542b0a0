/*
 * Lots: their order, and the text of what an event did to them.
 */
#include "lot.h"

#include "tap.h"

static void
check_order(void)
{
    static const struct {
        const char *words;
        struct lot before, after;
    } cases[] = {
        { "the soonest end goes first",
          { .number = 9, .kind = LOT_TOP_UP, .expires_at = 5 },
          { .number = 1, .expires_at = 6 } },
        { "what never ends goes last",
          { .number = 9, .kind = LOT_BONUS, .expires_at = 5 },
          { .number = 1, .kind = LOT_BONUS, .expires_at = NEVER_MS } },
        { "included before bonus",
          { .number = 9, .kind = LOT_INCLUDED, .expires_at = 5 },
          { .number = 1, .kind = LOT_BONUS, .expires_at = 5 } },
        { "bonus before top-up",
          { .number = 9, .kind = LOT_BONUS, .expires_at = NEVER_MS },
          { .number = 1, .kind = LOT_TOP_UP, .expires_at = NEVER_MS } },
        { "the older before the newer",
          { .number = 1, .kind = LOT_BONUS, .expires_at = 5 },
          { .number = 2, .kind = LOT_BONUS, .expires_at = 5 } },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lot both[2] = { cases[i].after, cases[i].before };

        ok(lot_order(&cases[i].before, &cases[i].after) < 0, "%s",
           cases[i].words);
        ok(lot_order(&cases[i].after, &cases[i].before) > 0,
           "%s, and not the reverse", cases[i].words);
        lot_sort(both, 2);
        is_int(both[0].number, cases[i].before.number, "%s when sorted",
               cases[i].words);
        is_int(lot_order(&both[0], &both[0]), 0,
               "%s: a lot is level with itself", cases[i].words);
    }
}

static void
check_texts(struct arena *arena)
{
    static const struct lot_change changes[] = {
        { 7, -20 }, { 9, 4 }, { 0, INT64_C(1000000000000000) }
    };
    static const char *const wrong[] = {
        "",          "[",
        "[]]",       "[] ",
        " []",       "[[1,2]",
        "[[1,2],]",  "[[1,2][3,4]]",
        "[[1]]",     "[[1,2,3]]",
        "[[01,2]]",  "[[1,+2]]",
        "[[1,2.0]]", "[[1,99999999999999999999]]",
        "[[1,]]",    "{}",
        "[[1,2]]x",  "[[1, 2]]",
        "[[-,2]]"
    };
    struct lot_change *read;

    is_text(lot_changes_text(arena, changes, 3),
            "[[7,-20],[9,4],[0,1000000000000000]]", "changes are written");
    is_int(lot_changes_read(arena, "[[7,-20],[9,4],[0,1000000000000000]]",
                            &read),
           3, "and read");
    ok(memcmp(read, changes, sizeof(changes)) == 0, "as they were");
    is_text(lot_changes_text(arena, NULL, 0), "[]", "nothing is an empty list");
    is_int(lot_changes_read(arena, "[]", &read), 0, "and back");
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        is_int(lot_changes_read(arena, wrong[i], &read), -1,
               "'%s' is no list of changes", wrong[i]);
    is_text(lot_kind_text(LOT_INCLUDED), "included", "included");
    is_text(lot_kind_text(LOT_BONUS), "bonus", "bonus");
    is_text(lot_kind_text(LOT_TOP_UP), "top_up", "top_up");
}

int
main(void)
{
    struct arena arena;
    struct lot lot = { .remaining = 10, .reserved = 4 };

    arena_init(&arena, 4096, 1 << 20);
    is_int(lot_free(&lot), 6, "free is what remains and is not reserved");
    check_order();
    check_texts(&arena);
    arena_free(&arena);
    return done();
}
