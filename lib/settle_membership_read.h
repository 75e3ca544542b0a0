/*
 * The provider's subscriptions and invoices as the core's reports, for events
 * and for answers alike.
 */
#ifndef SCRIP_SETTLE_MEMBERSHIP_READ_H
#define SCRIP_SETTLE_MEMBERSHIP_READ_H

#include "settle_membership.h"
#include "stripe_subscription.h"

/* `as_of`: when it was so, in ms. */
void settle_membership_read(const struct stripe_subscription *said,
                            int64_t as_of, struct subscription_report *report);
/* `failed`: it comes with the word that its payment did not go through. */
void settle_membership_read_invoice(const struct stripe_invoice *said,
                                    int64_t as_of, bool failed,
                                    struct invoice_report *report);

#endif
