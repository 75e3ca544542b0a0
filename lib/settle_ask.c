/*
 * Asking the provider: opening an order's payment page, and what became of
 * one. See settle.h. Every call is made outside any transaction, and that it
 * is being made is stored before.
 */
#include "auto_top_up.h"
#include "clock.h"
#include "settle.h"
#include "words.h"

enum settle_result
settle_open(struct db *db, struct arena *arena, const struct config *config,
            const struct space *space, struct order *order, const char **why)
{
    const char *page =
        arena_format(arena, "%s/settings/personal/credits?space=%s",
                     config->base_url, space->slug);
    struct stripe_checkout ask = {
        .order = order->id,
        .name = words_credits(arena, order->credits + order->bonus),
        .currency = order->currency,
        .amount = order->amount,
        .expires_at_s = order->session_expires_at / SECOND_MS,
        .success_url = arena_format(arena, "%s&order=%s", page, order->id),
        .cancel_url =
            arena_format(arena, "%s&order=%s&cancelled=1", page, order->id),
        .keep_card = order->save_card || order->automatic,
        .end_ms = clock_monotonic_ms() + LIMIT_PROVIDER_MS,
    };
    struct stripe_session session;
    enum settle_result known = settle_customer(db, arena, config, space,
                                               ask.end_ms, &ask.customer, why);
    enum stripe_result made;

    if (known != SETTLE_OK)
        return known;
    made = stripe_checkout_create(config, arena, &ask, &session, why);
    if (made == STRIPE_MISSING &&
        settle_customer_gone(db, arena, config, space, ask.customer) !=
            SETTLE_OK)
        return SETTLE_BROKEN;
    if (made == STRIPE_UNAVAILABLE)
        return SETTLE_UNAVAILABLE;
    if (made != STRIPE_OK)
        return SETTLE_REFUSED;
    if (session.id == NULL || session.url == NULL) {
        *why = "the provider's session has no address";
        return SETTLE_UNAVAILABLE;
    }
    if (!db_begin(db))
        return SETTLE_BROKEN;
    if (order_keep_session(db, arena, order, session.id, session.url) !=
            ORDER_OK ||
        order_find(db, arena, order->space, order->number, order) != ORDER_OK ||
        !db_commit(db))
        return SETTLE_BROKEN;
    return SETTLE_OK;
}

/* Settles in a transaction of its own and reads the order again. */
static enum settle_result
apply(struct db *db, struct arena *arena, const struct space *space,
      struct order *order, const struct payment *payment, int64_t clock_ms,
      enum settled *settled)
{
    if (!db_begin(db))
        return SETTLE_BROKEN;
    if (order_settle(db, arena, space, order, payment, clock_ms, settled) !=
            ORDER_OK ||
        order_find(db, arena, order->space, order->number, order) != ORDER_OK ||
        !db_commit(db)) {
        db_rollback(db);
        return SETTLE_BROKEN;
    }
    return SETTLE_OK;
}

/* Whether it is our turn to ask; that we ask is stored first. */
static enum settle_result
claim_question(struct db *db, struct arena *arena, const struct order *order,
               int64_t fresh_ms, bool *mine)
{
    int64_t now = clock_system_ms();
    enum order_result noted;

    *mine = false;
    /* Looked at first only to spare the write; the UPDATE decides. */
    if (order->asked_at > now - fresh_ms)
        return SETTLE_OK;
    if (!db_begin(db))
        return SETTLE_BROKEN;
    noted = order_note_asked(db, arena, order, now - fresh_ms, now);
    if (noted == ORDER_BROKEN || !db_commit(db)) {
        db_rollback(db);
        return SETTLE_BROKEN;
    }
    *mine = noted == ORDER_OK;
    return SETTLE_OK;
}

enum settle_result
settle_ask(struct db *db, struct arena *arena, const struct config *config,
           const struct space *space, struct order *order, int64_t fresh_ms,
           int64_t clock_ms, enum settled *settled, const char **why)
{
    struct payment payment = { .provider = SETTLE_PROVIDER,
                               .live = config->livemode,
                               .live_expected = config->livemode,
                               .state = PAYMENT_EXPIRED };
    struct stripe_session session;
    enum settle_result claimed;
    enum stripe_result got;
    bool mine, over;

    *settled = SETTLED_NOTHING;
    if (!order_is_open(order->status))
        return SETTLE_OK;
    claimed = claim_question(db, arena, order, fresh_ms, &mine);
    if (claimed != SETTLE_OK || !mine)
        return claimed;
    over = clock_system_ms() >= order->session_expires_at;
    if (order->session == NULL && !over)
        return SETTLE_OK;
    if (order->session == NULL && order->automatic) {
        int64_t charge;
        enum auto_result found = auto_charge_of(db, arena, order, &charge);

        /* An open charge knows more, and ends it. */
        if (found != AUTO_NONE)
            return found == AUTO_OK ? SETTLE_OK : SETTLE_BROKEN;
    }
    got =
        order->session == NULL
            ? STRIPE_MISSING
            : stripe_checkout_get(config, arena, order->session, &session, why);
    if (got == STRIPE_UNAVAILABLE)
        return SETTLE_UNAVAILABLE;
    if (got == STRIPE_MISSING && over)
        return apply(db, arena, space, order, &payment, clock_ms, settled);
    if (got != STRIPE_OK)
        return SETTLE_REFUSED;
    settle_read(config, &session, false, &payment);
    if (payment.state == PAYMENT_NONE)
        return SETTLE_OK;
    return apply(db, arena, space, order, &payment, clock_ms, settled);
}
