/*
 * The data's folder: settings, database, the command, and the owner. What is
 * there stays as it is.
 */
#include "install.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "files.h"
#include "mount.h"
#include "settings.h"
#include "text.h"

#define SAID_MAX 4096

static const char *
secret_setting(struct command *command, const char *key, const char *question)
{
    const char *set = getenv(key);

    return set != NULL && *set != '\0' ? set
                                       : install_answer(command, "", question);
}

/* "a key is set and scrip.conf has another": it would not be taken. */
static bool
key_agrees(const struct settings *conf, struct arena *arena, const char *key,
           const char **why)
{
    const char *set = getenv(key);
    const char *has = settings_value(conf, key);

    if (set == NULL || *set == '\0' || (has != NULL && strcmp(set, has) == 0))
        return true;
    *why = arena_format(arena,
                        "%s is not as in %s: what is there stays, so "
                        "change it there",
                        key, conf->path);
    return false;
}

bool
data_settings_agree(struct command *command, const struct place *place,
                    const char **why)
{
    struct arena *arena = command->arena;
    const char *base = command_option(command, "base-url");
    struct settings conf;
    struct url url;

    if (place->fresh)
        return true;
    if (!settings_read(&conf, arena,
                       arena_format(arena, "%s/scrip.conf", place->data), why))
        return false;
    if (base != NULL && (!url_parse(&url, arena, base) ||
                         strcmp(url.text, place->base.text) != 0)) {
        *why = arena_format(arena,
                            "its address is %s by %s: what is there "
                            "stays, so change it there",
                            place->base.text, conf.path);
        return false;
    }
    return key_agrees(&conf, arena, "SCRIP_STRIPE_SECRET_KEY", why) &&
           key_agrees(&conf, arena, "SCRIP_STRIPE_WEBHOOK_SECRET", why);
}

static bool
write_settings(struct command *command, struct place *place, const char **why)
{
    struct arena *arena = command->arena;
    const char *path = arena_format(arena, "%s/scrip.conf", place->data);
    const char *key = secret_setting(
        command, "SCRIP_STRIPE_SECRET_KEY",
        "The provider's secret key (nothing: the built-in sandbox)");
    const char *secret =
        *key == '\0' ? ""
                     : secret_setting(command, "SCRIP_STRIPE_WEBHOOK_SECRET",
                                      "The signing secret of its "
                                      "webhook");
    struct buf buf;

    if (!text_printable_ascii(key) || !text_printable_ascii(secret)) {
        *why = "a key of the provider is one line of visible characters";
        return false;
    }
    place->live = *key != '\0';
    buf_init(&buf, arena, 64 * 1024);
    buf_format(&buf,
               "# The settings of this site; see `scrip help`.\n"
               "SCRIP_BASE_URL=%s\n",
               place->base.text);
    if (place->live)
        buf_format(&buf,
                   "SCRIP_STRIPE_SECRET_KEY=%s\n"
                   "SCRIP_STRIPE_WEBHOOK_SECRET=%s\n",
                   key, secret);
    else
        buf_format(&buf, "SCRIP_STRIPE_API_BASE=%s/sandbox\n",
                   place->base.text);
    return files_write(arena, path, buf.bytes, buf.length, 0600, why);
}

/* What a child says, whole, without the name of the program. */
static const char *
heard(struct arena *arena, int fd)
{
    char *text = arena_alloc(arena, SAID_MAX + 1);
    size_t length = 0;
    ssize_t count;

    while ((count = read(fd, text + length, SAID_MAX - length)) > 0 ||
           (count < 0 && errno == EINTR))
        length += count > 0 ? (size_t)count : 0;
    while (length > 0 && text[length - 1] == '\n')
        length--;
    text[length] = '\0';
    return text_begins(text, "scrip: ") ? text + strlen("scrip: ") : text;
}

