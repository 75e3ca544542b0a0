/*
 * Pulling levers. A call is done whole or not at all; what it names and we do
 * not have is a fault at its pointer.
 */
#include "control.h"

#include "api.h"
#include "clock.h"
#include "fault.h"
#include "limits.h"
#include "log.h"
#include "messenger.h"
#include "money.h"
#include "payment.h"
#include "tell.h"
#include "text.h"

#define DELAY_MOST_MS DAY_MS
#define SHOWN         200 /* deliveries, the newest */

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

static void
lever_set(struct box *box, const char *name, const char *word, int64_t amount)
{
    (void)box_run(box, NULL, SQ_LEVER_SET, TEXT(name), TEXT(word), INT(amount));
}

static void
pull_webhooks(struct json_reader *in, struct box *box)
{
    static const char *const ways[] = { "deliver", "drop", "duplicate",
                                        "reverse" };
    const char *way = json_want_text(in, "webhooks", LIMIT_TEXT, NULL);
    int64_t delay_ms;

    if (way == NULL)
        return;
    if (text_begins(way, "delay:") &&
        text_int(way + strlen("delay:"), 0, DELAY_MOST_MS, &delay_ms)) {
        lever_set(box, "webhooks", "delay", delay_ms);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (strcmp(way, ways[i]) == 0) {
            lever_set(box, "webhooks", way, 0);
            return;
        }
    json_refuse(in, "webhooks",
                "One of deliver, drop, duplicate, delay:MS, reverse.");
}

static void
pull_api(struct json_reader *in, struct box *box)
{
    const char *word = json_want_text(in, "api", LIMIT_TEXT, NULL);
    int64_t times =
        json_want_integer(in, "times", 1, LIMIT_INTEGER, LIMIT_INTEGER);

    if (word == NULL)
        return;
    if (fault_known(word))
        lever_set(box, "api", word, times);
    else
        json_refuse(in, "api", "The sandbox does not know this fault.");
}

static void
pull_tamper(struct json_reader *in, struct box *box)
{
    int64_t amount = json_want_integer(in, "tamper_amount", 1, 99999999, 0);
    const char *currency = json_want_text(in, "tamper_currency", 3, NULL);
    char upper[4] = "";

    if (amount > 0)
        lever_set(box, "tamper_amount", NULL, amount);
    if (currency == NULL)
        return;
    for (size_t i = 0; currency[i] != '\0' && i < 3; i++)
        upper[i] = (char)(currency[i] >= 'a' && currency[i] <= 'z'
                              ? currency[i] - 'a' + 'A'
                              : '?');
    if (money_digits(upper) < 0)
        json_refuse(in, "tamper_currency", "A currency in lower case.");
    else
        lever_set(box, "tamper_currency", currency, 0);
}

/* The payment intent of what was named: itself, or a session's. */
static const char *
intent_of(struct box *box, const char *name)
{
    struct store_session session;

    if (store_session_get(box, name, &session))
        return session.intent == NULL ? "" : session.intent;
    return name;
}

static void
pull_payments(struct json_reader *in, struct box *box)
{
    const char *settle = json_want_text(in, "settle", LIMIT_TEXT, NULL);
    const char *fail = json_want_text(in, "fail", LIMIT_TEXT, NULL);
    const char *expire = json_want_text(in, "expire", LIMIT_TEXT, NULL);
    const char *resend = json_want_text(in, "resend", LIMIT_TEXT, NULL);
    int64_t after_ms =
        json_want_integer(in, "settle_after_ms", 0, DELAY_MOST_MS, -1);

    if (after_ms >= 0)
        lever_set(box, "settle_after_ms", "ms", after_ms);
    if (settle != NULL && !payment_settle(box, intent_of(box, settle), true))
        json_refuse(in, "settle", "No payment of this is on its way.");
    if (fail != NULL && !payment_settle(box, intent_of(box, fail), false))
        json_refuse(in, "fail", "No payment of this is on its way.");
    if (expire != NULL && !payment_expire(box, expire))
        json_refuse(in, "expire", "No such session is open.");
    if (resend != NULL && !told_again(box, resend))
        json_refuse(in, "resend", "There is no such event.");
}

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
    if (json_want_boolean(&in, "reset", false))
        (void)box_run(&box, NULL, SQ_LEVER_RESET, NONE);
    pull_webhooks(&in, &box);
    pull_api(&in, &box);
    pull_tamper(&in, &box);
    pull_payments(&in, &box);
    if (!json_done(&in))
        return P_INVALID_REQUEST;
    if (!box_commit(&box))
        return P_UNAVAILABLE;
    return show(req, &box);
}
