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
settled(struct charging *c, const struct payment *payment)
{
    struct auto_turn *turn = &c->turn;
    enum settled done;
    bool well;

    if (!db_begin(c->db))
        return SETTLE_BROKEN;
    well = order_settle(c->db, c->arena, &c->space, &turn->order, payment,
                        c->clock_ms, &done) == ORDER_OK;
    if (well && payment->state == PAYMENT_PENDING)
        well = auto_processing(c->db, c->arena, turn, c->clock_ms) == AUTO_OK;
    return ended(c, well);
}

static enum settle_result
answered(struct charging *c, const struct stripe_intent *intent)
{
    struct payment payment;

    settle_read_intent(c->config, intent, &payment);
    if (payment.state == PAYMENT_NONE)
        return refused(c,
                       strcmp(intent->status, "canceled") == 0
                           ? AUTO_DECLINED
                           : AUTO_UNCONFIRMED,
                       "The bank wants this payment confirmed.");
    return settled(c, &payment);
}

/* A payment that was under way has failed. */
static enum settle_result
failed(struct charging *c, const struct stripe_intent *intent)
{
    struct payment payment;

    settle_read_intent(c->config, intent, &payment);
    payment.state = PAYMENT_FAILED;
    payment.why = "The payment did not go through.";
    return settled(c, &payment);
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
unknown(struct charging *c, enum settle_result came_to)
{
    if (!db_begin(c->db))
        return SETTLE_BROKEN;
    return ended(c, auto_unknown(c->db, c->arena, &c->turn,
                                 clock_system_ms()) == AUTO_OK) == SETTLE_OK
               ? came_to
               : SETTLE_BROKEN;
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

    /* Stopped since it was stored that it is sent: others may look soon. */
    if (clock_system_ms() + 2 * LIMIT_PROVIDER_MS >= turn->charge.leased_until)
        return unknown(c, SETTLE_UNAVAILABLE);
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
    return unknown(c, SETTLE_UNAVAILABLE);
}

/* --- Looking for what was sent, without sending it. ----------------------- */

/* What the provider's list says of the order's payments. */
struct looked {
    struct stripe_intent taken;  /* it took the money, or is about to */
    struct stripe_intent failed; /* the newest that did not */
    bool unfinished;             /* one may still do either */
};

static void
look_at(struct looked *looked, const struct stripe_intent *intents, int count,
        const struct order *order)
{
    static const char *const taken[] = { "succeeded", "processing" };
    static const char *const failed[] = { "requires_payment_method",
                                          "canceled" };

    for (int i = 0; i < count && looked->taken.id == NULL; i++) {
        const struct stripe_intent *intent = &intents[i];

        if (intent->order == NULL || strcmp(intent->order, order->id) != 0)
            continue;
        if (is_one_of(intent->status, taken, COUNT_OF(taken)))
            looked->taken = *intent;
        else if (!is_one_of(intent->status, failed, COUNT_OF(failed)))
            looked->unfinished = true;
        else if (looked->failed.id == NULL)
            looked->failed = *intent;
    }
}

/* Newest first: an attempt that is not among the customer's last thousand is
 * not found. */
static enum stripe_result
look_through(struct charging *c, struct looked *looked)
{
    enum { PAGES_MAX = 10 };
    const char *after = NULL;
    bool more = true;

    *looked = (struct looked){ .unfinished = false };
    for (int page = 0; more && looked->taken.id == NULL; page++) {
        struct stripe_intent *intents;
        int count;
        enum stripe_result got;

        if (page == PAGES_MAX) {
            c->why = "the customer has too many payments";
            return STRIPE_REFUSED;
        }
        got = stripe_intents_of(c->config, c->arena, c->turn.charge.customer,
                                after, &intents, &count, &more, &c->why);
        if (got != STRIPE_OK)
            return got;
        look_at(looked, intents, count, &c->turn.order);
        if (count > 0)
            after = intents[count - 1].id;
    }
    return STRIPE_OK;
}

/* Not to be known now: later, but not for ever. */
static enum settle_result
not_found_out(struct charging *c, enum settle_result came_to)
{
    if (clock_system_ms() - c->turn.charge.sent_at < DAY_MS)
        return unknown(c, came_to);
    return refused(c, AUTO_NO_ANSWER, "The payment provider did not answer.");
}

/* What was paid is paid; what failed, or never arrived, is over. */
static enum settle_result
look(struct charging *c)
{
    const struct auto_turn *turn = &c->turn;
    bool pending = turn->order.status == ORDER_PROCESSING;
    struct looked looked;

    switch (look_through(c, &looked)) {
    case STRIPE_OK: break;
    case STRIPE_UNAVAILABLE: return not_found_out(c, SETTLE_UNAVAILABLE);
    case STRIPE_MISSING:
    case STRIPE_REFUSED: return not_found_out(c, SETTLE_REFUSED);
    }
    if (looked.taken.id != NULL)
        return answered(c, &looked.taken);
    c->why = "it may still arrive";
    /* As long as a request that was given up may be on its way. */
    if (looked.unfinished || (pending && looked.failed.id == NULL) ||
        clock_system_ms() - turn->charge.asked_at < LIMIT_WORK_LEASE_MS)
        return not_found_out(c, SETTLE_REFUSED);
    return pending ? failed(c, &looked.failed)
                   : refused(c, AUTO_UNSENT, "It was not paid.");
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