/* The command of this release: its exit code, or -1. What it complains of is
 * in *why where it asks nothing; one that asks has our terminal. */
static int
run_scrip(struct command *command, const struct place *place,
          const char *const *words, bool asks, const char **why)
{
    struct arena *arena = command->arena;
    char *home = arena_format(arena, "SCRIP_HOME=%s", place->data);
    char *const environment[] = { home, NULL };
    char *program = arena_format(arena, "%s/bin/scrip", place->data);
    char *arguments[16] = { program };
    posix_spawn_file_actions_t actions;
    int status = 0, count = 1, ends[2];
    pid_t child;

    for (; words[count - 1] != NULL; count++)
        arguments[count] = arena_text(arena, words[count - 1]);
    *why = arena_format(arena, "`scrip %s` has failed", words[0]);
    if (pipe(ends) != 0)
        return -1;
    (void)fflush(stdout);
    (void)posix_spawn_file_actions_init(&actions);
    if (command->json) /* what we print is one object */
        (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
                                               "/dev/null", O_WRONLY, 0);
    if (!asks)
        (void)posix_spawn_file_actions_adddup2(&actions, ends[1],
                                               STDERR_FILENO);
    (void)posix_spawn_file_actions_addclose(&actions, ends[0]);
    (void)posix_spawn_file_actions_addclose(&actions, ends[1]);
    errno =
        posix_spawn(&child, program, &actions, NULL, arguments, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    if (errno != 0) {
        *why =
            arena_format(arena, "cannot run %s: %s", program, strerror(errno));
        (void)close(ends[0]);
        return -1;
    }
    if (!asks) {
        const char *said = heard(arena, ends[0]);

        if (*said != '\0')
            *why = said;
    }
    (void)close(ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

/* The database. Settings that we have just written and that it refuses are
 * taken back: they would stand in the way of better ones. */
static bool
init(struct command *command, const struct place *place, const char **why)
{
    static const char *const words[] = { "init", NULL };

    if (run_scrip(command, place, words, false, why) == COMMAND_OK)
        return true;
    if (place->fresh)
        (void)unlink(
            arena_format(command->arena, "%s/scrip.conf", place->data));
    return false;
}

bool
data_make(struct command *command, struct place *place, const char **why)
{
    struct arena *arena = command->arena;
    const char *folder = arena_format(arena, "%s/bin", place->data);

    if (!files_folder(arena, place->data, 0700, why) ||
        !files_folder(arena, folder, 0700, why))
        return false;
    if (chmod(place->data, 0700) != 0) {
        *why = arena_format(arena, "%s is not ours", place->data);
        return false;
    }
    if (mount_is_remote(place->data))
        command_say(command,
                    "Note: %s lies on a network file system. Writes are "
                    "slower there (rollback journal).",
                    place->data);
    return (!place->fresh || write_settings(command, place, why)) &&
           files_copy(arena, "/proc/self/exe",
                      arena_format(arena, "%s/scrip", folder), 0700, why) &&
           release_write_home(command, place, folder, why) &&
           release_copy_zones(command, place, place->data, why) &&
           init(command, place, why);
}

bool
data_make_owner(struct command *command, const struct place *place,
                const char **why)
{
    const char *email = command_option(command, "owner");
    const char *slug = command_option(command, "space");
    const char *name = command_option(command, "name");
    const char *const space[] = { "space", "add",    slug,      "--name",
                                  slug,    "--plan", "creator", NULL };
    const char *const member[] = { "member",  "add", email,    "--name", name,
                                   "--space", slug,  "--role", "owner",  NULL };

    if (email == NULL)
        return true;
    /* It may be there, of a try before whose password was refused. */
    switch (run_scrip(command, place, space, false, why)) {
    case COMMAND_OK: break;
    case COMMAND_FAILED: command_say(command, "Note: %s.", *why); break;
    default: return false;
    }
    return run_scrip(command, place, member, true, why) == COMMAND_OK;
}
