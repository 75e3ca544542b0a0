/*
 * What may happen to a payment intent: money is taken once, a refusal leaves
 * it to be tried again, and what is over stays so. Each step in the caller's
 * writing transaction, each telling its events.
 */
#ifndef SANDBOX_INTENT_H
#define SANDBOX_INTENT_H

#include "store_method.h"

enum intent_result {
    INTENT_PAID = 0,
    INTENT_DECLINED, /* intent->error says why */
    INTENT_ASKS      /* the bank wants the payer to confirm */
};

/* A new one, with an id; its status is given. */
void intent_add(struct box *box, struct store_intent *intent);
/* Pays it with a method: `alone` with nobody there (off_session). */
enum intent_result intent_confirm(struct box *box, struct store_intent *intent,
                                  const struct store_saved *saved, bool alone);
/* False: it is over. */
bool intent_cancel(struct box *box, struct store_intent *intent,
                   const char *reason);

/* --- The steps of it, for who decides otherwise (payment.c) ------------- */

/* A charge in this state, "succeeded", "pending" or "failed". */
void intent_charge(struct box *box, struct store_intent *intent,
                   const char *status, struct store_charge *charge);
/* What was paid comes into the merchant's balance. */
void intent_take_in(struct box *box, struct store_charge *charge);
/* It is paid. */
void intent_succeed(struct box *box, struct store_intent *intent);
/* It is refused for intent->error, by a bank (`charged`) or before. */
void intent_refuse(struct box *box, struct store_intent *intent, bool charged);
/* What some cards do once they have paid. */
void intent_afterwards(struct box *box, const struct store_intent *intent);

#endif
