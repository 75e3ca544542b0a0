/*
 * A home in a temporary folder, with the files and the environment that a
 * test of the settings wants. Included by those tests alone.
 */
#ifndef SCRIP_CONFIG_WORLD_H
#define SCRIP_CONFIG_WORLD_H

#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define CURSOR "SCRIP_CURSOR_SECRET=0123456789abcdef0123456789abcdef\n"
#define MADE                                         \
    CURSOR "SCRIP_SANDBOX_SECRET_KEY=sk_test_made\n" \
           "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_made_by_us_ourselves\n"

extern char **environ;

static struct arena arena;
static char folder[] = "/tmp/scrip-config-XXXXXX";
static char home[100];

static const char *
path_of(const char *name)
{
    return arena_format(&arena, "%s/%s", home, name);
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
    const char *path = path_of(name);
    FILE *out;

    (void)unlink(path);
    if (text == NULL)
        return;
    out = fopen(path, "w");
    if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0 ||
        chmod(path, mode) != 0)
        abort();
}

/* The environment: SCRIP_HOME and up to four settings. */
static void
surround(const char *const *settings, size_t count)
{
    static char text[6][600];
    static char *list[7];
    size_t n = 0;

    (void)snprintf(text[n], sizeof(text[n]), "SCRIP_HOME=%s", home);
    list[n] = text[n];
    for (n = 1; n <= count && settings[n - 1] != NULL; n++) {
        (void)snprintf(text[n], sizeof(text[n]), "%s", settings[n - 1]);
        list[n] = text[n];
    }
    list[n] = NULL;
    environ = list;
}

static void
world_begin(void)
{
    arena_init(&arena, 1024 * 1024, 256 * 1024 * 1024);
    if (mkdtemp(folder) == NULL)
        abort();
    (void)snprintf(home, sizeof(home), "%s/home", folder);
    if (mkdir(home, 0700) != 0)
        abort();
}

/* Removes the folder and what is in it. */
static void
world_end(void)
{
    char *const with[] = { NULL };
    pid_t child = fork();
    int status = 1;

    if (child == 0) {
        environ = (char **)with;
        execl("/bin/rm", "rm", "-rf", "--", folder, (char *)NULL);
        _exit(1);
    }
    ok(waitpid(child, &status, 0) == child && status == 0 &&
           access(folder, F_OK) != 0,
       "nothing is left behind");
    arena_free(&arena);
}

#endif
