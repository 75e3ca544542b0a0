/*
 * Subscriptions. A renewal is dated by the end of the period before it, not
 * by when somebody got round to it: a clock that jumps a year bills twelve
 * months, each at its own time.
 */
#include "billing.h"

#include "invoice.h"
#include "period.h"
#include "tell.h"

/* Renewals in one transaction, at most. */
#define DUE_MOST 20

/* A period's charge, "1 × Creator (at £10 / month)". */
static struct store_invoice_line
line_of(struct box *box, const struct store_price *price, int64_t quantity,
        int64_t start_s, int64_t end_s)
{
    return (struct store_invoice_line){
        .amount = price->unit_amount * quantity,
        .description = arena_format(
            box->arena, "%lld × %s (at %s / %s)", (long long)quantity,
            price->name, box_money(box, price->unit_amount, price->currency),
            price->interval),
        .start_s = start_s,
        .end_s = end_s,
        .price = price->id,
        .quantity = quantity,
    };
}

bool
billing_method(struct box *box, const struct store_subscription *subscription,
               struct store_saved *saved)
{
    struct store_customer customer;
    const char *id = subscription->method;

    if (id == NULL &&
        store_customer_get(box, subscription->customer, &customer))
        id = customer.method;
    return id != NULL && store_saved_get(box, id, saved) && !saved->over;
}

/* Charges a new invoice to what the subscription is paid with. */
static bool
charge(struct box *box, const struct store_subscription *subscription,
       struct store_invoice *invoice, struct store_intent *refused)
{
    struct store_saved saved;
    bool has = billing_method(box, subscription, &saved);

    return invoice_charge(box, invoice, has ? &saved : NULL, true, refused);
}

/* --- Beginning ---------------------------------------------------------- */

void
billing_start(struct box *box, struct store_subscription *subscription,
              const struct store_intent *intent, struct store_intent *refused)
{
    int64_t now_s = store_clock_s(box);
    struct store_invoice invoice;
    struct store_price price;
    struct store_invoice_line line;

    if (!store_price_get(box, subscription->price, &price))
        return;
    subscription->id = box_id(box, "sub_", 24);
    subscription->item = box_id(box, "si_", 14);
    subscription->created_s = now_s;
    subscription->currency = price.currency;
    subscription->status = "incomplete";
    subscription->anchor_s = now_s;
    subscription->period_start_s = now_s;
    subscription->period_end_s =
        period_end(now_s, now_s, price.interval, price.interval_count);
    store_subscription_add(box, subscription);
    invoice_open(box, subscription, "subscription_create", now_s, now_s,
                 &invoice);
    line = line_of(box, &price, subscription->quantity, now_s,
                   subscription->period_end_s);
    invoice_line(box, subscription, &invoice, &line);
    subscription->latest_invoice = invoice.id;
    if (intent != NULL)
        subscription->status = "active";
    store_subscription_set(box, subscription);
    tell_subscription(box, "customer.subscription.created", subscription);
    invoice_finalize(box, &invoice);
    if (intent != NULL) {
        invoice_paid(box, &invoice, intent->id);
    } else if (charge(box, subscription, &invoice, refused)) {
        subscription->status = "active";
        store_subscription_set(box, subscription);
        tell_subscription(box, "customer.subscription.updated", subscription);
    }
}

/* --- Renewing and ending ------------------------------------------------ */

static void
end(struct box *box, struct store_subscription *subscription, int64_t at_s)
{
    subscription->status = "canceled";
    subscription->ended_s = at_s;
    if (subscription->canceled_s == 0)
        subscription->canceled_s = at_s;
    store_subscription_set(box, subscription);
    tell_subscription(box, "customer.subscription.deleted", subscription);
}

void
billing_cancel(struct box *box, struct store_subscription *subscription)
{
    end(box, subscription, store_clock_s(box));
}

static bool
goes_on(const struct store_subscription *subscription)
{
    return strcmp(subscription->status, "active") == 0 ||
           strcmp(subscription->status, "past_due") == 0;
}

bool
billing_renew(struct box *box, const char *id)
{
    struct store_subscription subscription;
    struct store_price price;
    struct store_invoice invoice;
    struct store_invoice_line line;
    struct store_intent refused;
    int64_t start_s, end_s;
    bool paid;

    if (!store_subscription_get(box, id, &subscription) ||
        !goes_on(&subscription) ||
        !store_price_get(box, subscription.price, &price))
        return false;
    start_s = subscription.period_end_s;
    if (subscription.cancel_at_end) {
        end(box, &subscription, min_i64(start_s, store_clock_s(box)));
        return !box->broken;
    }
    end_s = period_end(subscription.anchor_s, start_s, price.interval,
                       price.interval_count);
    invoice_open(box, &subscription, "subscription_cycle", start_s,
                 min_i64(start_s, store_clock_s(box)), &invoice);
    line = line_of(box, &price, subscription.quantity, start_s, end_s);
    invoice_line(box, &subscription, &invoice, &line);
    subscription.period_start_s = start_s;
    subscription.period_end_s = end_s;
    subscription.latest_invoice = invoice.id;
    invoice_finalize(box, &invoice);
    paid = charge(box, &subscription, &invoice, &refused);
    subscription.status = paid ? "active" : "past_due";
    store_subscription_set(box, &subscription);
    tell_subscription(box, "customer.subscription.updated", &subscription);
    return !box->broken;
}

bool
billing_is_due(struct box *box)
{
    struct rows rows;

    return box_run(box, &rows, SQ_SUBSCRIPTION_IS_DUE,
                   INT(store_clock_s(box))) &&
           rows.n > 0;
}

