/*
 * curl, kept on a short lead. One handle a thread, so that a connection to
 * the provider is used again; it is reset around each call, so that nothing
 * of the last one is left on it. What curl hands us goes into the thread's
 * own memory and is copied to the arena only when curl has returned: an
 * arena may jump, and a jump must neither tear curl nor lose memory. Follows
 * nothing, asks no proxy, reads no file but the system's certificates.
 */
#include "net.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <strings.h>
#include <time.h>

#include "limits.h"
#include "trust.h"
#include "url.h"

/* What a reply's header may be long; ours are ids and small numbers. */
#define VALUE_SIZE 256

/* Memory over this is given back before the next call. */
#define KEPT_SIZE (64 * 1024)

/* A thread's own: its handle and what came in. */
struct line {
    CURL *handle;
    char *bytes;
    size_t length;
    size_t room;
    size_t max;
    bool over;
    atomic_bool *cancel;
    char retry_after[VALUE_SIZE];
    char should_retry[VALUE_SIZE];
    char request_id[VALUE_SIZE];
    char set_cookie[VALUE_SIZE];
};

static pthread_once_t net_once = PTHREAD_ONCE_INIT;
static pthread_key_t net_key;
static bool net_ready;

static void
line_free(void *context)
{
    struct line *line = context;

    curl_easy_cleanup(line->handle);
    free(line->bytes);
    free(line);
}

static void
net_init(void)
{
    net_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK &&
                pthread_key_create(&net_key, line_free) == 0;
}

static struct line *
line_new(void)
{
    struct line *line = calloc(1, sizeof(*line));

    if (line == NULL)
        return NULL;
    line->handle = curl_easy_init();
    if (line->handle == NULL || pthread_setspecific(net_key, line) != 0) {
        line_free(line);
        return NULL;
    }
    return line;
}

static void
forget_headers(struct line *line)
{
    line->retry_after[0] = line->should_retry[0] = line->request_id[0] = '\0';
    line->set_cookie[0] = '\0';
}

/* This thread's line, as good as new; NULL when there is no memory. */
static struct line *
line_take(void)
{
    struct line *line;

    if (pthread_once(&net_once, net_init) != 0 || !net_ready)
        return NULL;
    line = pthread_getspecific(net_key);
    if (line == NULL)
        return line_new();
    if (line->room > KEPT_SIZE) {
        free(line->bytes);
        line->bytes = NULL;
        line->room = 0;
    }
    line->length = 0;
    line->over = false;
    forget_headers(line);
    return line;
}

void
net_close(void)
{
    struct line *line;

    if (pthread_once(&net_once, net_init) != 0 || !net_ready)
        return;
    line = pthread_getspecific(net_key);
    if (line != NULL && pthread_setspecific(net_key, NULL) == 0)
        line_free(line);
}

static size_t
receive_body(char *bytes, size_t size, size_t count, void *context)
{
    struct line *in = context;
    size_t length = size * count;

    if (length > in->max - in->length) {
        in->over = true;
        return 0;
    }
    if (in->length + length + 1 > in->room) {
        size_t room = in->room < 4096 ? 4096 : in->room * 2;
        char *larger;

        if (room < in->length + length + 1)
            room = in->length + length + 1;
        larger = realloc(in->bytes, room);
        if (larger == NULL) {
            return 0;
        }
        in->bytes = larger;
        in->room = room;
    }
    memcpy(in->bytes + in->length, bytes, length);
    in->length += length;
    in->bytes[in->length] = '\0';
    return length;
}

/* Copies the value of "Name: value" when it is that header; one that does
 * not fit counts as absent. */
static void
header_value(const char *line, size_t length, const char *name,
             char value[VALUE_SIZE])
{
    size_t at = strlen(name);

    if (length <= at || line[at] != ':' || strncasecmp(line, name, at) != 0)
        return;
    at++;
    while (at < length && (line[at] == ' ' || line[at] == '\t'))
        at++;
    while (length > at && (line[length - 1] == '\r' ||
                           line[length - 1] == '\n' || line[length - 1] == ' '))
        length--;
    if (length - at >= VALUE_SIZE || memchr(line + at, '\0', length - at))
        return;
    memcpy(value, line + at, length - at);
    value[length - at] = '\0';
}

static size_t
receive_header(char *line, size_t size, size_t count, void *context)
{
    struct line *in = context;
    size_t length = size * count;

    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0)
        forget_headers(in);
    header_value(line, length, "retry-after", in->retry_after);
    header_value(line, length, "stripe-should-retry", in->should_retry);
    header_value(line, length, "request-id", in->request_id);
    header_value(line, length, "set-cookie", in->set_cookie);
    return length;
}

static int
look_up(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct line *in = context;

    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(in->cancel) ? 1 : 0;
}

/* https anywhere; http only where the words never leave the machine. Nobody
 * may hide in front of an '@'. */
static bool
url_allowed(CURLU *url, bool plain)
{
    char *scheme = NULL;
    char *host = NULL;
    char *user = NULL;
    bool fine = false;

    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK) {
        fine =
            strcmp(scheme, "https") == 0 ||
            (strcmp(scheme, "http") == 0 && (plain || url_is_loopback(host)));
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    return fine;
}

static bool
set_address(CURL *handle, CURLU *url, const struct net_call *call)
{
    return url != NULL &&
           curl_url_set(url, CURLUPART_URL, call->url, 0) == CURLUE_OK &&
           url_allowed(url, call->plain) &&
           curl_easy_setopt(handle, CURLOPT_CURLU, url) == CURLE_OK;
}

