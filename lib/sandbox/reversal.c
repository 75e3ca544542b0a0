/*
 * Refunds and disputes. Every function reads what it decides on inside the
 * transaction it writes in; the schema holds the sums.
 */
#include "reversal.h"

#include "card.h"
#include "tell.h"

/* How long a refund by direct debit is on its way, and how long one lives
 * that is going to fail, unless a lever says otherwise. */
#define SETTLE_MS (60 * SECOND_MS)
/* The time in which a dispute is to be answered. */
#define ANSWER_S (9 * 24 * 60 * 60)

/* --- Refunds ------------------------------------------------------------ */

static enum refund_result
may_refund(struct box *box, const struct store_charge *charge, int64_t amount)
{
    int64_t left = charge->amount - charge->refunded;
    struct store_dispute dispute;
    struct rows rows;

    if (strcmp(charge->status, "succeeded") != 0)
        return REFUND_UNPAID;
    if (box_run(box, &rows, SQ_DISPUTE_OF_CHARGE, TEXT(charge->id)) &&
        rows.n == 1 &&
        store_dispute_get(box, rows_text(&rows, 0, 0), &dispute) &&
        strcmp(dispute.status, "won") != 0)
        return REFUND_DISPUTED;
    if (left == 0)
        return REFUND_NOTHING;
    return amount > left ? REFUND_TOO_MUCH : REFUND_DONE;
}

/* What becomes of it, by how it was paid. */
static void
plan(struct box *box, const struct store_charge *charge,
     struct store_refund *refund)
{
    const struct card *card =
        card_kept(charge->method.brand, charge->method.last4);

    int64_t after;

    if (box_lever(box, "settle_after_ms", &after) == NULL)
        after = SETTLE_MS;
    refund->status = "succeeded";
    refund->settle_ms = NEVER_MS;
    refund->settle_well = true;
    if (charge->method.brand == NULL ||
        (card != NULL && card->later == CARD_REFUND_WAITS)) {
        refund->status = "pending";
        refund->settle_ms = box->now_ms + after;
    } else if (card != NULL && card->later == CARD_REFUND_FAILS) {
        refund->settle_ms = box->now_ms + after;
        refund->settle_well = false;
    }
}

enum refund_result
reversal_refund(struct box *box, const struct refund_ask *ask,
                struct store_refund *refund, struct store_charge *charge)
{
    enum refund_result result;

    if (!store_charge_get(box, ask->charge, charge))
        return REFUND_UNPAID;
    result = may_refund(box, charge, ask->amount);
    if (result != REFUND_DONE)
        return result;
    *refund = (struct store_refund){
        .id = box_id(box, "re_", 24),
        .created_s = box_now_s(box),
        .charge = charge->id,
        .intent = charge->intent,
        .amount =
            ask->amount > 0 ? ask->amount : charge->amount - charge->refunded,
        .currency = charge->currency,
        .reason = ask->reason,
        .metadata = ask->metadata,
        .method = charge->method.type,
    };
    plan(box, charge, refund);
    store_refund_add(box, refund);
    refund->movement = store_movement_add(box, "refund", refund->id,
                                          -refund->amount, refund->currency);
    charge->refunded += refund->amount;
    tell_refund(box, "refund.created", refund);
    tell_charge(box, "charge.refunded", charge);
    return REFUND_DONE;
}

/* The refund ends in this state; what went out comes in again. */
static void
give_up(struct box *box, struct store_refund *refund, const char *status,
        const char *reason)
{
    refund->status = status;
    refund->failure_reason = reason;
    refund->settle_ms = NEVER_MS;
    store_refund_set(box, refund);
    refund->failure_movement =
        store_movement_add(box, "refund_failure", refund->id, refund->amount,
                           refund->currency);
}

static void
tell_updated(struct box *box, const struct store_refund *refund)
{
    tell_refund(box, "refund.updated", refund);
    tell_refund(box, "charge.refund.updated", refund);
}

