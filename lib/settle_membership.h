/*
 * Where the provider's subscriptions and invoices become facts about our
 * memberships, and where the provider is asked to begin and change them.
 * Calls are made outside any transaction; that one is being made is stored
 * before it.
 */
#ifndef SCRIP_SETTLE_MEMBERSHIP_H
#define SCRIP_SETTLE_MEMBERSHIP_H

#include "settle.h"
#include "subscription.h"

/* Everything that asking needs. */
struct membership_desk {
    struct db *db;
    struct arena *arena;
    const struct config *config;
    int64_t clock_ms;
    const char *page; /* where the owner comes back to, with a query already;
                         needed where a page to pay at may be opened */
    const char *why;  /* words for the log, where something was not done */
};

/* Makes the checkout session of a change that begins a subscription, or
 * finds the one that an earlier try made, and keeps it. `change` is read anew:
 * it has a payment_url, unless its page is over, which its state tells. */
enum settle_result settle_membership_open(struct membership_desk *desk,
                                          const struct space *space,
                                          struct membership_change *change);

/* Has the provider make a change of a subscription. SETTLE_REFUSED: it will
 * not; *declined: because the payment did not go through. `change` is read
 * anew. */
enum settle_result
settle_membership_switch(struct membership_desk *desk,
                         const struct space *space,
                         const struct subscription *subscription,
                         struct membership_change *change, bool *declined);

/* Has the subscription end with its period, or go on after all. */
enum settle_result settle_membership_cancel(
    struct membership_desk *desk, const struct space *space,
    const struct subscription *subscription, bool cancel, const char *key);

/* Asks what became of an open change, unless that was asked within
 * `fresh_ms`. `change` is read anew. */
enum settle_result settle_membership_ask_change(
    struct membership_desk *desk, const struct space *space,
    struct membership_change *change, int64_t fresh_ms);

/* Asks how a subscription is, and for its last invoice, unless that was asked
 * within `fresh_ms`. *applied: what came of it. */
enum settle_result
settle_membership_ask(struct membership_desk *desk, const struct space *space,
                      const struct subscription *subscription, int64_t fresh_ms,
                      struct subscription_applied *applied);

/* Makes sure that an open change is open no more, so that another can be
 * made: its page is closed, or it turns out to be done. */
enum settle_result settle_membership_give_up(struct membership_desk *desk,
                                             const struct space *space,
                                             struct membership_change *change);
struct settle_membership_asked {
    int64_t asked, changed, unanswered;
};

/* Asks about open changes and subscriptions that were last asked about before
 * `before` (system ms), the oldest question first: all that live, or those of
 * which the provider may know more. A second subscription of a Space is made
 * to end, so that nobody pays for it again. */
enum settle_result
settle_membership_ask_all(struct membership_desk *desk, int64_t before,
                          bool all, int limit,
                          struct settle_membership_asked *asked);

#endif
