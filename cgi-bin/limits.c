/*
 * What the owner of a Space lets be spent, when to be warned, and what is
 * charged by itself: the low-credit threshold, the caps, auto top-up. PUT
 * replaces all of it; what a cap has used is counted from the events, so it
 * cannot be set.
 *
 * Owners and admins set limits, but what lets a card be charged is agreed to
 * by an owner alone: turning auto top-up on, and changing it while it is on.
 */
#include "limits.h"
#include "auto_top_up.h"
#include "cap.h"
#include "cursor.h"
#include "ledger.h"
#include "ledger_sql.h"
#include "serve.h"
#include "view.h"

enum { CAPS_MAX = 100 };

/* --- Showing them. --------------------------------------------------------- */

static void
put_number(struct json_out *out, const char *name, bool there, int64_t number)
{
    if (there)
        json_put_integer(out, name, number);
    else
        json_put_null(out, name);
}

static void
put_card(struct json_out *out, const struct auto_card *card)
{
    if (card->method == NULL) {
        json_put_null(out, "card");
        return;
    }
    json_open_object(out, "card");
    json_put_text(out, "brand", card->brand);
    json_put_text(out, "last4", card->last4);
    json_close_object(out);
}

/* The order that is to be paid on its page, where the bank wants it so. */
static bool
put_confirmation(struct req *req, struct json_out *out,
                 const struct auto_charge *charge)
{
    struct order order = { .payment_url = NULL };

    if (charge != NULL && charge->waits == AUTO_WAITS_CONFIRMATION &&
        order_find(req->db, req->arena, req->space.number, charge->order,
                   &order) != ORDER_OK)
        return false;
    json_put_text(out, "payment_url", order.payment_url);
    return true;
}

static bool
put_auto_top_up(struct req *req, struct json_out *out,
                const struct wallet *wallet, int64_t now)
{
    struct auto_top_up top_up;
    struct auto_charge open;
    const struct auto_agreement *agreed = &top_up.agreement;
    int64_t space = wallet->space, spent;
    enum auto_result charging,
        found = auto_find(req->db, req->arena, space, &top_up);
    const struct auto_charge *charge;
    bool any = found == AUTO_OK;

    charging = auto_open_charge(req->db, req->arena, space, &open);
    if (found == AUTO_BROKEN || charging == AUTO_BROKEN ||
        auto_spent(req->db, req->arena, wallet, now, 0, &spent) != AUTO_OK)
        return false;
    charge = charging == AUTO_OK ? &open : NULL;
    json_open_object(out, "auto_top_up");
    json_put_boolean(out, "enabled", top_up.enabled);
    json_put_text(out, "tier", agreed->tier);
    put_number(out, "threshold", any, agreed->threshold);
    put_number(out, "monthly_max", any, agreed->monthly_max);
    json_put_text(out, "state", auto_state(&top_up, charge));
    put_card(out, &top_up.card);
    json_put_text(out, "paused_because", top_up.paused);
    json_put_time(out, "next_attempt_at",
                  charge == NULL || charge->in_flight ? NEVER_MS
                                                      : charge->next_at);
    json_put_text(out, "last_refusal", charge == NULL ? NULL : charge->why);
    json_put_integer(out, "charged_this_month", spent);
    if (!put_confirmation(req, out, charge))
        return false;
    json_put_text(out, "agreed_words", agreed->words);
    json_put_text(out, "agreed_by", agreed->member_name);
    json_put_time(out, "agreed_at", any ? agreed->agreed_at : NEVER_MS);
    json_close_object(out);
    return true;
}

