/*
 * The first start: the home with its secrets, the database, what is offered
 * from the beginning, and in the sandbox the demo. All of it may be run
 * again and again: what is there stays as it is.
 */
#include "clock.h"
#include "command.h"
#include "grant.h"
#include "key.h"
#include "ledger_sql.h"
#include "member.h"
#include "price.h"
#include "secret.h"
#include "site_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *const demo_password = "demo-password";

/* --- Offers. -------------------------------------------------------------- */

static bool
make_offers(struct command *command)
{
    static const struct plan plans[] = {
        { "starter", "Starter", false, 0, "GBP", "month", 0, false, 120 },
        { "creator", "Creator", true, 1900, "GBP", "month", 500, false, 120 },
        { "studio", "Studio", true, 4900, "GBP", "month", 2000, true, 150 },
    };
    static const struct tier tiers[] = {
        { "gbp25", 2500, "GBP", 0 },
        { "gbp50", 5000, "GBP", 0 },
        { "gbp100", 10000, "GBP", 0 },
    };
    const char *why;

    for (size_t i = 0; i < COUNT_OF(plans); i++)
        if (plan_set(command->db, command->arena, &plans[i], &why) != PLAN_OK)
            return false;
    for (size_t i = 0; i < COUNT_OF(tiers); i++)
        if (tier_set(command->db, command->arena, &tiers[i], &why) != PLAN_OK)
            return false;
    return true;
}

/* --- The demo. ------------------------------------------------------------ */

static bool
add_member(struct command *command, const struct space *space,
           const char *email, const char *name, enum member_role role)
{
    char *hash = arena_alloc(command->arena, SECRET_HASH_SIZE);
    struct member member = { .email = email,
                             .name = name,
                             .password_hash = hash };
    const char *why;

    return secret_hash(hash, demo_password) &&
           member_add(command->db, command->arena, &member, space, role,
                      command->now, &why) == MEMBER_OK;
}

/* This calendar month's included credits, in the Space's time zone. */
static bool
allocate_month(struct command *command, const struct space *space,
               int64_t credits)
{
    const struct zone *zone = zone_find(space->time_zone);
    struct civil today = clock_civil(zone_day(zone, command->now));
    struct civil first = { today.year, today.month, 1 };
    int64_t start = zone_day_start_ms(zone, clock_days(first));
    const struct grant grant = {
        .kind = GRANT_INCLUDED,
        .credits = credits,
        .period_start = start,
        .expires_at = zone_add_months_ms(zone, start, 1),
        .reason = "This month's included credits",
    };
    struct event event;
    const char *why;

    return db_run(command->db, command->arena, NULL, Q_SPACE_SET_PERIOD,
                  INT(space->number), INT(start),
                  INT(grant.expires_at)) == DB_OK &&
           grant_credits(command->db, command->arena, space, &grant,
                         command->now, &event, &why) == GRANT_OK;
}

/* False: *why says which value, or is NULL and the database has failed. */
static bool
make_demo(struct command *command, const char **secret, const char **why)
{
    struct space demo = { .slug = "demo",
                          .name = "Demo Studio",
                          .plan = "creator",
                          .currency = "GBP",
                          .time_zone = "Europe/London" };
    struct space unpaid = { .slug = "free",
                            .name = "Free Space",
                            .plan = "starter",
                            .currency = "GBP",
                            .time_zone = "Europe/London" };
    struct key key = { .name = "demo",
                       .scopes = SCOPE_METER | SCOPE_GRANT | SCOPE_PROVISION |
                                 SCOPE_READ };

    *why = NULL;
    return space_add(command->db, command->arena, &demo, command->now, why) ==
               SPACE_OK &&
           space_add(command->db, command->arena, &unpaid, command->now, why) ==
               SPACE_OK &&
           add_member(command, &demo, "owner@demo.test", "Olivia Owner",
                      ROLE_OWNER) &&
           add_member(command, &demo, "viewer@demo.test", "Victor Viewer",
                      ROLE_MEMBER) &&
           add_member(command, &unpaid, "owner@free.test", "Frida Free",
                      ROLE_OWNER) &&
           allocate_month(command, &demo, 500) &&
           key_add(command->db, command->arena, &key, command->now, secret) ==
               KEY_OK;
}

/* Written to a temporary name, synced, renamed: whole or not there. */
static bool
write_key(struct command *command, const char *secret)
{
    const char *path =
        arena_format(command->arena, "%s/demo.key", command->config->home);
    const char *part = arena_format(command->arena, "%s.part", path);
    const char *line = arena_format(command->arena, "%s\n", secret);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool written;

    if (fd < 0)
        return false;
    written = write(fd, line, strlen(line)) == (ssize_t)strlen(line) &&
              fsync(fd) == 0;
    written = close(fd) == 0 && written;
    return written && rename(part, path) == 0;
}

