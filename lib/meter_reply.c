/*
 * Meter's answers: see meter_reply.h.
 */
#include "meter_reply.h"

#include "view.h"
#include "words.h"

void
meter_answer_balance(struct meter_answer *answer, const struct wallet *wallet)
{
    answer->held = wallet->held;
    answer->total = wallet->total;
}

void
meter_answer_keep(struct arena *arena, const struct meter_answer *answer,
                  struct idem *idem)
{
    const struct hold *hold = &answer->hold;
    struct buf figures;

    buf_init(&figures, arena, 256);
    idem_put(&figures, answer->status);
    idem_put(&figures, answer->held);
    idem_put(&figures, answer->total);
    if (answer->with_hold) {
        idem_put(&figures, hold->state);
        idem_put(&figures, hold->credits);
        idem_put(&figures, hold->captured);
        idem_put(&figures, hold->quantity);
        idem_put(&figures, hold->expires_at);
        idem_put(&figures, answer->lasts_until);
    }
    idem->ref = answer->with_event ? answer->event : hold->number;
    idem_answer(idem, &figures);
}

bool
meter_answer_read(const struct idem *idem, struct meter_answer *answer)
{
    struct hold *hold = &answer->hold;
    struct idem_reader reader;
    int64_t state;

    if (answer->with_event)
        answer->event = idem->ref;
    else
        hold->number = idem->ref;
    idem_read(&reader, idem);
    if (!idem_get(&reader, &answer->status) ||
        !idem_get(&reader, &answer->held) || !idem_get(&reader, &answer->total))
        return false;
    if (!answer->with_hold)
        return true;
    if (!idem_get(&reader, &state) || !idem_get(&reader, &hold->credits) ||
        !idem_get(&reader, &hold->captured) ||
        !idem_get(&reader, &hold->quantity) ||
        !idem_get(&reader, &hold->expires_at) ||
        !idem_get(&reader, &answer->lasts_until))
        return false;
    hold->state = (enum hold_state)state;
    return true;
}

/* The event in the wallet or, where it was saved before, in the database. */
static bool
find_event(struct req *req, struct meter_space *at, int64_t seq,
           struct event *event)
{
    const struct wallet *wallet = &at->wallet;

    for (int i = wallet->event_count - 1; i >= 0; i--)
        if (wallet->events[i].seq == seq) {
            *event = wallet->events[i];
            return true;
        }
    return ledger_event(req->db, req->arena, at->space.number, seq, event) ==
           LEDGER_OK;
}

enum problem
meter_put_event(struct req *req, struct meter_space *at, struct json_out *out,
                int64_t seq)
{
    struct view view = { .db = req->db,
                         .arena = req->arena,
                         .space = at->space.number,
                         .wallet = &at->wallet };
    struct event event;

    if (seq == 0) {
        json_put_null(out, "event");
        return P_NONE;
    }
    if (!find_event(req, at, seq, &event) ||
        !view_event(&view, out, "event", &event))
        return P_UNAVAILABLE;
    return P_NONE;
}

/* What never changes of a hold, from its row. */
static bool
complete_hold(struct req *req, struct meter_space *at, struct hold *hold)
{
    const struct hold then = *hold;
    const struct hold *loaded = wallet_hold(&at->wallet, hold->number);
    struct hold *rows;
    int count;

    if (loaded != NULL)
        *hold = *loaded;
    else {
        if (ledger_holds(req->db, req->arena, at->space.number, HOLD_LIST_ALL,
                         at->now, then.number + 1, 1, &rows,
                         &count) != LEDGER_OK ||
            count != 1 || rows[0].number != then.number)
            return false;
        *hold = rows[0];
    }
    hold->state = then.state;
    hold->credits = then.credits;
    hold->captured = then.captured;
    hold->quantity = then.quantity;
    hold->expires_at = then.expires_at;
    return true;
}

enum problem
meter_reply(struct req *req, struct meter_space *at,
            struct meter_answer *answer)
{
    struct json_out out;

    if (answer->with_hold && !complete_hold(req, at, &answer->hold))
        return P_UNAVAILABLE;
    http_json(req, (int)answer->status, &out);
    json_open_object(&out, NULL);
    if (answer->with_hold)
        view_hold(&out, "hold", at->space.number, &answer->hold,
                  answer->lasts_until);
    if (answer->with_event &&
        meter_put_event(req, at, &out, answer->event) != P_NONE)
        return P_UNAVAILABLE;
    view_balance_short(&out, "balance", answer->held, answer->total);
    json_close_object(&out);
    return P_NONE;
}

static const char *
top_up_url(struct req *req, const struct space *space)
{
    return arena_format(req->arena, "%s/settings/account/credits?space=%s",
                        req->config->base_url, space->slug);
}

/* The members of a JSON object that is being written, without its braces. */
static const char *
members(struct buf *buf)
{
    buf->bytes[buf->length - 1] = '\0';
    return buf->bytes + 1;
}

static enum problem
refuse_insufficient(struct req *req, const struct space *space,
                    const struct hold_refusal *refusal)
{
    int64_t shortfall = refusal->required - refusal->available;
    struct json_out out;
    struct buf buf;

    buf_init(&buf, req->arena, 4096);
    json_begin(&out, &buf);
    json_open_object(&out, NULL);
    json_put_integer(&out, "available", refusal->available);
    json_put_integer(&out, "held", refusal->held);
    json_put_integer(&out, "required", refusal->required);
    json_put_integer(&out, "shortfall", shortfall);
    json_put_text(&out, "top_up_url", top_up_url(req, space));
    json_close_object(&out);
    req->details.members = members(&buf);
    req->details.detail =
        arena_format(req->arena, "%s more are needed. Nothing was done.",
                     words_credits(req->arena, shortfall));
    return P_INSUFFICIENT_CREDITS;
}

static enum problem
refuse_capped(struct req *req, const struct hold_refusal *refusal)
{
    struct json_out out;
    struct buf buf;

    buf_init(&buf, req->arena, 4096);
    json_begin(&out, &buf);
    json_open_object(&out, NULL);
    view_cap(&out, "cap", refusal->cap, refusal->cap_used);
    json_close_object(&out);
    req->details.members = members(&buf);
    req->details.detail = "The owner has set a cap on this, and it would be "
                          "passed. Nothing was done.";
    return P_CAP_REACHED;
}

enum problem
meter_refuse_hold(struct req *req, const struct space *space,
                  enum hold_result result, const struct hold_refusal *refusal)
{
    switch (result) {
    case HOLD_OK:
    case HOLD_REPLAYED: return P_NONE;
    case HOLD_KEY_REUSED: return P_IDEMPOTENCY_KEY_REUSED;
    case HOLD_UNKNOWN:
        req->details.detail = "There is no such hold in this Space.";
        return P_NOT_FOUND;
    case HOLD_NOT_OPEN:
        req->details.detail =
            "The hold was released, has expired, or was finally captured.";
        return P_HOLD_NOT_OPEN;
    case HOLD_EXCEEDED:
        req->details.detail =
            "That is more than the hold has left. Nothing was captured.";
        return P_CAPTURE_EXCEEDS_HOLD;
    case HOLD_TOO_LARGE:
        req->details.detail =
            "That comes to more than 1,000,000,000,000 credits.";
        return P_INVALID_REQUEST;
    case HOLD_INSUFFICIENT: return refuse_insufficient(req, space, refusal);
    case HOLD_CAPPED: return refuse_capped(req, refusal);
    case HOLD_BROKEN: break;
    }
    return P_UNAVAILABLE;
}
