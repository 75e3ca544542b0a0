/*
 * Captures without a hold before them: one, or a batch across Spaces in which
 * each item stands alone.
 */
#include "handlers.h"
#include "limits.h"
#include "write.h"

static enum problem
decide_direct(struct write *write, struct json_reader *reader,
              const struct meter_charge *charge)
{
    struct hold_ask ask = { .refs = charge->refs, .quantity = charge->amount };
    struct hold_refusal refusal = { 0 };
    struct meter_space *at = write->at;
    enum problem refused = write_price(write, reader, charge, &ask.charge);
    enum hold_result done;

    if (refused != P_NONE)
        return refused;
    done = hold_capture_direct(&at->wallet, &ask, at->now, &write->answer.event,
                               &refusal);
    if (done == HOLD_TOO_LARGE)
        write_refuse_amount(reader, charge);
    if (done != HOLD_OK)
        return meter_refuse_hold(write->req, &at->space, done, &refusal);
    write->answer.status = 201;
    return write_keep(write);
}

enum problem
meter_post_capture(struct req *req)
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

enum problem
meter_post_batch(struct req *req)
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