static enum problem
reply(struct req *req, const struct wallet *wallet, int64_t threshold,
      int64_t now)
{
    int64_t day = zone_day(wallet->zone, now);
    struct json_out out;

    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    put_number(&out, "low_credit_threshold", threshold >= 0, threshold);
    json_open_array(&out, "caps");
    for (int i = 0; i < wallet->cap_count; i++)
        view_cap(&out, NULL, &wallet->caps[i], cap_used(&wallet->caps[i], day));
    json_close_array(&out);
    if (!put_auto_top_up(req, &out, wallet, now))
        return P_UNAVAILABLE;
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

/* What is asked for: off, or an agreement whose tier is known. */
struct wanted {
    bool enabled;
    struct auto_agreement agreement;
};

static void
read_auto_top_up(struct req *req, struct json_reader *reader,
                 struct wanted *wanted)
{
    static const char *const ignored[] = {
        "state",           "card",         "paused_because",
        "next_attempt_at", "last_refusal", "charged_this_month",
        "payment_url",     "agreed_words", "agreed_by",
        "agreed_at",
    };
    const struct json *object = json_member(reader, "auto_top_up");
    struct auto_agreement *to = &wanted->agreement;
    struct json_reader one;

    *wanted = (struct wanted){ .enabled = false };
    if (object == NULL || json_is_null(object))
        return;
    json_read(&one, req->arena, object, "/auto_top_up", &req->details.faults);
    for (size_t i = 0; i < COUNT_OF(ignored); i++)
        json_member(&one, ignored[i]);
    wanted->enabled = json_want_boolean(&one, "enabled", false);
    to->tier = json_want_text(&one, "tier", LIMIT_TEXT, NULL);
    to->threshold = json_want_integer(&one, "threshold", 1, LIMIT_CREDITS, 0);
    to->monthly_max =
        json_want_integer(&one, "monthly_max", 1, LIMIT_INTEGER, 0);
    if (wanted->enabled && to->tier == NULL)
        json_refuse(&one, "tier", "is required");
    if (wanted->enabled && to->threshold == 0)
        json_refuse(&one, "threshold", "is required");
    if (wanted->enabled && to->monthly_max == 0)
        json_refuse(&one, "monthly_max", "is required");
    if (!json_done(&one))
        return;
}

static bool
is_agreed(const struct auto_top_up *top_up, const struct wanted *wanted)
{
    const struct auto_agreement *a = &top_up->agreement;
    const struct auto_agreement *b = &wanted->agreement;

    return top_up->enabled && strcmp(a->tier, b->tier) == 0 &&
           a->threshold == b->threshold && a->monthly_max == b->monthly_max;
}

/* Whether the tier can do what is agreed to. */
static enum problem
check_tier(struct req *req, const struct plan *plan, struct json_reader *reader,
           struct auto_agreement *to)
{
    struct tier tier;
    enum plan_result found =
        tier_find(req->db, req->arena, to->tier, req->space.currency, &tier);

    if (found == PLAN_BROKEN)
        return P_UNAVAILABLE;
    if (found != PLAN_OK || !tier_sells(&tier, plan->rate)) {
        json_refuse(reader, "auto_top_up/tier",
                    "no tier of this Space has this id");
        return P_UNKNOWN_TIER;
    }
    to->amount = tier.amount;
    to->currency = tier.currency;
    if (to->threshold > tier_credits(&tier, plan->rate) + tier.bonus)
        json_refuse(reader, "auto_top_up/threshold",
                    "is more than one such top-up buys");
    if (to->monthly_max < tier.amount)
        json_refuse(reader, "auto_top_up/monthly_max",
                    "is less than one such top-up costs");
    return req->details.faults == NULL ? P_NONE : P_INVALID_REQUEST;
}

static enum problem
turn_on(struct req *req, struct wallet *wallet, int64_t now,
        struct json_reader *reader, struct wanted *wanted)
{
    struct auto_agreement *to = &wanted->agreement;
    struct plan plan;
    enum problem refused;

    if (req->caller.role < ROLE_OWNER) {
        req->details.detail = "Only the Space's owner may agree to automatic "
                              "top-ups. Nothing was changed.";
        return P_ROLE;
    }
    if (plan_find(req->db, req->arena, req->space.plan, &plan) != PLAN_OK)
        return P_UNAVAILABLE;
    refused = check_tier(req, &plan, reader, to);
    if (refused != P_NONE)
        return refused;
    if (!space_may_buy(&req->space, &plan)) {
        req->details.detail = "Automatic top-ups need a paid plan. Upgrade on "
                              "the Membership page first.";
        return P_PLAN_NOT_PAID;
    }
    to->member = req->caller.member.number;
    return auto_turn_on(req->db, req->arena, wallet, now, to) == AUTO_OK
               ? P_NONE
               : P_UNAVAILABLE;
}

/* Only what differs is changed: who saves caps agrees to nothing anew. */
static enum problem
set_auto_top_up(struct req *req, struct wallet *wallet, int64_t now,
                struct json_reader *reader, struct wanted *wanted)
{
    struct auto_top_up top_up;

    if (auto_find(req->db, req->arena, wallet->space, &top_up) == AUTO_BROKEN)
        return P_UNAVAILABLE;
    if (wanted->enabled)
        return is_agreed(&top_up, wanted)
                   ? P_NONE
                   : turn_on(req, wallet, now, reader, wanted);
    return !top_up.enabled ||
                   auto_turn_off(req->db, req->arena, wallet) == AUTO_OK
               ? P_NONE
               : P_UNAVAILABLE;
}

static enum problem
put_limits(struct req *req)
{
    struct json_reader reader;
    struct wallet wallet;
    struct wanted wanted;
    struct cap *caps;
    int64_t now, threshold;
    int count;
    enum problem refused;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    threshold = json_want_integer(&reader, "low_credit_threshold", 0,
                                  LIMIT_CREDITS, -1);
    read_caps(req, &reader, &caps, &count);
    read_auto_top_up(req, &reader, &wanted);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    if (!db_begin(req->db) || ledger_lock(req->db, req->arena, &req->space,
                                          req->now, &wallet, &now) != LEDGER_OK)
        return P_UNAVAILABLE;
    refused = set_auto_top_up(req, &wallet, now, &reader, &wanted);
    if (refused != P_NONE)
        return refused;
    if (ledger_set_caps(req->db, req->arena, &wallet, caps, count) !=
            LEDGER_OK ||
        db_run(req->db, req->arena, NULL, Q_SPACE_SET_LOW_THRESHOLD,
               INT(req->space.number),
               threshold < 0 ? NIL : INT(threshold)) != DB_OK)
        return P_UNAVAILABLE;
    wallet_warn_below(&wallet, threshold);
    wallet.changed = true;
    if (ledger_save(req->db, req->arena, &wallet) != LEDGER_OK)
        return P_UNAVAILABLE;
    refused = reply(req, &wallet, threshold, now);
    if (refused != P_NONE)
        return refused;
    return db_commit(req->db) ? P_NONE : P_UNAVAILABLE;
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
