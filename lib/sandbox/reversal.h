/*
 * What may happen to a charge after it was paid: refunds and disputes, each
 * step in the caller's writing transaction, each telling its events. The
 * rules: no charge gives back more than it took, what is over stays so, and
 * a disputed charge is the bank's, not ours to refund, until it is won.
 */
#ifndef SANDBOX_REVERSAL_H
#define SANDBOX_REVERSAL_H

#include "store.h"
#include "store_reversal.h"

enum refund_result {
    REFUND_DONE = 0,
    REFUND_UNPAID,   /* the charge took no money */
    REFUND_DISPUTED, /* the bank has it */
    REFUND_NOTHING,  /* all of it went back before */
    REFUND_TOO_MUCH  /* more than is left */
};

/* What is asked for. */
struct refund_ask {
    const char *charge;
    int64_t amount;     /* 0: all that is left */
    const char *reason; /* or NULL */
    const char *metadata;
};

/* A refund of a card succeeds at once, but for the test cards that say
 * otherwise; one of a direct debit is pending and succeeds later. *charge is
 * as it is then. */
enum refund_result reversal_refund(struct box *box,
                                   const struct refund_ask *ask,
                                   struct store_refund *refund,
                                   struct store_charge *charge);
/* Until it has succeeded a refund may be called back. False: it is not
 * pending. */
bool reversal_cancel(struct box *box, struct store_refund *refund);
/* A pending refund arrives (well), or one that is pending or succeeded comes
 * back. False when there is none to which that may happen. */
bool reversal_settle(struct box *box, const char *refund, bool well);

/* The payer's bank takes `amount` (0: the whole charge) back for now. False
 * when the charge was not paid, or was disputed before. */
bool reversal_dispute(struct box *box, const char *charge, int64_t amount);
/* Evidence is handed in; the bank has the last word at once for what its
 * text says, as in Stripe's test mode: "winning_evidence",
 * "losing_evidence". */
void reversal_submit(struct box *box, struct store_dispute *dispute);
/* The bank's last word. False: there is no such dispute, or it is over. */
bool reversal_close(struct box *box, const char *dispute, bool won);

/* Refunds that change by themselves and are due: whether there are any (reads
 * only), and some of them. */
bool reversal_is_due(struct box *box);
void reversal_due(struct box *box);

#endif
