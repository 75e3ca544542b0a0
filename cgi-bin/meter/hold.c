/*
 * Holds: made and released.
 */
#include "handlers.h"
#include "limits.h"
#include "view.h"
#include "write.h"

static enum problem
decide_hold(struct write *write, struct json_reader *reader,
            const struct meter_charge *charge, int64_t lasts_s)
{
    struct hold_ask ask = { .refs = charge->refs,
                            .quantity = charge->amount,
                            .lasts_ms = lasts_s * SECOND_MS };
    struct hold_refusal refusal = { 0 };
    struct meter_space *at = write->at;
    enum problem refused = write_price(write, reader, charge, &ask.charge);
    enum hold_result done;
    int64_t number;

    if (refused != P_NONE)
        return refused;
    done = hold_place(&at->wallet, &ask, at->now, &number, &refusal);
    if (done == HOLD_TOO_LARGE)
        write_refuse_amount(reader, charge);
    if (done != HOLD_OK)
        return meter_refuse_hold(write->req, &at->space, done, &refusal);
    write->answer.hold = *wallet_hold(&at->wallet, number);
    return write_finish(write, 201);
}

enum problem
meter_post_hold(struct req *req)
{
    struct json_reader reader;
    struct meter_charge charge;
    struct write write;
    enum problem refused;
    int64_t lasts_s;
    bool replayed;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    meter_read_charge(&reader, &charge);
    lasts_s =
        json_want_integer(&reader, "expires_in_s", 1, METER_HOLD_LIFE_MAX_S,
                          METER_HOLD_LIFE_DEFAULT_S);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    write_begin(&write, req, IDEM_HOLD);
    write.answer.with_hold = true;
    meter_print_charge(&write.print, &charge);
    fingerprint_int(&write.print, "expires_in_s", lasts_s);
    refused = write_enter(&write, &req->space, &replayed);
    if (refused != P_NONE)
        return refused;
    if (replayed)
        return write_reply(&write, true);
    return decide_hold(&write, &reader, &charge, lasts_s);
}

int64_t
meter_hold_number(const struct req *req)
{
    struct id id;

    if (!id_parse(req->parameter[1], "hld", &id) ||
        id.space != req->space.number || id.number < 1)
        return 0;
    return id.number;
}

enum hold_result
meter_load_hold(struct req *req, struct meter_space *at, int64_t number)
{
    const struct hold *hold;
    char id[ID_SIZE];

    if (number == 0)
        return HOLD_UNKNOWN;
    switch (ledger_hold(req->db, at->wallet.arena, &at->wallet, number)) {
    case LEDGER_OK: break;
    case LEDGER_UNKNOWN: return HOLD_UNKNOWN;
    case LEDGER_BROKEN: return HOLD_BROKEN;
    }
    hold = wallet_hold(&at->wallet, number);
    view_hold_id(id, at->space.number, hold);
    return strcmp(id, req->parameter[1]) == 0 ? HOLD_OK : HOLD_UNKNOWN;
}

/* A release says all in its path: no body, or an object without members. */
static bool
read_nothing(struct req *req)
{
    struct json_reader reader;

    return req->body_length == 0 ||
           (http_read(req, &reader) && json_done(&reader));
}

enum problem
meter_post_release(struct req *req)
{
    struct meter_answer answer = { .status = 200, .with_hold = true };
    int64_t number = meter_hold_number(req);
    struct meter_space *at;
    enum hold_result done;

    if (!read_nothing(req))
        return P_INVALID_REQUEST;
    at = meter_space(req, &req->space);
    if (at == NULL)
        return P_UNAVAILABLE;
    done = meter_load_hold(req, at, number);
    if (done == HOLD_OK)
        done = hold_release(&at->wallet, number, at->now);
    if (done != HOLD_OK)
        return meter_refuse_hold(req, &at->space, done, NULL);
    wallet_settle(&at->wallet, at->now);
    answer.hold = *wallet_hold(&at->wallet, number);
    meter_answer_balance(&answer, &at->wallet);
    return meter_reply(req, at, &answer);
}
