/*
 * What a charge of auto top-up goes through, from the fall of the balance to
 * its end: rows before and after the provider is asked. See auto_top_up.h.
 */
#include "auto_inside.h"

#include "cap.h"
#include "ledger_sql.h"
#include "limits.h"

static const char *const waits_texts[] = {
    [AUTO_WAITS_NOT] = NULL,
    [AUTO_WAITS_DECLINE] = "decline",
    [AUTO_WAITS_CEILING] = "ceiling",
    [AUTO_WAITS_CONFIRMATION] = "confirmation",
    [AUTO_WAITS_PROCESSING] = "processing",
};

static enum auto_waits
waits_of(const char *text)
{
    for (size_t i = 1; text != NULL && i < COUNT_OF(waits_texts); i++)
        if (strcmp(text, waits_texts[i]) == 0)
            return (enum auto_waits)i;
    return AUTO_WAITS_NOT;
}

enum auto_result
auto_open_charge(struct db *db, struct arena *arena, int64_t space,
                 struct auto_charge *charge)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_AUTO_CHARGE_OPEN, INT(space)) != DB_OK)
        return AUTO_BROKEN;
    if (rows.n == 0)
        return AUTO_NONE;
    *charge = (struct auto_charge){
        .number = rows_int(&rows, 0, 0),
        .crossed_at = rows_int(&rows, 0, 1),
        .next_at = rows_int(&rows, 0, 2),
        .waits = waits_of(rows_text(&rows, 0, 3)),
        .attempts = (int)rows_int(&rows, 0, 4),
        .order = rows_int(&rows, 0, 5),
        .in_flight = rows_int(&rows, 0, 6) != 0,
        .customer = rows_text(&rows, 0, 7),
        .method = rows_text(&rows, 0, 8),
        .sent_at = rows_int(&rows, 0, 9),
        .leased_until = rows_int(&rows, 0, 10),
        .why = rows_text(&rows, 0, 11),
        .asked_at = rows_int(&rows, 0, 12),
    };
    return AUTO_OK;
}

enum auto_result
auto_due(struct db *db, struct arena *arena, int64_t clock_ms,
         int64_t system_ms, int limit, int64_t **spaces, int *count)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_AUTO_CHARGE_DUE, INT(clock_ms),
               INT(system_ms), INT(limit)) != DB_OK)
        return AUTO_BROKEN;
    *count = rows.n;
    *spaces = arena_array(arena, (size_t)rows.n + 1, sizeof(**spaces));
    for (int i = 0; i < rows.n; i++)
        (*spaces)[i] = rows_int(&rows, i, 0);
    return AUTO_OK;
}

static bool
end(struct db *db, struct arena *arena, int64_t space, int64_t charge,
    const char *came_to, const char *why)
{
    return db_run(db, arena, NULL, Q_AUTO_CHARGE_END, INT(space), INT(charge),
                  TEXT(came_to), TEXT(why)) == DB_OK;
}

static bool
wait(struct db *db, struct arena *arena, int64_t space, int64_t charge,
     int64_t next_at, enum auto_waits waits, const char *why)
{
    return db_run(db, arena, NULL, Q_AUTO_CHARGE_WAIT, INT(space), INT(charge),
                  INT(next_at), TEXT(waits_texts[waits]), TEXT(why)) == DB_OK;
}

/* The order of a charge that is over fails, unless somebody can still pay it
 * on its page: that one ends with its session. */
static bool
fail_order(struct db *db, struct arena *arena, int64_t space, int64_t number,
           const char *why)
{
    struct order order;

    if (number == 0)
        return true;
    if (order_find(db, arena, space, number, &order) != ORDER_OK)
        return false;
    return order.status != ORDER_AWAITING_PAYMENT || order.session != NULL ||
           db_run(db, arena, NULL, Q_ORDER_SET_STATUS, INT(space), INT(number),
                  INT(ORDER_FAILED), TEXT(why), NIL, NIL, NIL, NIL) == DB_OK;
}

enum auto_result
auto_end_unsent(struct db *db, struct arena *arena, int64_t space,
                const char *came_to)
{
    struct auto_charge charge;
    enum auto_result found = auto_open_charge(db, arena, space, &charge);

    if (found != AUTO_OK)
        return found;
    if (charge.in_flight || charge.waits == AUTO_WAITS_PROCESSING)
        return AUTO_NONE;
    return end(db, arena, space, charge.number, came_to, NULL) &&
                   fail_order(db, arena, space, charge.order,
                              "It was not needed any more.")
               ? AUTO_OK
               : AUTO_BROKEN;
}

