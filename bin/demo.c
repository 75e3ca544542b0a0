/*
 * The demo's past, so that every part of the pages has something to show:
 * from where the sandbox's clock stands to now, everything that happened is
 * done over the running site's own API, each thing at its time. A demo Space
 * that anybody has used already is left alone.
 */
#include "demo.h"

#include "clock.h"
#include "limits.h"

/* Whether there is a past to live through, in a Space that nobody has used:
 * its first allocation is its only event. */
static bool
fits(struct demo *demo, int64_t days, bool *fit)
{
    const struct json *balance;

    *fit = false;
    if (days < 1) {
        command_say(demo->command, "The clock is not behind: there is no past "
                                   "to live through.");
        return true;
    }
    balance = demo_call(demo, false, "GET", DEMO_SPACE "/balance");
    if (balance == NULL)
        return false;
    *fit = json_integer_at(balance, "seq", 0) == 1;
    if (!*fit)
        command_say(demo->command, "The demo Space has been used: it is left "
                                   "as it is.");
    return true;
}

/* One top-up after another until there is enough for what comes. */
static bool
provide(struct demo *demo, int64_t reserve)
{
    static const char *const tiers[] = { "gbp25", "gbp50", "gbp25" };
    static size_t next;

    while (demo->available < reserve)
        if (!demo_buy(demo, tiers[next++ % COUNT_OF(tiers)]))
            return false;
    return true;
}

static bool
live_through(struct demo *demo, int64_t from, int64_t to)
{
    int count;
    struct demo_moment *moments =
        demo_story(demo->command->arena, demo->zone, from, to, &count);

    for (int i = 0; i < count; i++) {
        if (!demo_clock(demo, moments[i].at) ||
            !provide(demo, moments[i].reserve) ||
            !moments[i].happen(demo, &moments[i]))
            return false;
        command_progress(demo->command, "moments of the demo", i + 1, count);
    }
    return demo_clock(demo, 0);
}

int
demo_verb(struct command *command)
{
    int64_t now = clock_system_ms();
    int64_t days = (now - command->now) / DAY_MS;
    struct demo demo = {
        .command = command,
        .site = arena_format(command->arena, "http://127.0.0.1:%d",
                             command->config->port),
        .zone = zone_find("Europe/London"),
    };
    bool fit;

    if (!command->config->sandbox)
        return command_fail(command, COMMAND_FAILED,
                            "only the sandbox has a demo");
    if (demo.zone == NULL)
        return command_fail(command, COMMAND_FAILED, "no time zones are there");
    if (!demo_sign_in(&demo) || !fits(&demo, days, &fit) ||
        (fit && !live_through(&demo, command->now, now)))
        return COMMAND_FAILED;
    if (fit)
        command_say(command, "The demo has lived through %lld days.",
                    (long long)days);
    json_put_integer(&command->out, "days", fit ? days : 0);
    json_put_integer(&command->out, "calls", fit ? demo.calls : 0);
    return COMMAND_OK;
}
