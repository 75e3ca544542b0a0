/*
 * Metering: what the platform's features hold, capture, release and refund,
 * and what it grants. One process with several threads; its writes share
 * transactions (lib/serve.h), so a handler decides on the Space's wallet in
 * memory, keeps its idempotency key, and leaves the saving to the group.
 *
 * The order within a handler is the order of refusals: input, a used key,
 * then what the decision says. A refusal has written nothing.
 */
#include "cursor.h"
#include "grant.h"
#include "limits.h"
#include "meter_group.h"
#include "meter_read.h"
#include "meter_reply.h"
#include "refund.h"
#include "view.h"

/* As many as a commit may have waiting for it. */
#define THREADS 64

static const int64_t hold_life_default_s = 900;
static const int64_t hold_life_max_s = 604800;

/* --- Every write ---------------------------------------------------------- */

struct write {
    struct req *req;
    struct meter_space *at;
    struct idem idem;
    struct fingerprint print;
    struct meter_answer answer;
};

static void
write_begin(struct write *write, struct req *req, enum idem_operation operation)
{
    *write = (struct write){ .req = req };
    write->idem.key = req->key;
    write->idem.space = req->space.number;
    write->idem.operation = operation;
    fingerprint_begin(&write->print, req->arena);
}

/* Loads the Space and looks the key up. *replayed: the answer is the first
 * one's again. */
static enum problem
write_enter(struct write *write, const struct space *space, bool *replayed)
{
    struct req *req = write->req;

    *replayed = false;
    write->at = meter_space(req, space);
    if (write->at == NULL)
        return P_UNAVAILABLE;
    fingerprint_end(&write->print, &write->idem);
    switch (idem_find(req->db, req->arena, &write->idem)) {
    case IDEM_NEW: return P_NONE;
    case IDEM_REPLAYED: break;
    case IDEM_KEY_REUSED: return P_IDEMPOTENCY_KEY_REUSED;
    case IDEM_BROKEN: return P_UNAVAILABLE;
    }
    *replayed = true;
    return meter_answer_read(&write->idem, &write->answer) ? P_NONE
                                                           : P_UNAVAILABLE;
}

/* After the decision: what ended with it, the balance, the key's row. */
static enum problem
write_keep(struct write *write)
{
    struct req *req = write->req;

    wallet_settle(&write->at->wallet, write->at->now);
    meter_answer_balance(&write->answer, &write->at->wallet);
    meter_answer_keep(req->arena, &write->answer, &write->idem);
    return idem_keep(req->db, req->arena, &write->idem) == IDEM_NEW
               ? P_NONE
               : P_UNAVAILABLE;
}

static enum problem
write_reply(struct write *write, bool replayed)
{
    if (replayed)
        http_header(write->req, "Idempotency-Replayed", "true");
    return meter_reply(write->req, write->at, &write->answer);
}

static enum problem
write_finish(struct write *write, int status)
{
    enum problem kept;

    write->answer.status = status;
    kept = write_keep(write);
    return kept == P_NONE ? write_reply(write, false) : kept;
}

/* The charge priced, and the holds of a started plan loaded that it may draw
 * on: such a request is charged at that hold's price. */
static enum problem
price_charge(struct write *write, struct json_reader *reader,
             const struct meter_charge *ask, struct charge *charge)
{
    struct req *req = write->req;
    struct wallet *wallet = &write->at->wallet;
    const char *feature = ask->activity != NULL ? ask->activity : ask->feature;
    const struct price_book *book = NULL;
    const struct hold *plan;

    if (ledger_plan_holds(req->db, wallet->arena, wallet, ask->refs.campaign,
                          feature) != LEDGER_OK)
        return P_UNAVAILABLE;
    plan = ask->activity == NULL ? NULL
                                 : hold_of_plan(wallet, ask->refs.campaign,
                                                feature, ask->quality);
    if (plan != NULL) {
        *charge = plan->charge;
        return P_NONE;
    }
    if (ask->activity != NULL &&
        meter_book(req, write->at->now, &book) == PRICE_BROKEN)
        return P_UNAVAILABLE;
    return meter_price(req, reader, book, ask, charge);
}

/* Where the credits come to more than an operation may have. */
static void
point_at_amount(struct json_reader *reader, const struct meter_charge *charge)
{
    json_refuse(reader, charge->activity != NULL ? "quantity" : "credits",
                "comes to too many credits");
}