void
billing_due(struct box *box)
{
    struct rows rows;

    for (int i = 0; i < DUE_MOST; i++) {
        if (!box_run(box, &rows, SQ_SUBSCRIPTION_IS_DUE,
                     INT(store_clock_s(box))) ||
            rows.n == 0 || !billing_renew(box, rows_text(&rows, 0, 0)))
            return;
    }
}

/* --- Paying later ------------------------------------------------------- */

bool
billing_pay(struct box *box, struct store_invoice *invoice,
            const struct store_saved *saved, bool alone,
            struct store_intent *refused)
{
    struct store_subscription subscription;
    struct store_saved own;

    if (!store_subscription_get(box, invoice->subscription, &subscription))
        return false;
    if (saved == NULL && billing_method(box, &subscription, &own))
        saved = &own;
    if (!invoice_charge(box, invoice, saved, alone, refused))
        return false;
    if (subscription.latest_invoice != NULL &&
        strcmp(subscription.latest_invoice, invoice->id) == 0 &&
        (strcmp(subscription.status, "past_due") == 0 ||
         strcmp(subscription.status, "incomplete") == 0)) {
        subscription.status = "active";
        store_subscription_set(box, &subscription);
        tell_subscription(box, "customer.subscription.updated", &subscription);
    }
    return true;
}

/* --- Changing ----------------------------------------------------------- */

/* What is left of the period is given back, as a line. */
static struct store_invoice_line
unused(struct box *box, const struct store_subscription *subscription,
       const struct store_price *price, int64_t now_s)
{
    int64_t all_s = subscription->period_end_s - subscription->period_start_s;
    int64_t left_s =
        max_i64(0, min_i64(all_s, subscription->period_end_s - now_s));

    return (struct store_invoice_line){
        .amount = -period_part(price->unit_amount * subscription->quantity,
                               left_s, all_s),
        .description =
            arena_format(box->arena, "Unused time on %s", price->name),
        .proration = true,
        .start_s = now_s,
        .end_s = subscription->period_end_s,
        .price = price->id,
        .quantity = subscription->quantity,
    };
}

/* What is left of the period costs, at the new price. */
static struct store_invoice_line
remaining(struct box *box, const struct store_subscription *subscription,
          const struct store_price *price, int64_t quantity, int64_t now_s)
{
    struct store_invoice_line line = unused(box, subscription, price, now_s);
    int64_t all_s = subscription->period_end_s - subscription->period_start_s;
    int64_t left_s =
        max_i64(0, min_i64(all_s, subscription->period_end_s - now_s));

    line.amount = period_part(price->unit_amount * quantity, left_s, all_s);
    line.description =
        arena_format(box->arena, "Remaining time on %s", price->name);
    line.quantity = quantity;
    return line;
}

static bool
same_interval(const struct store_price *a, const struct store_price *b)
{
    return a->interval_count == b->interval_count &&
           strcmp(a->interval, b->interval) == 0;
}

/* The lines of a change within its period, on an invoice or waiting. */
static void
put_difference(struct box *box, struct store_subscription *subscription,
               const struct store_invoice *invoice,
               const struct store_price *before,
               const struct store_price *after, int64_t quantity, int64_t now_s)
{
    struct store_invoice_line line = unused(box, subscription, before, now_s);

    invoice_line(box, subscription, invoice, &line);
    line = remaining(box, subscription, after, quantity, now_s);
    invoice_line(box, subscription, invoice, &line);
}

/* A new period begins now: what is left of the old one is given back unless
 * nothing is to be, and the new one is billed. */
static void
begin_anew(struct box *box, struct store_subscription *subscription,
           struct store_invoice *invoice, const struct store_price *before,
           const struct store_price *after, const struct billing_change *change,
           int64_t now_s)
{
    struct store_invoice_line line = unused(box, subscription, before, now_s);

    subscription->anchor_s = now_s;
    subscription->period_start_s = now_s;
    subscription->period_end_s =
        period_end(now_s, now_s, after->interval, after->interval_count);
    invoice_open(box, subscription, "subscription_update", now_s, now_s,
                 invoice);
    if (change->proration != BILLING_NOTHING)
        invoice_line(box, subscription, invoice, &line);
    line = line_of(box, after, change->quantity, now_s,
                   subscription->period_end_s);
    invoice_line(box, subscription, invoice, &line);
}

bool
billing_change(struct box *box, struct store_subscription *subscription,
               const struct billing_change *change,
               struct store_intent *refused)
{
    int64_t now_s = store_clock_s(box);
    struct store_price before, after;
    struct store_invoice invoice = { .id = NULL };
    bool paid = true;

    if (!store_price_get(box, subscription->price, &before) ||
        !store_price_get(box, change->price, &after))
        return true;
    if (change->anew || !same_interval(&before, &after)) {
        begin_anew(box, subscription, &invoice, &before, &after, change, now_s);
    } else if (change->proration == BILLING_INVOICE) {
        invoice_open(box, subscription, "subscription_update", now_s, now_s,
                     &invoice);
        put_difference(box, subscription, &invoice, &before, &after,
                       change->quantity, now_s);
    } else if (change->proration == BILLING_PRORATE) {
        put_difference(box, subscription, NULL, &before, &after,
                       change->quantity, now_s);
    }
    subscription->price = after.id;
    subscription->quantity = change->quantity;
    if (invoice.id != NULL) {
        subscription->latest_invoice = invoice.id;
        invoice_finalize(box, &invoice);
        paid = charge(box, subscription, &invoice, refused);
        if (!paid)
            subscription->status = "past_due";
    }
    store_subscription_set(box, subscription);
    tell_subscription(box, "customer.subscription.updated", subscription);
    return paid;
}
