/*
 * The second half of serve.c's test: what a row cannot say. Part of that
 * file, in one of its own for length alone.
 */

static void
try_headers(void)
{
    struct fcgi_answer answer;
    struct row row = { .method = "GET",
                       .uri = "/tagged",
                       .body = "",
                       .variables = { "HTTP_IF_NONE_MATCH",
                                      "\"x\", W/\"tag-1\"" } };

    ask(&row, &answer);
    is_int(answer.status, 304, "a tag among several, weak: not modified");
    is_int((int64_t)answer.length, 0, "  without a body");
    is_text(fcgi_header(&answer, "ETag"), "\"tag-1\"", "  with its tag");
    fcgi_forget(&answer);
    row.variables[1] = "*";
    ask(&row, &answer);
    is_int(answer.status, 304, "any tag: not modified");
    fcgi_forget(&answer);
    row.variables[1] = "\"tag-11\", \"tag\", tag-1, \"tag-1\"";
    ask(&row, &answer);
    is_int(answer.status, 200, "a list that breaks off before ours: modified");
    is_text(fcgi_header(&answer, "Cache-Control"), "no-store",
            "  not to be stored");
    fcgi_forget(&answer);
    row.method = "HEAD";
    row.variables[0] = NULL;
    ask(&row, &answer);
    is_int(answer.status, 200, "HEAD as GET");
    is_int((int64_t)answer.length, 0, "  without a body");
    ok(strtol(fcgi_header(&answer, "Content-Length"), NULL, 10) > 0,
       "  with the length of GET's");
    fcgi_forget(&answer);
    ask_uri("DELETE", "/tagged", &answer);
    is_text(fcgi_header(&answer, "Allow"), "GET, HEAD",
            "405 says what is allowed");
    fcgi_forget(&answer);
    ask_uri("PATCH", "/say", &answer);
    is_text(fcgi_header(&answer, "Allow"), "GET, HEAD, POST, PUT, DELETE",
            "all of it");
    fcgi_forget(&answer);
    ask_uri("GET", "/api/v1/spaces/demo/read", &answer);
    is_text(fcgi_header(&answer, "WWW-Authenticate"), "Bearer realm=\"scrip\"",
            "401 says how a key is sent");
    is_text(fcgi_header(&answer, "Cache-Control"), "private, no-cache",
            "what is about a Space is private");
    fcgi_forget(&answer);
    row = (struct row){ .method = "GET",
                        .uri = "/say",
                        .body = "",
                        .variables = { "REQUEST_ID", "0123456789abcdef" } };
    ask(&row, &answer);
    is_text(fcgi_header(&answer, "Request-Id"), "0123456789abcdef",
            "the request id of the server in front");
    fcgi_forget(&answer);
    row.variables[1] = "a b\r\nc: d";
    ask(&row, &answer);
    ok(strncmp(fcgi_header(&answer, "Request-Id"), "req_", 4) == 0,
       "one that is none is replaced");
    fcgi_forget(&answer);
    row.uri = "/nothing";
    row.variables[1] = "abcdefgh";
    ask(&row, &answer);
    is_text(answer.body,
            "{\"type\":\"/problems/not_found\",\"title\":\"Not found\","
            "\"status\":404,\"detail\":\"There is nothing at this address.\","
            "\"instance\":\"abcdefgh\",\"code\":\"not_found\"}",
            "a problem, whole");
    fcgi_forget(&answer);
}

static void
post(const char *uri, size_t length, int status, const char *name)
{
    const char *variables[] = { "REQUEST_METHOD", "POST", "REQUEST_URI", uri,
                                NULL };
    struct fcgi_answer answer;
    char *body = malloc(length + 1);

    memset(body, 'x', length);
    fcgi_ask(socket_path, variables, body, length, &answer);
    is_int(answer.status, status, "%s", name);
    fcgi_forget(&answer);
    free(body);
}

static void
try_bodies(void)
{
    post("/say", LIMIT_BODY, 200, "64 KiB, as much as a body may have");
    post("/say", LIMIT_BODY + 1, 413, "one byte more");
    post("/say", 4 * 1024 * 1024, 413, "4 MiB are read to their end");
    post("/large", LIMIT_BODY_LARGE, 200, "1 MiB where that is allowed");
    post("/large", LIMIT_BODY_LARGE + 1, 413, "one byte more there");
    post("/nothing", LIMIT_BODY, 404, "a body for nothing");
}

static void
try_streams(void)
{
    struct fcgi_answer answer;

    ask_uri("GET", "/stream", &answer);
    is_int(answer.status, 200, "a stream");
    ok(answer.complete && answer.length > LIMIT_REPLY &&
           strstr(answer.body, "\nline 1 of many") != NULL,
       "  larger than any reply, to its last line");
    ok(fcgi_header(&answer, "Content-Length") == NULL,
       "  of a length that nobody knew");
    fcgi_forget(&answer);
    ask_uri("HEAD", "/stream", &answer);
    ok(answer.complete && answer.status == 200 && answer.length == 0,
       "its head alone");
    fcgi_forget(&answer);
    ask_uri("GET", "/broken", &answer);
    ok(!answer.complete, "a stream that broke never says that it is whole");
    fcgi_forget(&answer);
}

