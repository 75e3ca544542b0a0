/*
 * Auto top-up at the provider: charges that are due, and the card that a
 * payment saved. What may be done is decided in auto_top_up.c; that it is
 * being done is stored before the provider is asked, and what was paid is
 * credited by order_settle().
 */
#include "settle_inside.h"

#include "auto_top_up.h"
#include "clock.h"
#include "limits.h"
#include "log.h"
#include "stripe_card.h"
#include "words.h"

/* --- The saved card. ------------------------------------------------------ */

static bool
keep_card(struct db *db, struct arena *arena, const struct space *space,
          const struct auto_card *card, int64_t clock_ms)
{
    struct wallet wallet;
    int64_t now;

    if (db_begin(db) &&
        ledger_lock(db, arena, space, clock_ms, &wallet, &now) == LEDGER_OK &&
        auto_keep_card(db, arena, &wallet, card) != AUTO_BROKEN) {
        wallet.changed = true;
        if (ledger_save(db, arena, &wallet) == LEDGER_OK && db_commit(db))
            return true;
    }
    db_rollback(db);
    return false;
}

enum settle_result
settle_keep_card(struct db *db, struct arena *arena,
                 const struct config *config, const struct space *space,
                 const struct order *order, int64_t clock_ms, const char **why)
{
    struct auto_top_up top_up;
    struct auto_card card = { .order = order->number };
    struct stripe_card kept;
    enum auto_result found;

    if (!order_keeps_card(order) || !order_was_paid(order->status) ||
        order->payment == NULL)
        return SETTLE_OK;
    found = auto_find(db, arena, space->number, &top_up);
    if (found == AUTO_BROKEN)
        return SETTLE_BROKEN;
    if (found == AUTO_NONE || top_up.card.order >= order->number)
        return SETTLE_OK;
    switch (stripe_card_of(config, arena, order->payment, &kept, why)) {
    case STRIPE_OK: break;
    case STRIPE_MISSING: return SETTLE_OK; /* it was paid by something else */
    case STRIPE_REFUSED: return SETTLE_REFUSED;
    case STRIPE_UNAVAILABLE: return SETTLE_UNAVAILABLE;
    }
    card.customer = kept.customer;
    card.method = kept.method;
    card.brand = kept.brand;
    card.last4 = kept.last4;
    return keep_card(db, arena, space, &card, clock_ms) ? SETTLE_OK
                                                        : SETTLE_BROKEN;
}

enum settle_result
settle_card_work(struct db *db, struct arena *arena,
                 const struct config *config, const struct work *work,
                 int64_t clock_ms, const char **why)
{
    struct order order;
    struct space space;
    enum order_result found =
        order_by_id(db, arena, work->space, work->reference, &order);

    if (found == ORDER_UNKNOWN)
        return SETTLE_NOT_OURS;
    if (found != ORDER_OK ||
        space_by_number(db, arena, work->space, &space) != SPACE_OK)
        return SETTLE_BROKEN;
    return settle_keep_card(db, arena, config, &space, &order, clock_ms, why);
}

/* --- Charges. ------------------------------------------------------------- */

struct charging {
    struct db *db;
    struct arena *arena;
    const struct config *config;
    int64_t clock_ms;
    struct space space;
    struct auto_turn turn;
    const char *why;
};

/* Ends the transaction that was begun, by what was done in it. */
static enum settle_result
ended(struct charging *c, bool well)
{
    if (well && db_commit(c->db))
        return SETTLE_OK;
    db_rollback(c->db);
    return SETTLE_BROKEN;
}

static enum settle_result
refused(struct charging *c, enum auto_refusal refusal, const char *words)
{
    return db_begin(c->db) ? ended(c, auto_refused(c->db, c->arena, &c->space,
                                                   &c->turn, refusal, words,
                                                   c->clock_ms) != AUTO_BROKEN)
                           : SETTLE_BROKEN;
}

static enum settle_result
answered(struct charging *c, const struct stripe_intent *intent)
{
    struct payment payment;
    enum settled settled;

    settle_read_intent(c->config, intent, &payment);
    if (payment.state == PAYMENT_NONE)
        return refused(c,
                       strcmp(intent->status, "canceled") == 0
                           ? AUTO_DECLINED
                           : AUTO_UNCONFIRMED,
                       "The bank wants this payment confirmed.");
    return db_begin(c->db)
               ? ended(c, order_settle(c->db, c->arena, &c->space,
                                       &c->turn.order, &payment, c->clock_ms,
                                       &settled) == ORDER_OK)
               : SETTLE_BROKEN;
}

static bool
is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; text != NULL && i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static enum auto_refusal
refusal_of(const struct stripe_decline *decline)
{
    static const char *const lost[] = { "lost_card", "stolen_card",
                                        "pickup_card" };
    static const char *const bank[] = { "authentication_required" };

    if (is_one_of(decline->code, bank, COUNT_OF(bank)) ||
        is_one_of(decline->decline_code, bank, COUNT_OF(bank)))
        return AUTO_UNCONFIRMED;
    return is_one_of(decline->decline_code, lost, COUNT_OF(lost))
               ? AUTO_LOST
               : AUTO_DECLINED;
}

