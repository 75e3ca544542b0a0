/*
 * Promo and gift codes: made here, claimed on the Credits page.
 */
#include "promo.h"
#include "clock.h"
#include "command.h"
#include "limits.h"
#include "words.h"

/* A number that may be left out. */
static bool
read_number(struct command *command, const char *name, int64_t low,
            int64_t high, int64_t otherwise, int64_t *value)
{
    const char *text = command_option(command, name);

    *value = otherwise;
    return text == NULL ||
           command_integer(command, arena_format(command->arena, "--%s", name),
                           text, low, high, value);
}

static bool
read_end(struct command *command, const char *name, int64_t *value)
{
    const char *text = command_option(command, name);

    *value = NEVER_MS;
    return text == NULL ||
           command_time(command, arena_format(command->arena, "--%s", name),
                        text, value);
}

static bool
read_promo(struct command *command, struct promo *promo)
{
    *promo = (struct promo){ .shown = command->words[0] };
    return read_number(command, "credits", 1, LIMIT_CREDITS, 0,
                       &promo->credits) &&
           read_number(command, "uses", 1, LIMIT_INTEGER, 1, &promo->uses) &&
           read_number(command, "lot-days", 1, LIMIT_INTEGER, 0,
                       &promo->lot_days) &&
           read_end(command, "ends", &promo->ends_at) &&
           read_end(command, "lot-expires", &promo->lot_expires_at);
}

static void
put_promo(struct command *command, const struct promo *promo)
{
    struct json_out *out = &command->out;

    json_put_text(out, "code", promo->shown);
    json_put_integer(out, "credits", promo->credits);
    json_put_integer(out, "uses", promo->uses);
    json_put_integer(out, "claimed", promo->claimed);
    json_put_time(out, "ends_at", promo->ends_at);
    json_put_time(out, "lot_expires_at", promo->lot_expires_at);
    if (promo->lot_days == 0)
        json_put_null(out, "lot_days");
    else
        json_put_integer(out, "lot_days", promo->lot_days);
    json_put_time(out, "created_at", promo->created_at);
}

int
promo_verb_add(struct command *command)
{
    struct promo promo;
    const char *why = "";

    if (!read_promo(command, &promo))
        return COMMAND_USAGE;
    if (!db_begin(command->db))
        return command_broken(command);
    switch (
        promo_add(command->db, command->arena, command->now, &promo, &why)) {
    case PROMO_OK: break;
    case PROMO_INVALID: return command_fail(command, COMMAND_USAGE, "%s", why);
    case PROMO_TAKEN:
        return command_fail(command, COMMAND_FAILED,
                            "there is a code '%s' already", promo.shown);
    default: return command_broken(command);
    }
    if (!db_commit(command->db))
        return command_broken(command);
    command_say(command, "Code %s: %s, %lld time%s.", promo.shown,
                words_credits(command->arena, promo.credits),
                (long long)promo.uses, promo.uses == 1 ? "" : "s");
    put_promo(command, &promo);
    return COMMAND_OK;
}

static const char *
end_words(const struct command *command, int64_t at)
{
    char text[CLOCK_TEXT_SIZE];

    if (at == NEVER_MS)
        return "no end";
    clock_format(text, at);
    return arena_format(command->arena, "%s %s",
                        at <= command->now ? "ended" : "ends", text);
}

int
promo_verb_list(struct command *command)
{
    int64_t limit, before;
    struct promo *promos;
    int count;

    if (!read_number(command, "limit", 1, 1000, LIMIT_PAGE, &limit) ||
        !read_number(command, "before", 1, LIMIT_INTEGER, 0, &before))
        return COMMAND_USAGE;
    if (promo_list(command->db, command->arena, before, (int)limit, &promos,
                   &count) != PROMO_OK)
        return command_broken(command);
    json_open_array(&command->out, "codes");
    for (int i = 0; i < count; i++) {
        const struct promo *promo = &promos[i];

        command_say(command, "%-24s %s, used %lld of %lld, %s", promo->shown,
                    words_credits(command->arena, promo->credits),
                    (long long)promo->claimed, (long long)promo->uses,
                    end_words(command, promo->ends_at));
        json_open_object(&command->out, NULL);
        put_promo(command, promo);
        json_close_object(&command->out);
    }
    json_close_array(&command->out);
    if (count < limit)
        json_put_null(&command->out, "next_before");
    else
        json_put_integer(&command->out, "next_before",
                         promos[count - 1].number);
    if (count == limit)
        command_say(command, "Older ones: --before %lld",
                    (long long)promos[count - 1].number);
    return COMMAND_OK;
}