bool
reversal_cancel(struct box *box, struct store_refund *refund)
{
    if (strcmp(refund->status, "pending") != 0)
        return false;
    give_up(box, refund, "canceled", NULL);
    tell_updated(box, refund);
    return !box->broken;
}

bool
reversal_settle(struct box *box, const char *id, bool well)
{
    struct store_refund refund;
    bool pending;

    if (!store_refund_get(box, id, &refund))
        return false;
    pending = strcmp(refund.status, "pending") == 0;
    if (!pending && (well || strcmp(refund.status, "succeeded") != 0))
        return false;
    if (well) {
        refund.status = "succeeded";
        refund.settle_ms = NEVER_MS;
        store_refund_set(box, &refund);
    } else {
        give_up(box, &refund, "failed", "expired_or_canceled_card");
        tell_refund(box, "refund.failed", &refund);
    }
    tell_updated(box, &refund);
    return !box->broken;
}

bool
reversal_is_due(struct box *box)
{
    struct rows rows;

    return box_run(box, &rows, SQ_REFUND_DUE, INT(box->now_ms)) && rows.n > 0;
}

void
reversal_due(struct box *box)
{
    struct store_refund refund;
    struct rows rows;

    (void)box_run(box, &rows, SQ_REFUND_DUE, INT(box->now_ms));
    for (int i = 0; i < rows.n; i++)
        if (store_refund_get(box, rows_text(&rows, i, 0), &refund))
            (void)reversal_settle(box, refund.id, refund.settle_well);
}

/* --- Disputes ----------------------------------------------------------- */

bool
reversal_dispute(struct box *box, const char *id, int64_t amount)
{
    struct store_charge charge;
    struct store_dispute dispute;

    if (!store_charge_get(box, id, &charge) || charge.disputed ||
        strcmp(charge.status, "succeeded") != 0 || amount > charge.amount)
        return false;
    dispute = (struct store_dispute){
        .id = box_id(box, "dp_", 24),
        .created_s = box_now_s(box),
        .charge = charge.id,
        .intent = charge.intent,
        .amount = amount > 0 ? amount : charge.amount,
        .currency = charge.currency,
        .reason = "fraudulent",
        .status = "needs_response",
        .due_s = box_now_s(box) + ANSWER_S,
        .metadata = "{}",
        .brand = charge.method.brand,
    };
    store_dispute_add(box, &dispute);
    (void)store_movement_add(box, "dispute", dispute.id, -dispute.amount,
                             dispute.currency);
    tell_dispute(box, "charge.dispute.created", &dispute);
    tell_dispute(box, "charge.dispute.funds_withdrawn", &dispute);
    return !box->broken;
}

static bool
is_over(const struct store_dispute *dispute)
{
    return strcmp(dispute->status, "won") == 0 ||
           strcmp(dispute->status, "lost") == 0;
}

bool
reversal_close(struct box *box, const char *id, bool won)
{
    struct store_dispute dispute;

    if (!store_dispute_get(box, id, &dispute) || is_over(&dispute))
        return false;
    dispute.status = won ? "won" : "lost";
    store_dispute_set(box, &dispute);
    if (won)
        (void)store_movement_add(box, "dispute_reversal", dispute.id,
                                 dispute.amount, dispute.currency);
    tell_dispute(box, "charge.dispute.updated", &dispute);
    tell_dispute(box, "charge.dispute.closed", &dispute);
    if (won)
        tell_dispute(box, "charge.dispute.funds_reinstated", &dispute);
    return !box->broken;
}

void
reversal_submit(struct box *box, struct store_dispute *dispute)
{
    dispute->submissions++;
    dispute->status = "under_review";
    store_dispute_set(box, dispute);
    if (dispute->evidence != NULL &&
        strcmp(dispute->evidence, "winning_evidence") == 0)
        (void)reversal_close(box, dispute->id, true);
    else if (dispute->evidence != NULL &&
             strcmp(dispute->evidence, "losing_evidence") == 0)
        (void)reversal_close(box, dispute->id, false);
    else
        tell_dispute(box, "charge.dispute.updated", dispute);
}
