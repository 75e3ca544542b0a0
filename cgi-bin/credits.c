/*
 * The credits of a Space: its balance, what may be bought and by whom, the
 * holds and orders that are open. And the health of the service, since this
 * is the program that every page needs.
 *
 * Only reads; everything from one moment of the database.
 */
#include "cursor.h"
#include "ledger.h"
#include "limits.h"
#include "order.h"
#include "runway.h"
#include "serve.h"
#include "view.h"
#include "words.h"

enum { ORDERS_SHOWN = 20, HOLDS_SHOWN = 20 };

/* Everything that the answer shows. */
struct picture {
    struct wallet wallet;
    struct balance balance;
    int64_t runway_days; /* -1: nobody can tell */
    struct plan plan;
    struct tier *tiers;
    int tier_count;
    struct hold *holds;
    int hold_count;
    struct order *orders;
    int order_count;
    const char **buyers;
    int buyer_count;
};

static bool
load(struct req *req, struct picture *picture)
{
    const struct space *space = &req->space;
    struct arena *arena = req->arena;
    int64_t now;

    if (!db_begin_read(req->db))
        return false;
    if (ledger_look(req->db, arena, space, req->now, &picture->wallet, &now) !=
            LEDGER_OK ||
        plan_find(req->db, arena, space->plan, &picture->plan) != PLAN_OK ||
        tier_list(req->db, arena, space->currency, &picture->tiers,
                  &picture->tier_count) != PLAN_OK ||
        ledger_holds(req->db, arena, space->number, HOLD_LIST_HELD, now, 0,
                     HOLDS_SHOWN, &picture->holds,
                     &picture->hold_count) != LEDGER_OK ||
        order_unfinished(req->db, arena, space->number, ORDERS_SHOWN,
                         &picture->orders, &picture->order_count) != ORDER_OK ||
        member_buyers(req->db, arena, space->number, &picture->buyers,
                      &picture->buyer_count) != MEMBER_OK ||
        !runway_find(req->db, arena, &picture->wallet, now,
                     &picture->runway_days))
        return false;
    picture->balance = wallet_balance(&picture->wallet);
    return true;
}

static void
put_badge(struct json_out *out, struct arena *arena, const struct space *space,
          const struct plan *plan)
{
    int64_t unit = money_unit(space->currency);
    const char *credits = words_credits(arena, plan->rate);
    const char *money = money_text(arena, unit, space->currency);

    json_open_object(out, "badge");
    json_put_integer(out, "credits", plan->rate);
    json_open_object(out, "per");
    json_put_integer(out, "amount", unit);
    json_put_text(out, "currency", space->currency);
    json_close_object(out);
    json_put_text(out, "label",
                  arena_format(arena, "%s per %s", credits, money));
    json_close_object(out);
}

/* Low is what the wallet says (wallet_watch()), so that the warning stays
 * until the balance is clear of the threshold. */
static void
put_warning(struct json_out *out, struct arena *arena,
            const struct wallet *wallet, const struct balance *balance)
{
    int64_t threshold = wallet->warn_below;
    const char *level = "low", *message = NULL;

    switch (wallet->warning) {
    case WARNING_NONE: json_put_null(out, "warning"); return;
    case WARNING_LOW:
        message = arena_format(arena, "%s left.",
                               words_credits(arena, balance->available));
        break;
    case WARNING_EMPTY:
        level = "empty";
        message = "No credits are available. New work waits until credits "
                  "come in; what is already held goes on.";
        break;
    case WARNING_NEGATIVE:
        level = "negative";
        message = arena_format(
            arena,
            "%s more were taken back than were left. New work waits until "
            "credits come in; what is already held goes on.",
            words_credits(arena, -balance->available));
        break;
    }
    json_open_object(out, "warning");
    json_put_text(out, "level", level);
    json_put_integer(out, "threshold", threshold < 0 ? 0 : threshold);
    json_put_text(out, "message", message);
    if (wallet->warned_at == 0)
        json_put_null(out, "since");
    else
        json_put_time(out, "since", wallet->warned_at);
    json_close_object(out);
}

static void
put_buying(struct json_out *out, struct req *req, const struct picture *picture)
{
    bool paid = space_may_buy(&req->space, &picture->plan);
    bool role = account_may_buy(&req->caller);

    json_open_object(out, "plan");
    json_put_text(out, "id", picture->plan.id);
    json_put_text(out, "name", picture->plan.name);
    json_put_boolean(out, "paid", picture->plan.paid);
    json_close_object(out);
    json_put_boolean(out, "can_buy", paid && role);
    json_put_text(out, "cannot_buy_reason",
                  !paid  ? "plan_not_paid"
                  : role ? NULL
                         : "role");
    json_open_array(out, "buyers");
    for (int i = 0; i < picture->buyer_count; i++)
        json_put_text(out, NULL, picture->buyers[i]);
    json_close_array(out);
    json_put_text(out, "upgrade_url",
                  arena_format(req->arena, "%s/settings/membership",
                               req->config->base_path));
}

static void
put_tiers(struct json_out *out, struct arena *arena,
          const struct picture *picture)
{
    json_open_array(out, "tiers");
    for (int i = 0; i < picture->tier_count; i++) {
        const struct tier *tier = &picture->tiers[i];

        if (!tier_sells(tier, picture->plan.rate))
            continue;
        json_open_object(out, NULL);
        json_put_text(out, "id", tier->id);
        json_put_integer(out, "amount", tier->amount);
        json_put_text(out, "currency", tier->currency);
        json_put_text(out, "label",
                      money_text(arena, tier->amount, tier->currency));
        json_put_integer(out, "credits",
                         tier_credits(tier, picture->plan.rate) + tier->bonus);
        json_put_integer(out, "bonus", tier->bonus);
        json_close_object(out);
    }
    json_close_array(out);
}

static enum problem
get_credits(struct req *req)
{
    struct picture picture;
    struct json_out out;
    enum problem refused = cursor_only(req, NULL);

    if (refused != P_NONE)
        return refused;
    if (!load(req, &picture))
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    view_space(&out, "space", &req->space);
    put_badge(&out, req->arena, &req->space, &picture.plan);
    view_balance(&out, "balance", &picture.balance);
    put_warning(&out, req->arena, &picture.wallet, &picture.balance);
    if (picture.runway_days < 0)
        json_put_null(&out, "runway_days");
    else
        json_put_integer(&out, "runway_days", picture.runway_days);
    put_buying(&out, req, &picture);
    put_tiers(&out, req->arena, &picture);
    json_open_array(&out, "holds");
    for (int i = 0; i < picture.hold_count; i++)
        view_hold(&out, NULL, req->space.number, &picture.holds[i], 0);
    json_close_array(&out);
    json_open_array(&out, "orders");
    for (int i = 0; i < picture.order_count; i++)
        view_order(&out, NULL, &picture.orders[i], NULL);
    json_close_array(&out);
    json_close_object(&out);
    http_etag(req);
    return P_NONE;
}

static enum problem
get_health(struct req *req)
{
    int schema = db_schema(req->db);
    struct json_out out;

    if (schema < 0 || !db_current(req->db))
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_put_text(&out, "status", "ok");
    json_put_integer(&out, "schema", schema);
    json_put_text(&out, "provider",
                  req->config->sandbox ? "sandbox" : "stripe");
    json_close_object(&out);
    return P_NONE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/credits",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_credits },
        { HTTP_GET, "/healthz", 0, 0, get_health },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "credits",
                                            .routes = routes };

    return serve(&program);
}
