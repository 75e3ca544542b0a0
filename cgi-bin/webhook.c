/*
 * What the payment provider reports, signed. Its signature is checked over
 * the raw bytes before anything is read; 200 is said only after what the
 * event says is durable; where the database cannot write it is 503, and the
 * provider sends the event again.
 */
#include "clock.h"
#include "log.h"
#include "serve.h"
#include "settle.h"

static enum problem
reply(struct req *req, bool duplicate)
{
    struct json_out out;

    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_put_boolean(&out, "received", true);
    if (duplicate)
        json_put_boolean(&out, "duplicate", true);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
post_event(struct req *req)
{
    const struct config *config = req->config;
    struct stripe_event event;
    struct settle_told told;

    if (config->webhook_secret[0] == NULL) {
        log_error("no webhook secret is set: SCRIP_STRIPE_WEBHOOK_SECRET");
        return P_UNAVAILABLE;
    }
    if (!stripe_signature_valid(req->stripe_signature, req->body,
                                req->body_length, config->webhook_secret,
                                clock_system_ms() / SECOND_MS))
        return P_INVALID_SIGNATURE;
    if (!stripe_event_read(req->arena, req->body, req->body_length, &event)) {
        req->details.detail = "The body is not an event.";
        return P_INVALID_REQUEST;
    }
    if (settle_event(req->db, req->arena, config, &event, req->now, &told) !=
        SETTLE_OK)
        return P_UNAVAILABLE;
    return reply(req, told.duplicate);
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_POST, "/webhooks/stripe", GATE_ANY_BODY | GATE_LARGE, 0,
          post_event },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "webhook",
                                            .routes = routes };

    return serve(&program);
}
