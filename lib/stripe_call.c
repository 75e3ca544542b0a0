/*
 * The provider's manners: what is tried again, when, and for how long. A
 * connection error, 409, 429 and 5xx may pass; the provider's own word
 * (Stripe-Should-Retry, Retry-After) goes before our guess. Never waits
 * beyond its limit, and never sends anything but the very same bytes.
 */
#include "stripe_call.h"

#include <time.h>

#include "clock.h"
#include "limits.h"
#include "net.h"
#include "sign.h"
#include "text.h"

/* The first wait; each further one is twice as long. */
#define WAIT_MS 500
/* One try may not take all the time: a lost reply is worth a second one. */
#define TRY_MS (LIMIT_PROVIDER_MS / 2)
/* Less than this is no time for an answer. */
#define TRY_LEAST_MS 250

#define HEADERS_MAX 5

static const char *const result_words[] = {
    [NET_OK] = "answered",
    [NET_REFUSED] = "no connection",
    [NET_TIMEOUT] = "no answer in time",
    [NET_TOO_LARGE] = "the answer was too large",
    [NET_BROKEN] = "the conversation broke",
};

static void
sleep_ms(int64_t ms)
{
    struct timespec left = { .tv_sec = (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000 };

    while (nanosleep(&left, &left) != 0)
        ;
}

/* Between half of `ms` and all of it: many who failed at once do not come
 * back at once. */
static int64_t
jittered(int64_t ms)
{
    uint32_t random;

    sign_random(&random, sizeof(random));
    return ms / 2 + (int64_t)(random % (uint64_t)(ms / 2 + 1));
}

static bool
worth_another(enum net_result result, const struct net_reply *reply,
              bool readable)
{
    if (result != NET_OK)
        return result != NET_TOO_LARGE;
    if (reply->stripe_should_retry != NULL) {
        if (strcmp(reply->stripe_should_retry, "true") == 0)
            return true;
        if (strcmp(reply->stripe_should_retry, "false") == 0)
            return false;
    }
    if (reply->status >= 200 && reply->status < 300)
        return !readable;
    return reply->status == 409 || reply->status == 429 || reply->status >= 500;
}

/* How long until the next try, if the provider or we may wait at all. */
static int64_t
wait_before(int tries, const struct net_reply *reply)
{
    int64_t wait = jittered((int64_t)WAIT_MS << (tries - 1));
    int64_t asked_s;

    if (reply->retry_after != NULL &&
        text_int(reply->retry_after, 0, 3600, &asked_s))
        wait = max_i64(wait, asked_s * SECOND_MS);
    return wait;
}

/* What a reply that is no success comes to. */
static enum stripe_result
outcome(struct arena *arena, enum net_result result,
        const struct net_reply *reply, const struct json *answer,
        const char **why)
{
    const char *said = json_text_at(answer, "error.message");
    const char *code = json_text_at(answer, "error.code");

    if (result != NET_OK) {
        *why = result_words[result];
        return STRIPE_UNAVAILABLE;
    }
    *why = arena_format(arena, "status %d, request %s: %s", reply->status,
                        reply->request_id == NULL ? "-" : reply->request_id,
                        said == NULL ? "no words" : said);
    if (reply->status == 404 || (reply->status == 400 && code != NULL &&
                                 strcmp(code, "resource_missing") == 0))
        return STRIPE_MISSING;
    if (reply->status < 400 || reply->status == 409 || reply->status == 429 ||
        reply->status >= 500)
        return STRIPE_UNAVAILABLE;
    return STRIPE_REFUSED;
}

static void
headers_of(const char *headers[HEADERS_MAX], const struct config *config,
           struct arena *arena, const struct stripe_call *call)
{
    int n = 0;

    headers[n++] =
        arena_format(arena, "Authorization: Bearer %s", config->stripe_key);
    headers[n++] = "Stripe-Version: " STRIPE_VERSION;
    if (call->body != NULL)
        headers[n++] = "Content-Type: application/x-www-form-urlencoded";
    if (call->idempotency_key != NULL)
        headers[n++] =
            arena_format(arena, "Idempotency-Key: %s", call->idempotency_key);
    headers[n] = NULL;
}

static int64_t
end_of(const struct stripe_call *call)
{
    if (call->end_ms != 0)
        return call->end_ms;
    return clock_monotonic_ms() + (strcmp(call->method, "GET") == 0
                                       ? LIMIT_PROVIDER_LOOK_MS
                                       : LIMIT_PROVIDER_MS);
}

enum stripe_result
stripe_call(const struct config *config, struct arena *arena,
            const struct stripe_call *call, const struct json **answer,
            const char **why)
{
    int64_t end = end_of(call);
    const char *headers[HEADERS_MAX];
    struct net_call net = {
        .method = call->method,
        .url = arena_format(arena, "%s%s", config->stripe_base, call->path),
        .headers = headers,
        .body = call->body,
        .body_length = call->body == NULL ? 0 : strlen(call->body),
        .reply_max = LIMIT_PROVIDER_REPLY,
        .plain = config->sandbox,
    };

    if (clock_monotonic_ms() + TRY_LEAST_MS > end) {
        *why = result_words[NET_TIMEOUT];
        return STRIPE_UNAVAILABLE;
    }
    headers_of(headers, config, arena, call);
    for (int tries = 1;; tries++) {
        struct json_fault *fault = NULL;
        struct net_reply reply;
        enum net_result result;
        int64_t wait;

        net.timeout_ms = min_i64(end - clock_monotonic_ms(), TRY_MS);
        result = net_call(arena, &net, &reply);
        *answer = result == NET_OK
                      ? json_parse(arena, reply.body, reply.body_length,
                                   JSON_PROVIDER, &fault)
                      : NULL;
        if (result == NET_OK && reply.status >= 200 && reply.status < 300 &&
            json_is_object(*answer))
            return STRIPE_OK;
        wait = wait_before(tries, &reply);
        if (!worth_another(result, &reply, json_is_object(*answer)) ||
            clock_monotonic_ms() + wait + TRY_LEAST_MS > end)
            return outcome(arena, result, &reply, *answer, why);
        sleep_ms(wait);
    }
}
