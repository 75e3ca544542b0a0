/*
 * Reads refunds and disputes: see stripe_charge.h. Calls nobody, so that
 * programs which never do link this without the calls.
 */
#include "stripe_charge.h"

#include "stripe_inside.h"

static bool
is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool
read_common(const struct json *object, const char *kind,
            struct stripe_reversal *reversal)
{
    const char *said = json_text_at(object, "object");

    *reversal = (struct stripe_reversal){
        .id = json_text_at(object, "id"),
        .payment_intent = stripe_id_at(object, "payment_intent"),
        .charge = stripe_id_at(object, "charge"),
        .currency = json_text_at(object, "currency"),
        .amount = json_integer_at(object, "amount", -1),
        .reason = json_text_at(object, "reason"),
    };
    return said != NULL && strcmp(said, kind) == 0 &&
           stripe_id_fits(reversal->id) && reversal->amount >= 0 &&
           reversal->currency != NULL && strlen(reversal->currency) == 3 &&
           json_text_at(object, "status") != NULL &&
           (reversal->payment_intent == NULL ||
            stripe_id_fits(reversal->payment_intent)) &&
           (reversal->charge == NULL || stripe_id_fits(reversal->charge)) &&
           (reversal->payment_intent != NULL || reversal->charge != NULL);
}

bool
stripe_refund_read(const struct json *object, struct stripe_reversal *refund)
{
    static const char *const failed[] = { "failed", "canceled", NULL };
    const char *status;

    if (!read_common(object, "refund", refund))
        return false;
    status = json_text_at(object, "status");
    if (strcmp(status, "succeeded") == 0)
        refund->money = STRIPE_MONEY_OUT;
    else if (is_one_of(status, failed))
        refund->money = STRIPE_MONEY_BACK;
    return true;
}

/* A dispute takes the money as it opens; an inquiry ("warning_...") never
 * does. */
bool
stripe_dispute_read(const struct json *object, struct stripe_reversal *dispute)
{
    static const char *const out[] = { "needs_response", "under_review", "lost",
                                       "charge_refunded", NULL };
    const char *status;

    if (!read_common(object, "dispute", dispute) ||
        !json_boolean(json_at(object, "livemode"), &dispute->livemode))
        return false;
    status = json_text_at(object, "status");
    if (is_one_of(status, out))
        dispute->money = STRIPE_MONEY_OUT;
    else if (strcmp(status, "won") == 0)
        dispute->money = STRIPE_MONEY_BACK;
    return true;
}
