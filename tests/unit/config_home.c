/*
 * config.h: the home, and the secrets made at a first start: once, for the
 * owner alone, never again, whoever else starts or dies in the middle.
 */
#include "config_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

static const char *
read_file(const char *name)
{
    char *text = arena_alloc(&arena, 10000);
    FILE *in = fopen(path_of(name), "r");

    if (in == NULL)
        return "";
    text[fread(text, 1, 9999, in)] = '\0';
    fclose(in);
    return text;
}

static void
homes(void)
{
    char *none[] = { NULL };
    char *empty[] = { (char[]){ "SCRIP_HOME=" }, NULL };
    char *relative[] = { (char[]){ "SCRIP_HOME=a/b//" }, NULL };
    char *slash[] = { (char[]){ "SCRIP_HOME=/x/y/" }, NULL };
    const char *why = NULL;
    char here[1000];

    if (getcwd(here, sizeof(here)) == NULL)
        abort();
    environ = none;
    is_text(config_home(&arena, &why), arena_format(&arena, "%s/var", here),
            "the home is var where none is set");
    environ = empty;
    is_text(config_home(&arena, &why), arena_format(&arena, "%s/var", here),
            "or an empty one");
    environ = relative;
    is_text(config_home(&arena, &why), arena_format(&arena, "%s/a/b", here),
            "a relative one is made absolute");
    environ = slash;
    is_text(config_home(&arena, &why), "/x/y", "a slash at its end goes");
}

static int
mode_of(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 ? (int)(about.st_mode & 07777) : -1;
}

/* One start, in a home that is not there. */
static void
first_start(void)
{
    struct config one, two;
    const char *why = "";
    const char *text;

    (void)snprintf(home, sizeof(home), "%s/deep/new", folder);
    surround(NULL, 0);
    ok(!config_load(&one, &arena, &why) && strstr(why, "scrip init") != NULL,
       "a home that is not there is none");
    if (!ok(config_make_home(&arena, &why), "a home is made"))
        printf("#   %s\n", why);
    is_int(mode_of(home), 0700, "for its owner alone");
    is_int(mode_of(path_of("secrets.conf")), 0600, "so are the secrets");
    text = read_file("secrets.conf");
    if (!ok(config_load(&one, &arena, &why), "it can be started"))
        printf("#   %s\n", why);
    ok(strncmp(one.stripe_key, "sk_test_", 8) == 0 &&
           strlen(one.stripe_key) == 8 + 64,
       "the sandbox has a key of 256 bits");
    ok(strncmp(one.webhook_secret[0], "whsec_", 6) == 0 &&
           strlen(one.webhook_secret[0]) == 6 + 64,
       "and a secret of as many");
    is_int((int64_t)strlen(one.cursor_secret), 64, "cursors too");
    ok(config_make_home(&arena, &why) &&
           strcmp(text, read_file("secrets.conf")) == 0,
       "a second start changes nothing");
    (void)snprintf(home, sizeof(home), "%s/other", folder);
    surround(NULL, 0);
    ok(config_make_home(&arena, &why) && config_load(&two, &arena, &why) &&
           strcmp(one.stripe_key, two.stripe_key) != 0 &&
           strcmp(one.webhook_secret[0], two.webhook_secret[0]) != 0 &&
           strcmp(one.cursor_secret, two.cursor_secret) != 0,
       "another home has other secrets");
}

static const struct {
    const char *name;
    const char *before; /* secrets.conf */
    mode_t mode;
    const char *begin; /* how it begins afterwards; NULL: refused as it is */
} laters[] = {
    { "what is missing is added behind what is there",
      "# mine\nSCRIP_SANDBOX_SECRET_KEY=sk_test_mine # keep\n", 0600,
      "# mine\nSCRIP_SANDBOX_SECRET_KEY=sk_test_mine # keep\n"
      "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_" },
    { "also where the last line has no end",
      "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_mine_and_long", 0600,
      "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_mine_and_long\n"
      "SCRIP_SANDBOX_SECRET_KEY=sk_test_" },
    { "a file that is complete stays", MADE, 0600, MADE },
    { "an empty file is filled", "", 0600, "SCRIP_SANDBOX_SECRET_KEY=" },
    { "a file that others may read is not touched",
      "SCRIP_SANDBOX_SECRET_KEY=sk_test_mine\n", 0644, NULL },
    { "a damaged file is not touched", "SCRIP_SANDBOX_SECR", 0600, NULL },
};

