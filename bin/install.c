/*
 * Installing where there is no root: a release becomes a folder of its own in
 * the web server's folder, and one rename of the rules (.htaccess) leads all
 * requests to it. So an upgrade is whole or not at all, requests in hand end
 * in the release in which they began, and going back is the same rename.
 *
 *     WEB/.htaccess            which address goes where, in which release
 *     WEB/releases/N/          programs and pages, with home.conf
 *     DATA/                    SCRIP_HOME: never below WEB
 *     DATA/install.conf        where WEB is, which release and the one before
 *     DATA/bin/scrip           the command, for cron
 */
#include "command.h"
#include "files.h"
#include "mount.h"
#include "settings.h"
#include "text.h"
#include "url.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK "# Scrip: "

struct place {
    const char *from; /* the unpacked release, or NULL */
    const char *data;
    const char *web;
    const char *handler; /* of Apache's mod_fcgid */
    struct url base;
    int64_t release; /* 0: none as yet */
    int64_t previous;
    bool fresh; /* there is no scrip.conf as yet */
    bool live;  /* a provider's key is set: no sandbox */
};

/* --- What is there, and what is asked for --------------------------------- */

static int
fail(struct command *command, const char *why)
{
    return command_fail(command, COMMAND_FAILED, "%s", why);
}

