/*
 * Subscriptions from their first payment to their end: each step in the
 * caller's writing transaction, each telling its events. The rules: a period
 * is billed once; a renewal goes on whether it is paid or not (past due, and
 * active again once it is); what is canceled stays so.
 */
#ifndef SANDBOX_BILLING_H
#define SANDBOX_BILLING_H

#include "store_billing.h"
#include "store_method.h"

/* A new one of `customer`, `price`, `quantity`, `metadata`, `method`, from
 * now on. `intent` has paid for its first period; NULL: it is charged now,
 * which may leave it incomplete. Its invoice is latest_invoice. */
void billing_start(struct box *box, struct store_subscription *subscription,
                   const struct store_intent *intent,
                   struct store_intent *refused);

/* What a change asks for. */
struct billing_change {
    const char *price; /* as it was, or another one */
    int64_t quantity;
    enum {
        BILLING_PRORATE, /* the difference waits for the next invoice */
        BILLING_INVOICE, /* it is charged now */
        BILLING_NOTHING  /* there is none */
    } proration;
    bool anew; /* a period begins now, whatever the interval */
};
/* False: it was to be paid now and was declined; it is past due then. */
bool billing_change(struct box *box, struct store_subscription *subscription,
                    const struct billing_change *change,
                    struct store_intent *refused);

/* The next period begins, with its invoice; or all ends, where that was asked
 * for. False: there is no such subscription, or it is over. */
bool billing_renew(struct box *box, const char *subscription);
/* Over, now. */
void billing_cancel(struct box *box, struct store_subscription *subscription);

/* An open invoice is charged to a method (NULL: the subscription's). False:
 * declined, as invoice_charge() says. */
bool billing_pay(struct box *box, struct store_invoice *invoice,
                 const struct store_saved *saved, bool alone,
                 struct store_intent *refused);
/* The method that its invoices are paid with. False: there is none. */
MUST_USE bool billing_method(struct box *box,
                             const struct store_subscription *subscription,
                             struct store_saved *saved);

/* Periods that are over by the business clock: whether there are any (reads
 * only), and some of their renewals, the oldest first. */
bool billing_is_due(struct box *box);
void billing_due(struct box *box);

#endif
