/*
 * What order's files do for each other.
 */
#ifndef SCRIP_ORDER_INSIDE_H
#define SCRIP_ORDER_INSIDE_H

#include "order_fact.h"

/*
 * Posts the difference between what an order's facts come to and what is
 * taken of it so far, as one event, and brings its status and figures there.
 * `cause`: the fact that moved; NULL: those that waited for the payment.
 * *credits is what moved. The wallet is locked before and saved after.
 */
enum order_result order_reverse(struct db *db, struct arena *arena,
                                struct wallet *wallet,
                                const struct order *order,
                                const struct fact *cause, int64_t now,
                                int64_t *credits);

#endif