/* An option's value, else what is answered on a terminal; "" for nothing. */
static const char *
answer(struct command *command, const char *option, const char *question)
{
    const char *given = command_option(command, option);
    char *line = arena_alloc(command->arena, 1024);

    if (given != NULL)
        return given;
    if (command->json || isatty(STDIN_FILENO) != 1)
        return "";
    fprintf(stderr, "%s: ", question);
    if (fgets(line, 1024, stdin) == NULL)
        return "";
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static const char *
absolute(struct arena *arena, const char *path)
{
    char here[4096];
    char *real = realpath(path, NULL);
    const char *text;

    if (real != NULL) {
        text = arena_text(arena, real);
        free(real);
        return text;
    }
    if (path[0] == '/' || getcwd(here, sizeof(here)) == NULL)
        return path;
    return arena_format(arena, "%s/%s", here, path);
}

/* The data's folder: asked for, that of this program, or in our home. */
static const char *
data_folder(struct command *command, const char **why)
{
    const char *given = command_option(command, "data");
    const char *set = getenv("SCRIP_HOME");
    const char *user = getenv("HOME");

    if (given != NULL)
        return absolute(command->arena, given);
    if (set != NULL && *set != '\0')
        return absolute(command->arena, set);
    set = config_home(command->arena, why);
    if (set == NULL)
        return NULL;
    if (access(arena_format(command->arena, "%s/install.conf", set), F_OK) == 0)
        return set;
    if (user == NULL || *user != '/') {
        *why = "--data says where the data is to lie";
        return NULL;
    }
    return arena_format(command->arena, "%s/scrip-data", user);
}

/* What an installation before this one has written down. */
static bool
read_state(struct command *command, struct place *place, const char **why)
{
    struct arena *arena = command->arena;
    struct settings state, conf;
    const char *release, *previous;

    if (!settings_read(&state, arena,
                       arena_format(arena, "%s/install.conf", place->data),
                       why) ||
        !settings_read(&conf, arena,
                       arena_format(arena, "%s/scrip.conf", place->data), why))
        return false;
    place->fresh = conf.missing;
    place->live = settings_value(&conf, "SCRIP_STRIPE_SECRET_KEY") != NULL;
    place->web = settings_value(&state, "WEB");
    place->handler = settings_value(&state, "HANDLER");
    release = settings_value(&state, "RELEASE");
    previous = settings_value(&state, "PREVIOUS");
    if (!state.missing &&
        (place->web == NULL || place->handler == NULL || release == NULL ||
         previous == NULL ||
         !text_int(release, 1, INT32_MAX, &place->release) ||
         !text_int(previous, 0, INT32_MAX, &place->previous))) {
        *why = arena_format(arena, "%s is damaged", state.path);
        return false;
    }
    if (!conf.missing &&
        (settings_value(&conf, "SCRIP_BASE_URL") == NULL ||
         !url_parse(&place->base, arena,
                    settings_value(&conf, "SCRIP_BASE_URL")))) {
        *why = arena_format(arena, "%s has no SCRIP_BASE_URL", conf.path);
        return false;
    }
    return true;
}

static bool
write_state(struct command *command, const struct place *place,
            const char **why)
{
    const char *text =
        arena_format(command->arena,
                     "# Made by scrip install.\nWEB=\"%s\"\nHANDLER=%s\n"
                     "RELEASE=%lld\nPREVIOUS=%lld\n",
                     place->web, place->handler, (long long)place->release,
                     (long long)place->previous);

    return files_write(command->arena,
                       arena_format(command->arena, "%s/install.conf",
                                    place->data),
                       text, strlen(text), 0600, why);
}

/* --- The release, and the rules that lead to it --------------------------- */

static const char *
release_folder(struct command *command, const struct place *place,
               int64_t release)
{
    return arena_format(command->arena, "%s/releases/%lld", place->web,
                        (long long)release);
}

static bool
write_home(struct command *command, const struct place *place,
           const char *folder, const char **why)
{
    const char *text =
        arena_format(command->arena,
                     "# Where the programs here find their data.\n"
                     "SCRIP_HOME=\"%s\"\n",
                     place->data);

    return files_write(command->arena,
                       arena_format(command->arena, "%s/home.conf", folder),
                       text, strlen(text), 0600, why);
}

/* Time zones, where the release has its own. */
static bool
copy_zones(struct command *command, const struct place *place, const char *to,
           const char **why)
{
    const char *from = arena_format(command->arena, "%s/zoneinfo", place->from);

    return access(from, F_OK) != 0 ||
           files_copy_tree(command->arena, from,
                           arena_format(command->arena, "%s/zoneinfo", to),
                           0644, why);
}

/* Copies beside, and is there all at once. */
static bool
copy_release(struct command *command, const struct place *place,
             const char **why)
{
    struct arena *arena = command->arena;
    const char *to = release_folder(command, place, place->release);
    const char *next = arena_format(arena, "%s.new", to);
    const char *root = arena_format(arena, "=\"%s/", place->base.path);
    const struct files_word words[] = { { "=\"/", root }, { NULL, NULL } };
    const char *const pages[] = { arena_format(arena, "%s/htdocs", place->from),
                                  arena_format(arena, "%s/htdocs", next) };
    const char *const programs[] = {
        arena_format(arena, "%s/cgi-bin", place->from),
        arena_format(arena, "%s/cgi-bin", next),
    };

    if (!files_remove_tree(arena, next, why) ||
        !files_remove_tree(arena, to, why) ||
        !files_copy_tree(arena, pages[0], pages[1], 0644, why) ||
        !files_fill(arena, arena_format(arena, "%s/404.html", pages[0]),
                    arena_format(arena, "%s/404.html", pages[1]), words, 0644,
                    why) ||
        !files_copy_tree(arena, programs[0], programs[1], 0755, why) ||
        !write_home(command, place, programs[1], why) ||
        !copy_zones(command, place, next, why) ||
        !files_copy(arena, arena_format(arena, "%s/.htaccess", place->from),
                    arena_format(arena, "%s/htaccess", next), 0644, why))
        return false;
    if (place->live)
        (void)unlink(arena_format(arena, "%s/sandbox", programs[1]));
    if (rename(next, to) == 0)
        return true;
    *why = arena_format(arena, "cannot make %s: %s", to, strerror(errno));
    return false;
}

/* "/a.b" as a pattern: the dots are the only odd characters of a path. */
static const char *
pattern_of(struct arena *arena, const char *path)
{
    struct buf buf;

    buf_init(&buf, arena, 4096);
    for (; *path != '\0'; path++) {
        if (*path == '.')
            buf_char(&buf, '\\');
        buf_char(&buf, *path);
    }
    return buf.bytes;
}

/* The one moment at which the site changes from one release to another. */
static bool
switch_rules(struct command *command, const struct place *place,
             const char **why)
{
    struct arena *arena = command->arena;
    bool fastcgi = strcmp(place->handler, "fcgid-script") == 0;
    const struct files_word words[] = {
        { "@BASE@", place->base.path },
        { "@BASE_PATTERN@", pattern_of(arena, place->base.path) },
        { "@RELEASE@",
          arena_format(arena, "releases/%lld", (long long)place->release) },
        { "@HANDLER@", place->handler },
        { "@WEB@", place->web },
        { "@DATA@", place->data },
        { "@FCGIWRAP@", "/run/fcgiwrap.socket" },
        { "#HSTS ", place->base.https ? "" : "#" },
        { "#FASTCGI ", fastcgi ? "" : "#" },
        { "#CGI ", fastcgi ? "#" : "" },
        { NULL, NULL },
    };
    static const char *const others[] = { "lighttpd.conf", "fcgiwrap.conf" };

    for (size_t i = 0; place->from != NULL && i < COUNT_OF(others); i++)
        if (!files_fill(arena,
                        arena_format(arena, "%s/%s", place->from, others[i]),
                        arena_format(arena, "%s/%s", place->data, others[i]),
                        words, 0644, why))
            return false;
    return files_fill(
        arena,
        arena_format(arena, "%s/htaccess",
                     release_folder(command, place, place->release)),
        arena_format(arena, "%s/.htaccess", place->web), words, 0644, why);
}

static bool
remove_old(struct command *command, const struct place *place, const char **why)
{
    for (int64_t old = place->release - 1; old > 0; old--) {
        const char *folder = release_folder(command, place, old);

        if (old == place->previous)
            continue;
        if (access(folder, F_OK) != 0)
            break;
        if (!files_remove_tree(command->arena, folder, why))
            return false;
    }
    return true;
}

/* --- The data ------------------------------------------------------------- */

static const char *
secret_setting(struct command *command, const char *key, const char *question)
{
    const char *set = getenv(key);

    return set != NULL && *set != '\0' ? set : answer(command, "", question);
}

static bool
write_settings(struct command *command, struct place *place, const char **why)
{
    struct arena *arena = command->arena;
    const char *path = arena_format(arena, "%s/scrip.conf", place->data);
    const char *key = secret_setting(
        command, "SCRIP_STRIPE_SECRET_KEY",
        "The provider's secret key (nothing: the built-in sandbox)");
    struct buf buf;

    place->live = *key != '\0';
    buf_init(&buf, arena, 64 * 1024);
    buf_format(&buf,
               "# The settings of this site; see `scrip help`.\n"
               "SCRIP_BASE_URL=%s\n",
               place->base.text);
    if (!place->live)
        buf_format(&buf, "SCRIP_STRIPE_API_BASE=%s/sandbox\n",
                   place->base.text);
    else
        buf_format(&buf,
                   "SCRIP_STRIPE_SECRET_KEY=%s\n"
                   "SCRIP_STRIPE_WEBHOOK_SECRET=%s\n",
                   key,
                   secret_setting(command, "SCRIP_STRIPE_WEBHOOK_SECRET",
                                  "The signing secret of its webhook"));
    return files_write(arena, path, buf.bytes, buf.length, 0600, why);
}

/* The command of this release, over our own standard input. */
static bool
run_scrip(struct command *command, const struct place *place,
          const char *const *words, const char **why)
{
    struct arena *arena = command->arena;
    char *home = arena_format(arena, "SCRIP_HOME=%s", place->data);
    char *const environment[] = { home, NULL };
    char *program = arena_format(arena, "%s/bin/scrip", place->data);
    char *arguments[16] = { program };
    posix_spawn_file_actions_t actions;
    int status = 0, count = 1;
    pid_t child;

    for (; words[count - 1] != NULL; count++)
        arguments[count] = arena_text(arena, words[count - 1]);
    (void)fflush(stdout);
    (void)posix_spawn_file_actions_init(&actions);
    if (command->json) /* what we print is one object */
        (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
                                               "/dev/null", O_WRONLY, 0);
    errno =
        posix_spawn(&child, program, &actions, NULL, arguments, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (errno != 0 || waitpid(child, &status, 0) != child) {
        *why =
            arena_format(arena, "cannot run %s: %s", program, strerror(errno));
        return false;
    }
    *why = arena_format(arena, "`scrip %s` has failed", words[0]);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool
make_data(struct command *command, struct place *place, const char **why)
{
    static const char *const init[] = { "init", NULL };
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
           write_home(command, place, folder, why) &&
           copy_zones(command, place, place->data, why) &&
           run_scrip(command, place, init, why);
}

static bool
make_owner(struct command *command, const struct place *place, const char **why)
{
    const char *email = command_option(command, "owner");
    const char *slug = command_option(command, "space");
    const char *name = command_option(command, "name");
    const char *const space[] = { "space", "add",    slug,      "--name",
                                  slug,    "--plan", "creator", NULL };
    const char *const member[] = { "member",  "add", email,    "--name", name,
                                   "--space", slug,  "--role", "owner",  NULL };

    return email == NULL || (run_scrip(command, place, space, why) &&
                             run_scrip(command, place, member, why));
}

/* --- The verbs ------------------------------------------------------------ */

/* Where we lie, with what belongs to a release beside us; NULL: nowhere. */
static const char *
unpacked(struct arena *arena)
{
    static const char *const parts[] = { "cgi-bin/credits", "htdocs/404.html",
                                         ".htaccess", "lighttpd.conf",
                                         "fcgiwrap.conf" };
    char *path = realpath("/proc/self/exe", NULL);
    char *folder = path == NULL ? NULL : arena_text(arena, path);

    free(path);
    if (folder == NULL)
        return NULL;
    *strrchr(folder, '/') = '\0';
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (access(arena_format(arena, "%s/%s", folder, parts[i]), R_OK) != 0)
            return NULL;
    return folder;
}

static bool
rules_are_ours(struct command *command, const struct place *place,
               const char **why)
{
    const char *path = arena_format(command->arena, "%s/.htaccess", place->web);
    const char *text;

    if (access(path, F_OK) != 0)
        return true;
    if (!files_read(command->arena, path, &text, why))
        return false;
    if (text_begins(text, MARK))
        return true;
    *why = arena_format(command->arena,
                        "%s is there and not Scrip's: choose a folder of the "
                        "site's own, or move it away",
                        path);
    return false;
}

/* Fills what a first installation has to be told. */
static bool
ask(struct command *command, struct place *place, const char **why)
{
    struct arena *arena = command->arena;
    const char *owner = command_option(command, "owner");
    const char *web = command_option(command, "web");
    const char *url;

    if (owner != NULL && (command_option(command, "space") == NULL ||
                          command_option(command, "name") == NULL)) {
        *why = "--owner needs --name and --space, and a password on standard "
               "input";
        return false;
    }
    if (place->web == NULL)
        web = answer(command, "web",
                     "The folder that the web server shows, such as "
                     "~/public_html/credits, whole");
    if (place->web != NULL && web != NULL &&
        strcmp(place->web, absolute(arena, web)) != 0) {
        *why = arena_format(arena, "it is in %s: uninstall it there first",
                            place->web);
        return false;
    }
    if (place->web == NULL && *web != '\0')
        place->web = absolute(arena, web);
    if (place->fresh) {
        url = answer(command, "base-url",
                     "Its address, such as https://host/~me/credits/");
        if (!url_parse(&place->base, arena, url)) {
            *why = "--base-url is http:// or https://, a host and perhaps a "
                   "plain path";
            return false;
        }
    }
    if (command_option(command, "cgi") != NULL)
        place->handler = "cgi-script";
    else if (place->handler == NULL)
        place->handler = "fcgid-script";
    if (place->web == NULL || place->web[0] != '/' ||
        strpbrk(place->web, "\"\n") != NULL) {
        *why = "--web is the folder that the web server shows";
        return false;
    }
    if (!files_folder(arena, place->web, 0755, why))
        return false;
    place->web = absolute(arena, place->web);
    if (text_begins(place->data, place->web) &&
        strchr("/", place->data[strlen(place->web)]) != NULL) {
        *why = "--data must not lie where the web server shows it";
        return false;
    }
    return rules_are_ours(command, place, why);
}

static void
say_done(struct command *command, const struct place *place)
{
    command_say(command,
                "\nScrip answers at %s/\n\n"
                "Webhook, in the provider's form (not with the sandbox):\n"
                "    %s/webhooks/stripe\n"
                "Cron, which nothing depends on:\n"
                "    */15 * * * * %s/bin/scrip tick\n"
                "Look after it with %s/bin/scrip doctor",
                place->base.text, place->base.text, place->data, place->data);
    json_put_text(&command->out, "base_url", place->base.text);
    json_put_text(&command->out, "web", place->web);
    json_put_text(&command->out, "data", place->data);
    json_put_integer(&command->out, "release", place->release);
}

static int
go_back(struct command *command, struct place *place)
{
    int64_t now = place->release;
    const char *why;

    if (place->previous == 0)
        return fail(command, "there is no release to go back to");
    place->release = place->previous;
    place->previous = now;
    if (!switch_rules(command, place, &why) ||
        !write_state(command, place, &why))
        return fail(command, why);
    command_say(command, "Release %lld serves again.",
                (long long)place->release);
    json_put_integer(&command->out, "release", place->release);
    return COMMAND_OK;
}

int
install_verb(struct command *command)
{
    struct place place = { .from = NULL };
    const char *why = NULL;
    int64_t before;

    place.data = data_folder(command, &why);
    if (place.data == NULL || !read_state(command, &place, &why))
        return fail(command, why);
    if (command_option(command, "rollback") != NULL)
        return go_back(command, &place);
    place.from = unpacked(command->arena);
    if (place.from == NULL)
        return fail(command, "this is no unpacked release: run ./scrip "
                             "install in the folder of the tarball");
    if (!ask(command, &place, &why))
        return command_fail(command, COMMAND_USAGE, "%s", why);
    before = place.release;
    place.release = max_i64(place.release, place.previous) + 1;
    place.previous = before;
    if (!make_data(command, &place, &why) ||
        !copy_release(command, &place, &why) ||
        !make_owner(command, &place, &why) ||
        !switch_rules(command, &place, &why) ||
        !write_state(command, &place, &why) ||
        !remove_old(command, &place, &why))
        return fail(command, why);
    say_done(command, &place);
    return COMMAND_OK;
}

int
install_verb_remove(struct command *command)
{
    struct place place = { .from = NULL };
    const char *why = NULL;

    place.data = data_folder(command, &why);
    if (place.data == NULL || !read_state(command, &place, &why))
        return fail(command, why);
    if (place.release == 0)
        return fail(command, "nothing is installed");
    if (!rules_are_ours(command, &place, &why) ||
        !files_remove_tree(
            command->arena,
            arena_format(command->arena, "%s/.htaccess", place.web), &why) ||
        !files_remove_tree(
            command->arena,
            arena_format(command->arena, "%s/releases", place.web), &why) ||
        !files_remove_tree(
            command->arena,
            arena_format(command->arena, "%s/install.conf", place.data), &why))
        return fail(command, why);
    command_say(command, "The site is gone; its data stays in %s", place.data);
    json_put_text(&command->out, "data", place.data);
    return COMMAND_OK;
}