/* --- Holds ---------------------------------------------------------------- */

static enum problem
decide_hold(struct write *write, struct json_reader *reader,
            const struct meter_charge *charge, int64_t lasts_s)
{
    struct hold_ask ask = { .refs = charge->refs,
                            .quantity = charge->amount,
                            .lasts_ms = lasts_s * SECOND_MS };
    struct hold_refusal refusal = { 0 };
    struct meter_space *at = write->at;
    enum problem refused = price_charge(write, reader, charge, &ask.charge);
    enum hold_result done;
    int64_t number;

    if (refused != P_NONE)
        return refused;
    done = hold_place(&at->wallet, &ask, at->now, &number, &refusal);
    if (done == HOLD_TOO_LARGE)
        point_at_amount(reader, charge);
    if (done != HOLD_OK)
        return meter_refuse_hold(write->req, &at->space, done, &refusal);
    write->answer.hold = *wallet_hold(&at->wallet, number);
    return write_finish(write, 201);
}

static enum problem
post_hold(struct req *req)
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
    lasts_s = json_want_integer(&reader, "expires_in_s", 1, hold_life_max_s,
                                hold_life_default_s);
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

/* The number of the hold that the path names; 0 where it is none of this
 * Space's. */
static int64_t
hold_number(const struct req *req)
{
    struct id id;

    if (!id_parse(req->parameter[1], "hld", &id) ||
        id.space != req->space.number || id.number < 1)
        return 0;
    return id.number;
}

/* Loads the hold into the Space's wallet. HOLD_OK, UNKNOWN or BROKEN. An id
 * with another time is not one that we gave. */
static enum hold_result
load_hold(struct req *req, struct meter_space *at, int64_t number)
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
    capture->extend_s = json_want_integer(&extend, "expires_in_s", 1,
                                          hold_life_max_s, hold_life_default_s);
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
    enum hold_result done = load_hold(write->req, at, number);
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

static enum problem
post_capture_of_hold(struct req *req)
{
    int64_t number = hold_number(req);
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

/* A release says all in its path: no body, or an object without members. */
static bool
read_nothing(struct req *req)
{
    struct json_reader reader;

    return req->body_length == 0 ||
           (http_read(req, &reader) && json_done(&reader));
}

static enum problem
post_release(struct req *req)
{
    struct meter_answer answer = { .status = 200, .with_hold = true };
    int64_t number = hold_number(req);
    struct meter_space *at;
    enum hold_result done;

    if (!read_nothing(req))
        return P_INVALID_REQUEST;
    at = meter_space(req, &req->space);
    if (at == NULL)
        return P_UNAVAILABLE;
    done = load_hold(req, at, number);
    if (done == HOLD_OK)
        done = hold_release(&at->wallet, number, at->now);
    if (done != HOLD_OK)
        return meter_refuse_hold(req, &at->space, done, NULL);
    wallet_settle(&at->wallet, at->now);
    answer.hold = *wallet_hold(&at->wallet, number);
    meter_answer_balance(&answer, &at->wallet);
    return meter_reply(req, at, &answer);
}

/* --- Direct captures, alone and in a batch --------------------------------- */

static enum problem
decide_direct(struct write *write, struct json_reader *reader,
              const struct meter_charge *charge)
{
    struct hold_ask ask = { .refs = charge->refs, .quantity = charge->amount };
    struct hold_refusal refusal = { 0 };
    struct meter_space *at = write->at;
    enum problem refused = price_charge(write, reader, charge, &ask.charge);
    enum hold_result done;

    if (refused != P_NONE)
        return refused;
    done = hold_capture_direct(&at->wallet, &ask, at->now, &write->answer.event,
                               &refusal);
    if (done == HOLD_TOO_LARGE)
        point_at_amount(reader, charge);
    if (done != HOLD_OK)
        return meter_refuse_hold(write->req, &at->space, done, &refusal);
    write->answer.status = 201;
    return write_keep(write);
}

static enum problem
post_capture(struct req *req)
{
    struct json_reader reader;
    struct meter_charge charge;
    struct write write;
    enum problem refused;
    bool replayed;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    meter_read_charge(&reader, &charge);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    write_begin(&write, req, IDEM_CAPTURE);
    write.answer.with_event = true;
    meter_print_charge(&write.print, &charge);
    refused = write_enter(&write, &req->space, &replayed);
    if (refused == P_NONE && !replayed)
        refused = decide_direct(&write, &reader, &charge);
    if (refused != P_NONE)
        return refused;
    return write_reply(&write, replayed);
}

static bool
key_fits(const char *key)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < length; i++)
        if (key[i] < 0x20 || key[i] > 0x7e)
            return false;
    return length >= 1 && length <= LIMIT_KEY;
}

