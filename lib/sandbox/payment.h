/*
 * What may happen to a checkout session and its payment, each step in the
 * caller's writing transaction, each telling its events. The rules: money is
 * taken once for a session, never for one that is over, and a state never
 * goes back.
 */
#ifndef SANDBOX_PAYMENT_H
#define SANDBOX_PAYMENT_H

#include "method.h"

/* The topmost that applies. */
enum payment_result {
    PAYMENT_ALREADY = 0, /* it was completed before: nothing was done */
    PAYMENT_OVER,        /* the session has ended */
    PAYMENT_DECLINED,    /* refused; the session stays open */
    PAYMENT_ASKS,        /* the bank wants the payer to confirm */
    PAYMENT_STARTED,     /* completed, settles later */
    PAYMENT_DONE         /* completed and paid */
};

/* `session` is read anew. On PAYMENT_DECLINED *words says why, for the
 * payer. */
enum payment_result payment_try(struct box *box, struct store_session *session,
                                const struct payment_ask *ask,
                                const char **words);
/* The payer's answer to PAYMENT_ASKS. */
enum payment_result payment_confirm(struct box *box,
                                    struct store_session *session,
                                    bool approved, const char **words);

/* Whether it waits for that answer. */
bool payment_asks(struct box *box, const struct store_session *session);

/* A delayed payment arrives, or does not. False when none is on its way. */
bool payment_settle(struct box *box, const char *intent, bool well);
/* Ends an open session. False when it is not open. */
bool payment_expire(struct box *box, const char *session);

/* Sessions past their end, and delayed payments that are due: whether there
 * are any (reads only), and some of them. */
bool payment_is_due(struct box *box);
void payment_due(struct box *box);

#endif
