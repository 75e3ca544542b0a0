/*
 * The demo's calls: one at a time over HTTP, each with a key of its own, and
 * any answer that is not a 2xx ends all of it with its words.
 */
#include "demo.h"

#include "clock.h"
#include "form.h"
#include "limits.h"
#include "net.h"
#include "site_clock.h"

#include <unistd.h>

enum { CALL_MS = 15000, PAID_MS = 20000 };

static bool
say(struct demo *demo, const char *method, const char *path, int status,
    const char *words)
{
    command_fail(demo->command, COMMAND_FAILED, "%s %s: %d %s", method, path,
                 status, words);
    return false;
}

/* --- One call. ------------------------------------------------------------- */

static bool
call(struct demo *demo, const struct net_call *what, struct net_reply *reply)
{
    if (net_call(demo->command->arena, what, reply) != NET_OK)
        return say(demo, what->method, what->url, 0, "no answer");
    if (reply->status < 200 || reply->status > 399)
        return say(demo, what->method, what->url, reply->status, reply->body);
    return true;
}

struct json_out *
demo_body(struct demo *demo)
{
    buf_init(&demo->body, demo->command->arena, LIMIT_BODY);
    json_begin(&demo->out, &demo->body);
    json_open_object(&demo->out, NULL);
    return &demo->out;
}

/* What has been put into the body goes with it, but for a GET. */
static bool
send_body(struct demo *demo, bool as_owner, const char *method,
          const char *path, struct net_reply *reply)
{
    struct arena *arena = demo->command->arena;
    const char *const owner[] = {
        "Content-Type: application/json",
        arena_format(arena, "Idempotency-Key: demo-%06lld",
                     (long long)++demo->calls),
        demo->origin,
        demo->cookie,
        demo->csrf,
        NULL,
    };
    const char *const platform[] = { owner[0], owner[1], demo->platform, NULL };
    struct net_call what = {
        .method = method,
        .url = arena_format(arena, "%s%s", demo->site, path),
        .headers = as_owner ? owner : platform,
        .timeout_ms = CALL_MS,
        .reply_max = LIMIT_REPLY,
    };

    if (strcmp(method, "GET") != 0) {
        json_close_object(&demo->out);
        what.body = demo->body.bytes;
        what.body_length = demo->body.length;
    }
    return call(demo, &what, reply);
}

const struct json *
demo_call(struct demo *demo, bool as_owner, const char *method,
          const char *path)
{
    struct net_reply reply;
    struct json_fault *fault = NULL;
    const struct json *json;

    if (!send_body(demo, as_owner, method, path, &reply))
        return NULL;
    json = json_parse(demo->command->arena, reply.body, reply.body_length,
                      JSON_STRICT, &fault);
    if (json == NULL)
        say(demo, method, path, reply.status, "that is no JSON");
    else
        demo->available =
            json_integer_at(json, "balance.available", demo->available);
    return json;
}

/* --- Who calls. ------------------------------------------------------------ */