/* The Space that an item names, as the caller's key may see it. */
static enum problem
find_item_space(struct req *req, const char *name, struct space *space)
{
    const struct key *key = &req->caller.key;
    enum space_result found = space_find(req->db, req->arena, name, space);

    if (found == SPACE_BROKEN)
        return P_UNAVAILABLE;
    if (found == SPACE_OK && (key->space == 0 || key->space == space->number))
        return P_NONE;
    req->details.detail = "There is no such Space.";
    return P_NOT_FOUND;
}

/* One item, which stands alone: its outcome, its status and its event. */
static enum problem
capture_item(struct req *req, const struct json *item, const char *pointer,
             struct write *write, const char **key, bool *replayed)
{
    struct json_reader reader;
    struct meter_charge charge;
    const char *name;
    struct space space;
    enum problem refused;

    json_read(&reader, req->arena, item, pointer, &req->details.faults);
    name = json_need_text(&reader, "space", LIMIT_TEXT);
    *key = json_need_text(&reader, "key", LIMIT_KEY);
    if (*key != NULL && !key_fits(*key))
        json_refuse(&reader, "key", "1 to 255 printable ASCII characters");
    meter_read_charge(&reader, &charge);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    refused = find_item_space(req, name, &space);
    if (refused != P_NONE)
        return refused;
    write_begin(write, req, IDEM_CAPTURE);
    write->idem.key = *key;
    write->idem.space = space.number;
    write->answer.with_event = true;
    meter_print_charge(&write->print, &charge);
    refused = write_enter(write, &space, replayed);
    if (refused == P_NONE && !*replayed)
        refused = decide_direct(write, &reader, &charge);
    return refused;
}

static enum problem
put_item(struct req *req, struct json_out *out, const struct json *item,
         int index)
{
    const char *pointer = arena_format(req->arena, "/captures/%d", index);
    const char *key = NULL;
    struct write write;
    bool replayed = false;
    enum problem refused;
    struct buf buf;

    req->details = (struct problem_details){ .detail = NULL };
    refused = capture_item(req, item, pointer, &write, &key, &replayed);
    if (refused == P_UNAVAILABLE)
        return refused;
    json_open_object(out, NULL);
    json_put_text(out, "key", key);
    if (refused == P_NONE) {
        json_put_integer(out, "status", replayed ? 200 : 201);
        if (meter_put_event(req, write.at, out, write.answer.event) != P_NONE)
            return P_UNAVAILABLE;
    } else {
        json_put_integer(out, "status", problem_entry(refused)->status);
        buf_init(&buf, req->arena, LIMIT_BODY);
        problem_write(&buf, refused, &req->details, req->config->base_path,
                      req->id);
        json_put_raw(out, "problem", buf.bytes);
    }
    json_close_object(out);
    return P_NONE;
}

static enum problem
post_batch(struct req *req)
{
    enum { ITEMS_MAX = 1000 };
    struct json_reader reader;
    const struct json *items;
    struct json_out out;
    int count, i = 0;

    if (!http_read_as(req, JSON_ITEMS, &reader))
        return P_INVALID_REQUEST;
    items = json_member(&reader, "captures");
    if (items == NULL)
        json_refuse(&reader, "captures", "is required");
    else if (!json_is_array(items))
        json_refuse(&reader, "captures", "must be an array");
    count = json_length(items);
    if (json_is_array(items) && (count < 1 || count > ITEMS_MAX))
        json_refuse(&reader, "captures", "has 1 to 1,000 items");
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_array(&out, "results");
    for (const struct json *at = json_first(items); at != NULL;
         at = json_next(at), i++)
        if (put_item(req, &out, at, i) != P_NONE)
            return P_UNAVAILABLE;
    json_close_array(&out);
    json_close_object(&out);
    req->details = (struct problem_details){ .detail = NULL };
    return P_NONE;
}

/* --- Refunds and grants ---------------------------------------------------- */

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

static enum problem
post_refund(struct req *req)
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

static enum problem
post_grant(struct req *req)
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

/* --- Reading --------------------------------------------------------------- */

