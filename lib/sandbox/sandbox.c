/*
 * Starting and ending. Several processes start at once: migrating waits its
 * turn, and finds it done.
 */
#include "sandbox.h"

#include "box.h"
#include "limits.h"
#include "log.h"
#include "messenger.h"

#define ARENA_BLOCK ((size_t)16 * 1024)

static bool
migrate(const struct config *config)
{
    const char *why = NULL;
    struct arena arena;
    struct db *db;
    bool done;

    arena_init(&arena, ARENA_BLOCK, LIMIT_ARENA);
    db = db_open(arena_format(&arena, "sqlite:%s/sandbox.db", config->home),
                 &sandbox_set, true, &arena, &why);
    done = db != NULL && db_migrate(db);
    if (!done)
        log_error("no database for the sandbox: %s",
                  db == NULL ? why : db_why(db));
    db_close(db);
    arena_free(&arena);
    return done;
}

bool
sandbox_start(const struct config *config)
{
    if (!config->sandbox) {
        log_error("a provider's key is set (SCRIP_STRIPE_SECRET_KEY): the "
                  "sandbox does not start beside a real provider");
        return false;
    }
    if (config->webhook_secret[0] == NULL) {
        log_error("there is no webhook secret; `scrip init` makes one");
        return false;
    }
    return migrate(config) && messenger_start(config);
}

void
sandbox_stop(void)
{
    messenger_stop();
}