static bool
read_key(struct demo *demo)
{
    char line[128];
    const char *path = arena_format(demo->command->arena, "%s/demo.key",
                                    demo->command->config->home);
    FILE *file = fopen(path, "re");
    bool found = file != NULL && fgets(line, sizeof(line), file) != NULL;

    if (file != NULL)
        (void)fclose(file);
    if (!found) {
        command_fail(demo->command, COMMAND_FAILED, "%s cannot be read", path);
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    demo->platform =
        arena_format(demo->command->arena, "Authorization: Bearer %s", line);
    return true;
}

/* The member's id; the session is then this member's. */
static const char *
sign_in(struct demo *demo, const char *email)
{
    struct arena *arena = demo->command->arena;
    struct json_out *out = demo_body(demo);
    struct json_fault *fault = NULL;
    const struct json *json;
    struct net_reply reply;

    json_put_text(out, "email", email);
    json_put_text(out, "password", "demo-password");
    if (!send_body(demo, false, "POST", "/api/v1/session", &reply))
        return NULL;
    json =
        json_parse(arena, reply.body, reply.body_length, JSON_STRICT, &fault);
    if (json_text_at(json, "csrf_token") == NULL || reply.set_cookie == NULL) {
        say(demo, "POST", "/api/v1/session", reply.status, "no session");
        return NULL;
    }
    demo->origin = arena_format(arena, "Origin: %s", demo->site);
    demo->csrf = arena_format(arena, "X-CSRF-Token: %s",
                              json_text_at(json, "csrf_token"));
    demo->cookie =
        arena_format(arena, "Cookie: %.*s", (int)strcspn(reply.set_cookie, ";"),
                     reply.set_cookie);
    return json_text_at(json, "member.id");
}

bool
demo_sign_in(struct demo *demo)
{
    if (!read_key(demo))
        return false;
    demo->viewer = sign_in(demo, "viewer@demo.test");
    demo->owner =
        demo->viewer == NULL ? NULL : sign_in(demo, "owner@demo.test");
    return demo->owner != NULL;
}

/* --- The clock. ------------------------------------------------------------ */

bool
demo_clock(struct demo *demo, int64_t ms)
{
    struct command *command = demo->command;
    int64_t offset = ms == 0 ? 0 : ms - clock_system_ms();

    if (db_begin(command->db) &&
        site_clock_set(command->db, command->arena, offset) &&
        db_commit(command->db))
        return true;
    command_broken(command);
    return false;
}

/* --- Buying. --------------------------------------------------------------- */

static bool
pay(struct demo *demo, const char *payment_url)
{
    struct arena *arena = demo->command->arena;
    const char *scheme_end = strstr(payment_url, "//");
    size_t origin = scheme_end == NULL ? 0
                                       : (size_t)(scheme_end - payment_url) +
                                             2 + strcspn(scheme_end + 2, "/");
    const char *const headers[] = {
        "Content-Type: application/x-www-form-urlencoded",
        arena_format(arena, "Origin: %.*s", (int)origin, payment_url),
        NULL,
    };
    struct net_reply reply;
    struct buf form;

    buf_init(&form, arena, LIMIT_BODY);
    form_add(&form, "method", "card");
    form_add(&form, "card_number", "4242 4242 4242 4242");
    form_add(&form, "expiry", "12/40");
    form_add(&form, "cvc", "123");
    return call(demo,
                &(struct net_call){ .method = "POST",
                                    .url = payment_url,
                                    .headers = headers,
                                    .body = form.bytes,
                                    .body_length = form.length,
                                    .timeout_ms = CALL_MS,
                                    .reply_max = LIMIT_REPLY },
                &reply);
}

/* The webhook comes when it comes. */
static bool
await_paid(struct demo *demo, const char *order)
{
    const char *path =
        arena_format(demo->command->arena, DEMO_SPACE "/orders/%s", order);
    int64_t end = clock_monotonic_ms() + PAID_MS;

    while (clock_monotonic_ms() < end) {
        const struct json *json = demo_call(demo, true, "GET", path);
        const char *status = json_text_at(json, "order.status");

        if (json == NULL)
            return false;
        if (status != NULL && strcmp(status, "paid") == 0)
            return true;
        usleep(10000);
    }
    return say(demo, "GET", path, 0, "it was not paid in time");
}

bool
demo_buy(struct demo *demo, const char *tier)
{
    const struct json *json;
    const char *order;

    json_put_text(demo_body(demo), "tier", tier);
    json = demo_call(demo, true, "POST", DEMO_SPACE "/checkout");
    if (json == NULL)
        return false;
    order = json_text_at(json, "order.id");
    return pay(demo, json_text_at(json, "payment_url")) &&
           await_paid(demo, order) &&
           demo_call(demo, false, "GET", DEMO_SPACE "/credits") != NULL;
}