/* --- Before the provider is asked. ---------------------------------------- */

struct taking {
    struct db *db;
    struct arena *arena;
    const struct space *space;
    struct auto_turn *turn;
    struct wallet wallet;
    struct plan plan;
    struct tier tier;
    int64_t now, system_ms;
};

/* Whether the order is what is agreed to now. */
static bool
is_agreed(const struct auto_turn *turn)
{
    const struct auto_agreement *agreed = &turn->top_up.agreement;

    return strcmp(turn->order.tier, agreed->tier) == 0 &&
           turn->order.amount == agreed->amount;
}

static enum auto_result
load(struct taking *t, int64_t clock_ms, struct auto_facts *facts)
{
    struct auto_turn *turn = t->turn;
    const struct auto_agreement *agreed = &turn->top_up.agreement;
    enum auto_result found;
    enum plan_result tier;

    if (ledger_lock(t->db, t->arena, t->space, clock_ms, &t->wallet, &t->now) !=
        LEDGER_OK)
        return AUTO_BROKEN;
    found = auto_open_charge(t->db, t->arena, t->space->number, &turn->charge);
    if (found != AUTO_OK)
        return found;
    if (auto_find(t->db, t->arena, t->space->number, &turn->top_up) !=
            AUTO_OK ||
        plan_find(t->db, t->arena, t->space->plan, &t->plan) != PLAN_OK)
        return AUTO_BROKEN;
    tier =
        tier_find(t->db, t->arena, agreed->tier, t->space->currency, &t->tier);
    if (tier == PLAN_BROKEN ||
        (turn->charge.order != 0 &&
         order_find(t->db, t->arena, t->space->number, turn->charge.order,
                    &turn->order) != ORDER_OK))
        return AUTO_BROKEN;
    *facts = (struct auto_facts){
        .top_up = &turn->top_up,
        .charge = &turn->charge,
        .below = t->wallet.below,
        .has_page = turn->order.session != NULL,
        .may_buy = space_may_buy(t->space, &t->plan),
        .same_price = tier == PLAN_OK && t->tier.amount == agreed->amount &&
                      strcmp(t->tier.currency, agreed->currency) == 0 &&
                      tier_sells(&t->tier, t->plan.rate),
        .same_order = turn->charge.order == 0 || is_agreed(turn),
        .now = t->now,
        .system_now = t->system_ms,
    };
    return auto_spent(t->db, t->arena, &t->wallet, t->now, turn->charge.order,
                      &facts->spent);
}

/* Stores that the charge is being worked on: sent, or sent again. */
static bool
note_sent(struct taking *t)
{
    struct auto_charge *charge = &t->turn->charge;

    charge->in_flight = true;
    charge->asked_at = t->system_ms;
    charge->leased_until = t->system_ms + LIMIT_WORK_LEASE_MS;
    return db_run(t->db, t->arena, NULL, Q_AUTO_CHARGE_SEND,
                  INT(t->space->number), INT(charge->number),
                  INT(charge->attempts), INT(charge->order),
                  TEXT(charge->customer), TEXT(charge->method),
                  INT(charge->sent_at), INT(charge->asked_at),
                  INT(charge->leased_until)) == DB_OK;
}

static bool
note_looked(struct taking *t)
{
    struct auto_charge *charge = &t->turn->charge;

    charge->leased_until = t->system_ms + LIMIT_WORK_LEASE_MS;
    return db_run(t->db, t->arena, NULL, Q_AUTO_CHARGE_LOOK,
                  INT(t->space->number), INT(charge->number),
                  INT(charge->leased_until)) == DB_OK;
}

static bool
send(struct taking *t)
{
    struct auto_turn *turn = t->turn;
    struct auto_charge *charge = &turn->charge;
    const struct order_ask ask = { .tier = &t->tier,
                                   .plan = &t->plan,
                                   .member = turn->top_up.agreement.member,
                                   .automatic = true,
                                   .clock_ms = t->now,
                                   .system_ms = t->system_ms };

    if (charge->order == 0 && order_place(t->db, t->arena, &t->wallet, &ask,
                                          t->now, &turn->order) != ORDER_OK)
        return false;
    charge->order = turn->order.number;
    charge->attempts++;
    charge->customer = turn->top_up.card.customer;
    charge->method = turn->top_up.card.method;
    charge->sent_at = t->system_ms;
    return note_sent(t);
}

/* The first moment of the next month, where the Space is. */
static int64_t
next_month(const struct taking *t)
{
    const struct zone *zone = t->wallet.zone;
    int64_t first = cap_window(CAP_MONTH, zone_day(zone, t->now));
    struct civil civil = clock_civil(first);

    return zone_day_start_ms(zone,
                             first + clock_month_days(civil.year, civil.month));
}