/* The fences, the same around every call. */
static bool
set_bounds(CURL *handle, const struct net_call *call)
{
    long total = (long)max_i64(call->timeout_ms, 1);
    long connect = (long)min_i64(total, LIMIT_CONNECT_MS);
    const char *trusted = trust_file();
    bool fine = true;

#define SET(option, value) \
    fine = curl_easy_setopt(handle, (option), (value)) == CURLE_OK && fine
    SET(CURLOPT_PROTOCOLS_STR, "https,http");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    if (trusted != NULL)
        SET(CURLOPT_CAINFO, trusted);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, connect);
    SET(CURLOPT_TIMEOUT_MS, total);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)call->reply_max);
    SET(CURLOPT_USERAGENT, "Scrip");
    return fine;
}

static bool
set_message(struct line *in, const struct net_call *call,
            struct curl_slist *headers)
{
    CURL *handle = in->handle;
    bool fine = true;

    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_WRITEFUNCTION, receive_body);
    SET(CURLOPT_WRITEDATA, in);
    SET(CURLOPT_HEADERFUNCTION, receive_header);
    SET(CURLOPT_HEADERDATA, in);
    if (in->cancel != NULL) {
        SET(CURLOPT_XFERINFOFUNCTION, look_up);
        SET(CURLOPT_XFERINFODATA, in);
        SET(CURLOPT_NOPROGRESS, 0L);
    }
    if (strcmp(call->method, "GET") != 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_CUSTOMREQUEST, call->method);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_length);
        SET(CURLOPT_POSTFIELDS, call->body == NULL ? "" : call->body);
    }
#undef SET
    return fine;
}

/* "Expect: 100-continue" would cost a round trip. NULL on no memory. */
static struct curl_slist *
headers_of(const char *const *names)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    for (size_t i = 0; list != NULL && names != NULL && names[i] != NULL; i++) {
        struct curl_slist *longer = curl_slist_append(list, names[i]);

        if (longer == NULL) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static enum net_result
result_of(const struct line *in, CURLcode code)
{
    curl_off_t connected_us = 0;

    (void)curl_easy_getinfo(in->handle, CURLINFO_PRETRANSFER_TIME_T,
                            &connected_us);
    switch (code) {
    case CURLE_OK: return NET_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return NET_REFUSED;
    case CURLE_OPERATION_TIMEDOUT:
        return connected_us == 0 ? NET_REFUSED : NET_TIMEOUT;
    case CURLE_FILESIZE_EXCEEDED: return NET_TOO_LARGE;
    case CURLE_WRITE_ERROR: return in->over ? NET_TOO_LARGE : NET_BROKEN;
    default: return NET_BROKEN;
    }
}

/* NULL where there was none. */
static const char *
kept(struct arena *arena, const char *value)
{
    return value[0] == '\0' ? NULL : arena_text(arena, value);
}

/* A connection that breaks while TLS writes to it is a signal, by default
 * our death: held back from this thread for the call, and taken away where
 * the call was what brought it. */
struct quiet {
    sigset_t before;
    bool held;
};

static struct quiet
pipe_hold(void)
{
    struct quiet quiet = { .held = false };
    sigset_t pipe_set, waiting;

    sigemptyset(&pipe_set);
    sigaddset(&pipe_set, SIGPIPE);
    quiet.held = sigpending(&waiting) == 0 &&
                 sigismember(&waiting, SIGPIPE) == 0 &&
                 pthread_sigmask(SIG_BLOCK, &pipe_set, &quiet.before) == 0;
    return quiet;
}

static void
pipe_let(const struct quiet *quiet)
{
    static const struct timespec at_once = { .tv_sec = 0 };
    sigset_t pipe_set;

    if (!quiet->held)
        return;
    sigemptyset(&pipe_set);
    sigaddset(&pipe_set, SIGPIPE);
    while (sigtimedwait(&pipe_set, NULL, &at_once) == SIGPIPE)
        ;
    (void)pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
}

/* The exchange itself; nothing in here may jump. */
static enum net_result
exchange(struct line *line, const struct net_call *call, long *status)
{
    struct curl_slist *headers = headers_of(call->headers);
    CURLU *url = curl_url();
    enum net_result result = NET_BROKEN;

    line->max = call->reply_max;
    line->cancel = call->cancel;
    if (headers != NULL && set_address(line->handle, url, call) &&
        set_bounds(line->handle, call) && set_message(line, call, headers)) {
        struct quiet quiet = pipe_hold();

        result = result_of(line, curl_easy_perform(line->handle));
        pipe_let(&quiet);
        (void)curl_easy_getinfo(line->handle, CURLINFO_RESPONSE_CODE, status);
    }
    curl_easy_reset(line->handle); /* it points to what goes away now */
    curl_slist_free_all(headers);
    curl_url_cleanup(url);
    return result;
}

enum net_result
net_call(struct arena *arena, const struct net_call *call,
         struct net_reply *reply)
{
    struct line *line = line_take();
    enum net_result result;
    long status = 0;

    *reply = (struct net_reply){ .body = "" };
    if (line == NULL)
        return NET_BROKEN;
    result = exchange(line, call, &status);
    if (result != NET_OK)
        return result;
    reply->status = (int)status;
    reply->body = arena_copy(arena, line->bytes, line->length);
    reply->body_length = line->length;
    reply->retry_after = kept(arena, line->retry_after);
    reply->stripe_should_retry = kept(arena, line->should_retry);
    reply->request_id = kept(arena, line->request_id);
    reply->set_cookie = kept(arena, line->set_cookie);
    return NET_OK;
}
