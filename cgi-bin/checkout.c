/*
 * Buying top-ups: an order is made and stored, then the provider is asked
 * for its payment page. Reading an order that is open asks the provider too,
 * so a lost webhook heals on the page. And promo codes, which cost nothing.
 *
 * Calls to the provider are made outside any transaction. What was stored
 * before one stays, so the same key goes on where a lost reply left off.
 */
#include "attempt.h"
#include "clock.h"
#include "cursor.h"
#include "keyed.h"
#include "limits.h"
#include "log.h"
#include "promo.h"
#include "serve.h"
#include "settle.h"
#include "view.h"
#include "view_receipt.h"

/* Of each process: as many as there are handles of the database, since a
 * thread keeps one while it waits for the provider. */
enum { THREADS = 4 };

/* Reading an order asks the provider at most this often. */
static const int64_t ask_every_ms = 5 * SECOND_MS;

static enum problem
provider_unavailable(struct req *req, const char *why)
{
    log_warning("the payment provider: %s", why == NULL ? "-" : why);
    req->details.retry_after_s = 5;
    req->details.detail =
        "The payment page could not be opened and nothing was charged. Try "
        "again in a moment; it is still the same order.";
    return P_PAYMENT_PROVIDER_UNAVAILABLE;
}

static enum problem
plan_not_paid(struct req *req)
{
    req->details.detail = "Top-ups need a paid plan. Upgrade on the "
                          "Membership page first.";
    req->details.members =
        arena_format(req->arena, "\"upgrade_url\":\"%s/settings/membership\"",
                     req->config->base_path);
    return P_PLAN_NOT_PAID;
}

static enum problem
problem_of_order(struct req *req, enum order_result result)
{
    switch (result) {
    case ORDER_OK:
    case ORDER_REPLAYED: return P_NONE;
    case ORDER_KEY_REUSED: return P_IDEMPOTENCY_KEY_REUSED;
    case ORDER_UNKNOWN: return P_NOT_FOUND;
    case ORDER_TOO_MANY:
        req->details.retry_after_s = 600;
        req->details.detail = "Ten orders of the last hour were not paid. "
                              "Pay one of them, or try again later.";
        return P_TOO_MANY_ORDERS;
    case ORDER_NOT_OPEN: return P_ORDER_EXPIRED;
    case ORDER_LIMIT:
    case ORDER_BROKEN: break;
    }
    return P_UNAVAILABLE;
}

/* Reads the tier that is asked for, and whether the card that pays it is to
 * be kept for auto top-up, which is the owner's to say. */
static enum problem
read_tier(struct req *req, const struct plan *plan, struct tier *tier,
          bool *save_card)
{
    struct json_reader reader;
    const char *id;
    enum plan_result found;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    id = json_need_text(&reader, "tier", LIMIT_TEXT);
    *save_card = json_want_boolean(&reader, "save_card", false);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    if (*save_card && req->caller.role < ROLE_OWNER) {
        req->details.detail = "Only the Space's owner may save a card.";
        return P_ROLE;
    }
    found = tier_find(req->db, req->arena, id, req->space.currency, tier);
    if (found == PLAN_BROKEN)
        return P_UNAVAILABLE;
    if (found == PLAN_OK && tier_sells(tier, plan->rate))
        return P_NONE;
    json_refuse(&reader, "tier", "no tier of this Space has this id");
    return P_UNKNOWN_TIER;
}

/* Stores the order, or finds the one that the key made; committed. The plan
 * is looked at only for a new one: a replay is answered whatever it is now. */
static enum problem
store(struct req *req, const struct tier *tier, const struct plan *plan,
      bool save_card, struct order *order, bool *replayed)
{
    const struct order_ask ask = { .tier = tier,
                                   .plan = plan,
                                   .member = req->caller.member.number,
                                   .key = req->key,
                                   .save_card = save_card,
                                   .clock_ms = req->now,
                                   .system_ms = clock_system_ms() };
    enum order_result made;

    if (!db_begin(req->db))
        return P_UNAVAILABLE;
    made = order_create(req->db, req->arena, &req->space, &ask, order);
    *replayed = made == ORDER_REPLAYED;
    if (*replayed) {
        db_rollback(req->db);
        return P_NONE;
    }
    if (made == ORDER_KEY_REUSED)
        return P_IDEMPOTENCY_KEY_REUSED;
    if (!space_may_buy(&req->space, plan))
        return plan_not_paid(req);
    if (made != ORDER_OK)
        return problem_of_order(req, made);
    return db_commit(req->db) ? P_NONE : P_UNAVAILABLE;
}

