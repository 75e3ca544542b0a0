/*
 * Refunds of captured usage, back to the lots it came from.
 */
#include "refund.h"
#include "handlers.h"
#include "limits.h"
#include "write.h"

static enum problem
problem_of_refund(struct req *req, enum refund_result result)
{
    switch (result) {
    case REFUND_OK:
    case REFUND_REPLAYED: return P_NONE;
    case REFUND_KEY_REUSED: return P_IDEMPOTENCY_KEY_REUSED;
    case REFUND_UNKNOWN:
        req->details.detail = "There is no such event in this Space.";
        return P_NOT_FOUND;
    case REFUND_EXCEEDED:
        req->details.detail = "That is more than is left of what the event "
                              "captured. Nothing was given back.";
        return P_REFUND_EXCEEDS_CAPTURE;
    case REFUND_LIMIT: return P_BALANCE_LIMIT;
    case REFUND_BROKEN: break;
    }
    return P_UNAVAILABLE;
}

static enum problem
decide_refund(struct write *write, const char *event_text, int64_t credits,
              const char *reason)
{
    struct req *req = write->req;
    struct meter_space *at = write->at;
    enum refund_result done = REFUND_UNKNOWN;
    enum ledger_result found = LEDGER_UNKNOWN;
    struct event of;
    struct id id;

    if (id_parse(event_text, "evt", &id) && id.space == at->space.number)
        found = ledger_refundable(req->db, at->wallet.arena, &at->wallet,
                                  id.number, &of);
    if (found == LEDGER_BROKEN)
        return P_UNAVAILABLE;
    if (found == LEDGER_OK && of.at == id.ms)
        done = refund_usage(&at->wallet, &of, credits, reason, at->now,
                            &write->answer.event);
    if (done != REFUND_OK)
        return problem_of_refund(req, done);
    return write_finish(write, 201);
}

enum problem
meter_post_refund(struct req *req)
{
    struct json_reader reader;
    const char *event, *reason;
    struct write write;
    enum problem refused;
    int64_t credits;
    bool replayed;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    event = json_need_text(&reader, "event", LIMIT_TEXT);
    credits = json_want_integer(&reader, "credits", 1, LIMIT_CREDITS, 0);
    reason = json_need_text(&reader, "reason", LIMIT_TEXT);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    write_begin(&write, req, IDEM_REFUND);
    write.answer.with_event = true;
    fingerprint_text(&write.print, "event", event);
    fingerprint_int(&write.print, "credits", credits);
    fingerprint_text(&write.print, "reason", reason);
    refused = write_enter(&write, &req->space, &replayed);
    if (refused != P_NONE)
        return refused;
    if (replayed)
        return write_reply(&write, true);
    return decide_refund(&write, event, credits, reason);
}