/* --- init ----------------------------------------------------------------- */

/* The price book that a site starts with. A database from before there were
 * any gets it, too. */
static bool
make_prices(struct command *command)
{
    struct rows books;
    int64_t version;
    const char *why;

    if (db_run(command->db, command->arena, &books, Q_PRICE_BOOK_LAST, NONE) !=
        DB_OK)
        return false;
    if (rows_int(&books, 0, 0) > 0)
        return true;
    return price_import(command->db, command->arena, price_first_book(),
                        command->now, command->now, &version, &why) == PRICE_OK;
}

/* The key's file is written before the commit: a key without its file would
 * be lost, a file without its key is written again. */
static int
make_all(struct command *command)
{
    const char *secret, *why;

    if (!make_offers(command))
        return command_broken(command);
    if (command->config->sandbox && !make_demo(command, &secret, &why))
        return why == NULL ? command_broken(command)
                           : command_fail(command, COMMAND_FAILED,
                                          "the demo cannot be made: %s", why);
    if (command->config->sandbox && !write_key(command, secret))
        return command_fail(command, COMMAND_FAILED,
                            "the demo's key cannot be written: %s",
                            strerror(errno));
    return COMMAND_OK;
}

/* An empty site may have begun in the past (0: it has not): the clock of the
 * business stands there then. */
static bool
begin_at(struct command *command, int64_t began)
{
    if (began == 0)
        return true;
    command->now = began;
    return site_clock_set(command->db, command->arena,
                          began - clock_system_ms());
}

/* Fills what is empty; several at once are kept apart by the turn, which the
 * one that fills it has for as long as passwords take to hash. */
static int
fill(struct command *command, int64_t began, bool *filled)
{
    struct rows plans;
    int code = COMMAND_OK;

    *filled = false;
    if (!db_begin_patiently(command->db) ||
        db_run(command->db, command->arena, &plans, Q_PLAN_ALL, NONE) != DB_OK)
        return command_broken(command);
    *filled = plans.n == 0;
    if ((*filled && !begin_at(command, began)) || !make_prices(command))
        return command_broken(command);
    if (*filled)
        code = make_all(command);
    if (code == COMMAND_OK && !db_commit(command->db))
        code = command_broken(command);
    return code;
}

static int
init_database(struct command *command, int64_t began)
{
    bool filled;
    int code;

    bool migrated = db_migrate(command->db);

    /* What is first to open a database reads all of its log. */
    db_set_checkpoint(command->db, 0);
    if (!migrated || !site_clock_now(command->db, command->arena,
                                     command->config->sandbox, &command->now))
        return command_broken(command);
    code = fill(command, began, &filled);
    if (code != COMMAND_OK)
        return code;
    command_say(command, "%s: schema %d%s", command->config->home,
                db_schema(command->db),
                filled && command->config->sandbox ? ", with the demo" : "");
    json_put_text(&command->out, "home", command->config->home);
    json_put_integer(&command->out, "schema", db_schema(command->db));
    json_put_text(&command->out, "provider",
                  command->config->sandbox ? "sandbox" : "stripe");
    json_put_boolean(&command->out, "filled", filled);
    return COMMAND_OK;
}

/* --began, or 0; false after a complaint. */
static bool
read_began(struct command *command, int64_t *began)
{
    const char *text = command_option(command, "began");

    *began = 0;
    if (text == NULL)
        return true;
    if (!command_time(command, "--began", text, began))
        return false;
    if (*began > 0 && *began <= clock_system_ms())
        return true;
    command_fail(command, COMMAND_USAGE, "--began is a time past");
    return false;
}

int
setup_init(struct command *command)
{
    static struct config config;
    const char *why = NULL;
    int64_t began;
    int code;

    if (!read_began(command, &began))
        return COMMAND_USAGE;
    if (!config_make_home(command->arena, &why) ||
        !config_load(&config, command->arena, &why))
        return command_fail(command, COMMAND_FAILED, "%s", why);
    if (began != 0 && !config.sandbox)
        return command_fail(command, COMMAND_USAGE,
                            "--began is for the sandbox alone");
    command->config = &config;
    command->db =
        db_open(config.database, &ledger_set, true, command->arena, &why);
    if (command->db == NULL)
        return command_fail(command, COMMAND_FAILED, "%s", why);
    code = init_database(command, began);
    db_rollback(command->db);
    db_close(command->db);
    return code;
}
