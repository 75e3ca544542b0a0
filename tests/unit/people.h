/*
 * A site in a temporary home for C tests: three Spaces, some members and
 * keys. Who is who:
 *
 *     Space demo   on the paid plan: owner, admin, viewer (member)
 *     Space free   on the unpaid plan: poor (owner), and owner as a member
 *     Space other  on the paid plan: stranger (owner)
 */
#ifndef SCRIP_TEST_PEOPLE_H
#define SCRIP_TEST_PEOPLE_H

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "account.h"
#include "clock.h"
#include "config.h"
#include "ledger_sql.h"
#include "limits.h"
#include "session.h"
#include "sign.h"
#include "site_clock.h"
#include "tap.h"

extern char **environ;

struct people {
    char home[64];
    char port[32];
    struct arena arena;
    struct config config;
    struct db *db;
    int64_t now; /* when it was made */
    struct space demo, free, other;
    struct member owner, admin, viewer, poor, stranger;
    const char *key_all;   /* all Spaces, every scope */
    const char *key_meter; /* all Spaces, scope meter */
    const char *key_demo;  /* Space demo, scope read */
};

static struct people people;

/* Stops the test: without its world it would say nothing. */
#define people_need(so)                                               \
    do {                                                              \
        if (!(so)) {                                                  \
            printf("Bail out! %s:%d: %s\n", __FILE__, __LINE__, #so); \
            exit(1);                                                  \
        }                                                             \
    } while (0)

static inline void
people_environment(void)
{
    static char *variables[3];

    variables[0] = people.home;
    variables[1] = people.port;
    environ = variables;
}

static inline void
people_add_space(struct space *space, const char *slug, const char *plan)
{
    const char *why = NULL;

    *space = (struct space){
        .slug = slug, .name = slug, .plan = plan, .time_zone = "Europe/London"
    };
    people_need(space_add(people.db, &people.arena, space, people.now, &why) ==
                SPACE_OK);
}

static inline void
people_add_member(struct member *member, const char *email,
                  const struct space *space, enum member_role role)
{
    const char *why = NULL;

    *member = (struct member){ .email = email, .name = email };
    people_need(member_add(people.db, &people.arena, member, space, role,
                           people.now, &why) == MEMBER_OK);
}

static inline const char *
people_add_key(const char *name, int64_t space, unsigned scopes)
{
    struct key key = { .name = name, .space = space, .scopes = scopes };
    const char *secret = NULL;

    people_need(key_add(people.db, &people.arena, &key, people.now, &secret) ==
                KEY_OK);
    return secret;
}

static inline void
people_add_all(void)
{
    static const struct plan starter = { .id = "starter",
                                         .name = "Starter",
                                         .currency = "GBP",
                                         .interval = "month",
                                         .rate = 100 };
    static const struct plan creator = { .id = "creator",
                                         .name = "Creator",
                                         .paid = true,
                                         .amount = 1900,
                                         .currency = "GBP",
                                         .interval = "month",
                                         .included = 500,
                                         .rate = 120 };
    const char *why = NULL;

    people_need(plan_set(people.db, &people.arena, &starter, &why) == PLAN_OK);
    people_need(plan_set(people.db, &people.arena, &creator, &why) == PLAN_OK);
    people_add_space(&people.demo, "demo", "creator");
    people_add_space(&people.free, "free", NULL);
    people_add_space(&people.other, "other", "creator");
    people_add_member(&people.owner, "owner@demo.test", &people.demo,
                      ROLE_OWNER);
    people_add_member(&people.owner, "owner@demo.test", &people.free,
                      ROLE_MEMBER);
    people_add_member(&people.admin, "admin@demo.test", &people.demo,
                      ROLE_ADMIN);
    people_add_member(&people.viewer, "viewer@demo.test", &people.demo,
                      ROLE_MEMBER);
    people_add_member(&people.poor, "owner@free.test", &people.free,
                      ROLE_OWNER);
    people_add_member(&people.stranger, "owner@other.test", &people.other,
                      ROLE_OWNER);
    people.key_all = people_add_key("all", 0, 15);
    people.key_meter = people_add_key("meter", 0, SCOPE_METER);
    people.key_demo = people_add_key("demo", people.demo.number, SCOPE_READ);
}

/* The home with its secrets and database, and the settings read. */
static inline void
people_begin(void)
{
    const char *why = NULL;

    arena_init(&people.arena, 64 * 1024, LIMIT_ARENA);
    snprintf(people.home, sizeof(people.home),
             "SCRIP_HOME=/tmp/scrip-test-XXXXXX");
    snprintf(people.port, sizeof(people.port), "SCRIP_PORT=8080");
    people_need(mkdtemp(people.home + strlen("SCRIP_HOME=")) != NULL);
    people_environment();
    people_need(config_make_home(&people.arena, &why));
    people_need(config_load(&people.config, &people.arena, &why));
    people.now = clock_system_ms();
    people.db =
        db_open(people.config.database, &ledger_set, true, &people.arena, &why);
    people_need(people.db != NULL && db_migrate(people.db));
    people_need(db_begin(people.db));
    people_add_all();
    people_need(db_commit(people.db));
}

static inline const char *
people_session(const struct member *member)
{
    const char *token = NULL;

    people_need(db_begin(people.db));
    people_need(session_start(people.db, &people.arena, member->number, NULL,
                              clock_system_ms(), &token) == SESSION_OK);
    people_need(db_commit(people.db));
    return token;
}

/* A home has files only, while nobody else works in it. */
static inline void
people_remove(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    people_need(folder != NULL);
    while ((entry = readdir(folder)) != NULL)
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    people_need(rmdir(path) == 0);
}

static inline void
people_end(void)
{
    db_close(people.db);
    people_remove(people.config.home);
    arena_free(&people.arena);
}

#endif
