/*
 * The common part of all verbs: see command.h.
 */
#include "command.h"

#include "clock.h"
#include "space.h"
#include "text.h"

#include <stdarg.h>
#include <unistd.h>

const char *
command_option(const struct command *command, const char *name)
{
    for (int i = 0; i < COMMAND_OPTIONS_MAX; i++)
        if (command->options[i].name != NULL &&
            strcmp(command->options[i].name, name) == 0)
            return command->options[i].value;
    return NULL;
}

bool
command_integer(struct command *command, const char *name, const char *text,
                int64_t low, int64_t high, int64_t *value)
{
    if (text_int(text, low, high, value))
        return true;
    command_fail(command, COMMAND_USAGE,
                 "%s is a whole number from %lld to %lld, not '%s'", name,
                 (long long)low, (long long)high, text);
    return false;
}

bool
command_yes(struct command *command, const char *name, const char *text,
            bool *value)
{
    *value = strcmp(text, "yes") == 0;
    if (*value || strcmp(text, "no") == 0)
        return true;
    command_fail(command, COMMAND_USAGE, "%s is yes or no, not '%s'", name,
                 text);
    return false;
}

bool
command_time(struct command *command, const char *name, const char *text,
             int64_t *ms)
{
    if (clock_parse(text, ms))
        return true;
    command_fail(command, COMMAND_USAGE,
                 "%s is a time such as 2026-11-22T10:00:00Z, not '%s'", name,
                 text);
    return false;
}

bool
command_space(struct command *command, const char *slug, struct space *space)
{
    switch (space_find(command->db, command->arena, slug, space)) {
    case SPACE_OK: return true;
    case SPACE_UNKNOWN:
        command_fail(command, COMMAND_FAILED, "there is no Space '%s'", slug);
        return false;
    case SPACE_TAKEN:
    case SPACE_INVALID:
    case SPACE_FIXED:
    case SPACE_BROKEN: break;
    }
    command_broken(command);
    return false;
}

void
command_say(struct command *command, const char *format, ...)
{
    va_list args;

    if (command->json)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

int
command_fail(struct command *command, int code, const char *format, ...)
{
    char words[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    if (command->json) {
        buf_clear(&command->reply);
        json_begin(&command->out, &command->reply);
        json_open_object(&command->out, NULL);
        json_put_text(&command->out, "error", words);
    } else
        fprintf(stderr, "scrip: %s\n", words);
    return code;
}

int
command_broken(struct command *command)
{
    return command_fail(command, COMMAND_FAILED, "the database: %s",
                        command->db == NULL ? "it could not be opened"
                                            : db_why(command->db));
}

void
command_progress(struct command *command, const char *what, int64_t done,
                 int64_t all)
{
    if (!command->terminal)
        return;
    fprintf(stderr, "\r%s: %lld of %lld%s", what, (long long)done,
            (long long)all, done == all ? "\n" : "");
}