static void
later_starts(void)
{
    (void)snprintf(home, sizeof(home), "%s/later", folder);
    if (mkdir(home, 0755) != 0)
        abort();
    for (size_t i = 0; i < COUNT_OF(laters); i++) {
        const char *begin = laters[i].begin, *why = "";
        const char *after;
        bool fine;

        write_file("secrets.conf", laters[i].before, laters[i].mode);
        surround(NULL, 0);
        fine = config_make_home(&arena, &why);
        after = read_file("secrets.conf");
        is_int(fine, begin != NULL, "%s: %s", laters[i].name,
               begin != NULL ? "it starts" : "it does not start");
        if (begin == NULL)
            is_text(after, laters[i].before, "nothing was changed");
        else
            ok(strncmp(after, begin, strlen(begin)) == 0,
               "what was there is there");
        ok(access(path_of("secrets.conf.new"), F_OK) != 0,
           "and nothing else lies about");
    }
    is_int(mode_of(home), 0755, "a home that was there keeps its mode");
}

/* What one who died in the middle left, and what cannot be written. */
static void
accidents(void)
{
    struct config config;
    const char *why = "";

    write_file("secrets.conf", NULL, 0);
    write_file("secrets.conf.new", "SCRIP_SANDBOX_SECRET_KEY=sk_te", 0600);
    ok(config_make_home(&arena, &why) && config_load(&config, &arena, &why),
       "half a file of one who died does no harm");
    ok(access(path_of("secrets.conf.new"), F_OK) != 0, "and is gone");
    write_file("secrets.conf", NULL, 0);
    if (symlink("/dev/null", path_of("secrets.conf.new")) != 0)
        abort();
    ok(config_make_home(&arena, &why) && config_load(&config, &arena, &why),
       "a link is not written through");
    (void)snprintf(home, sizeof(home), "%s/later/secrets.lock/x", folder);
    surround(NULL, 0);
    ok(!config_make_home(&arena, &why) && strstr(why, home) != NULL,
       "a home below a file cannot be made");
    (void)snprintf(home, sizeof(home), "%s/later/secrets.lock", folder);
    surround(NULL, 0);
    ok(!config_make_home(&arena, &why) && strstr(why, home) != NULL,
       "a file is no home");
}

/* A disk that takes no byte, as a limit of the process: what was there is
 * there, and no half of it beside. Passes its verdict as a process's end. */
static void
full_disk(void)
{
    static const char before[] = "SCRIP_SANDBOX_SECRET_KEY=sk_test_mine\n";
    pid_t child;
    int status = 1;

    (void)snprintf(home, sizeof(home), "%s/later", folder);
    surround(NULL, 0);
    write_file("secrets.conf", before, 0600);
    child = fork();
    if (child == 0) {
        const struct rlimit none = { 0, 0 };
        const char *why = "";

        if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
            setrlimit(RLIMIT_FSIZE, &none) != 0)
            _exit(2);
        if (config_make_home(&arena, &why))
            _exit(3);
        _exit(strstr(why, "cannot write") == NULL ? 4 : 0);
    }
    is_int(waitpid(child, &status, 0) == child ? status : -1, 0,
           "a disk that is full is an error that says so");
    is_text(read_file("secrets.conf"), before, "what was there is there");
    ok(access(path_of("secrets.conf.new"), F_OK) != 0,
       "and nothing half written");
}

/* Many first starts at once: all see the same secrets, every time. */
static void
race(void)
{
    int wrong = 0;

    for (int round = 0; round < 20; round++) {
        pid_t child[12];
        int go[2];

        (void)snprintf(home, sizeof(home), "%s/race%d", folder, round);
        surround(NULL, 0);
        if (pipe(go) != 0)
            abort();
        for (int i = 0; i < 12; i++) {
            child[i] = fork();
            if (child[i] == 0) {
                struct config config;
                const char *why;
                char byte;
                int out;

                close(go[1]);
                (void)!read(go[0], &byte, 1); /* until all are there */
                if (!config_make_home(&arena, &why) ||
                    !config_load(&config, &arena, &why))
                    _exit(1);
                out = open(path_of(arena_format(&arena, "saw%d", i)),
                           O_WRONLY | O_CREAT, 0600);
                if (dprintf(out, "%s%s%s", config.stripe_key,
                            config.webhook_secret[0], config.cursor_secret) < 0)
                    _exit(1);
                _exit(0);
            }
        }
        close(go[0]);
        close(go[1]);
        for (int i = 0; i < 12; i++) {
            int status = 1;

            wrong += waitpid(child[i], &status, 0) != child[i] || status != 0;
        }
        wrong += strlen(read_file("saw0")) != 8 + 6 + 3 * 64;
        for (int i = 1; i < 12; i++)
            wrong += strcmp(read_file("saw0"),
                            read_file(arena_format(&arena, "saw%d", i))) != 0;
        arena_reset(&arena);
    }
    is_int(wrong, 0,
           "twelve first starts at once, twenty times: one set of "
           "secrets each");
}

int
main(void)
{
    world_begin();
    homes();
    first_start();
    later_starts();
    accidents();
    full_disk();
    race();
    world_end();
    return done();
}