static void
try_database(void)
{
    struct fcgi_answer answer;
    int64_t began;

    people_need(db_begin(people.db));
    began = clock_monotonic_ms();
    ask_uri("GET", "/open", &answer);
    is_int(answer.status, 503, "while another writes for long: unavailable");
    is_text(fcgi_header(&answer, "Retry-After"), "2", "  for two seconds");
    ok(clock_monotonic_ms() - began < 2 * LIMIT_TURN_MS, "  said in time");
    fcgi_forget(&answer);
    ask_uri("GET", "/say", &answer);
    is_int(answer.status, 200, "  who only reads does not wait");
    fcgi_forget(&answer);
    db_rollback(people.db);
    ask_uri("GET", "/open", &answer);
    is_int(answer.status, 403, "  and afterwards it goes on");
    fcgi_forget(&answer);
}

/* Peers that are no web server. Each must cost nothing but a little time:
 * never a wait of five seconds where none is due, nor two where one is. */
static void
try_peers(void)
{
    static const char junk[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    struct fcgi_answer answer;
    int connection;
    int64_t began;

    close(fcgi_connect(socket_path));
    connection = fcgi_connect(socket_path);
    people_need(fcgi_write(connection, junk, sizeof(junk) - 1));
    close(connection);
    connection = fcgi_connect(socket_path);
    people_need(fcgi_begin(connection));
    close(connection);
    began = clock_monotonic_ms();
    ask_uri("GET", "/say", &answer);
    is_int(answer.status, 200, "after peers that left at once");
    ok(clock_monotonic_ms() - began < 4000, "  without a wait");
    fcgi_forget(&answer);

    connection = fcgi_connect(socket_path);
    poll(NULL, 0, 100);
    began = clock_monotonic_ms();
    ask_uri("GET", "/say", &answer);
    is_int(answer.status, 200, "behind a peer that says nothing");
    ok(clock_monotonic_ms() - began < 9000, "  after its five seconds");
    fcgi_forget(&answer);
    close(connection);

    connection = fcgi_connect(socket_path);
    people_need(
        fcgi_begin(connection) &&
        fcgi_params(connection,
                    (const char *const[]){ "REQUEST_METHOD", "POST",
                                           "REQUEST_URI", "/say", NULL }) &&
        fcgi_record(connection, 5, "abc", 3));
    began = clock_monotonic_ms();
    fcgi_receive(connection, &answer);
    is_int(answer.status, 400, "a body that stops half way is refused");
    ok(clock_monotonic_ms() - began < 9000, "  after five seconds");
    fcgi_forget(&answer);
    close(connection);
}

static long
resident_kb(pid_t pid)
{
    char path[64], line[256];
    long kb = -1;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    people_need(file != NULL);
    while (fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    fclose(file);
    return kb;
}

static void
ask_often(int times)
{
    struct row row = { .method = "GET",
                       .uri = "/api/v1/spaces/demo/read?q=1",
                       .body = "",
                       .variables = { "HTTP_COOKIE", owner_cookie } };

    for (int i = 0; i < times; i++) {
        struct fcgi_answer answer;
        ask(&row, &answer);
        people_need(answer.status == 200);
        fcgi_forget(&answer);
    }
}

/* The sanitizer keeps what was freed for a while (256 MB of it), so that
 * under it only what is lost for good could be seen; it says that itself. */
static void
try_steady(void)
{
    long before, after;

    ask_often(1000);
    before = resident_kb(server);
    ask_often(10000);
    after = resident_kb(server);
#ifdef __SANITIZE_ADDRESS__
    ok(before > 0 && after > 0, "10,000 requests are answered");
#else
    ok(after - before <= 256,
       "10,000 requests take no memory: %ld KB, then "
       "%ld KB",
       before, after);
#endif
}

/* Waits until the server has read all that it was sent, be it still starting;
 * whether it has. */
static bool
is_read(int connection)
{
    int unread = -1;

    for (int i = 0; i < 3000; i++) {
        if (ioctl(connection, TIOCOUTQ, &unread) != 0 || unread == 0)
            break;
        poll(NULL, 0, 10);
    }
    return unread == 0;
}

static void
try_stop(void)
{
    const char *variables[] = { "REQUEST_METHOD", "GET", "REQUEST_URI", "/slow",
                                NULL };
    static const int signals[] = { SIGTERM, SIGINT, SIGUSR1 };
    struct fcgi_answer answer;
    int connection;

    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        connection = fcgi_connect(socket_path);
        people_need(fcgi_begin(connection) &&
                    fcgi_params(connection, variables) && is_read(connection) &&
                    fcgi_body(connection, "", 0));
        poll(NULL, 0, 100);
        kill(server, signals[i]);
        fcgi_receive(connection, &answer);
        ok(answer.complete && answer.status == 200,
           "signal %d while it answers: the request is answered", signals[i]);
        is_int(wait_server(server), 0, "  and then it ends well");
        fcgi_forget(&answer);
        close(connection);
        server = start_server();
    }
    /* In the middle of what it is being told. */
    connection = fcgi_connect(socket_path);
    people_need(fcgi_begin(connection) && is_read(connection));
    kill(server, SIGTERM);
    poll(NULL, 0, 100);
    people_need(fcgi_params(connection, variables) &&
                fcgi_body(connection, "", 0));
    fcgi_receive(connection, &answer);
    ok(answer.complete && answer.status == 200,
       "SIGTERM while it is read: the request is answered");
    is_int(wait_server(server), 0, "  and then it ends well");
    fcgi_forget(&answer);
    close(connection);
    server = start_server();
    ask_uri("GET", "/say", &answer);
    is_int(answer.status, 200, "the next one has started");
    fcgi_forget(&answer);
    poll(NULL, 0, 100);
    kill(server, SIGTERM);
    is_int(wait_server(server), 0, "SIGTERM while it waits: it ends at once");
    server = start_server_as("stopped early");
    is_int(wait_server(server), 0, "SIGTERM while it starts: it ends, too");
}
