/*
 * Payment intents from their making to their end. Whether a card pays is
 * decided by the table of test cards (card.c), and with nobody there by the
 * lever "decline" before it.
 */
#include "intent.h"

#include "card.h"
#include "reversal.h"
#include "tell.h"

void
intent_add(struct box *box, struct store_intent *intent)
{
    intent->id = box_id(box, "pi_", 24);
    intent->created_s = box_now_s(box);
    intent->settle_ms = NEVER_MS;
    store_intent_add(box, intent);
    tell_intent(box, "payment_intent.created", intent);
}

void
intent_take_in(struct box *box, struct store_charge *charge)
{
    charge->movement = store_movement_add(box, "charge", charge->id,
                                          charge->amount, charge->currency);
}

void
intent_charge(struct box *box, struct store_intent *intent, const char *status,
              struct store_charge *charge)
{
    *charge = (struct store_charge){
        .id = box_id(box, "ch_", 24),
        .created_s = box_now_s(box),
        .intent = intent->id,
        .amount = intent->amount,
        .currency = intent->currency,
        .status = status,
        .metadata = intent->metadata,
        .customer = intent->customer,
        .email = intent->email,
        .method = intent->method,
        .error = intent->error,
    };
    intent->charge = charge->id;
    store_charge_add(box, charge);
    if (strcmp(status, "succeeded") == 0)
        intent_take_in(box, charge);
}

void
intent_succeed(struct box *box, struct store_intent *intent)
{
    struct store_charge charge;

    intent->status = "succeeded";
    intent->error = (struct store_error){ .code = NULL };
    intent_charge(box, intent, "succeeded", &charge);
    store_intent_set(box, intent);
    tell_charge(box, "charge.succeeded", &charge);
    tell_intent(box, "payment_intent.succeeded", intent);
}

void
intent_refuse(struct box *box, struct store_intent *intent, bool charged)
{
    struct store_charge charge;

    intent->status = "requires_payment_method";
    if (charged) {
        intent_charge(box, intent, "failed", &charge);
        tell_charge(box, "charge.failed", &charge);
    }
    store_intent_set(box, intent);
    tell_intent(box, "payment_intent.payment_failed", intent);
}

void
intent_afterwards(struct box *box, const struct store_intent *intent)
{
    const struct card *card =
        card_kept(intent->method.brand, intent->method.last4);

    if (card != NULL && card->later == CARD_DISPUTED)
        (void)reversal_dispute(box, intent->charge, 0);
}

/* A lever refuses what is charged with nobody there, so many times. */
static bool
lever_declines(struct box *box, struct store_error *error)
{
    int64_t times;
    const char *word = box_lever(box, "decline", &times);

    if (word == NULL || times == 0)
        return false;
    (void)box_run(box, NULL, SQ_LEVER_TAKE, TEXT("decline"));
    *error = (struct store_error){ .code = "card_declined",
                                   .decline = word,
                                   .message = "Your card was declined." };
    if (strcmp(word, "authentication_required") == 0)
        error->code = word;
    return true;
}

/* How the bank answers: no code where it agrees. */
static struct store_error
answer_of(struct box *box, const struct store_saved *saved, bool alone)
{
    const struct card *card =
        card_kept(saved->method.brand, saved->method.last4);
    struct store_error error = { .code = NULL };

    if ((alone && lever_declines(box, &error)) || card == NULL)
        return error;
    if (alone && (card->asks_always || (card->asks && !saved->agreed)))
        return (struct store_error){
            .code = "authentication_required",
            .decline = "authentication_required",
            .message = "Your card was declined. This transaction requires "
                       "authentication.",
        };
    return (struct store_error){ .code = card->code,
                                 .decline = card->decline,
                                 .message = card->words };
}

enum intent_result
intent_confirm(struct box *box, struct store_intent *intent,
               const struct store_saved *saved, bool alone)
{
    const struct card *card =
        card_kept(saved->method.brand, saved->method.last4);

    intent->method = saved->method;
    intent->error = (struct store_error){ .code = NULL };
    if (!alone && card != NULL && card->asks) {
        intent->status = "requires_action";
        store_intent_set(box, intent);
        tell_intent(box, "payment_intent.requires_action", intent);
        return INTENT_ASKS;
    }
    intent->error = answer_of(box, saved, alone);
    if (intent->error.code != NULL) {
        intent_refuse(box, intent, true);
        return INTENT_DECLINED;
    }
    intent_succeed(box, intent);
    intent_afterwards(box, intent);
    return INTENT_PAID;
}

bool
intent_cancel(struct box *box, struct store_intent *intent, const char *reason)
{
    if (strcmp(intent->status, "succeeded") == 0 ||
        strcmp(intent->status, "processing") == 0 ||
        strcmp(intent->status, "canceled") == 0)
        return false;
    intent->status = "canceled";
    intent->canceled_s = box_now_s(box);
    intent->cancel_reason = reason;
    store_intent_set(box, intent);
    tell_intent(box, "payment_intent.canceled", intent);
    return !box->broken;
}
