/*
 * A provider on its bad days. What hangs lets go after HANG_MS, when the
 * lever is put back, or when the program is told to end: no test has to wait
 * for what it no longer needs.
 */
#include "fault.h"

#include <signal.h>
#include <time.h>

#include "limits.h"

/* Longer than anybody waits for a provider, shorter than nginx does. */
#define HANG_MS 20000
#define LOOK_MS 50
/* A slow answer, yet a good one. */
#define SLOW_MS 1500
/* More than the most that a provider may answer. */
#define LARGE_SIZE (LIMIT_PROVIDER_REPLY + 4096)

struct fault {
    const char *word;
    int status; /* 0: special */
    const char *body;
    const char *header;
    const char *value;
};

#define ERROR_BODY(type, words) \
    "{\"error\":{\"type\":\"" type "\",\"message\":\"" words "\"}}"

static const struct fault faults[] = {
    { "400", 400, ERROR_BODY("invalid_request_error", "A lever refuses."), NULL,
      NULL },
    { "402", 402, ERROR_BODY("card_error", "A lever declines."), NULL, NULL },
    { "403", 403, ERROR_BODY("invalid_request_error", "A lever forbids."), NULL,
      NULL },
    { "409", 409, ERROR_BODY("invalid_request_error", "A lever is busy."), NULL,
      NULL },
    { "429", 429, ERROR_BODY("invalid_request_error", "Too many requests."),
      "Retry-After", "1" },
    { "500", 500, ERROR_BODY("api_error", "A lever broke it."), NULL, NULL },
    { "502", 502, "<html><body>Bad gateway</body></html>", NULL, NULL },
    { "503", 503, ERROR_BODY("api_error", "A lever stopped it."), "Retry-After",
      "1" },
    { "no_retry", 500, ERROR_BODY("api_error", "Do not try again."),
      "Stripe-Should-Retry", "false" },
    { "bad_json", 200, "{\"id\": \"cs_test_1\", ", NULL, NULL },
    { "empty", 200, "", NULL, NULL },
    { "redirect", 302, "", "Location", "http://169.254.169.254/latest/" },
    { "other", 200,
      "{\"id\":\"cs_test_other\",\"object\":\"checkout.session\","
      "\"status\":\"open\",\"payment_status\":\"unpaid\","
      "\"mode\":\"payment\",\"livemode\":false,\"metadata\":{}}",
      NULL, NULL },
    { "large", 0, NULL, NULL, NULL },
    { "hang", 0, NULL, NULL, NULL },
    { "slow", 0, NULL, NULL, NULL },
    { "lost", 0, NULL, NULL, NULL },
};

static const struct fault *
fault_find(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        if (strcmp(faults[i].word, word) == 0)
            return &faults[i];
    return NULL;
}

bool
fault_known(const char *word)
{
    return strcmp(word, "ok") == 0 || fault_find(word) != NULL;
}

const char *
fault_take(struct box *box)
{
    int64_t times;
    const char *word = box_lever(box, "api", &times);
    struct rows rows;

    if (word == NULL || times == 0 || fault_find(word) == NULL)
        return NULL;
    if (!box_begin(box))
        return NULL;
    (void)box_run(box, &rows, SQ_LEVER_TAKE, TEXT("api"));
    if (!box_commit(box) || rows.changes != 1)
        return NULL;
    return word;
}

static void
sleep_ms(int64_t ms)
{
    struct timespec wait = { .tv_sec = (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000 };

    (void)nanosleep(&wait, NULL);
}

/* Signals that end the program are blocked while it answers, and wait. */
static bool
is_ending(void)
{
    sigset_t waiting;

    return sigpending(&waiting) == 0 && (sigismember(&waiting, SIGTERM) == 1 ||
                                         sigismember(&waiting, SIGINT) == 1);
}

static void
hang(struct box *box, const char *word)
{
    for (int64_t waited = 0; waited < HANG_MS; waited += LOOK_MS) {
        int64_t unused;
        const char *now;

        sleep_ms(LOOK_MS);
        if (is_ending())
            return;
        now = box_lever(box, "api", &unused);
        if (now == NULL || strcmp(now, word) != 0)
            return;
    }
}

static void
put_large(struct req *req)
{
    char *filler = arena_alloc(req->arena, LARGE_SIZE + 1);

    memset(filler, 'x', LARGE_SIZE);
    buf_text(&req->reply.body, "{\"filler\":\"");
    buf_put(&req->reply.body, filler, LARGE_SIZE);
    buf_text(&req->reply.body, "\"}");
    req->reply.status = 200;
}

bool
fault_before(struct box *box, struct req *req, const char *word)
{
    const struct fault *fault = fault_find(word);

    if (strcmp(word, "lost") == 0)
        return false;
    if (strcmp(word, "slow") == 0) {
        sleep_ms(SLOW_MS);
        return false;
    }
    if (strcmp(word, "large") == 0) {
        put_large(req);
        return true;
    }
    if (strcmp(word, "hang") == 0) {
        hang(box, word);
        fault = fault_find("500");
    }
    req->reply.status = fault->status;
    buf_text(&req->reply.body, fault->body);
    if (fault->header != NULL)
        http_header(req, fault->header, fault->value);
    return true;
}

void
fault_after(struct box *box, const char *word)
{
    if (word != NULL && strcmp(word, "lost") == 0)
        hang(box, word);
}
