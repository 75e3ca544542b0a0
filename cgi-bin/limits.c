/*
 * What the owner of a Space lets be spent, and when to be warned: the
 * low-credit threshold and the caps. PUT replaces all of it; what a cap has
 * used is counted from the events, so it cannot be set.
 */
#include "limits.h"
#include "cap.h"
#include "cursor.h"
#include "ledger.h"
#include "ledger_sql.h"
#include "serve.h"
#include "view.h"

enum { CAPS_MAX = 100 };

static enum problem
reply(struct req *req, const struct wallet *wallet, int64_t threshold,
      int64_t now)
{
    int64_t day = zone_day(wallet->zone, now);
    struct json_out out;

    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    if (threshold < 0)
        json_put_null(&out, "low_credit_threshold");
    else
        json_put_integer(&out, "low_credit_threshold", threshold);
    json_open_array(&out, "caps");
    for (int i = 0; i < wallet->cap_count; i++)
        view_cap(&out, NULL, &wallet->caps[i], cap_used(&wallet->caps[i], day));
    json_close_array(&out);
    json_open_object(&out, "auto_top_up");
    json_put_boolean(&out, "enabled", false);
    json_put_null(&out, "tier");
    json_put_null(&out, "threshold");
    json_put_null(&out, "monthly_max");
    json_put_text(&out, "state", "off");
    json_put_null(&out, "card");
    json_close_object(&out);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
get_limits(struct req *req)
{
    struct wallet wallet;
    int64_t now;
    enum problem refused = cursor_only(req, NULL);

    if (refused != P_NONE)
        return refused;
    if (!db_begin_read(req->db) ||
        ledger_look(req->db, req->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK)
        return P_UNAVAILABLE;
    return reply(req, &wallet, req->space.low_threshold, now);
}

/* --- Reading what is to be set. -------------------------------------------- */

/* {"member": "m1"} or the like: one member, of four. */
static void
read_on(struct req *req, struct json_reader *reader, const char *pointer,
        struct cap *cap)
{
    static const char *const names[] = { "member", "feature", "campaign",
                                         "livestream" };
    const struct json *on = json_member(reader, "on");
    struct json_reader one;
    int found = 0;

    if (on == NULL || json_is_null(on)) {
        json_refuse(reader, "on", "is required");
        return;
    }
    json_read(&one, req->arena, on, arena_format(req->arena, "%s/on", pointer),
              &req->details.faults);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (json_has(&one, names[i])) {
            found++;
            cap->value = json_need_text(&one, names[i], LIMIT_TEXT);
            if (!cap_on_of(names[i], &cap->on))
                abort(); /* the names are cap.c's */
        }
    if (json_is_object(on) && found != 1)
        json_refuse(reader, "on",
                    "one of member, feature, campaign and livestream");
    if (!json_done(&one))
        return;
}

static void
read_cap(struct req *req, const struct json *item, int index, struct cap *cap)
{
    static const char *const periods[] = { "day", "month", "total" };
    const char *pointer = arena_format(req->arena, "/caps/%d", index);
    struct json_reader reader;
    int per;

    *cap = (struct cap){ .number = index + 1 };
    json_read(&reader, req->arena, item, pointer, &req->details.faults);
    json_member(&reader, "id"); /* ours, and so is `used` */
    json_member(&reader, "used");
    read_on(req, &reader, pointer, cap);
    cap->credits = json_need_integer(&reader, "credits", 0, LIMIT_CREDITS);
    per = json_want_word(&reader, "per", periods, COUNT_OF(periods), -1);
    if (per >= 0 && !cap_per_of(periods[per], &cap->per))
        abort(); /* the words are cap.c's */
    if (!json_done(&reader))
        return;
}

static bool
same(const struct cap *a, const struct cap *b)
{
    return a->on == b->on && a->per == b->per &&
           strcmp(a->value, b->value) == 0;
}

static void
read_caps(struct req *req, struct json_reader *reader, struct cap **caps,
          int *count)
{
    const struct json *list = json_member(reader, "caps");

    *count = list == NULL || json_is_null(list) ? 0 : json_length(list);
    *caps = arena_array(req->arena, CAPS_MAX + 1, sizeof(**caps));
    if (list != NULL && !json_is_null(list) && !json_is_array(list))
        json_refuse(reader, "caps", "must be an array");
    if (*count > CAPS_MAX) {
        json_refuse(reader, "caps", "has 100 caps at most");
        *count = 0;
    }
    for (int i = 0; i < *count; i++)
        read_cap(req, json_item(list, i), i, &(*caps)[i]);
    for (int i = 0; req->details.faults == NULL && i < *count; i++)
        for (int k = 0; k < i; k++)
            if (same(&(*caps)[k], &(*caps)[i]))
                json_refuse(reader, "caps",
                            arena_format(req->arena,
                                         "cap %d is that of cap %d again",
                                         i + 1, k + 1));
}

static void
read_auto_top_up(struct req *req, struct json_reader *reader)
{
    const struct json *object = json_member(reader, "auto_top_up");
    static const char *const ignored[] = { "tier", "threshold", "monthly_max",
                                           "state", "card" };
    struct json_reader one;

    if (object == NULL || json_is_null(object))
        return;
    json_read(&one, req->arena, object, "/auto_top_up", &req->details.faults);
    for (size_t i = 0; i < COUNT_OF(ignored); i++)
        json_member(&one, ignored[i]);
    if (json_want_boolean(&one, "enabled", false))
        json_refuse(&one, "enabled",
                    "this site does not offer automatic top-ups");
    if (!json_done(&one))
        return;
}

static enum problem
put_limits(struct req *req)
{
    struct json_reader reader;
    struct wallet wallet;
    struct cap *caps;
    int64_t now, threshold;
    int count;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    threshold = json_want_integer(&reader, "low_credit_threshold", 0,
                                  LIMIT_CREDITS, -1);
    read_caps(req, &reader, &caps, &count);
    read_auto_top_up(req, &reader);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    if (!db_begin(req->db) ||
        ledger_lock(req->db, req->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK ||
        ledger_set_caps(req->db, req->arena, &wallet, caps, count) !=
            LEDGER_OK ||
        db_run(req->db, req->arena, NULL, Q_SPACE_SET_LOW_THRESHOLD,
               INT(req->space.number),
               threshold < 0 ? NIL : INT(threshold)) != DB_OK)
        return P_UNAVAILABLE;
    wallet_warn_below(&wallet, threshold);
    wallet.changed = true;
    if (ledger_save(req->db, req->arena, &wallet) != LEDGER_OK ||
        !db_commit(req->db))
        return P_UNAVAILABLE;
    return reply(req, &wallet, threshold, now);
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/limits",
          GATE_MEMBER | GATE_SPACE | GATE_BUY, 0, get_limits },
        { HTTP_PUT, "/api/v1/spaces/{}/limits",
          GATE_MEMBER | GATE_SPACE | GATE_CSRF | GATE_BUY | GATE_JSON, 0,
          put_limits },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "limits",
                                            .routes = routes };

    return serve(&program);
}
