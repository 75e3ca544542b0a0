/*
 * The clock of the business, which the sandbox may move: it runs on from
 * where it was put. Sessions, rate limits, signatures and time-outs keep the
 * system's.
 */
#include "command.h"

#include "clock.h"
#include "ledger_sql.h"
#include "limits.h"
#include "net.h"
#include "site_clock.h"
#include "text.h"

/* "90s", "61m", "2h", "31d" in milliseconds; false for other text. */
static bool
read_duration(const char *text, int64_t *ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {
        { 's', SECOND_MS },
        { 'm', MINUTE_MS },
        { 'h', HOUR_MS },
        { 'd', DAY_MS },
    };
    enum { DAYS_MAX = 36500 };
    size_t length = strlen(text);
    char digits[16];
    int64_t count;

    if (length < 2 || length > sizeof(digits))
        return false;
    memcpy(digits, text, length - 1);
    digits[length - 1] = '\0';
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (text[length - 1] == units[i].unit &&
            text_int(digits, 0, DAYS_MAX * DAY_MS / units[i].ms, &count)) {
            *ms = count * units[i].ms;
            return true;
        }
    return false;
}

/* The time that is asked for; false after a complaint. */
static bool
read_target(struct command *command, int64_t *target)
{
    const char *what = command->words[0], *amount = command->words[1];
    int64_t ms;

    if (strcmp(what, "reset") == 0 && amount == NULL) {
        *target = clock_system_ms();
        return true;
    }
    if (strcmp(what, "set") == 0 && amount != NULL)
        return command_time(command, "TIME", amount, target);
    if (strcmp(what, "advance") == 0 && amount != NULL &&
        read_duration(amount, &ms)) {
        *target = command->now + ms;
        return true;
    }
    command_fail(command, COMMAND_USAGE,
                 "usage: scrip clock set TIME | advance 90s|61m|2h|31d | "
                 "reset");
    return false;
}

/* Events are never dated before the ones that there are, so a clock behind
 * the last of them stands still for its Space. */
static bool
fits_events(struct command *command, int64_t target)
{
    struct rows rows;
    char text[CLOCK_TEXT_SIZE];

    if (db_run(command->db, command->arena, &rows, Q_WALLET_LAST_EVENT, NONE) !=
        DB_OK) {
        command_broken(command);
        return false;
    }
    if (rows_int(&rows, 0, 0) <= target ||
        command_option(command, "force") != NULL)
        return true;
    clock_format(text, rows_int(&rows, 0, 0));
    command_fail(command, COMMAND_FAILED,
                 "the last event is of %s; --force goes before it", text);
    return false;
}

/* The sandbox bills by this clock, and has a database of its own: it is told
 * through the door that it has for such things. */
bool
clock_tell(struct command *command, int64_t offset_ms)
{
    enum { TELL_MS = 10000, REPLY_MAX = 1024 * 1024 };
    const struct config *config = command->config;
    const char *body =
        arena_format(command->arena, "{\"clock_offset_ms\":%lld}",
                     (long long)offset_ms);
    const char *const headers[] = {
        "Content-Type: application/json",
        arena_format(command->arena, "Authorization: Bearer %s",
                     config->stripe_key),
        NULL,
    };
    struct net_call call = {
        .method = "POST",
        .url = arena_format(command->arena, "%s/control", config->stripe_base),
        .headers = headers,
        .body = body,
        .body_length = strlen(body),
        .timeout_ms = TELL_MS,
        .reply_max = REPLY_MAX,
    };
    struct net_reply reply;

    return net_call(command->arena, &call, &reply) == NET_OK &&
           reply.status == 200;
}

int
clock_verb(struct command *command)
{
    bool reset = strcmp(command->words[0], "reset") == 0;
    char text[CLOCK_TEXT_SIZE];
    int64_t target;
    bool told;

    if (!command->config->sandbox)
        return command_fail(command, COMMAND_FAILED,
                            "only the sandbox's clock can be moved");
    if (!read_target(command, &target))
        return COMMAND_USAGE;
    if (!db_begin(command->db))
        return command_broken(command);
    if (!fits_events(command, target))
        return COMMAND_FAILED;
    if (!site_clock_set(command->db, command->arena,
                        reset ? 0 : target - clock_system_ms()) ||
        !db_commit(command->db))
        return command_broken(command);
    told = clock_tell(command, reset ? 0 : target - clock_system_ms());
    clock_format(text, target);
    command_say(command, "It is %s now.", text);
    json_put_time(&command->out, "now", target);
    if (!told) {
        command_say(command, "The sandbox was not reached; `scrip tick` tells "
                             "it once it runs.");
        json_put_boolean(&command->out, "provider_told", false);
    }
    return COMMAND_OK;
}
