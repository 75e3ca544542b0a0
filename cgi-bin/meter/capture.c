/*
 * Captures of what a hold reserves: all of it, a part, or a tick of something
 * that goes on, which extends the hold in the same step.
 */
#include "handlers.h"
#include "limits.h"
#include "write.h"

/* What a capture asks, as it was sent. */
struct capture {
    int64_t quantity, credits; /* -1: not sent */
    bool final;
    bool extend;
    int64_t extend_quantity, extend_credits; /* -1: not sent */
    int64_t extend_s;
};

static void
read_extend(struct req *req, struct json_reader *reader,
            struct capture *capture)
{
    const struct json *json = json_member(reader, "extend");
    struct json_reader extend;

    capture->extend = json != NULL && !json_is_null(json);
    if (!capture->extend)
        return;
    json_read(&extend, req->arena, json, "/extend", &req->details.faults);
    capture->extend_quantity =
        json_want_integer(&extend, "quantity", 1, LIMIT_INTEGER, -1);
    capture->extend_credits =
        json_want_integer(&extend, "credits", 1, LIMIT_CREDITS, -1);
    if (capture->extend_quantity >= 0 && capture->extend_credits >= 0)
        json_refuse(&extend, "credits", "either quantity or credits");
    else if (!json_has(&extend, "quantity") && !json_has(&extend, "credits") &&
             json_is_object(json))
        json_refuse(&extend, "quantity", "quantity or credits is required");
    capture->extend_s =
        json_want_integer(&extend, "expires_in_s", 1, METER_HOLD_LIFE_MAX_S,
                          METER_HOLD_LIFE_DEFAULT_S);
    if (json_done(&extend))
        return;
}

static bool
read_capture(struct req *req, struct json_reader *reader,
             struct capture *capture)
{
    int64_t least;

    *capture = (struct capture){ .extend_quantity = -1, .extend_credits = -1 };
    read_extend(req, reader, capture);
    /* A tick in which nobody watched is nothing captured, and goes on. */
    least = capture->extend ? 0 : 1;
    capture->quantity =
        json_want_integer(reader, "quantity", least, LIMIT_INTEGER, -1);
    capture->credits =
        json_want_integer(reader, "credits", least, LIMIT_CREDITS, -1);
    capture->final = json_want_boolean(reader, "final", !capture->extend);
    if (capture->quantity >= 0 && capture->credits >= 0)
        json_refuse(reader, "credits", "either quantity or credits");
    if (capture->extend && capture->final)
        json_refuse(reader, "final", "a hold that is extended goes on");
    return json_done(reader);
}

/* A fault at a member of `extend`. */
static void
refuse_extend(struct req *req, struct json_reader *reader, const char *name,
              const char *detail)
{
    struct json_reader extend;

    json_read(&extend, req->arena, json_member(reader, "extend"), "/extend",
              &req->details.faults);
    json_refuse(&extend, name, detail);
}

/* Quantities go with holds by activity, credits with those by feature. */
static bool
fits_hold(struct req *req, struct json_reader *reader,
          const struct capture *capture, const struct hold *hold)
{
    bool booked = hold->charge.book != 0;
    const char *wrong = booked ? "credits" : "quantity";
    const char *detail = booked ? "this hold is by activity: send its quantity"
                                : "this hold is by feature: send its credits";

    if ((booked ? capture->credits : capture->quantity) >= 0)
        json_refuse(reader, wrong, detail);
    else if ((booked ? capture->extend_credits : capture->extend_quantity) >= 0)
        refuse_extend(req, reader, wrong, detail);
    else
        return true;
    return false;
}

static void
print_capture(struct write *write, int64_t number,
              const struct capture *capture)
{
    struct fingerprint *print = &write->print;

    fingerprint_int(print, "hold", number);
    fingerprint_int(print, "quantity", capture->quantity);
    fingerprint_int(print, "credits", capture->credits);
    fingerprint_int(print, "final", capture->final);
    if (!capture->extend)
        return;
    fingerprint_int(print, "extend_quantity", capture->extend_quantity);
    fingerprint_int(print, "extend_credits", capture->extend_credits);
    fingerprint_int(print, "extend_s", capture->extend_s);
}

/* When the available credits are used up at the pace of this tick: what it
 * captured in the time since the hold was made or last captured. */
static int64_t
lasts_until(const struct meter_space *at, const struct hold *hold,
            int64_t since_ms, int64_t credits)
{
    __extension__ typedef __int128 wide;
    int64_t left =
        wallet_available(&at->wallet) + hold->credits - hold->captured;
    int64_t elapsed = at->now - since_ms;
    wide lasts;

    if (credits <= 0 || elapsed <= 0)
        return NEVER_MS;
    if (left < 0)
        left = 0;
    lasts = (wide)left * elapsed / credits;
    return lasts > NEVER_MS / 2 ? NEVER_MS : at->now + (int64_t)lasts;
}

static enum problem
decide_capture(struct write *write, struct json_reader *reader,
               const struct capture *capture, int64_t number)
{
    struct meter_space *at = write->at;
    enum hold_result done = meter_load_hold(write->req, at, number);
    struct capture_ask ask = {
        .hold = number,
        .all = capture->quantity < 0 && capture->credits < 0,
        .quantity = max_i64(capture->quantity, capture->credits),
        .final = capture->final,
        .extend = capture->extend,
        .extend_quantity =
            max_i64(capture->extend_quantity, capture->extend_credits),
        .extend_ms = capture->extend_s * SECOND_MS,
    };
    struct hold_refusal refusal = { 0 };
    int64_t since_ms, before;

    if (done == HOLD_OK) {
        const struct hold *hold = wallet_hold(&at->wallet, number);

        if (!fits_hold(write->req, reader, capture, hold))
            return P_INVALID_REQUEST;
        since_ms = hold->captured_at;
        before = hold->captured;
        done = hold_capture(&at->wallet, &ask, at->now, &write->answer.event,
                            &refusal);
    }
    if (done == HOLD_TOO_LARGE)
        refuse_extend(write->req, reader,
                      capture->extend_quantity >= 0 ? "quantity" : "credits",
                      "comes to too many credits");
    if (done != HOLD_OK)
        return meter_refuse_hold(write->req, &at->space, done, &refusal);
    write->answer.hold = *wallet_hold(&at->wallet, number);
    if (capture->extend)
        write->answer.lasts_until =
            lasts_until(at, &write->answer.hold, since_ms,
                        write->answer.hold.captured - before);
    return write_finish(write, 200);
}

enum problem
meter_post_capture_of_hold(struct req *req)
{
    int64_t number = meter_hold_number(req);
    struct json_reader reader;
    struct capture capture;
    struct write write;
    enum problem refused;
    bool replayed;

    if (!http_read(req, &reader) || !read_capture(req, &reader, &capture))
        return P_INVALID_REQUEST;
    write_begin(&write, req, IDEM_HOLD_CAPTURE);
    write.answer.with_hold = write.answer.with_event = true;
    write.answer.hold.number = number;
    print_capture(&write, number, &capture);
    refused = write_enter(&write, &req->space, &replayed);
    if (refused != P_NONE)
        return refused;
    if (replayed)
        return write_reply(&write, true);
    return decide_capture(&write, &reader, &capture, number);
}
