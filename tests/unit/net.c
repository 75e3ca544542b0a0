/*
 * net.h: one call, bounded in every direction. Each fault that another side
 * can make, and addresses that must never be called.
 */
#include "net.h"

#include "clock.h"
#include "tap.h"
#include "tiny_server.h"

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"

static struct arena arena;

static const struct {
    const char *name;
    struct tiny_answer answer;
    enum net_result result;
    int status;
    const char *body;
} replies[] = {
    { "an answer with a length",
      { TINY_SAY, HEAD "Content-Length: 5\r\n\r\nhello" },
      NET_OK,
      200,
      "hello" },
    { "an answer that ends with its connection",
      { TINY_SAY, HEAD "\r\nhello" },
      NET_OK,
      200,
      "hello" },
    { "an answer in chunks",
      { TINY_SAY, HEAD "Transfer-Encoding: chunked\r\n\r\n"
                       "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" },
      NET_OK,
      200,
      "hello" },
    { "no body",
      { TINY_SAY, HEAD "Content-Length: 0\r\n\r\n" },
      NET_OK,
      200,
      "" },
    { "an error has its status and its body",
      { TINY_SAY, "HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno" },
      NET_OK,
      503,
      "no" },
    { "a redirect is not followed",
      { TINY_SAY, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n"
                  "Content-Length: 0\r\n\r\n" },
      NET_OK,
      302,
      "" },
    { "the ceiling itself fits",
      { TINY_SAY, HEAD "Content-Length: 16\r\n\r\n0123456789abcdef" },
      NET_OK,
      200,
      "0123456789abcdef" },
    { "one byte over the ceiling, announced",
      { TINY_SAY, HEAD "Content-Length: 17\r\n\r\n0123456789abcdefg" },
      NET_TOO_LARGE,
      0,
      "" },
    { "one byte over the ceiling, unannounced",
      { TINY_SAY, HEAD "\r\n0123456789abcdefg" },
      NET_TOO_LARGE,
      0,
      "" },
    { "a flood", { TINY_FLOOD, HEAD "\r\n" }, NET_TOO_LARGE, 0, "" },
    { "a body cut off",
      { TINY_SAY, HEAD "Content-Length: 10\r\n\r\nhel" },
      NET_BROKEN,
      0,
      "" },
    { "no HTTP at all", { TINY_SAY, "220 mail here\r\n" }, NET_BROKEN, 0, "" },
    { "nothing, and gone", { TINY_SAY, "" }, NET_BROKEN, 0, "" },
    { "gone at once", { TINY_CLOSE, "" }, NET_BROKEN, 0, "" },
    { "silence after the request", { TINY_HANG, "" }, NET_TIMEOUT, 0, "" },
    { "silence in the headers", { TINY_HANG, HEAD }, NET_TIMEOUT, 0, "" },
    { "silence in the body",
      { TINY_HANG, HEAD "Content-Length: 9\r\n\r\nhel" },
      NET_TIMEOUT,
      0,
      "" },
    { "a drip", { TINY_DRIP, HEAD "\r\n" }, NET_TIMEOUT, 0, "" },
};

static enum net_result
get_within(const char *url, int64_t ms, struct net_reply *reply)
{
    const struct net_call call = {
        .method = "GET", .url = url, .timeout_ms = ms, .reply_max = 16
    };

    return net_call(&arena, &call, reply);
}

static enum net_result
get(const char *url, struct net_reply *reply)
{
    return get_within(url, 5000, reply);
}

static const char *
url_of(const struct tiny *tiny)
{
    return arena_format(&arena, "http://127.0.0.1:%d/path?x=1", tiny->port);
}

static void
try_replies(void)
{
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        struct tiny *tiny = tiny_start(&replies[i].answer, 1);
        int64_t within = replies[i].result == NET_TIMEOUT ? 400 : 5000;
        int64_t began = clock_monotonic_ms();
        struct net_reply reply;

        is_int(get_within(url_of(tiny), within, &reply), replies[i].result,
               "%s", replies[i].name);
        is_int(reply.status, replies[i].status, "%s: status", replies[i].name);
        is_text(reply.body, replies[i].body, "%s: body", replies[i].name);
        ok(clock_monotonic_ms() - began < within + 2000, "%s: in time",
           replies[i].name);
        tiny_stop(tiny);
    }
}

