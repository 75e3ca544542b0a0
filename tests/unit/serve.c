/*
 * The loop around every program, tried from outside: this program starts
 * itself as a FastCGI server on a socket of its own, and asks. What a table
 * row says is what a client sees.
 */
#include <fcntl.h>
#include <signal.h>
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
start_server(void)
{
    pid_t pid = fork();

    people_need(pid >= 0);
    if (pid > 0)
        return pid;
    dup2(listener, 0);
    execl("/proc/self/exe", "serve", "child", (char *)NULL);
    _exit(127);
}

static int
child(void)
{
    static const struct program program = { .name = "test",
                                            .routes = test_routes };

    if (freopen("server.log", "a", stderr) == NULL)
        return 1;
    return serve(&program);
}

/* How it ended: its exit code, or 1000 and the signal. */
static int
wait_server(pid_t pid)
{
    int status;

    people_need(waitpid(pid, &status, 0) == pid);
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

static const struct row rows[] = {
    { "a path with a query",
      "GET",
      "/say?q=a+b%26c",
      { 0 },
      "",
      200,
      "\"q\":\"a b&c\"" },
    { "segments are decoded",
      "GET",
      "/say/a%20b/of/%E2%82%AC",
      { 0 },
      "",
      200,
      "\"first\":\"a b\",\"second\":\"\xe2\x82\xac\"" },
    { "a literal may be escaped", "GET", "/s%61y", { 0 }, "", 200, "GET" },
    { "the rest is as it was sent",
      "GET",
      "/rest/a/b%20/c/",
      { 0 },
      "",
      200,
      "\"second\":\"b%20/c/\"" },
    { "the rest may be empty",
      "GET",
      "/rest/a/",
      { 0 },
      "",
      200,
      "\"second\":\"\"" },
    { "an absolute target",
      "GET",
      "http://other.test/say?q=1",
      { 0 },
      "",
      200,
      "\"path\":\"/say\"" },
    { "no path at all", "GET", "http://other.test", { 0 }, "", 404, NULL },
    { "an unknown path", "GET", "/nothing", { 0 }, "", 404, "\"not_found\"" },
    { "a slash too many", "GET", "/say/", { 0 }, "", 404, NULL },
    { "two slashes", "GET", "//say", { 0 }, "", 404, NULL },
    { "an empty parameter", "GET", "/say//of/b", { 0 }, "", 404, NULL },
    { "two dots are a name", "GET", "/x/../say", { 0 }, "", 404, NULL },
    { "an escaped slash", "GET", "/say/a%2fb/of/c", { 0 }, "", 404, NULL },
    { "an escaped NUL", "GET", "/say/a%00/of/c", { 0 }, "", 404, NULL },
    { "a bad escape", "GET", "/say/%zz/of/c", { 0 }, "", 404, NULL },
    { "bytes that are no UTF-8", "GET", "/say/%ff/of/c", { 0 }, "", 404, NULL },
    { "more segments than any pattern",
      "GET",
      "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t",
      { 0 },
      "",
      404,
      NULL },
    { "a query that is none",
      "GET",
      "/say?q=%",
      { 0 },
      "",
      400,
      "\"invalid_request\"" },
    { "a query with NUL", "GET", "/say?q=%00", { 0 }, "", 400, NULL },
    { "a target over the ceiling",
      "GET",
      long_uri,
      { 0 },
      "",
      400,
      "\"invalid_request\"" },
    { "another method of a path",
      "PUT",
      "/tagged",
      { 0 },
      "",
      405,
      "\"method_not_allowed\"" },
    { "PATCH", "PATCH", "/say", { 0 }, "", 405, NULL },
    { "OPTIONS", "OPTIONS", "/say", { 0 }, "", 405, NULL },
    { "a method in lower case", "get", "/say", { 0 }, "", 405, NULL },
    { "405 goes before 401", "DELETE", "/me", { 0 }, "", 405, NULL },
    { "404 of a path whatever the method",
      "PATCH",
      "/no",
      { 0 },
      "",
      404,
      NULL },

    { "a body without a type, where none is asked for",
      "POST",
      "/say",
      { 0 },
      "abc",
      200,
      "\"length\":3" },
    { "a body that must be JSON",
      "PUT",
      "/say",
      { JSON },
      "{}",
      200,
      "\"length\":2" },
    { "JSON with its charset",
      "PUT",
      "/say",
      { "CONTENT_TYPE", "Application/JSON; charset=\"UTF-8\"" },
      "{}",
      200,
      NULL },
    { "another charset",
      "PUT",
      "/say",
      { "CONTENT_TYPE", "application/json; charset=latin1" },
      "{}",
      415,
      "\"unsupported_media_type\"" },
    { "a type that only begins so",
      "PUT",
      "/say",
      { "CONTENT_TYPE", "application/jsonx" },
      "{}",
      415,
      NULL },
    { "a form is no JSON",
      "PUT",
      "/say",
      { "CONTENT_TYPE", "application/x-www-form-urlencoded" },
      "a=1",
      415,
      NULL },
    { "plain text is no JSON",
      "PUT",
      "/say",
      { "CONTENT_TYPE", "text/plain" },
      "{}",
      415,
      NULL },
    { "no type at all", "PUT", "/say", { 0 }, "{}", 415, NULL },
    { "a type with an empty body",
      "PUT",
      "/say",
      { "CONTENT_TYPE", "text/plain" },
      "",
      415,
      NULL },
    { "nothing at all is the handler's to judge",
      "PUT",
      "/say",
      { 0 },
      "",
      200,
      "\"length\":0" },
    { "a body that nobody asked for, of another type",
      "DELETE",
      "/say",
      { "CONTENT_TYPE", "text/plain" },
      "x",
      415,
      NULL },
    { "a length that is right",
      "POST",
      "/say",
      { "CONTENT_LENGTH", "3" },
      "abc",
      200,
      NULL },
    { "an empty length",
      "POST",
      "/say",
      { "CONTENT_LENGTH", "" },
      "abc",
      200,
      "\"length\":3" },
    { "a length that says more",
      "POST",
      "/say",
      { "CONTENT_LENGTH", "4" },
      "abc",
      400,
      "Content-Length" },
    { "a length that says less",
      "POST",
      "/say",
      { "CONTENT_LENGTH", "2" },
      "abc",
      400,
      NULL },
    { "a length that is none",
      "POST",
      "/say",
      { "CONTENT_LENGTH", "-3" },
      "abc",
      400,
      NULL },
    { "a length that says far too much",
      "POST",
      "/say",
      { "CONTENT_LENGTH", "99999999999" },
      "abc",
      413,
      "\"payload_too_large\"" },

    { "nobody where a member is needed",
      "GET",
      "/me",
      { 0 },
      "",
      401,
      "\"unauthenticated\"" },
    { "a member", "GET", "/me", { OWNER }, "", 200, "\"caller\":\"member\"" },
    { "a cookie among others",
      "GET",
      "/me",
      { "HTTP_COOKIE", NULL /* set below */ },
      "",
      200,
      NULL },
    { "a cookie that is none of ours",
      "GET",
      "/me",
      { "HTTP_COOKIE",
        "scrip_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
      "",
      401,
      NULL },
    { "a cookie of another name",
      "GET",
      "/me",
      { "HTTP_COOKIE", "xscrip_session=1; scrip_sessionx=1" },
      "",
      401,
      NULL },
    { "a key where a member is needed",
      "GET",
      "/me",
      { KEY(key_all) },
      "",
      401,
      NULL },
    { "nobody in a Space",
      "GET",
      "/api/v1/spaces/demo/read",
      { 0 },
      "",
      401,
      NULL },
    { "401 goes before 404",
      "GET",
      "/api/v1/spaces/nowhere/read",
      { 0 },
      "",
      401,
      NULL },
    { "a member in a Space",
      "GET",
      "/api/v1/spaces/demo/read",
      { VIEWER },
      "",
      200,
      "\"space\":\"demo\"" },
    { "a Space that is not",
      "GET",
      "/api/v1/spaces/nowhere/read",
      { OWNER },
      "",
      404,
      "There is no such Space." },
    { "a Space of others",
      "GET",
      "/api/v1/spaces/other/read",
      { OWNER },
      "",
      404,
      "There is no such Space." },
    { "a name that no Space can have",
      "GET",
      "/api/v1/spaces/A%20b/read",
      { OWNER },
      "",
      404,
      "There is no such Space." },
    { "a key of all Spaces",
      "GET",
      "/api/v1/spaces/other/read",
      { KEY(key_all) },
      "",
      200,
      "\"caller\":\"key\"" },
    { "a key of this Space",
      "GET",
      "/api/v1/spaces/demo/read",
      { KEY(key_demo) },
      "",
      200,
      NULL },
    { "a key of another Space",
      "GET",
      "/api/v1/spaces/other/read",
      { KEY(key_demo) },
      "",
      404,
      "There is no such Space." },
    { "a key and no such Space",
      "GET",
      "/api/v1/spaces/nowhere/read",
      { KEY(key_all) },
      "",
      404,
      "There is no such Space." },
    { "one of several scopes is enough",
      "GET",
      "/api/v1/spaces/demo/read",
      { KEY(key_meter) },
      "",
      200,
      NULL },
    { "a key without the scope",
      "GET",
      "/api/v1/spaces/demo/metered",
      { KEY(key_demo) },
      "",
      403,
      "\"scope\"" },
    { "404 goes before the scope",
      "GET",
      "/api/v1/spaces/other/metered",
      { KEY(key_demo) },
      "",
      404,
      NULL },
    { "a member where a key is needed",
      "GET",
      "/api/v1/spaces/demo/metered",
      { OWNER },
      "",
      401,
      "Bearer" },
    { "a key that is none",
      "GET",
      "/api/v1/spaces/demo/read",
      { KEY("Bearer sk_0000000000000000000000000000000000000000000") },
      "",
      401,
      NULL },
    { "an empty key",
      "GET",
      "/api/v1/spaces/demo/read",
      { KEY("Bearer ") },
      "",
      401,
      NULL },
    { "another scheme",
      "GET",
      "/api/v1/spaces/demo/read",
      { KEY("Basic c2tfOg==") },
      "",
      401,
      NULL },
    { "a bad key is not helped by a good cookie",
      "GET",
      "/api/v1/spaces/demo/read",
      { KEY("Bearer sk_x"), OWNER },
      "",
      401,
      NULL },

    { "the owner buys",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS, JSON, IDEM("k 1~") },
      "{}",
      200,
      "\"key\":\"k 1~\"" },
    { "an admin buys",
      BUY,
      { ADMIN, CSRF(admin_csrf), OURS, JSON, IDEM("k") },
      "{}",
      200,
      NULL },
    { "by its fetch metadata alone",
      BUY,
      { OWNER, CSRF(owner_csrf), "HTTP_SEC_FETCH_SITE", "same-origin", JSON,
        IDEM("k") },
      "{}",
      200,
      NULL },
    { "from localhost",
      BUY,
      { OWNER, CSRF(owner_csrf), "HTTP_ORIGIN", "http://localhost:8080", JSON,
        IDEM("k") },
      "{}",
      200,
      NULL },
    { "from [::1]",
      BUY,
      { OWNER, CSRF(owner_csrf), "HTTP_ORIGIN", "http://[::1]:8080", JSON,
        IDEM("k") },
      "{}",
      200,
      NULL },
    { "from another port",
      BUY,
      { OWNER, CSRF(owner_csrf), "HTTP_ORIGIN", "http://127.0.0.1:8081", JSON,
        IDEM("k") },
      "{}",
      403,
      "\"csrf\"" },
    { "from another site",
      BUY,
      { OWNER, CSRF(owner_csrf), "HTTP_ORIGIN", "https://evil.test", JSON,
        IDEM("k") },
      "{}",
      403,
      "\"csrf\"" },
    { "from another site, whatever the metadata",
      BUY,
      { OWNER, CSRF(owner_csrf), "HTTP_ORIGIN", "https://evil.test",
        "HTTP_SEC_FETCH_SITE", "same-origin", JSON, IDEM("k") },
      "{}",
      403,
      NULL },
    { "from an origin that is null",
      BUY,
      { OWNER, CSRF(owner_csrf), "HTTP_ORIGIN", "null", JSON, IDEM("k") },
      "{}",
      403,
      NULL },
    { "from a site next door",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS, "HTTP_SEC_FETCH_SITE", "same-site", JSON,
        IDEM("k") },
      "{}",
      403,
      NULL },
    { "from nowhere",
      BUY,
      { OWNER, CSRF(owner_csrf), JSON, IDEM("k") },
      "{}",
      403,
      "\"csrf\"" },
    { "from the address bar",
      BUY,
      { OWNER, CSRF(owner_csrf), "HTTP_SEC_FETCH_SITE", "none", JSON,
        IDEM("k") },
      "{}",
      403,
      NULL },
    { "without the token",
      BUY,
      { OWNER, OURS, JSON, IDEM("k") },
      "{}",
      403,
      "\"csrf\"" },
    { "with a token of another session",
      BUY,
      { OWNER, CSRF(admin_csrf), OURS, JSON, IDEM("k") },
      "{}",
      403,
      NULL },
    { "with a token that is too short",
      BUY,
      { OWNER, CSRF("00"), OURS, JSON, IDEM("k") },
      "{}",
      403,
      NULL },
    { "csrf goes before the role",
      BUY,
      { VIEWER, OURS, JSON, IDEM("k") },
      "{}",
      403,
      "\"csrf\"" },
    { "a member may not buy",
      BUY,
      { VIEWER, CSRF(viewer_csrf), OURS, JSON, IDEM("k") },
      "{}",
      403,
      "\"role\"" },
    { "403 goes before 415",
      BUY,
      { VIEWER, CSRF(viewer_csrf), OURS, IDEM("k") },
      "{}",
      403,
      "\"role\"" },
    { "404 goes before csrf",
      "POST",
      "/api/v1/spaces/other/buy",
      { OWNER, JSON },
      "{}",
      404,
      NULL },
    { "415 goes before the key",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS },
      "{}",
      415,
      NULL },
    { "no Idempotency-Key",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS, JSON },
      "{}",
      400,
      "\"idempotency_key_required\"" },
    { "an empty one",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS, JSON, IDEM("") },
      "{}",
      400,
      "\"idempotency_key_required\"" },
    { "the longest one",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS, JSON, IDEM(long_key) },
      "{}",
      200,
      NULL },
    { "one that is too long",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS, JSON, IDEM(longer_key) },
      "{}",
      400,
      "\"invalid_request\"" },
    { "one with a tab",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS, JSON, IDEM("a\tb") },
      "{}",
      400,
      NULL },
    { "one that is not ASCII",
      BUY,
      { OWNER, CSRF(owner_csrf), OURS, JSON, IDEM("caf\xc3\xa9") },
      "{}",
      400,
      NULL },
    { "the owner owns",
      "POST",
      "/api/v1/spaces/demo/own",
      { OWNER, CSRF(owner_csrf), OURS, JSON },
      "{}",
      200,
      NULL },
    { "an admin does not",
      "POST",
      "/api/v1/spaces/demo/own",
      { ADMIN, CSRF(admin_csrf), OURS, JSON },
      "{}",
      403,
      "\"role\"" },
    { "an owner elsewhere is a member here",
      "POST",
      "/api/v1/spaces/free/own",
      { OWNER, CSRF(owner_csrf), OURS, JSON },
      "{}",
      403,
      "\"role\"" },
    { "signing in from nowhere in particular",
      "POST",
      "/sign-in",
      { JSON },
      "{}",
      200,
      NULL },
    { "signing in from another site",
      "POST",
      "/sign-in",
      { JSON, "HTTP_ORIGIN", "https://evil.test" },
      "{}",
      403,
      "\"csrf\"" },
    { "signing in across sites",
      "POST",
      "/sign-in",
      { JSON, "HTTP_SEC_FETCH_SITE", "cross-site" },
      "{}",
      403,
      NULL },

    { "a reply over the ceiling",
      "GET",
      "/much",
      { 0 },
      "",
      500,
      "\"internal\"" },
    { "all the memory there is",
      "GET",
      "/memory",
      { 0 },
      "",
      503,
      "\"unavailable\"" },
    { "a transaction left open, and a problem with more members",
      "GET",
      "/open",
      { 0 },
      "",
      403,
      "\"code\":\"plan_not_paid\",\"upgrade_url\":\"/settings/membership\"}" },
    { "and nothing of it is there", "GET", "/say", { 0 }, "", 200, NULL },
};

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
try_rows(void)
{
    static char among[160];

    snprintf(among, sizeof(among), "a=b;%s ; c=\"d\"", owner_cookie);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
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
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return child();
    people_begin();
    people_need(chdir(people.config.home) == 0);
    listen_at_home();
    set_up();
    server = start_server();
    try_rows();
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
