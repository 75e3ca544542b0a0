/*
 * A ledger in a temporary folder for C tests, with Spaces on a paid plan in
 * London, and a clock that the test moves: `world.now`.
 */
#ifndef SCRIP_LEDGER_WORLD_H
#define SCRIP_LEDGER_WORLD_H

#include <dirent.h>
#include <unistd.h>

#include "db_inside.h"
#include "grant.h"
#include "hold.h"
#include "ledger.h"
#include "ledger_sql.h"
#include "price.h"
#include "refund.h"
#include "tap.h"

struct world {
    char folder[40];
    struct db *db;
    struct arena arena;
    struct space space, other;
    int64_t now;
    struct wallet wallet; /* of the transaction */
};

static struct world world;

/* Stops the test: without its world it would say nothing. */
#define NEED(so)                                                         \
    do {                                                                 \
        if (!(so)) {                                                     \
            printf("Bail out! %s:%d: %s: %s\n", __FILE__, __LINE__, #so, \
                   world.db == NULL ? "" : db_why(world.db));            \
            exit(1);                                                     \
        }                                                                \
    } while (0)

static inline struct db *
world_open(const char *folder)
{
    const char *why = NULL;
    struct db *db =
        db_open(arena_format(&world.arena, "sqlite:%s/scrip.db", folder),
                &ledger_set, true, &world.arena, &why);

    NEED(db != NULL);
    return db;
}

static inline void
world_space(struct space *space, const char *slug)
{
    const char *why = NULL;

    *space = (struct space){ .slug = slug,
                             .name = slug,
                             .currency = "GBP",
                             .time_zone = "Europe/London",
                             .plan = "creator" };
    NEED(space_add(world.db, &world.arena, space, world.now, &why) == SPACE_OK);
}

static inline void
world_begin(const char *start)
{
    static const struct plan plan = { .id = "creator",
                                      .name = "Creator",
                                      .paid = true,
                                      .amount = 1000,
                                      .currency = "GBP",
                                      .interval = "month",
                                      .included = 500,
                                      .rate = 120 };
    const char *why = NULL;
    int64_t version;

    arena_init(&world.arena, (size_t)1024 * 1024, (size_t)512 << 20);
    snprintf(world.folder, sizeof(world.folder), "/tmp/scrip-ledger-XXXXXX");
    NEED(mkdtemp(world.folder) != NULL);
    NEED(clock_parse(start, &world.now));
    world.db = world_open(world.folder);
    NEED(db_migrate(world.db));
    NEED(db_begin(world.db));
    NEED(plan_set(world.db, &world.arena, &plan, &why) == PLAN_OK);
    world_space(&world.space, "demo");
    world_space(&world.other, "other");
    NEED(price_import(world.db, &world.arena, price_first_book(), world.now,
                      world.now, &version, &why) == PRICE_OK);
    NEED(db_commit(world.db));
}

static inline void
world_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    NEED(dir != NULL);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            (void)unlink(
                arena_format(&world.arena, "%s/%s", folder, entry->d_name));
    closedir(dir);
    NEED(rmdir(folder) == 0);
}

static inline void
world_end(void)
{
    db_close(world.db);
    world_remove(world.folder);
    arena_free(&world.arena);
}

static inline void
world_lock(const struct space *space)
{
    int64_t now;

    NEED(db_begin(world.db));
    NEED(ledger_lock(world.db, &world.arena, space, world.now, &world.wallet,
                     &now) == LEDGER_OK);
    NEED(now == world.now);
}

static inline void
world_commit(void)
{
    NEED(ledger_save(world.db, &world.arena, &world.wallet) == LEDGER_OK);
    NEED(db_commit(world.db));
}

/* The Space as a reader sees it now. */
static inline void
world_look(const struct space *space)
{
    int64_t now;

    NEED(ledger_look(world.db, &world.arena, space, world.now, &world.wallet,
                     &now) == LEDGER_OK);
}

/* Bonus credits, ending then. */
static inline void
world_grant(const struct space *space, int64_t credits, int64_t expires_at)
{
    struct grant grant = { .kind = GRANT_BONUS,
                           .credits = credits,
                           .expires_at = expires_at,
                           .reason = "a test" };
    struct event event;
    const char *why = NULL;

    NEED(db_begin(world.db));
    NEED(grant_credits(world.db, &world.arena, space, &grant, world.now, &event,
                       &why) == GRANT_OK);
    NEED(db_commit(world.db));
}

/* Viewer-minutes at the first book's price. */
static inline struct hold_ask
world_viewing(int64_t minutes, int64_t lasts_ms)
{
    return (struct hold_ask){
        .charge = { .feature = "livestream_viewing",
                    .book = 1,
                    .price = 20,
                    .per = 1000 },
        .quantity = minutes,
        .lasts_ms = lasts_ms,
    };
}

/* Faults that verify finds; the first one's words. */
struct verdict {
    int64_t faults;
    const char *first;
};

static inline void
world_fault(void *context, const char *words)
{
    struct verdict *verdict = context;

    if (verdict->first == NULL)
        verdict->first = arena_text(&world.arena, words);
}

static inline struct verdict
world_verify(struct db *db)
{
    struct verdict verdict = { 0, NULL };

    NEED(ledger_verify(db, &world.arena, world_fault, NULL, &verdict,
                       &verdict.faults));
    return verdict;
}

#endif
