/*
 * What the ways of completing a session share.
 */
#ifndef SANDBOX_PAYMENT_INSIDE_H
#define SANDBOX_PAYMENT_INSIDE_H

#include "payment.h"

#define PAYMENT_NOTHING_ASKED \
    "There is no payment to confirm. Please enter your card again."

/* The session is over, well, with this payment_status: only one caller ever
 * comes through here. */
MUST_USE bool payment_complete(struct box *box, struct store_session *session,
                               const char *paid);
/* How the bank answers a payer who is there: no code where it agrees. */
struct store_error payment_answer(const struct card *card);

#endif
