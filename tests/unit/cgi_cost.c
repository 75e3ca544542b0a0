/*
 * What plain CGI costs, in numbers that no other program on the machine
 * disturbs: what the programs of the release build ask of the system for one
 * request, seen as a debugger sees it. How long that takes, beside a program
 * that does nothing, is told by tests/servers.
 *
 * The bounds leave some room over what is asked today. Whoever needs more
 * than that raises them with thought: every visitor pays.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "tap.h"

enum { FILES_MAX = 64, PATH_SIZE = 512 };

static char build[PATH_SIZE]; /* the release build */
static char home[] = "/tmp/scrip-cost-XXXXXX";
static char bearer[128];
static int asked; /* requests, so that each has a key of its own */

/* What a request took. */
struct cost {
    int calls; /* of the system */
    int syncs;
    int pages; /* of memory that were touched */
    int file_count;
    char files[FILES_MAX][PATH_SIZE]; /* opened, or tried to */
    char answer[256];                 /* its beginning */
};

/* --- Watching ------------------------------------------------------------- */

static void
need(bool so, const char *what)
{
    if (so)
        return;
    printf("Bail out! %s\n", what);
    exit(1);
}

/* The text at an address of the program, cut at a page. */
static void
copy_text(pid_t child, uint64_t at, char text[PATH_SIZE])
{
    size_t size = PATH_SIZE - 1;
    size_t page = 4096 - at % 4096;
    struct iovec to = { .iov_base = text,
                        .iov_len = size < page ? size : page };
    struct iovec from = { .iov_base = (void *)(uintptr_t)at,
                          .iov_len = to.iov_len };
    ssize_t n = syscall(SYS_process_vm_readv, child, &to, 1L, &from, 1L, 0L);

    text[n < 0 ? 0 : n] = '\0';
}

static void
note(struct cost *cost, pid_t child)
{
    struct __ptrace_syscall_info info;

    need(ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0,
         "a system call cannot be looked at");
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return;
    cost->calls++;
    cost->syncs += info.entry.nr == SYS_fsync || info.entry.nr == SYS_fdatasync;
    if (info.entry.nr != SYS_openat)
        return;
    need(cost->file_count < FILES_MAX, "too many files");
    copy_text(child, info.entry.args[1], cost->files[cost->file_count++]);
}

/* Lets it go from call to call until it ends; whether it ended well. */
static bool
watch(struct cost *cost, pid_t child)
{
    struct rusage used;
    int status;

    need(waitpid(child, &status, 0) == child && WIFSTOPPED(status),
         "a program cannot be watched");
    need(ptrace(PTRACE_SETOPTIONS, child, 0,
                PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) == 0,
         "a program cannot be watched");
    for (;;) {
        long deliver = 0;

        if (WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80))
            note(cost, child);
        else if (WIFSTOPPED(status) && WSTOPSIG(status) != SIGTRAP)
            deliver = WSTOPSIG(status);
        need(ptrace(PTRACE_SYSCALL, child, 0, deliver) == 0, "it is gone");
        need(wait4(child, &status, 0, &used) == child, "it is lost");
        if (!WIFSTOPPED(status))
            break;
    }
    cost->pages = (int)used.ru_minflt;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* --- Asking --------------------------------------------------------------- */

static const char *
in_home(const char *name)
{
    static char path[PATH_SIZE];

    snprintf(path, sizeof(path), "%s/%s", home, name);
    return path;
}

static void
redirect(int to, const char *name, int flags)
{
    int file = open(in_home(name), flags, 0600);

    if (file < 0 || dup2(file, to) != to)
        _exit(126);
    close(file);
}

/* Stops itself before it begins, so that all of it is watched. */
static NORETURN void
be_program(const char *name, const char *method, const char *uri,
           const char *body)
{
    char program[PATH_SIZE * 2], length[32], key[32];
    const struct {
        const char *name, *value;
    } values[] = {
        { "SCRIP_HOME", home },          { "GATEWAY_INTERFACE", "CGI/1.1" },
        { "REQUEST_METHOD", method },    { "REQUEST_URI", uri },
        { "CONTENT_LENGTH", length },    { "CONTENT_TYPE", "application/json" },
        { "HTTP_IDEMPOTENCY_KEY", key }, { "HTTP_AUTHORIZATION", bearer },
    };
    char variables[COUNT_OF(values)][PATH_SIZE];
    char *environment[COUNT_OF(values) + 1] = { NULL };
    char *arguments[] = { program, NULL };

    snprintf(length, sizeof(length), "%zu", strlen(body));
    snprintf(key, sizeof(key), "%d", asked);
    snprintf(program, sizeof(program), "%s/cgi-bin/%s", build, name);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        snprintf(variables[i], sizeof(variables[i]), "%s=%s", values[i].name,
                 values[i].value);
        environment[i] = variables[i];
    }
    redirect(STDIN_FILENO, "body", O_RDONLY);
    redirect(STDOUT_FILENO, "answer", O_WRONLY | O_CREAT | O_TRUNC);
    redirect(STDERR_FILENO, "log", O_WRONLY | O_CREAT | O_APPEND);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(126);
    execve(program, arguments, environment);
    _exit(127);
}

static void
read_file(const char *name, char *text, size_t size)
{
    FILE *in = fopen(in_home(name), "r");

    text[0] = '\0';
    if (in == NULL)
        return;
    text[fread(text, 1, size - 1, in)] = '\0';
    fclose(in);
}

