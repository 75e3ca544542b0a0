/*
 * Credits that an operator moves: grants, and what becomes of an order under
 * review.
 */
#include "clock.h"
#include "command.h"
#include "event.h"
#include "grant.h"
#include "limits.h"
#include "order.h"
#include "text.h"
#include "words.h"

static bool
read_kind(struct command *command, enum grant_kind *kind)
{
    const char *text = command_option(command, "kind");

    for (int i = GRANT_BONUS; i <= GRANT_ADJUSTMENT; i++)
        if (strcmp(text, grant_kind_text((enum grant_kind)i)) == 0) {
            *kind = (enum grant_kind)i;
            return true;
        }
    command_fail(command, COMMAND_USAGE,
                 "--kind is bonus, included_allocation or adjustment, not "
                 "'%s'",
                 text);
    return false;
}

static bool
read_grant(struct command *command, struct grant *grant)
{
    const char *expires = command_option(command, "expires");
    const char *period = command_option(command, "period");

    *grant = (struct grant){ .expires_at = NEVER_MS,
                             .reason = command_option(command, "reason") };
    if (!read_kind(command, &grant->kind) ||
        !command_integer(command, "CREDITS", command->words[1], -LIMIT_CREDITS,
                         LIMIT_CREDITS, &grant->credits))
        return false;
    if (!text_fits(grant->reason, strlen(grant->reason), 1, LIMIT_TEXT)) {
        command_fail(command, COMMAND_USAGE, "--reason is 1 to %d characters",
                     LIMIT_TEXT);
        return false;
    }
    if (expires != NULL &&
        !command_time(command, "--expires", expires, &grant->expires_at))
        return false;
    if ((period != NULL) != (grant->kind == GRANT_INCLUDED)) {
        command_fail(command, COMMAND_USAGE,
                     "--period, the start of the period, goes with "
                     "included_allocation");
        return false;
    }
    return period == NULL ||
           command_time(command, "--period", period, &grant->period_start);
}

static int
say_granted(struct command *command, const struct space *space,
            const struct event *event, bool repeated)
{
    char id[ID_SIZE];

    event_id(id, space->number, event);
    if (event->seq == 0)
        command_say(command, "That period has ended: recorded, with no "
                             "credits.");
    else
        command_say(command, "%s: %s%s, balance %lld", id,
                    words_credits(command->arena, event->credits),
                    repeated ? " (granted before)" : "",
                    (long long)event->balance_after);
    json_put_text(&command->out, "event", event->seq == 0 ? NULL : id);
    json_put_integer(&command->out, "credits", event->credits);
    json_put_integer(&command->out, "balance_after", event->balance_after);
    json_put_boolean(&command->out, "repeated", repeated);
    return COMMAND_OK;
}

int
credits_grant(struct command *command)
{
    struct grant grant;
    struct space space;
    struct event event;
    const char *why = "";
    enum grant_result done;

    if (!read_grant(command, &grant))
        return COMMAND_USAGE;
    if (!db_begin(command->db))
        return command_broken(command);
    if (!command_space(command, command->words[0], &space))
        return COMMAND_FAILED;
    done = grant_credits(command->db, command->arena, &space, &grant,
                         command->now, &event, &why);
    switch (done) {
    case GRANT_OK:
    case GRANT_REPEATED: break;
    case GRANT_PERIOD_TAKEN:
        return command_fail(command, COMMAND_FAILED,
                            "that period was allocated other credits");
    case GRANT_INVALID: return command_fail(command, COMMAND_USAGE, "%s", why);
    case GRANT_INSUFFICIENT:
        return command_fail(command, COMMAND_FAILED,
                            "less than that is available");
    case GRANT_LIMIT:
        return command_fail(command, COMMAND_FAILED,
                            "the balance would pass its limit");
    case GRANT_BROKEN: return command_broken(command);
    }
    if (!db_commit(command->db))
        return command_broken(command);
    return say_granted(command, &space, &event, done == GRANT_REPEATED);
}

int
credits_order_resolve(struct command *command)
{
    const char *decision = command->words[1];
    bool credit = strcmp(decision, "credit") == 0;
    struct order order;
    struct space space;
    enum order_result done;

    if (!credit && strcmp(decision, "dismiss") != 0)
        return command_fail(command, COMMAND_USAGE,
                            "an order is resolved by credit or dismiss, not "
                            "'%s'",
                            decision);
    if (!db_begin(command->db))
        return command_broken(command);
    done =
        order_by_id(command->db, command->arena, 0, command->words[0], &order);
    if (done == ORDER_UNKNOWN)
        return command_fail(command, COMMAND_FAILED, "there is no order '%s'",
                            command->words[0]);
    if (done != ORDER_OK || space_by_number(command->db, command->arena,
                                            order.space, &space) != SPACE_OK)
        return command_broken(command);
    done = order_resolve(command->db, command->arena, &space, &order, credit,
                         command->now);
    if (done == ORDER_NOT_OPEN)
        return command_fail(command, COMMAND_FAILED,
                            "order %s is %s, not under review", order.id,
                            order_status_text(order.status));
    if (done == ORDER_LIMIT)
        return command_fail(command, COMMAND_FAILED,
                            "the balance would pass its limit");
    if (done != ORDER_OK || !db_commit(command->db))
        return command_broken(command);
    command_say(command, "Order %s is %s.", order.id,
                credit ? "credited" : "dismissed");
    json_put_text(&command->out, "order", order.id);
    json_put_text(&command->out, "status", credit ? "paid" : "failed");
    return COMMAND_OK;
}