/* Nobody knows what became of it. It is asked about again. */
static enum settle_result
unknown(struct charging *c)
{
    if (!db_begin(c->db))
        return SETTLE_BROKEN;
    return ended(c, auto_unknown(c->db, c->arena, &c->turn,
                                 clock_system_ms()) == AUTO_OK) == SETTLE_OK
               ? SETTLE_UNAVAILABLE
               : SETTLE_BROKEN;
}

static bool
took_money(const struct stripe_intent *intent, const struct order *order)
{
    static const char *const taken[] = { "succeeded", "processing" };

    return intent->order != NULL && strcmp(intent->order, order->id) == 0 &&
           is_one_of(intent->status, taken, COUNT_OF(taken));
}

static enum settle_result
pay(struct charging *c)
{
    const struct auto_turn *turn = &c->turn;
    const struct order *order = &turn->order;
    const struct stripe_off_session ask = {
        .order = order->id,
        .attempt = turn->charge.attempts,
        .description = words_credits(c->arena, order->credits + order->bonus),
        .currency = order->currency,
        .amount = order->amount,
        .customer = turn->charge.customer,
        .method = turn->charge.method,
    };
    struct stripe_intent intent;
    struct stripe_decline decline;

    switch (stripe_pay_off_session(c->config, c->arena, &ask, &intent, &decline,
                                   &c->why)) {
    case STRIPE_OK: return answered(c, &intent);
    case STRIPE_MISSING:
        return refused(c, AUTO_CARD_GONE, "The saved card is there no more.");
    case STRIPE_REFUSED:
        return refused(c, refusal_of(&decline),
                       decline.words == NULL ? "The payment was refused."
                                             : decline.words);
    case STRIPE_UNAVAILABLE: break;
    }
    return unknown(c);
}

/* Whether the attempt arrived that its owner does not want any more: what was
 * paid is paid, but nothing is sent again. */
static enum settle_result
look(struct charging *c)
{
    const struct auto_turn *turn = &c->turn;
    const char *after = NULL;
    bool more = true;

    while (more) {
        struct stripe_intent *intents;
        int count;

        switch (stripe_intents_of(c->config, c->arena, turn->charge.customer,
                                  after, &intents, &count, &more, &c->why)) {
        case STRIPE_OK: break;
        case STRIPE_MISSING: count = 0, more = false; break;
        case STRIPE_REFUSED:
        case STRIPE_UNAVAILABLE: return unknown(c);
        }
        for (int i = 0; i < count; i++) {
            if (took_money(&intents[i], &turn->order))
                return answered(c, &intents[i]);
            after = intents[i].id;
        }
    }
    /* It may still be on its way there. */
    return clock_system_ms() - turn->charge.sent_at < LIMIT_WORK_LEASE_MS
               ? unknown(c)
               : refused(c, AUTO_UNSENT, "It was not wanted any more.");
}

/* Opens the order's page; it is shown on the Credits page. */
static enum settle_result
confirm(struct charging *c)
{
    struct auto_turn *turn = &c->turn;
    enum settle_result opened = settle_open(c->db, c->arena, c->config,
                                            &c->space, &turn->order, &c->why);

    if (opened != SETTLE_OK)
        return opened;
    return db_begin(c->db)
               ? ended(c, auto_confirming(c->db, c->arena, turn) == AUTO_OK)
               : SETTLE_BROKEN;
}

static enum settle_result
charge_space(struct charging *c, int64_t number)
{
    if (!db_begin(c->db))
        return SETTLE_BROKEN;
    if (ended(c,
              space_by_number(c->db, c->arena, number, &c->space) == SPACE_OK &&
                  auto_take(c->db, c->arena, &c->space, c->clock_ms,
                            clock_system_ms(), &c->turn) != AUTO_BROKEN) !=
        SETTLE_OK)
        return SETTLE_BROKEN;
    switch (c->turn.step) {
    case AUTO_SEND:
    case AUTO_ASK: return pay(c);
    case AUTO_LOOK: return look(c);
    case AUTO_CONFIRM: return confirm(c);
    case AUTO_NOTHING:
    case AUTO_PUT_OFF:
    case AUTO_DROP:
    case AUTO_PAUSE: break;
    }
    return SETTLE_OK;
}

enum settle_result
settle_auto_top_ups(struct db *db, struct arena *arena,
                    const struct config *config, int64_t clock_ms,
                    struct settle_worked *worked)
{
    int64_t *spaces;
    int count;

    *worked = (struct settle_worked){ 0 };
    if (auto_due(db, arena, clock_ms, clock_system_ms(), LIMIT_WORK_AT_ONCE,
                 &spaces, &count) != AUTO_OK)
        return SETTLE_BROKEN;
    for (int i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(arena);
        struct charging charging = {
            .db = db, .arena = arena, .config = config, .clock_ms = clock_ms
        };
        enum settle_result came_to = charge_space(&charging, spaces[i]);

        if (came_to == SETTLE_BROKEN)
            return SETTLE_BROKEN;
        if (came_to != SETTLE_OK)
            log_warning("auto top-up of Space %lld: %s", (long long)spaces[i],
                        charging.why == NULL ? "-" : charging.why);
        arena_rewind(arena, mark);
        worked->done += came_to == SETTLE_OK;
        worked->later += came_to != SETTLE_OK;
        /* Nobody answers: the rest would only wait for nothing. */
        if (came_to == SETTLE_UNAVAILABLE)
            break;
    }
    return SETTLE_OK;
}