static enum problem
read_state(struct req *req, enum hold_list *which)
{
    static const char *const known[] = { "state", NULL };
    const char *text = form_value(&req->query, "state");
    enum problem refused = cursor_only(req, known);
    enum hold_state state;

    *which = HOLD_LIST_ALL;
    if (refused != P_NONE || text == NULL)
        return refused;
    if (!hold_state_of(text, &state))
        return cursor_refuse(req, "state",
                             "held, captured, released or expired");
    *which = (enum hold_list)state;
    return P_NONE;
}

static enum problem
get_holds(struct req *req)
{
    enum hold_list which;
    struct hold *holds;
    struct json_out out;
    int limit, count;
    int64_t before;
    const char *list;
    enum problem refused = read_state(req, &which);

    list = arena_format(req->arena, "holds %d", (int)which);
    if (refused == P_NONE)
        refused = cursor_read(req, list, &limit, &before);
    if (refused != P_NONE)
        return refused;
    if (ledger_holds(req->db, req->arena, req->space.number, which, req->now,
                     before, limit + 1, &holds, &count) != LEDGER_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_array(&out, "holds");
    for (int i = 0; i < count && i < limit; i++)
        view_hold(&out, NULL, req->space.number, &holds[i], 0);
    json_close_array(&out);
    json_put_text(&out, "next_before",
                  count <= limit
                      ? NULL
                      : cursor_make(req, list, holds[limit - 1].number));
    json_close_object(&out);
    return P_NONE;
}

static enum problem
get_hold(struct req *req)
{
    int64_t number = hold_number(req);
    struct hold *holds;
    struct json_out out;
    char id[ID_SIZE] = "";
    int count = 0;

    if (number != 0 &&
        ledger_holds(req->db, req->arena, req->space.number, HOLD_LIST_ALL,
                     req->now, number + 1, 1, &holds, &count) != LEDGER_OK)
        return P_UNAVAILABLE;
    if (count == 1)
        view_hold_id(id, req->space.number, &holds[0]);
    if (strcmp(id, req->parameter[1]) != 0)
        return meter_refuse_hold(req, &req->space, HOLD_UNKNOWN, NULL);
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    view_hold(&out, "hold", req->space.number, &holds[0], 0);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
get_balance(struct req *req)
{
    struct wallet wallet;
    struct json_out out;
    int64_t now;

    if (!db_begin_read(req->db) ||
        ledger_look(req->db, req->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_put_integer(&out, "available", wallet_available(&wallet));
    json_put_integer(&out, "held", wallet.held);
    json_put_integer(&out, "total", wallet.total);
    json_put_integer(&out, "seq", wallet.seq);
    json_close_object(&out);
    return P_NONE;
}

/* --- Routes ---------------------------------------------------------------- */

#define READS  (GATE_KEY | GATE_SPACE)
#define WRITES (READS | GATE_JSON | GATE_GROUP)
#define MAKES  (WRITES | GATE_IDEMPOTENT)

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_POST, "/api/v1/spaces/{}/holds", MAKES, SCOPE_METER, post_hold },
        { HTTP_GET, "/api/v1/spaces/{}/holds", READS, SCOPE_METER | SCOPE_READ,
          get_holds },
        { HTTP_GET, "/api/v1/spaces/{}/holds/{}", READS,
          SCOPE_METER | SCOPE_READ, get_hold },
        { HTTP_POST, "/api/v1/spaces/{}/holds/{}/capture", MAKES, SCOPE_METER,
          post_capture_of_hold },
        { HTTP_POST, "/api/v1/spaces/{}/holds/{}/release", WRITES, SCOPE_METER,
          post_release },
        { HTTP_POST, "/api/v1/spaces/{}/captures", MAKES, SCOPE_METER,
          post_capture },
        { HTTP_POST, "/api/v1/captures/batch",
          GATE_KEY | GATE_JSON | GATE_GROUP | GATE_LARGE, SCOPE_METER,
          post_batch },
        { HTTP_POST, "/api/v1/spaces/{}/refunds", MAKES, SCOPE_METER,
          post_refund },
        { HTTP_POST, "/api/v1/spaces/{}/grants", MAKES, SCOPE_GRANT,
          post_grant },
        { HTTP_GET, "/api/v1/spaces/{}/balance", READS,
          SCOPE_METER | SCOPE_READ, get_balance },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "meter",
                                            .routes = routes,
                                            .threads = THREADS,
                                            .group = &meter_group };

    return serve(&program);
}
