/*
 * What the files of subscriptions share.
 */
#ifndef SCRIP_SUBSCRIPTION_INSIDE_H
#define SCRIP_SUBSCRIPTION_INSIDE_H

#include "subscription.h"

/* Row i of any query that selects a subscription's columns in their order. */
void subscription_of_row(const struct rows *rows, int i,
                         struct subscription *subscription);

#endif
