/*
 * What the platform gives, or takes back: bonuses, allocations, adjustments.
 */
#include "grant.h"
#include "handlers.h"
#include "limits.h"
#include "write.h"

/* The input of a grant; what only one kind has is a fault elsewhere. */
static bool
read_grant(struct json_reader *reader, struct grant *grant)
{
    static const char *const kinds[] = { "bonus", "included_allocation",
                                         "adjustment" };
    int kind = json_want_word(reader, "kind", kinds, COUNT_OF(kinds), -1);
    int64_t least = kind == GRANT_ADJUSTMENT ? -LIMIT_CREDITS : 1;

    *grant = (struct grant){
        .kind = kind < 0 ? GRANT_BONUS : (enum grant_kind)kind,
        .credits = json_need_integer(reader, "credits", least, LIMIT_CREDITS),
        .expires_at = json_want_time(reader, "expires_at", NEVER_MS),
        .period_start = json_want_time(reader, "period", NEVER_MS),
        .reason = json_need_text(reader, "reason", LIMIT_TEXT),
    };
    if (grant->credits == 0)
        json_refuse(reader, "credits", "must not be 0");
    if (kind == GRANT_INCLUDED && grant->expires_at == NEVER_MS)
        json_refuse(reader, "expires_at", "is required for an allocation");
    if (kind == GRANT_INCLUDED && grant->period_start == NEVER_MS)
        json_refuse(reader, "period", "is required for an allocation");
    if (kind >= 0 && kind != GRANT_INCLUDED && grant->period_start != NEVER_MS)
        json_refuse(reader, "period", "goes with included_allocation");
    return json_done(reader);
}

static void
print_grant(struct fingerprint *print, const struct grant *grant)
{
    fingerprint_text(print, "kind", grant_kind_text(grant->kind));
    fingerprint_int(print, "credits", grant->credits);
    fingerprint_int(print, "expires_at", grant->expires_at);
    fingerprint_int(print, "period", grant->period_start);
    fingerprint_text(print, "reason", grant->reason);
}

static enum problem
decide_grant(struct write *write, struct json_reader *reader,
             const struct grant *grant)
{
    struct req *req = write->req;
    struct meter_space *at = write->at;
    struct hold_refusal refusal = {
        .available = wallet_available(&at->wallet),
        .held = at->wallet.held,
        .required = -grant->credits,
    };
    struct event event;
    const char *why;

    switch (grant_decide(req->db, req->arena, &at->wallet, grant, at->now,
                         &event, &why)) {
    case GRANT_OK:
        write->answer.event = event.seq;
        return write_finish(write, 201);
    case GRANT_REPEATED:
        write->answer.event = event.seq;
        return write_finish(write, 200);
    case GRANT_PERIOD_TAKEN: return P_PERIOD_ALLOCATED;
    case GRANT_INVALID:
        json_refuse(reader, "expires_at", why);
        return P_INVALID_REQUEST;
    case GRANT_INSUFFICIENT:
        return meter_refuse_hold(req, &at->space, HOLD_INSUFFICIENT, &refusal);
    case GRANT_LIMIT: return P_BALANCE_LIMIT;
    case GRANT_BROKEN: break;
    }
    return P_UNAVAILABLE;
}

enum problem
meter_post_grant(struct req *req)
{
    struct json_reader reader;
    struct grant grant;
    struct write write;
    enum problem refused;
    bool replayed;

    if (!http_read(req, &reader) || !read_grant(&reader, &grant))
        return P_INVALID_REQUEST;
    write_begin(&write, req, IDEM_GRANT);
    write.answer.with_event = true;
    print_grant(&write.print, &grant);
    refused = write_enter(&write, &req->space, &replayed);
    if (refused != P_NONE)
        return refused;
    if (replayed)
        return write_reply(&write, true);
    return decide_grant(&write, &reader, &grant);
}