static void
ask(struct cost *cost, const char *program, const char *method, const char *uri,
    const char *body)
{
    FILE *out = fopen(in_home("body"), "w");
    pid_t child;

    *cost = (struct cost){ .calls = 0 };
    need(out != NULL && fputs(body, out) >= 0 && fclose(out) == 0, "no body");
    asked++;
    child = fork();
    need(child >= 0, "no process");
    if (child == 0)
        be_program(program, method, uri, body);
    need(watch(cost, child), "the program failed: make the release build");
    read_file("answer", cost->answer, sizeof(cost->answer));
    printf("# %s: %d calls, %d syncs, %d pages, %d files\n", program,
           cost->calls, cost->syncs, cost->pages, cost->file_count);
}

/* --- The checks ----------------------------------------------------------- */

static int
count_opened(const struct cost *cost, const char *name)
{
    const char *path = in_home(name);
    int count = 0;

    for (int i = 0; i < cost->file_count; i++)
        count += strcmp(cost->files[i], path) == 0;
    return count;
}

/* Files that are neither a library nor of `names`, in words. */
static const char *
others(const struct cost *cost, const char *const *names)
{
    static char text[PATH_SIZE];
    bool known;

    text[0] = '\0';
    for (int i = 0; i < cost->file_count; i++) {
        const char *file = cost->files[i];

        known = strstr(file, ".so.") != NULL;
        for (int j = 0; names[j] != NULL && !known; j++)
            known = strstr(file, names[j]) != NULL;
        if (!known)
            snprintf(text, sizeof(text), "%s", file);
    }
    return text;
}

/* The file of a library that was loaded, or NULL. */
static const char *
library(const struct cost *cost, const char *name)
{
    for (int i = 0; i < cost->file_count; i++)
        if (strstr(cost->files[i], name) != NULL)
            return cost->files[i];
    return NULL;
}

static void
try_reading(void)
{
    static const char *const wanted[] = {
        "/scrip.conf",   "/secrets.conf",  "/scrip.db", "/scrip.db-wal",
        "/scrip.db-shm", "/Europe/London", NULL
    };
    static struct cost cost;

    ask(&cost, "credits", "GET", "/api/v1/spaces/demo/credits", "");
    ok(strncmp(cost.answer, "Status: 200", 11) == 0,
       "plain CGI answers what a Space has");
    is_text(others(&cost, wanted), "", "and opens no file that it needs not");
    is_int(count_opened(&cost, "scrip.db-turn"), 0,
           "nor the write turn, for it only reads");
    is_text(library(&cost, "libcrypto"), NULL, "it has no OpenSSL to load");
    is_text(library(&cost, "libcurl"), NULL, "nor what calls the provider");
    is_int(cost.syncs, 0, "it waits for no disk");
    ok(cost.calls <= 300, "it asks the system 300 times at most: %d",
       cost.calls);
    ok(cost.pages <= 400, "it touches 400 pages of memory at most: %d",
       cost.pages);
}

static void
try_writing(void)
{
    static struct cost cost;

    ask(&cost, "meter", "POST", "/api/v1/spaces/demo/holds",
        "{\"feature\":\"own\",\"credits\":5}");
    ok(strncmp(cost.answer, "Status: 201", 11) == 0,
       "plain CGI places a hold: %.15s", cost.answer);
    is_int(count_opened(&cost, "scrip.db"), 1, "and opens the database once");
    ok(cost.syncs >= 1 && cost.syncs <= 3,
       "its 201 is on the disk, by few syncs: %d", cost.syncs);
    ok(cost.calls <= 500, "it asks the system 500 times at most: %d",
       cost.calls);
}

/* The log of writes is short whatever was written, so that it costs who reads
 * it next little. */
static void
try_many_writes(void)
{
    static struct cost cost;
    int calls = 0;

    for (int i = 0; i < 40; i++)
        ask(&cost, "meter", "POST", "/api/v1/spaces/demo/holds",
            "{\"feature\":\"own\",\"credits\":5}");
    for (int i = 0; i < 2; i++) {
        ask(&cost, "credits", "GET", "/api/v1/spaces/demo/credits", "");
        calls = cost.calls;
    }
    ok(calls <= 350, "after many writes reading costs little more: %d calls",
       calls);
}

/* --- A site --------------------------------------------------------------- */

static void
run_init(void)
{
    char program[PATH_SIZE + 8], variable[PATH_SIZE];
    char *environment[] = { variable, NULL };
    pid_t child = fork();
    int status;

    if (child == 0) {
        snprintf(program, sizeof(program), "%s/scrip", build);
        snprintf(variable, sizeof(variable), "SCRIP_HOME=%s", home);
        redirect(STDOUT_FILENO, "log", O_WRONLY | O_CREAT | O_APPEND);
        execle(program, program, "init", (char *)NULL, environment);
        _exit(127);
    }
    need(child > 0 && waitpid(child, &status, 0) == child && status == 0,
         "no site: make the release build");
}

static void
make_site(void)
{
    ssize_t length = readlink("/proc/self/exe", build, sizeof(build) - 1);
    char key[100];

    need(length > 0 && mkdtemp(home) != NULL, "no folder");
    build[length] = '\0';
    for (int up = 0; up < 3; up++) /* of build/asan/unit/cgi_cost */
        *strrchr(build, '/') = '\0';
    run_init();
    read_file("demo.key", key, sizeof(key));
    key[strcspn(key, "\n")] = '\0';
    snprintf(bearer, sizeof(bearer), "Bearer %s", key);
}

static void
remove_site(void)
{
    DIR *folder = opendir(home);
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL)
        (void)unlink(in_home(entry->d_name));
    need(folder != NULL && closedir(folder) == 0 && rmdir(home) == 0,
         "the folder stays");
}

int
main(void)
{
    make_site();
    try_reading();
    try_writing();
    try_many_writes();
    remove_site();
    return done();
}