static bool
pause(struct taking *t, const char *why)
{
    struct auto_charge *charge = &t->turn->charge;
    int64_t space = t->space->number;

    /* Nobody knows whether what is in flight was paid: its order stays. */
    return end(t->db, t->arena, space, charge->number, "paused", NULL) &&
           (charge->in_flight ||
            fail_order(t->db, t->arena, space, charge->order, charge->why)) &&
           auto_pause(t->db, t->arena, &t->wallet, why) == AUTO_OK;
}

static bool
do_step(struct taking *t, const char *why)
{
    struct auto_charge *charge = &t->turn->charge;
    int64_t space = t->space->number;

    switch (t->turn->step) {
    case AUTO_NOTHING:
    case AUTO_CONFIRM: return true;
    case AUTO_SEND: return send(t);
    case AUTO_ASK: return note_sent(t);
    case AUTO_LOOK: return note_looked(t);
    case AUTO_PUT_OFF:
        return wait(t->db, t->arena, space, charge->number, next_month(t),
                    AUTO_WAITS_CEILING, charge->why);
    case AUTO_DROP:
        return auto_end_unsent(t->db, t->arena, space, "not_needed") == AUTO_OK;
    case AUTO_PAUSE: return pause(t, why);
    }
    return false;
}

enum auto_result
auto_take(struct db *db, struct arena *arena, const struct space *space,
          int64_t clock_ms, int64_t system_ms, struct auto_turn *turn)
{
    struct taking taking = { .db = db,
                             .arena = arena,
                             .space = space,
                             .turn = turn,
                             .system_ms = system_ms };
    struct auto_facts facts;
    const char *why;
    enum auto_result loaded;

    *turn = (struct auto_turn){ .step = AUTO_NOTHING };
    loaded = load(&taking, clock_ms, &facts);
    if (loaded != AUTO_OK)
        return loaded;
    turn->step = auto_decide(&facts, &why);
    taking.wallet.changed = true;
    return do_step(&taking, why) &&
                   ledger_save(db, arena, &taking.wallet) == LEDGER_OK
               ? AUTO_OK
               : AUTO_BROKEN;
}

/* --- After it was asked. -------------------------------------------------- */

/* It is over without a payment; what is agreed to now begins anew. */
static bool
begin_anew(struct taking *t, const char *words)
{
    struct auto_charge *charge = &t->turn->charge;
    int64_t space = t->space->number;

    wallet_top_up_below(&t->wallet, t->wallet.top_up_below);
    return end(t->db, t->arena, space, charge->number, "ended", words) &&
           fail_order(t->db, t->arena, space, charge->order, words);
}

/* A decline: tried again later, or given up for good. Of what was agreed to
 * before, nothing is tried again. */
static bool
declined(struct taking *t, const char *words, bool again)
{
    struct auto_charge *charge = &t->turn->charge;
    int64_t wait_ms = again ? auto_wait_ms(charge->attempts) : -1;

    if (again && !is_agreed(t->turn))
        return begin_anew(t, words);
    if (wait_ms >= 0 && t->turn->top_up.enabled)
        return wait(t->db, t->arena, t->space->number, charge->number,
                    t->now + wait_ms, AUTO_WAITS_DECLINE, words);
    charge->in_flight = false;
    charge->why = words;
    return pause(t, again ? "declined" : "lost_card");
}

