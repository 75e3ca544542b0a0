/*
 * Receipts: what stands on paper of an order that was paid. Issued in the
 * credit's own transaction, numbered in each Space without a gap, and never
 * changed: the seller and the names on it are those of that day. What became
 * of the money afterwards is read from the order's events.
 */
#ifndef SCRIP_RECEIPT_H
#define SCRIP_RECEIPT_H

#include "order.h"
#include "seller.h"

struct receipt {
    int64_t number; /* 1, 2, 3... in its Space */
    const char *space_name;
    const char *buyer;
    int64_t day;          /* the Space's, days since 1970-01-01 */
    struct seller seller; /* name NULL: none was set */
};

/* Of an order that is being paid, on this day. Inside db_begin(). */
enum order_result receipt_issue(struct db *db, struct arena *arena,
                                const struct order *order, int64_t day);

/* ORDER_UNKNOWN: it was never paid. */
enum order_result receipt_find(struct db *db, struct arena *arena,
                               const struct order *order,
                               struct receipt *receipt);

/* Money that went back by a refund or dispute (below zero), or came back as
 * the refund failed or the dispute was won. */
struct receipt_change {
    enum event_kind kind;
    int64_t day;
    int64_t amount;
};
/* What became of an order's money so far, in its order. */
enum order_result receipt_changes(struct db *db, struct arena *arena,
                                  const struct order *order,
                                  struct receipt_change **changes, int *count);

/*
 * An amount that includes VAT at a rate (seller.h), apart. There is one
 * rounding: net is amount / (1 + rate) to the nearest minor unit, half of one
 * upwards, and vat is the rest, so they add up to the amount.
 */
struct receipt_parts {
    int64_t net;
    int64_t vat;
};
struct receipt_parts receipt_split(int64_t amount, int64_t rate);

#endif
