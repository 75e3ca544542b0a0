/*
 * Recording events and planning their deliveries. How a delivery goes wrong
 * is planned here, by the lever of the moment; the messenger only obeys the
 * rows. An event's body never changes once it is told.
 */
#include "tell.h"

#include "stripe.h"

/* Told to go backwards, events gather for so long after the last of them. */
#define GATHER_MS 700

static void
deliver(struct box *box, int64_t event, const char *state, int64_t due_ms,
        bool backwards)
{
    (void)box_run(box, NULL, SQ_DELIVERY_ADD, INT(event), TEXT(state),
                  INT(box->now_ms), INT(due_ms), INT(backwards));
}

/* Messages as the lever has it. */
static void
plan(struct box *box, int64_t event)
{
    int64_t amount;
    const char *way = box_lever(box, "webhooks", &amount);
    int64_t now = box->now_ms;

    if (way == NULL || strcmp(way, "deliver") == 0) {
        deliver(box, event, "pending", now, false);
    } else if (strcmp(way, "drop") == 0) {
        deliver(box, event, "dropped", now, false);
    } else if (strcmp(way, "duplicate") == 0) {
        deliver(box, event, "pending", now, false);
        deliver(box, event, "pending", now, false);
    } else if (strcmp(way, "delay") == 0) {
        deliver(box, event, "pending", now + amount, false);
    } else {
        assert(strcmp(way, "reverse") == 0);
        deliver(box, event, "pending", now + GATHER_MS, true);
        (void)box_run(box, NULL, SQ_DELIVERY_HOLD_BACK, INT(now + GATHER_MS));
    }
}

void
tell(struct box *box, const char *type, const char *object)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_EVENT_ADD, TEXT(box_id(box, "evt_", 24)),
                 INT(box_now_s(box)), TEXT(type), TEXT(box->request),
                 TEXT(box->request_key), TEXT(object)))
        return;
    plan(box, rows_int(&rows, 0, 0));
    box->told = true;
}

bool
told_get(struct box *box, const char *id, struct told *told)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_EVENT_GET, TEXT(id)) || rows.n == 0)
        return false;
    *told = (struct told){
        .id = rows_text(&rows, 0, 0),
        .created_s = rows_int(&rows, 0, 1),
        .type = rows_text(&rows, 0, 2),
        .request = rows_text(&rows, 0, 3),
        .request_key = rows_text(&rows, 0, 4),
        .object = rows_text(&rows, 0, 5),
        .pending = rows_int(&rows, 0, 6),
    };
    return true;
}

void
told_write(struct json_out *out, const char *name, const struct told *told)
{
    json_open_object(out, name);
    json_put_text(out, "id", told->id);
    json_put_text(out, "object", "event");
    json_put_text(out, "api_version", STRIPE_VERSION);
    json_put_integer(out, "created", told->created_s);
    json_open_object(out, "data");
    json_put_raw(out, "object", told->object);
    json_close_object(out);
    json_put_boolean(out, "livemode", false);
    json_put_integer(out, "pending_webhooks", told->pending);
    json_open_object(out, "request");
    json_put_text(out, "id", told->request);
    json_put_text(out, "idempotency_key", told->request_key);
    json_close_object(out);
    json_put_text(out, "type", told->type);
    json_close_object(out);
}

bool
told_again(struct box *box, const char *id)
{
    struct rows rows;

    if (!box_run(box, &rows, SQ_EVENT_NUMBER, TEXT(id)) || rows.n == 0)
        return false;
    deliver(box, rows_int(&rows, 0, 0), "pending", box->now_ms, false);
    box->told = true;
    return !box->broken;
}
