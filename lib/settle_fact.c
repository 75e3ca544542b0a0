/*
 * Refunds and disputes, as the provider's events tell of them: each becomes a
 * fact. See order_fact.h for what facts come to.
 */
#include "clock.h"
#include "log.h"
#include "money.h"
#include "settle_inside.h"

struct fact
settle_fact_of(const struct config *config, struct arena *arena,
               const struct stripe_reversal *reversal, enum fact_kind kind)
{
    static const enum fact_state states[] = {
        [STRIPE_MONEY_PENDING] = FACT_PENDING,
        [STRIPE_MONEY_OUT] = FACT_OUT,
        [STRIPE_MONEY_BACK] = FACT_BACK,
    };

    return (struct fact){ .provider = SETTLE_PROVIDER,
                          .live = config->livemode,
                          .id = reversal->id,
                          .kind = kind,
                          .state = states[reversal->money],
                          .payment = reversal->payment_intent,
                          .charge = reversal->charge,
                          .amount = reversal->amount,
                          .currency = money_code(arena, reversal->currency),
                          .reason = reversal->reason };
}

static const char *
words_of(const struct fact_done *done)
{
    if (done->order == 0)
        return "waits";
    if (done->credits == 0)
        return "nothing";
    return done->credits < 0 ? "taken_back" : "given_back";
}

static enum settle_result
apply(struct incoming *in, const struct fact *fact)
{
    struct fact_done done;

    if (order_fact(in->db, in->arena, fact, in->clock_ms, &done) != ORDER_OK) {
        log_error("%s could not be applied", fact->id);
        return SETTLE_BROKEN;
    }
    in->space = done.space;
    in->order = done.order;
    in->came_to = words_of(&done);
    return SETTLE_OK;
}

/* Whether the event is of this site's mode. */
static bool
is_ours(struct incoming *in, bool livemode)
{
    if (in->event->livemode == in->config->livemode &&
        livemode == in->config->livemode)
        return true;
    in->came_to = "other_mode";
    return false;
}

static enum settle_result
refund_told(struct incoming *in)
{
    struct stripe_reversal refund;
    struct fact fact;

    if (!stripe_refund_read(in->event->object, &refund) ||
        !is_ours(in, in->event->livemode))
        return SETTLE_OK;
    fact = settle_fact_of(in->config, in->arena, &refund, FACT_REFUND);
    return apply(in, &fact);
}

/* An event about a dispute that says where the money is, whatever the
 * dispute's status was when it was written. */
static enum settle_result
dispute_told_as(struct incoming *in, const enum stripe_money *money)
{
    struct stripe_reversal dispute;
    struct fact fact;

    if (!stripe_dispute_read(in->event->object, &dispute) ||
        !is_ours(in, dispute.livemode))
        return SETTLE_OK;
    if (money != NULL && *money > dispute.money)
        dispute.money = *money;
    fact = settle_fact_of(in->config, in->arena, &dispute, FACT_DISPUTE);
    return apply(in, &fact);
}

static enum settle_result
dispute_told(struct incoming *in)
{
    return dispute_told_as(in, NULL);
}

static enum settle_result
dispute_withdrawn(struct incoming *in)
{
    static const enum stripe_money out = STRIPE_MONEY_OUT;

    return dispute_told_as(in, &out);
}

static enum settle_result
dispute_reinstated(struct incoming *in)
{
    static const enum stripe_money back = STRIPE_MONEY_BACK;

    return dispute_told_as(in, &back);
}

/* Says how much has been refunded in all, and not by which refund: they have
 * to be listed. */
static enum settle_result
charge_refunded(struct incoming *in)
{
    const char *charge = json_text_at(in->event->object, "id");

    if (charge == NULL || !is_ours(in, in->event->livemode))
        return SETTLE_OK;
    in->came_to = "to_be_asked";
    return work_add(in->db, in->arena, WORK_REFUNDS, 0, charge,
                    clock_system_ms())
               ? SETTLE_OK
               : SETTLE_BROKEN;
}

const struct settle_kind settle_fact_kinds[] = {
    { "refund.created", refund_told },
    { "refund.updated", refund_told },
    { "refund.failed", refund_told },
    { "charge.refund.updated", refund_told },
    { "charge.refunded", charge_refunded },
    { "charge.dispute.created", dispute_told },
    { "charge.dispute.updated", dispute_told },
    { "charge.dispute.closed", dispute_told },
    { "charge.dispute.funds_withdrawn", dispute_withdrawn },
    { "charge.dispute.funds_reinstated", dispute_reinstated },
    { NULL, NULL },
};