enum auto_result
auto_refused(struct db *db, struct arena *arena, const struct space *space,
             const struct auto_turn *turn, enum auto_refusal refusal,
             const char *words, int64_t clock_ms)
{
    struct auto_turn copy = *turn;
    struct taking t = {
        .db = db, .arena = arena, .space = space, .turn = &copy
    };
    struct auto_charge *charge = &copy.charge;
    bool kept = false;
    enum auto_result found;

    if (ledger_lock(db, arena, space, clock_ms, &t.wallet, &t.now) != LEDGER_OK)
        return AUTO_BROKEN;
    /* A report may have ended it meanwhile, and the owner turned it off. */
    found = auto_open_charge(db, arena, space->number, charge);
    if (found != AUTO_OK || charge->number != turn->charge.number)
        return found == AUTO_BROKEN ? AUTO_BROKEN : AUTO_NONE;
    /* That nothing was found says nothing of what was done since. */
    if ((refusal == AUTO_UNSENT || refusal == AUTO_NO_ANSWER) &&
        charge->leased_until != turn->charge.leased_until)
        return AUTO_NONE;
    if (auto_find(db, arena, space->number, &copy.top_up) != AUTO_OK)
        return AUTO_BROKEN;
    switch (refusal) {
    case AUTO_DECLINED: kept = declined(&t, words, true); break;
    case AUTO_LOST: kept = declined(&t, words, false); break;
    case AUTO_CARD_GONE:
        kept = end(db, arena, space->number, charge->number, "ended", words) &&
               fail_order(db, arena, space->number, charge->order, words) &&
               auto_lose_card(db, arena, &t.wallet, charge->method) == AUTO_OK;
        break;
    case AUTO_UNSENT: kept = begin_anew(&t, words); break;
    case AUTO_NO_ANSWER: kept = pause(&t, "no_answer"); break;
    case AUTO_UNCONFIRMED:
        kept = wait(db, arena, space->number, charge->number, t.now,
                    AUTO_WAITS_CONFIRMATION, words);
        break;
    }
    t.wallet.changed = true;
    return kept && ledger_save(db, arena, &t.wallet) == LEDGER_OK ? AUTO_OK
                                                                  : AUTO_BROKEN;
}

enum auto_result
auto_unknown(struct db *db, struct arena *arena, const struct auto_turn *turn,
             int64_t system_ms)
{
    return db_run(db, arena, NULL, Q_AUTO_CHARGE_UNKNOWN,
                  INT(turn->order.space), INT(turn->charge.number),
                  INT(system_ms)) == DB_OK
               ? AUTO_OK
               : AUTO_BROKEN;
}

enum auto_result
auto_processing(struct db *db, struct arena *arena,
                const struct auto_turn *turn, int64_t now)
{
    return wait(db, arena, turn->order.space, turn->charge.number,
                now + MINUTE_MS, AUTO_WAITS_PROCESSING, turn->charge.why)
               ? AUTO_OK
               : AUTO_BROKEN;
}

enum auto_result
auto_charge_of(struct db *db, struct arena *arena, const struct order *order,
               int64_t *charge)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_AUTO_CHARGE_OF_ORDER, INT(order->space),
               INT(order->number)) != DB_OK)
        return AUTO_BROKEN;
    if (rows.n == 0)
        return AUTO_NONE;
    *charge = rows_int(&rows, 0, 0);
    return AUTO_OK;
}

enum auto_result
auto_confirming(struct db *db, struct arena *arena,
                const struct auto_turn *turn)
{
    return wait(db, arena, turn->order.space, turn->charge.number, NEVER_MS,
                AUTO_WAITS_CONFIRMATION, turn->charge.why)
               ? AUTO_OK
               : AUTO_BROKEN;
}

/* Its order cannot be paid any more, or not without an operator. */
static enum auto_result
order_ended(struct db *db, struct arena *arena, struct wallet *wallet,
            const struct order *order, const char *why)
{
    int64_t charge;
    enum auto_result found = auto_charge_of(db, arena, order, &charge);

    if (found != AUTO_OK)
        return found == AUTO_NONE ? AUTO_OK : AUTO_BROKEN;
    if (!end(db, arena, order->space, charge, "ended", NULL))
        return AUTO_BROKEN;
    return wallet->below ? auto_pause(db, arena, wallet, why) : AUTO_OK;
}

enum auto_result
auto_order_is(struct db *db, struct arena *arena, struct wallet *wallet,
              const struct order *order, enum order_status status)
{
    if (!order->automatic)
        return AUTO_OK;
    switch (status) {
    case ORDER_PAID:
        return db_run(db, arena, NULL, Q_AUTO_CHARGE_PAID, INT(order->space),
                      INT(order->number)) == DB_OK
                   ? AUTO_OK
                   : AUTO_BROKEN;
    case ORDER_PROCESSING:
        return db_run(db, arena, NULL, Q_AUTO_CHARGE_PROCESSING,
                      INT(order->space), INT(order->number),
                      INT(wallet->moment + MINUTE_MS)) == DB_OK
                   ? AUTO_OK
                   : AUTO_BROKEN;
    case ORDER_FAILED: return order_ended(db, arena, wallet, order, "declined");
    case ORDER_EXPIRED:
        return order_ended(db, arena, wallet, order, "not_confirmed");
    case ORDER_REVIEW: return order_ended(db, arena, wallet, order, "review");
    case ORDER_AWAITING_PAYMENT:
    case ORDER_PARTLY_REFUNDED:
    case ORDER_REFUNDED:
    case ORDER_DISPUTED:
    case ORDER_STATUSES: break;
    }
    return AUTO_OK;
}
