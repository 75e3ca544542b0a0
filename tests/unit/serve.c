/*
 * The loop around every program, tried from outside: this program starts
 * itself as a FastCGI server on a socket of its own, and asks. What a table
 * row says is what a client sees.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "csrf.h"
#include "fcgi.h"
#include "serve_program.h"

static char socket_path[80];
static int listener;
static pid_t server;

/* --- The server ---------------------------------------------------------- */

static pid_t
start_server_as(const char *what)
{
    pid_t pid = fork();

    people_need(pid >= 0);
    if (pid > 0)
        return pid;
    dup2(listener, 0);
    execl("/proc/self/exe", "serve", what, (char *)NULL);
    _exit(127);
}

static pid_t
start_server(void)
{
    return start_server_as("child");
}

/* Who starts and ends it sends the signal when they like. */
static bool
is_told_to_stop(const struct config *config)
{
    (void)config;
    return kill(getpid(), SIGTERM) == 0;
}

static int
child(bool stopped_early)
{
    const struct program program = { .name = "test",
                                     .routes = test_routes,
                                     .start = stopped_early ? is_told_to_stop
                                                            : NULL };

    if (freopen("server.log", "a", stderr) == NULL)
        return 1;
    return serve(&program);
}

/* How it ended: its exit code, or 1000 and the signal. */
static int
wait_server(pid_t pid)
{
    int status;
    pid_t ended = 0;

    for (int i = 0; i < 300 && ended == 0; i++) {
        ended = waitpid(pid, &status, WNOHANG);
        if (ended == 0)
            poll(NULL, 0, 100);
    }
    if (ended == 0) { /* it never ends */
        kill(pid, SIGKILL);
        ended = waitpid(pid, &status, 0);
    }
    people_need(ended == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void
listen_at_home(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(socket_path, sizeof(socket_path), "%s/test.sock",
             people.config.home);
    memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    people_need(listener >= 0);
    people_need(fcntl(listener, F_SETFD, FD_CLOEXEC) == 0);
    people_need(bind(listener, (struct sockaddr *)&address, sizeof(address)) ==
                0);
    people_need(listen(listener, 64) == 0);
}

/* --- Rows ---------------------------------------------------------------- */

struct row {
    const char *name;
    const char *method;
    const char *uri;
    const char *variables[12]; /* more of them, name and value in turn */
    const char *body;
    int status;
    const char *says; /* within the body, or NULL */
};

static char owner_cookie[80], admin_cookie[80], viewer_cookie[80],
    stranger_cookie[80];
static char owner_csrf[SIGN_HEX_SIZE], admin_csrf[SIGN_HEX_SIZE],
    viewer_csrf[SIGN_HEX_SIZE];
static char key_all[80], key_meter[80], key_demo[80];
static char long_key[LIMIT_KEY + 1], longer_key[LIMIT_KEY + 2];
static char long_uri[LIMIT_TARGET + 2];

#define JSON    "CONTENT_TYPE", "application/json"
#define OURS    "HTTP_ORIGIN", "http://127.0.0.1:8080"
#define OWNER   "HTTP_COOKIE", owner_cookie
#define ADMIN   "HTTP_COOKIE", admin_cookie
#define VIEWER  "HTTP_COOKIE", viewer_cookie
#define CSRF(c) "HTTP_X_CSRF_TOKEN", c
#define KEY(k)  "HTTP_AUTHORIZATION", k
#define IDEM(k) "HTTP_IDEMPOTENCY_KEY", k
#define BUY     "POST", "/api/v1/spaces/demo/buy"

#include "serve_gates.h"
#include "serve_rows.h"

static void
ask(const struct row *row, struct fcgi_answer *answer)
{
    const char *variables[20] = { "REQUEST_METHOD", row->method, "REQUEST_URI",
                                  row->uri };

    for (int i = 0; i < 12; i++)
        variables[4 + i] = row->variables[i];
    fcgi_ask(socket_path, variables, row->body, strlen(row->body), answer);
}

static void
ask_uri(const char *method, const char *uri, struct fcgi_answer *answer)
{
    struct row row = { .method = method, .uri = uri, .body = "" };

    ask(&row, answer);
}

static void
try_rows(const struct row *rows, size_t count)
{
    static char among[160];

    snprintf(among, sizeof(among), "a=b;%s ; c=\"d\"", owner_cookie);
    for (size_t i = 0; i < count; i++) {
        struct row row = rows[i];
        struct fcgi_answer answer;
        if (row.variables[0] != NULL && row.variables[1] == NULL)
            row.variables[1] = among;
        ask(&row, &answer);
        is_int(answer.status, row.status, "%s", row.name);
        ok(answer.complete && fcgi_header(&answer, "Request-Id") != NULL &&
               fcgi_header(&answer, "X-Content-Type-Options") != NULL,
           "  has its end and the headers of every answer");
        is_text(fcgi_header(&answer, "Content-Type"),
                row.status == 200 ? "application/json"
                                  : "application/problem+json",
                "  its type");
        if (row.says != NULL && !ok(strstr(answer.body, row.says) != NULL,
                                    "  it says %s", row.says))
            printf("#   got %s\n", answer.body);
        fcgi_forget(&answer);
    }
}

#include "serve_more.h"

static void
set_up(void)
{
    const char *owner = people_session(&people.owner);
    const char *admin = people_session(&people.admin);
    const char *viewer = people_session(&people.viewer);

    snprintf(owner_cookie, 80, "scrip_session=%s", owner);
    snprintf(admin_cookie, 80, "scrip_session=%s", admin);
    snprintf(viewer_cookie, 80, "scrip_session=%s", viewer);
    snprintf(stranger_cookie, 80, "scrip_session=%s",
             people_session(&people.stranger));
    csrf_token(owner_csrf, owner);
    csrf_token(admin_csrf, admin);
    csrf_token(viewer_csrf, viewer);
    snprintf(key_all, 80, "Bearer %s", people.key_all);
    snprintf(key_meter, 80, "bearer  %s", people.key_meter);
    snprintf(key_demo, 80, "Bearer %s", people.key_demo);
    memset(long_key, 'k', sizeof(long_key) - 1);
    memset(longer_key, 'k', sizeof(longer_key) - 1);
    memset(long_uri, 'u', sizeof(long_uri) - 1);
    long_uri[0] = '/';
}

int
main(int argc, char **argv)
{
    if (argc > 1)
        return child(strcmp(argv[1], "stopped early") == 0);
    people_begin();
    people_need(chdir(people.config.home) == 0);
    listen_at_home();
    set_up();
    server = start_server();
    try_rows(plain_rows, COUNT_OF(plain_rows));
    try_rows(gate_rows, COUNT_OF(gate_rows));
    try_headers();
    try_bodies();
    try_streams();
    try_database();
    try_peers();
    try_steady();
    try_stop();
    people_end();
    return done();
}
