/*
 * Who: Spaces, members and platform keys.
 */
#include "command.h"
#include "key.h"
#include "limits.h"
#include "member.h"
#include "secret.h"

#include <unistd.h>

int
people_space_add(struct command *command)
{
    const char *currency = command_option(command, "currency");
    const char *zone = command_option(command, "time-zone");
    struct space space = { .slug = command->words[0],
                           .name = command_option(command, "name"),
                           .plan = command_option(command, "plan"),
                           .currency = currency == NULL ? "GBP" : currency,
                           .time_zone = zone == NULL ? "Europe/London" : zone };
    const char *why = "";

    if (!db_begin(command->db))
        return command_broken(command);
    switch (
        space_add(command->db, command->arena, &space, command->now, &why)) {
    case SPACE_OK: break;
    case SPACE_TAKEN:
        return command_fail(command, COMMAND_FAILED,
                            "there is a Space '%s' already", space.slug);
    case SPACE_INVALID: return command_fail(command, COMMAND_USAGE, "%s", why);
    case SPACE_UNKNOWN:
    case SPACE_FIXED:
    case SPACE_BROKEN: return command_broken(command);
    }
    if (!db_commit(command->db))
        return command_broken(command);
    command_say(command, "Space %s is made: %s", space.slug, space.id);
    json_put_text(&command->out, "space", space.id);
    json_put_text(&command->out, "slug", space.slug);
    return COMMAND_OK;
}

/* The password, one line of standard input. NULL after a complaint; "" where
 * the input is empty. */
static const char *
read_password(struct command *command)
{
    char *line = arena_alloc(command->arena, SECRET_MAX + 3);
    size_t length;

    if (isatty(STDIN_FILENO) == 1)
        fputs("Password: ", stderr);
    if (fgets(line, SECRET_MAX + 3, stdin) == NULL)
        return "";
    length = strlen(line);
    if (length > 0 && line[length - 1] == '\n')
        line[--length] = '\0';
    if (length <= SECRET_MAX)
        return line;
    command_fail(command, COMMAND_USAGE, "the password is over %d bytes",
                 SECRET_MAX);
    return NULL;
}

static bool
hash_password(struct command *command, struct member *member)
{
    const char *password = read_password(command);
    char *hash;

    if (password == NULL)
        return false;
    if (*password == '\0')
        return true; /* one that is there keeps its own */
    if (strlen(password) < SECRET_MIN) {
        command_fail(command, COMMAND_USAGE,
                     "the password has at least %d characters", SECRET_MIN);
        return false;
    }
    hash = arena_alloc(command->arena, SECRET_HASH_SIZE);
    if (!secret_hash(hash, password)) {
        command_fail(command, COMMAND_FAILED,
                     "there is not the memory to hash a password");
        return false;
    }
    member->password_hash = hash;
    return true;
}

int
people_member_add(struct command *command)
{
    const char *role_text = command_option(command, "role");
    enum member_role role = member_role_of(role_text);
    struct member member = { .email = command->words[0],
                             .name = command_option(command, "name") };
    struct space space;
    const char *why = "";

    if (role == ROLE_NONE)
        return command_fail(command, COMMAND_USAGE,
                            "--role is owner, admin or member, not '%s'",
                            role_text);
    if (!hash_password(command, &member))
        return COMMAND_USAGE;
    if (!db_begin(command->db))
        return command_broken(command);
    if (!command_space(command, command_option(command, "space"), &space))
        return COMMAND_FAILED;
    switch (member_add(command->db, command->arena, &member, &space, role,
                       command->now, &why)) {
    case MEMBER_OK: break;
    case MEMBER_INVALID: return command_fail(command, COMMAND_USAGE, "%s", why);
    case MEMBER_UNKNOWN:
    case MEMBER_BROKEN: return command_broken(command);
    }
    if (!db_commit(command->db))
        return command_broken(command);
    command_say(command, "%s is %s of %s.", member.email, role_text,
                space.slug);
    json_put_text(&command->out, "member", member.id);
    json_put_text(&command->out, "email", member.email);
    json_put_text(&command->out, "role", role_text);
    return COMMAND_OK;
}

int
people_key_add(struct command *command)
{
    const char *slug = command_option(command, "space");
    bool all = command_option(command, "all") != NULL;
    struct key key = { .name = command_option(command, "name"),
                       .scopes =
                           key_scopes_of(command_option(command, "scope")) };
    struct space space;
    const char *secret;

    if ((slug != NULL) == all)
        return command_fail(command, COMMAND_USAGE,
                            "one of --space SLUG and --all is needed");
    if (key.scopes == 0)
        return command_fail(command, COMMAND_USAGE,
                            "--scope is a list of meter, grant, provision "
                            "and read, with commas between");
    if (!db_begin(command->db))
        return command_broken(command);
    if (slug != NULL) {
        if (!command_space(command, slug, &space))
            return COMMAND_FAILED;
        key.space = space.number;
    }
    switch (key_add(command->db, command->arena, &key, command->now, &secret)) {
    case KEY_OK: break;
    case KEY_INVALID:
        return command_fail(command, COMMAND_USAGE,
                            "the name is 1 to %d characters", LIMIT_TEXT);
    case KEY_UNKNOWN:
    case KEY_BROKEN: return command_broken(command);
    }
    if (!db_commit(command->db))
        return command_broken(command);
    command_say(command, "%s", secret);
    json_put_text(&command->out, "key", secret);
    return COMMAND_OK;
}
