/*
 * Invoices of subscriptions, from their lines to their payment: each step in
 * the caller's writing transaction, each telling its events. What a customer
 * has to their credit pays first; what is then left is charged once, and an
 * invoice that is paid stays so.
 */
#ifndef SANDBOX_INVOICE_H
#define SANDBOX_INVOICE_H

#include "store_billing.h"
#include "store_method.h"

/* A draft, with what has waited for the next invoice. */
void invoice_open(struct box *box,
                  const struct store_subscription *subscription,
                  const char *reason, int64_t cycle_s, int64_t created_s,
                  struct store_invoice *invoice);
/* One more line; `invoice` NULL: it waits for the next one. */
void invoice_line(struct box *box,
                  const struct store_subscription *subscription,
                  const struct store_invoice *invoice,
                  const struct store_invoice_line *line);
/* No more lines: what is due is due. */
void invoice_finalize(struct box *box, struct store_invoice *invoice);

/* It was paid, by this intent (NULL: nothing was due). */
void invoice_paid(struct box *box, struct store_invoice *invoice,
                  const char *intent);
/* Charges what is due to a method (NULL: there is none, which fails). False:
 * declined; *refused is the intent, its id NULL where there is none. */
bool invoice_charge(struct box *box, struct store_invoice *invoice,
                    const struct store_saved *saved, bool alone,
                    struct store_intent *refused);
/* False: it is not open. */
bool invoice_void(struct box *box, struct store_invoice *invoice);

#endif
