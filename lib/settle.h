/*
 * Where the payment provider's objects become our payments, and the only
 * place: a checkout session, from a webhook or read anew, goes through
 * order_settle(). Calls to the provider are made outside any transaction;
 * that one is being made is stored before it.
 */
#ifndef SCRIP_SETTLE_H
#define SCRIP_SETTLE_H

#include "order.h"
#include "stripe.h"

/* Who took a payment, in the ledger's rows. */
#define SETTLE_PROVIDER "stripe"

enum settle_result {
    SETTLE_OK = 0,
    SETTLE_NOT_OURS,    /* no order of ours is named */
    SETTLE_REFUSED,     /* the provider will not do this: words in *why */
    SETTLE_UNAVAILABLE, /* the provider did not answer well in time */
    SETTLE_BROKEN       /* the database failed; see db_why() */
};

/* What a session says of its order's payment. `failed`: the event that it
 * came with says that a delayed payment failed. */
void settle_read(const struct config *config,
                 const struct stripe_session *session, bool failed,
                 struct payment *payment);
/* The same of a payment intent. */
void settle_read_intent(const struct config *config,
                        const struct stripe_intent *intent,
                        struct payment *payment);

/*
 * The provider's customer that the Space is: made when it is first needed,
 * once, and kept; cards and subscriptions hang on it. Asks the provider until
 * `end_ms` (clock_monotonic_ms) at most, so outside any transaction. Where
 * the provider says that it knows no such customer, tell
 * settle_customer_gone(), and the next call makes another one.
 */
enum settle_result settle_customer(struct db *db, struct arena *arena,
                                   const struct config *config,
                                   const struct space *space, int64_t end_ms,
                                   const char **customer, const char **why);
enum settle_result settle_customer_gone(struct db *db, struct arena *arena,
                                        const struct config *config,
                                        const struct space *space,
                                        const char *gone);
/* The Space that a customer is; SETTLE_NOT_OURS: none of ours (NULL too). */
enum settle_result settle_space_of(struct db *db, struct arena *arena,
                                   const char *customer, bool live,
                                   struct space *space);

/* Makes the order's checkout session at the provider, or finds the one that
 * an earlier try made, and keeps it. Fills payment_url. The member comes back
 * to the Credits page. */
enum settle_result settle_open(struct db *db, struct arena *arena,
                               const struct config *config,
                               const struct space *space, struct order *order,
                               const char **why);

/* Keeps the card that paid an order which is to save it, where that is the
 * newest; asks the provider. SETTLE_OK: there is nothing more to keep. */
enum settle_result settle_keep_card(struct db *db, struct arena *arena,
                                    const struct config *config,
                                    const struct space *space,
                                    const struct order *order, int64_t clock_ms,
                                    const char **why);

/*
 * Asks the provider about an order that is open, unless it was asked within
 * `fresh_ms`, and settles it. `order` is read anew afterwards. An order that
 * never got a session, or whose session the provider knows no more, is
 * expired when its time is over.
 */
enum settle_result settle_ask(struct db *db, struct arena *arena,
                              const struct config *config,
                              const struct space *space, struct order *order,
                              int64_t fresh_ms, int64_t clock_ms,
                              enum settled *settled, const char **why);

/* What an event came to. */
struct settle_told {
    bool duplicate;      /* it was here before, and nothing was done */
    bool ours;           /* it is about a Space of ours */
    const char *came_to; /* the operator's word: "credited", "not_ours" */
};

/*
 * What a webhook said, or an event that was listed: in one transaction with
 * the note that it was said. settle_apply() is the same in a transaction of
 * the caller's, which is undone unless it is SETTLE_OK.
 */
enum settle_result settle_event(struct db *db, struct arena *arena,
                                const struct config *config,
                                const struct stripe_event *event,
                                int64_t clock_ms, struct settle_told *told);
enum settle_result settle_apply(struct db *db, struct arena *arena,
                                const struct config *config,
                                const struct stripe_event *event,
                                int64_t clock_ms, struct settle_told *told);

struct settle_walked {
    int64_t events;  /* that were read */
    int64_t unheard; /* that are about us, and no webhook had told */
};

/*
 * Reads the provider's list of events, 30 days back, and applies each as if a
 * webhook had told it. A walk that was broken off goes on where it was, and
 * then reads what is newer.
 */
enum settle_result settle_walk(struct db *db, struct arena *arena,
                               const struct config *config, int64_t clock_ms,
                               struct settle_walked *walked, const char **why);

struct settle_worked {
    int64_t done, later;
};

/* Does what is due of the work that transactions left (work.h), until there
 * is none, the provider does not answer, or it was LIMIT_WORK_AT_ONCE. */
enum settle_result settle_work(struct db *db, struct arena *arena,
                               const struct config *config, int64_t clock_ms,
                               struct settle_worked *worked);

/* Does what is due of auto top-up: sends charges, asks what became of those
 * that nobody knows of, opens pages for those to be confirmed. */
enum settle_result settle_auto_top_ups(struct db *db, struct arena *arena,
                                       const struct config *config,
                                       int64_t clock_ms,
                                       struct settle_worked *worked);

#endif
