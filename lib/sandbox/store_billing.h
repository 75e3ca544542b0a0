/*
 * What the sandbox keeps about subscriptions: products, prices, invoices and
 * their lines. As store.h: loading and saving, no rules. Times of all of them
 * are the business clock's.
 */
#ifndef SANDBOX_STORE_BILLING_H
#define SANDBOX_STORE_BILLING_H

#include "box.h"

struct store_product {
    const char *id;
    int64_t created_s;
    const char *name;
    const char *description;
    bool active;
    const char *metadata;
};

struct store_price {
    const char *id;
    int64_t created_s;
    const char *product;
    const char *currency;
    int64_t unit_amount;
    const char *interval; /* "day", "week", "month", "year"; NULL: once */
    int64_t interval_count;
    bool active;
    const char *nickname;
    const char *metadata;
    const char *name; /* the product's; not stored here */
};

struct store_subscription {
    const char *id;
    int64_t created_s;
    const char *customer;
    const char *status; /* "incomplete", "active", "past_due", "canceled" */
    const char *currency;
    const char *metadata;
    const char *description;
    const char *method; /* or NULL: the customer's */
    const char *item;
    const char *price;
    int64_t quantity;
    int64_t anchor_s;
    int64_t period_start_s;
    int64_t period_end_s;
    bool cancel_at_end;
    int64_t canceled_s; /* 0: not; as the next one */
    int64_t ended_s;
    const char *latest_invoice;
};

struct store_invoice {
    const char *id;
    int64_t created_s;
    const char *customer;
    const char *subscription;
    const char *reason; /* "subscription_create", "..._cycle", "..._update" */
    int64_t cycle_s;    /* the beginning of what it bills */
    const char *currency;
    const char *status; /* "draft", "open", "paid", "void" */
    int64_t total;
    int64_t balance_before; /* of the customer; below zero: credit */
    int64_t balance_after;
    int64_t due;
    int64_t paid;
    int64_t attempts;
    int64_t period_start_s;
    int64_t period_end_s;
    int64_t finalized_s; /* 0: not; as the next two */
    int64_t paid_s;
    int64_t voided_s;
    const char *intent; /* or NULL: there was nothing to pay */
    int64_t number;
};

struct store_invoice_line {
    const char *id;
    int64_t amount;
    const char *description;
    bool proration;
    int64_t start_s;
    int64_t end_s;
    const char *price;
    int64_t quantity;
};

/* False when there is none (or the box is broken). */
MUST_USE bool store_product_get(struct box *box, const char *id,
                                struct store_product *product);
MUST_USE bool store_price_get(struct box *box, const char *id,
                              struct store_price *price);
MUST_USE bool store_subscription_get(struct box *box, const char *id,
                                     struct store_subscription *subscription);
MUST_USE bool store_invoice_get(struct box *box, const char *id,
                                struct store_invoice *invoice);
/* In the arena; *count of them. */
struct store_invoice_line *store_invoice_lines(struct box *box,
                                               const char *invoice, int *count);

void store_product_add(struct box *box, const struct store_product *product);
void store_product_set(struct box *box, const struct store_product *product);
void store_price_add(struct box *box, const struct store_price *price);
void store_price_set(struct box *box, const struct store_price *price);
void store_subscription_add(struct box *box,
                            const struct store_subscription *subscription);
void store_subscription_set(struct box *box,
                            const struct store_subscription *subscription);
void store_invoice_add(struct box *box, const struct store_invoice *invoice);
void store_invoice_set(struct box *box, const struct store_invoice *invoice);
/* `invoice` is NULL for a line that waits for the next one. */
void store_invoice_line_add(struct box *box, const char *subscription,
                            const char *invoice,
                            const struct store_invoice_line *line);

/* Seconds of the business clock. */
int64_t store_clock_s(struct box *box);

#endif
