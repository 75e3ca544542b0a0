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
#include "install.h"

#include <unistd.h>

#include "files.h"

static int
fail(struct command *command, const char *why)
{
    return command_fail(command, COMMAND_FAILED, "%s", why);
}

const char *
install_answer(struct command *command, const char *option,
               const char *question)
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

/* The folder that the web server shows. */
static bool
ask_web(struct command *command, struct place *place, const char **why)
{
    struct arena *arena = command->arena;
    const char *web = command_option(command, "web");

    if (place->web != NULL && web != NULL &&
        strcmp(place->web, place_absolute(arena, web)) != 0) {
        *why = arena_format(arena, "it is in %s: uninstall it there first",
                            place->web);
        return false;
    }
    if (place->web == NULL) {
        web = install_answer(command, "web",
                             "The folder that the web server shows, such as "
                             "~/public_html/credits");
        place->web = *web == '\0' ? NULL : place_absolute(arena, web);
    }
    if (place->web == NULL) {
        *why = "--web is the folder that the web server shows";
        return false;
    }
    if (strpbrk(place->web, "\"\n") != NULL ||
        strpbrk(place->data, "\"\n") != NULL ||
        strstr(place->web, "/../") != NULL ||
        strstr(place->data, "/../") != NULL) {
        *why = "--web and --data have no quotes in them, and no \"..\" below "
               "what is not there yet";
        return false;
    }
    if (place_is_below(place->data, place->web)) {
        *why = "--data must not lie where the web server shows it";
        return false;
    }
    if (place_is_below(place->web, place->data)) {
        *why = "--web must not lie in the data's folder, which nobody else "
               "may enter";
        return false;
    }
    return true;
}

/* Fills what a first installation has to be told; touches nothing. */
static bool
ask(struct command *command, struct place *place, const char **why)
{
    if (command_option(command, "owner") != NULL &&
        (command_option(command, "space") == NULL ||
         command_option(command, "name") == NULL)) {
        *why = "--owner needs --name and --space, and a password on standard "
               "input";
        return false;
    }
    if (!ask_web(command, place, why))
        return false;
    if (place->fresh &&
        !url_parse(&place->base, command->arena,
                   install_answer(command, "base-url",
                                  "Its address, such as "
                                  "https://host/~me/credits/"))) {
        *why = "--base-url is http:// or https://, a host and perhaps a "
               "plain path";
        return false;
    }
    if (command_option(command, "cgi") != NULL)
        place->handler = "cgi-script";
    else if (place->handler == NULL)
        place->handler = "fcgid-script";
    return data_settings_agree(command, place, why) &&
           release_rules_ours(command, place, why);
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
    if (!place_write(command, place, &why) ||
        !release_switch(command, place, &why))
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

    place.data = place_data(command, &why);
    if (place.data == NULL || !place_read(command, &place, &why))
        return fail(command, why);
    if (command_option(command, "rollback") != NULL)
        return go_back(command, &place);
    place.from = release_unpacked(command->arena);
    if (place.from == NULL)
        return fail(command, "this is no unpacked release: run ./scrip "
                             "install in the folder of the tarball");
    if (!ask(command, &place, &why))
        return command_fail(command, COMMAND_USAGE, "%s", why);
    /* The number is written down before the rules lead to it: one that was
     * ended between them is never given to another release. */
    before = place.release;
    place.release = max_i64(place.release, place.previous) + 1;
    place.previous = before;
    if (!data_make(command, &place, &why) ||
        !release_copy(command, &place, &why) ||
        !data_make_owner(command, &place, &why) ||
        !place_write(command, &place, &why) ||
        !release_switch(command, &place, &why) ||
        !release_remove_old(command, &place, &why))
        return fail(command, why);
    say_done(command, &place);
    return COMMAND_OK;
}

int
install_verb_remove(struct command *command)
{
    struct place place = { .from = NULL };
    const char *why = NULL;

    place.data = place_data(command, &why);
    if (place.data == NULL || !place_read(command, &place, &why))
        return fail(command, why);
    if (place.release == 0)
        return fail(command, "nothing is installed");
    if (!release_rules_ours(command, &place, &why) ||
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
