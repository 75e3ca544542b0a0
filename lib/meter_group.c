/*
 * The wallets of a transaction: see meter_group.h.
 */
#include "meter_group.h"

static void
begin(void *shared, struct db *db, struct arena *arena)
{
    struct meter_group *group = shared;

    group->db = db;
    group->arena = arena;
}

static bool
save(void *shared)
{
    struct meter_group *group = shared;

    for (struct meter_space *at = group->spaces; at != NULL; at = at->next)
        if (ledger_save(group->db, group->arena, &at->wallet) != LEDGER_OK)
            return false;
    return true;
}

const struct group meter_group = { .size = sizeof(struct meter_group),
                                   .begin = begin,
                                   .save = save };

/* A Space outlives the request that named it. */
static void
keep_space(struct arena *arena, struct space *kept, const struct space *space)
{
    *kept = *space;
    kept->slug = arena_text(arena, space->slug);
    kept->name = arena_text(arena, space->name);
    kept->currency = arena_text(arena, space->currency);
    kept->time_zone = arena_text(arena, space->time_zone);
    kept->plan = arena_text(arena, space->plan);
}

struct meter_space *
meter_space(struct req *req, const struct space *space)
{
    struct meter_group *group = req->shared;
    struct meter_space *made;

    for (struct meter_space *at = group->spaces; at != NULL; at = at->next)
        if (at->space.number == space->number)
            return at;
    if (group->clock_ms == 0)
        group->clock_ms = req->now;
    made = arena_alloc(group->arena, sizeof(*made));
    keep_space(group->arena, &made->space, space);
    if (ledger_lock(group->db, group->arena, &made->space, group->clock_ms,
                    &made->wallet, &made->now) != LEDGER_OK)
        return NULL;
    made->next = group->spaces;
    group->spaces = made;
    return made;
}

enum price_result
meter_book(struct req *req, int64_t at, const struct price_book **book)
{
    struct meter_group *group = req->shared;

    if (group->book == NULL || group->book_at != at) {
        struct price_book *made = arena_alloc(group->arena, sizeof(*made));
        enum price_result found =
            price_book_at(group->db, group->arena, at, made);

        if (found != PRICE_OK)
            return found;
        group->book = made;
        group->book_at = at;
    }
    *book = group->book;
    return PRICE_OK;
}