/* None of these may send a byte. */
static void
try_addresses(void)
{
    static const struct tiny_answer answer = { TINY_SAY, HEAD
                                               "Content-Length: 2\r\n\r\nno" };
    static const char *const never[] = {
        "http://example.com:%d/",
        "http://127.0.0.1@localhost:%d/",
        "http://user:pw@127.0.0.1:%d/",
        "ftp://127.0.0.1:%d/",
        "file:///etc/hostname?%d",
        "gopher://127.0.0.1:%d/",
        "http://127.0.0.1.example.com:%d/",
        "http://0.0.0.0:%d/",
        "127.0.0.1:%d/",
        "//127.0.0.1:%d/",
        "http://:%d/",
        "http://[::ffff:127.0.0.1]:%d/",
    };
    struct tiny *tiny = tiny_start(&answer, 1);
    struct net_reply reply;

    for (size_t i = 0; i < COUNT_OF(never); i++) {
        char url[128];
        size_t length = strcspn(never[i], "%");

        snprintf(url, sizeof(url), "%.*s%d%s", (int)length, never[i],
                 tiny->port, never[i] + length + 2);
        is_int(get(url, &reply), NET_BROKEN, "never called: %s", never[i]);
    }
    is_int(get("", &reply), NET_BROKEN, "never called: nothing");
    is_int(atomic_load(&tiny->count), 0, "and nothing was sent");
    is_int(get(arena_format(&arena, "http://localhost:%d/", tiny->port),
               &reply),
           NET_OK, "localhost is the loopback");
    /* Certificates are loaded first, which takes a while on a busy machine. */
    is_int(get_within(arena_format(&arena, "https://127.0.0.1:%d/", tiny->port),
                      10000, &reply),
           NET_BROKEN, "https to one who speaks none breaks");
    tiny_stop(tiny);
}

static void
try_refused(void)
{
    static const struct tiny_answer answer = { TINY_SAY, "" };
    struct tiny *tiny = tiny_start(&answer, 1);
    const char *url = url_of(tiny);
    struct net_reply reply;

    tiny_stop(tiny);
    is_int(get(url, &reply), NET_REFUSED, "nobody listens: refused");
    is_int(get("https://no-such-host.invalid/", &reply), NET_REFUSED,
           "no such host: refused");
}

static void
try_request(void)
{
    static const struct tiny_answer answer = {
        TINY_SAY, HEAD "Retry-After:  7 \r\nSTRIPE-SHOULD-RETRY: true\r\n"
                       "Request-Id: req_1\r\nContent-Length: 0\r\n\r\n"
    };
    static const char *const headers[] = { "X-One: 1", "X-Two: zwei", NULL };
    struct tiny *tiny = tiny_start(&answer, 1);
    const struct net_call call = { .method = "POST",
                                   .url = url_of(tiny),
                                   .headers = headers,
                                   .body = "a=1&b=2",
                                   .body_length = 7,
                                   .timeout_ms = 5000,
                                   .reply_max = 16 };
    struct net_reply reply;

    is_int(net_call(&arena, &call, &reply), NET_OK, "a POST");
    is_text(reply.retry_after, "7", "Retry-After, without its spaces");
    is_text(reply.stripe_should_retry, "true", "names in any case");
    is_text(reply.request_id, "req_1", "Request-Id");
    ok(strncmp(tiny->seen[0], "POST /path?x=1 HTTP/1.1\r\n", 25) == 0,
       "method and target");
    ok(strstr(tiny->seen[0], "\r\nX-One: 1\r\n") != NULL, "a header");
    ok(strstr(tiny->seen[0], "\r\nX-Two: zwei\r\n") != NULL, "another");
    ok(strstr(tiny->seen[0], "\r\n\r\na=1&b=2") != NULL, "the body");
    ok(strstr(tiny->seen[0], "Expect:") == NULL, "no Expect");
    is_int(get(url_of(tiny), &reply), NET_OK, "then a GET on this thread");
    ok(strncmp(tiny->seen[1], "GET ", 4) == 0, "with nothing of the POST");
    ok(strstr(tiny->seen[1], "X-One") == NULL, "nor of its headers");
    tiny_stop(tiny);
}