/* Asks the provider for the order's page where it has none yet. */
static enum problem
open_page(struct req *req, struct order *order)
{
    const char *why = NULL;

    if (order->payment_url != NULL)
        return P_NONE;
    if (!order_is_open(order->status) ||
        clock_system_ms() >= order->session_expires_at) {
        req->details.detail = "This order's time is over. Start again with "
                              "a new key.";
        return P_ORDER_EXPIRED;
    }
    switch (settle_open(req->db, req->arena, req->config, &req->space, order,
                        &why)) {
    case SETTLE_OK: return P_NONE;
    case SETTLE_BROKEN: return P_UNAVAILABLE;
    case SETTLE_NOT_OURS:
    case SETTLE_REFUSED:
    case SETTLE_UNAVAILABLE: break;
    }
    return provider_unavailable(req, why);
}

static enum problem
post_checkout(struct req *req)
{
    struct plan plan;
    struct tier tier;
    struct order order;
    struct json_out out;
    bool replayed, answered, save_card;
    enum problem refused;

    if (plan_find(req->db, req->arena, req->space.plan, &plan) != PLAN_OK)
        return P_UNAVAILABLE;
    refused = read_tier(req, &plan, &tier, &save_card);
    if (refused == P_NONE)
        refused = store(req, &tier, &plan, save_card, &order, &replayed);
    if (refused != P_NONE)
        return refused;
    answered = replayed && order.payment_url != NULL;
    refused = open_page(req, &order);
    if (refused != P_NONE)
        return refused;

    if (answered)
        http_header(req, "Idempotency-Replayed", "true");
    http_json(req, 201, &out);
    json_open_object(&out, NULL);
    view_order_first(&out, "order", &order);
    json_put_text(&out, "payment_url", order.payment_url);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
get_orders(struct req *req)
{
    struct order *orders;
    struct json_out out;
    int limit, count;
    int64_t before;
    enum problem refused = cursor_only(req, NULL);

    if (refused == P_NONE)
        refused = cursor_read(req, "orders", &limit, &before);
    if (refused != P_NONE)
        return refused;
    if (order_list(req->db, req->arena, req->space.number, before, limit + 1,
                   &orders, &count) != ORDER_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_array(&out, "orders");
    for (int i = 0; i < count && i < limit; i++)
        view_order(&out, NULL, &orders[i], view_receipt_path(req, &orders[i]));
    json_close_array(&out);
    json_put_text(&out, "next_before",
                  count <= limit
                      ? NULL
                      : cursor_make(req, "orders", orders[limit - 1].number));
    json_close_object(&out);
    return P_NONE;
}

/* What the provider does not answer now is asked again at the next reading;
 * the order is shown as we know it. */
static enum problem
get_order(struct req *req)
{
    struct order order;
    struct json_out out;
    enum settled settled;
    const char *why = NULL;
    enum order_result found =
        order_by_id(req->db, req->arena, req->space.number, req->parameter[1],
                    &order);

    if (found != ORDER_OK)
        return problem_of_order(req, found);
    switch (settle_ask(req->db, req->arena, req->config, &req->space, &order,
                       ask_every_ms, req->now, &settled, &why)) {
    case SETTLE_OK: break;
    case SETTLE_BROKEN: return P_UNAVAILABLE;
    case SETTLE_NOT_OURS:
    case SETTLE_REFUSED:
    case SETTLE_UNAVAILABLE:
        log_warning("order %s could not be asked about: %s", order.id,
                    why == NULL ? "-" : why);
        break;
    }
    if (settle_keep_card(req->db, req->arena, req->config, &req->space, &order,
                         req->now, &why) != SETTLE_OK)
        log_warning("order %s: its card is kept later: %s", order.id,
                    why == NULL ? "-" : why);
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    view_order(&out, "order", &order, view_receipt_path(req, &order));
    json_close_object(&out);
    return P_NONE;
}

/* --- Promo codes. --------------------------------------------------------- */

static enum problem
refuse_code(struct req *req, enum promo_result result)
{
    switch (result) {
    case PROMO_UNKNOWN:
        req->details.detail = "There is no such code. Check how it is spelt.";
        return P_UNKNOWN_CODE;
    case PROMO_USED:
        req->details.detail = "This code has been used already. Nothing was "
                              "added.";
        return P_CODE_USED;
    case PROMO_EXPIRED:
        req->details.detail = "This code has ended. Nothing was added.";
        return P_CODE_EXPIRED;
    case PROMO_LIMIT: return P_BALANCE_LIMIT;
    default: return P_UNAVAILABLE;
    }
}

/* Counts a guess, in the claim's own transaction: a wrong one is committed
 * with nothing else, a right one takes it back. */
static enum problem
claim_counted(struct req *req, struct wallet *wallet, int64_t now,
              const char *code, struct event *event)
{
    const struct member *member = &req->caller.member;
    enum promo_result done;
    struct attempt attempt;

    switch (attempt_count(req->db, req->arena, ATTEMPT_PROMO, member->id,
                          req->remote_address, clock_system_ms(), &attempt,
                          &req->details.retry_after_s)) {
    case ATTEMPT_OK: break;
    case ATTEMPT_TOO_MANY:
        req->details.detail = "Too many codes were wrong. Wait a while.";
        return P_TOO_MANY_ATTEMPTS;
    case ATTEMPT_BROKEN: return P_UNAVAILABLE;
    }
    done = promo_claim(req->db, req->arena, wallet, now, member, code, event);
    if (done == PROMO_UNKNOWN && !db_commit(req->db))
        return P_UNAVAILABLE;
    if (done != PROMO_OK)
        return refuse_code(req, done);
    return attempt_forget(req->db, req->arena, &attempt) == ATTEMPT_OK
               ? P_NONE
               : P_UNAVAILABLE;
}

static enum problem
put_claimed(struct req *req, struct wallet *wallet, const struct event *event)
{
    struct view view = { .db = req->db,
                         .arena = req->arena,
                         .space = wallet->space,
                         .wallet = wallet };
    struct json_out out;

    http_json(req, 201, &out);
    json_open_object(&out, NULL);
    if (!view_event(&view, &out, "event", event))
        return P_UNAVAILABLE;
    view_balance_short(&out, "balance", wallet->held, wallet->total);
    json_close_object(&out);
    return P_NONE;
}

static enum problem
post_promo(struct req *req)
{
    struct json_reader reader;
    struct keyed keyed;
    struct wallet wallet;
    struct event event;
    const char *code;
    enum problem refused;
    int64_t now;
    bool replayed;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    code = json_need_text(&reader, "code", LIMIT_TEXT);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    keyed_begin(&keyed, req, IDEM_PROMO);
    fingerprint_text(&keyed.print, "code", code);
    if (!db_begin(req->db) || ledger_lock(req->db, req->arena, &req->space,
                                          req->now, &wallet, &now) != LEDGER_OK)
        return P_UNAVAILABLE;
    refused = keyed_find(&keyed, req, 201, &replayed);
    if (refused != P_NONE || replayed)
        return refused;
    refused = claim_counted(req, &wallet, now, code, &event);
    if (refused == P_NONE)
        refused = put_claimed(req, &wallet, &event);
    if (refused == P_NONE)
        refused = keyed_keep(&keyed, req, event.seq);
    if (refused != P_NONE)
        return refused;
    return ledger_save(req->db, req->arena, &wallet) == LEDGER_OK &&
                   db_commit(req->db)
               ? P_NONE
               : P_UNAVAILABLE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_POST, "/api/v1/spaces/{}/checkout",
          GATE_MEMBER | GATE_SPACE | GATE_CSRF | GATE_BUY | GATE_JSON |
              GATE_IDEMPOTENT,
          0, post_checkout },
        { HTTP_GET, "/api/v1/spaces/{}/orders",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_orders },
        { HTTP_GET, "/api/v1/spaces/{}/orders/{}",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_order },
        { HTTP_POST, "/api/v1/spaces/{}/promo",
          GATE_MEMBER | GATE_SPACE | GATE_CSRF | GATE_BUY | GATE_JSON |
              GATE_IDEMPOTENT,
          0, post_promo },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "checkout",
                                            .routes = routes,
                                            .threads = THREADS };

    return serve(&program);
}
