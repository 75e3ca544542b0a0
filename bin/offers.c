/*
 * What is offered, and by whom: plans, tiers and sellers. Orders that were
 * made keep the price they were made at, and receipts their seller.
 */
#include "command.h"
#include "limits.h"
#include "plan.h"
#include "seller.h"
#include "space.h"

static const char *
option_or(const struct command *command, const char *name,
          const char *otherwise)
{
    const char *value = command_option(command, name);

    return value == NULL ? otherwise : value;
}

/* Runs one write in its transaction and says what came of it. */
static int
finish(struct command *command, enum plan_result done, const char *why)
{
    if (done == PLAN_INVALID)
        return command_fail(command, COMMAND_USAGE, "%s", why);
    if (done != PLAN_OK || !db_commit(command->db))
        return command_broken(command);
    return COMMAND_OK;
}

static bool
read_plan(struct command *command, struct plan *plan)
{
    *plan = (struct plan){
        .id = command->words[0],
        .name = command_option(command, "name"),
        .currency = option_or(command, "currency", "GBP"),
        .interval = option_or(command, "interval", "month"),
    };
    return command_yes(command, "--paid", command_option(command, "paid"),
                       &plan->paid) &&
           command_yes(command, "--rollover",
                       option_or(command, "rollover", "no"), &plan->rollover) &&
           command_integer(command, "--amount",
                           command_option(command, "amount"), 0, LIMIT_INTEGER,
                           &plan->amount) &&
           command_integer(command, "--rate", command_option(command, "rate"),
                           1, LIMIT_INTEGER, &plan->rate) &&
           command_integer(command, "--included",
                           command_option(command, "included"), 0,
                           LIMIT_CREDITS, &plan->included);
}

int
offers_plan_set(struct command *command)
{
    struct plan plan;
    enum plan_result done;
    const char *why = "";
    int code;

    if (!read_plan(command, &plan))
        return COMMAND_USAGE;
    if (!db_begin(command->db))
        return command_broken(command);
    done = plan_set(command->db, command->arena, &plan, &why);
    code = finish(command, done, why);
    if (code != COMMAND_OK)
        return code;
    command_say(command, "Plan %s is set.", plan.id);
    json_put_text(&command->out, "plan", plan.id);
    return COMMAND_OK;
}

int
offers_tier_set(struct command *command)
{
    struct tier tier = { .id = command->words[0],
                         .currency = option_or(command, "currency", "GBP") };
    enum plan_result done;
    const char *why = "";
    int code;

    if (!command_integer(command, "--amount", command_option(command, "amount"),
                         1, LIMIT_INTEGER, &tier.amount) ||
        !command_integer(command, "--bonus", option_or(command, "bonus", "0"),
                         0, LIMIT_CREDITS, &tier.bonus))
        return COMMAND_USAGE;
    if (!db_begin(command->db))
        return command_broken(command);
    done = tier_set(command->db, command->arena, &tier, &why);
    code = finish(command, done, why);
    if (code != COMMAND_OK)
        return code;
    command_say(command, "Tier %s is set.", tier.id);
    json_put_text(&command->out, "tier", tier.id);
    return COMMAND_OK;
}

static bool
read_seller(struct command *command, struct seller *seller)
{
    const char *rate = command_option(command, "vat-rate");

    *seller =
        (struct seller){ .name = command_option(command, "name"),
                         .address = command_option(command, "address"),
                         .vat_number = command_option(command, "vat-number"),
                         .vat_rate = SELLER_NO_VAT };
    if (rate == NULL || seller_rate_of(rate, &seller->vat_rate))
        return true;
    command_fail(command, COMMAND_USAGE,
                 "--vat-rate is per cent, such as 20 or 17.5, not '%s'", rate);
    return false;
}

int
offers_seller_set(struct command *command)
{
    const char *slug = command_option(command, "space");
    bool all = command_option(command, "all") != NULL;
    struct space space = { .number = 0 };
    struct seller seller;
    const char *why = "";

    if ((slug != NULL) == all)
        return command_fail(command, COMMAND_USAGE,
                            "one of --space SLUG and --all is needed");
    if (!read_seller(command, &seller))
        return COMMAND_USAGE;
    if (!db_begin(command->db))
        return command_broken(command);
    if (slug != NULL && !command_space(command, slug, &space))
        return COMMAND_FAILED;
    switch (seller_set(command->db, command->arena, space.number, &seller,
                       command->now, &why)) {
    case SELLER_OK: break;
    case SELLER_INVALID: return command_fail(command, COMMAND_USAGE, "%s", why);
    case SELLER_BROKEN: return command_broken(command);
    }
    if (!db_commit(command->db))
        return command_broken(command);
    command_say(command, "%s sells to %s from now on.", seller.name,
                slug == NULL ? "all Spaces that have no seller of their own"
                             : slug);
    json_put_text(&command->out, "seller", seller.name);
    return COMMAND_OK;
}