/* Proxies are set from outside; this program is run again with them. */
static void
try_proxies(void)
{
    static const struct tiny_answer answer = { TINY_SAY, HEAD
                                               "Content-Length: 2\r\n\r\nok" };
    static char proxies[][48] = { "http_proxy=http://127.0.0.1:9",
                                  "HTTP_PROXY=http://127.0.0.1:9",
                                  "all_proxy=http://127.0.0.1:9",
                                  "ALL_PROXY=socks5://127.0.0.1:9" };
    static char *environment[COUNT_OF(proxies) + 1];
    extern char **environ;
    char **before = environ;
    struct tiny *tiny = tiny_start(&answer, 1);
    struct net_reply reply;

    for (size_t i = 0; i < COUNT_OF(proxies); i++)
        environment[i] = proxies[i];
    environ = environment;
    is_int(get(url_of(tiny), &reply), NET_OK,
           "a proxy of the environment is not asked");
    environ = before;
    tiny_stop(tiny);
}

static atomic_bool cancel;

static void *
cancel_soon(void *unused)
{
    usleep(200000);
    atomic_store(&cancel, true);
    return unused;
}

static void
try_cancel(void)
{
    static const struct tiny_answer answer = { TINY_HANG, "" };
    struct tiny *tiny = tiny_start(&answer, 1);
    const struct net_call call = { .method = "GET",
                                   .url = url_of(tiny),
                                   .timeout_ms = 20000,
                                   .reply_max = 16,
                                   .cancel = &cancel };
    int64_t began = clock_monotonic_ms();
    struct net_reply reply;
    pthread_t other;

    ok(pthread_create(&other, NULL, cancel_soon, NULL) == 0, "a thread");
    is_int(net_call(&arena, &call, &reply), NET_BROKEN,
           "a call that hangs is cancelled by another thread");
    ok(clock_monotonic_ms() - began < 5000, "long before its own end");
    pthread_join(other, NULL);
    tiny_stop(tiny);
}

/* Each thread has a server and an arena of its own. */
static void *
call_often(void *context)
{
    struct tiny *tiny = context;
    struct arena own;
    intptr_t good = 0;

    arena_init(&own, 4096, 1 << 20);
    for (int i = 0; i < 100; i++) {
        char url[64];
        const struct net_call call = {
            .method = "GET", .url = url, .timeout_ms = 5000, .reply_max = 16
        };
        struct net_reply reply;

        snprintf(url, sizeof(url), "http://127.0.0.1:%d/", tiny->port);
        if (net_call(&own, &call, &reply) == NET_OK &&
            strcmp(reply.body, "ok") == 0)
            good++;
        arena_reset(&own);
    }
    arena_free(&own);
    return (void *)good;
}

static void
try_threads(void)
{
    static const struct tiny_answer answer = { TINY_SAY, HEAD
                                               "Content-Length: 2\r\n\r\nok" };
    struct tiny *servers[4];
    pthread_t threads[4];
    void *good;

    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        servers[i] = tiny_start(&answer, 1);
        if (pthread_create(&threads[i], NULL, call_often, servers[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], &good);
        is_int((intptr_t)good, 100, "a hundred calls of thread %zu", i);
        tiny_stop(servers[i]);
    }
}

int
main(void)
{
    arena_init(&arena, 65536, 1 << 24);
    try_replies();
    try_addresses();
    try_refused();
    try_request();
    try_proxies();
    try_cancel();
    try_threads();
    net_close();
    arena_free(&arena);
    return done();
}
