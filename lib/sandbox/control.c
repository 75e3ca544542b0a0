/*
 * A call to /control, and what it shows. What it does is done whole or not at
 * all (lever.c).
 */
#include "control.h"

#include "api.h"
#include "clock.h"
#include "lever.h"
#include "log.h"
#include "messenger.h"

#define SHOWN 200 /* deliveries, the newest */

static struct box
box_of(struct req *req)
{
    return (struct box){ .db = req->db,
                         .arena = req->arena,
                         .config = req->config,
                         .now_ms = clock_system_ms() };
}

/* --- Showing ------------------------------------------------------------ */

static void
put_levers(struct json_out *out, struct box *box)
{
    struct rows rows;

    (void)box_run(box, &rows, SQ_LEVER_LIST, NONE);
    json_open_object(out, "levers");
    for (int i = 0; i < rows.n; i++) {
        json_open_object(out, rows_text(&rows, i, 0));
        json_put_text(out, "word", rows_text(&rows, i, 1));
        json_put_integer(out, "amount", rows_int(&rows, i, 2));
        json_close_object(out);
    }
    json_close_object(out);
}

static void
put_attempts(struct json_out *out, struct box *box, int64_t delivery)
{
    struct rows rows;

    (void)box_run(box, &rows, SQ_ATTEMPT_LIST, INT(delivery));
    json_open_array(out, "attempts");
    for (int i = 0; i < rows.n; i++) {
        json_open_object(out, NULL);
        json_put_integer(out, "try", rows_int(&rows, i, 0));
        json_put_time(out, "at", rows_int(&rows, i, 1));
        json_put_integer(out, "took_ms", rows_int(&rows, i, 2));
        json_put_integer(out, "status", rows_int(&rows, i, 3));
        json_put_text(out, "words", rows_text(&rows, i, 4));
        json_close_object(out);
    }
    json_close_array(out);
}

static void
put_deliveries(struct json_out *out, struct box *box)
{
    struct rows rows;

    (void)box_run(box, &rows, SQ_DELIVERY_LIST, INT(SHOWN));
    json_open_array(out, "deliveries");
    for (int i = 0; i < rows.n; i++) {
        json_open_object(out, NULL);
        json_put_integer(out, "delivery", rows_int(&rows, i, 0));
        json_put_text(out, "event", rows_text(&rows, i, 1));
        json_put_text(out, "type", rows_text(&rows, i, 2));
        json_put_text(out, "state", rows_text(&rows, i, 3));
        json_put_time(out, "created_at", rows_int(&rows, i, 4));
        json_put_time(out, "due_at", rows_int(&rows, i, 5));
        json_put_integer(out, "tries", rows_int(&rows, i, 6));
        put_attempts(out, box, rows_int(&rows, i, 0));
        json_close_object(out);
    }
    json_close_array(out);
}

static enum problem
show(struct req *req, struct box *box)
{
    struct json_out out;

    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_put_text(&out, "webhook_url", messenger_url());
    put_levers(&out, box);
    put_deliveries(&out, box);
    json_close_object(&out);
    if (!box->broken)
        return P_NONE;
    log_error("the sandbox's database: %s", db_why(req->db));
    return P_UNAVAILABLE;
}

enum problem
control_show(struct req *req)
{
    struct box box = box_of(req);

    if (!api_authorized(req))
        return P_UNAUTHENTICATED;
    return show(req, &box);
}

/* --- Pulling ------------------------------------------------------------ */

enum problem
control_pull(struct req *req)
{
    struct box box = box_of(req);
    struct json_reader in;

    if (!api_authorized(req))
        return P_UNAUTHENTICATED;
    if (!http_read(req, &in))
        return P_INVALID_REQUEST;
    if (!box_begin(&box))
        return P_UNAVAILABLE;
    lever_pull(&in, &box);
    if (!json_done(&in))
        return P_INVALID_REQUEST;
    if (!box_commit(&box))
        return P_UNAVAILABLE;
    return show(req, &box);
}
