/*
 * Checkout orders: a top-up that a member wants to buy, from the tier that
 * was picked to the credits that its payment brought. What is bought is fixed
 * when the order is made, whatever the price becomes later.
 *
 * order_settle() is the one function that fulfils an order. Webhooks, the
 * page's reading and reconcile all come here with a `struct payment`; it
 * credits once for a payment, for ever, because the payment's row is unique
 * and is written in the credit's own transaction.
 *
 * Knows nothing of the provider's wire: settle.h turns that into payments.
 */
#ifndef SCRIP_ORDER_H
#define SCRIP_ORDER_H

#include "ledger.h"
#include "member.h"

enum order_status {
    ORDER_AWAITING_PAYMENT = 0,
    ORDER_PROCESSING, /* paid by a delayed method, not settled yet */
    ORDER_PAID,
    ORDER_FAILED,
    ORDER_EXPIRED,
    ORDER_PARTLY_REFUNDED,
    ORDER_REFUNDED,
    ORDER_DISPUTED,
    ORDER_REVIEW, /* not what we asked for: an operator decides */
    ORDER_STATUSES
};

struct order {
    int64_t number; /* 1, 2, 3... in its Space */
    int64_t space;
    char id[ID_SIZE];
    int64_t member; /* who placed it, or agreed to it */
    const char *member_name;
    bool automatic; /* placed by auto top-up */
    bool save_card; /* the card that pays it is kept for auto top-up */
    const char *tier;
    int64_t amount; /* minor units */
    const char *currency;
    int64_t rate;
    int64_t credits; /* without the bonus */
    int64_t bonus;
    enum order_status status;
    int64_t created_at; /* business clock */
    int64_t paid_at;    /* NEVER_MS: not paid */
    /* The system's clock, which the provider shares: */
    int64_t placed_at;
    int64_t session_expires_at;
    int64_t asked_at;    /* when the provider was last asked; 0: never */
    const char *session; /* the provider's; NULL: none made yet */
    const char *payment; /* the one that paid it, or that was or is under
                            review; else NULL */
    const char *payment_url;
    const char *receipt_url;
    const char *why;    /* words for failed and review */
    const char *charge; /* of the payment; NULL: not known */
    /* What has gone back by refunds and disputes, in money and in credits. */
    int64_t refunded_amount;
    int64_t refunded_credits;
    /* What was really paid, where that put it under review; 0, NULL: as
     * asked for. */
    int64_t paid_amount;
    const char *paid_currency;
};

/* In order of precedence. */
enum order_result {
    ORDER_OK = 0,
    ORDER_REPLAYED,   /* this very request made it before */
    ORDER_KEY_REUSED, /* same key, another request */
    ORDER_UNKNOWN,
    ORDER_TOO_MANY, /* unpaid ones of this member in the last hour */
    ORDER_NOT_OPEN, /* it is not what this can be done to */
    ORDER_LIMIT,    /* the wallet would pass its limit */
    ORDER_BROKEN    /* the database failed; see db_why() */
};

/* "awaiting_payment", "processing", ... */
const char *order_status_text(enum order_status status);
/* Paid at some time, whatever happened to the money since. */
bool order_was_paid(enum order_status status);
/* awaiting_payment or processing: the provider may still say something. */
bool order_is_open(enum order_status status);
/* The card that pays it on its page is kept for auto top-up. */
bool order_keeps_card(const struct order *order);

struct order_ask {
    const struct tier *tier;
    const struct plan *plan; /* its rate counts */
    int64_t member;
    const char *key; /* the Idempotency-Key */
    bool automatic;
    bool save_card;
    int64_t clock_ms;
    int64_t system_ms;
};

/* Makes an order, or finds the one that this key made. Inside db_begin(). */
enum order_result order_create(struct db *db, struct arena *arena,
                               const struct space *space,
                               const struct order_ask *ask,
                               struct order *order);

/* The same without a key, on a locked wallet, which is saved with it. */
enum order_result order_place(struct db *db, struct arena *arena,
                              struct wallet *wallet,
                              const struct order_ask *ask, int64_t now,
                              struct order *order);

enum order_result order_find(struct db *db, struct arena *arena, int64_t space,
                             int64_t number, struct order *order);
/* By its public id, in whatever Space (`space` 0) or in this one alone. */
enum order_result order_by_id(struct db *db, struct arena *arena, int64_t space,
                              const char *id, struct order *order);
/* Newest first, numbers below `before` (0: all). */
enum order_result order_list(struct db *db, struct arena *arena, int64_t space,
                             int64_t before, int limit, struct order **orders,
                             int *count);
/* Those that are not final (open, or under review), newest first. */
enum order_result order_unfinished(struct db *db, struct arena *arena,
                                   int64_t space, int limit,
                                   struct order **orders, int *count);
/* Open ones of all Spaces that were last asked about before `asked_before`
 * (system ms), the oldest question first. */
enum order_result order_to_ask(struct db *db, struct arena *arena,
                               int64_t asked_before, int limit,
                               struct order **orders, int *count);

/* Keeps the checkout session that the provider made. Inside db_begin(). */
enum order_result order_keep_session(struct db *db, struct arena *arena,
                                     const struct order *order,
                                     const char *session, const char *url);
/* Notes that the provider is being asked now, unless it was asked after
 * `before` (both system ms): ORDER_NOT_OPEN then. Inside db_begin(). */
enum order_result order_note_asked(struct db *db, struct arena *arena,
                                   const struct order *order, int64_t before,
                                   int64_t system_ms);

/* Keeps the charge of an order's payment and its receipt's address; what is
 * known already stays. Inside db_begin(). */
enum order_result order_keep_charge(struct db *db, struct arena *arena,
                                    const struct order *order,
                                    const char *charge,
                                    const char *receipt_url);

enum payment_state {
    PAYMENT_NONE = 0, /* nothing is paid, and it may still be */
    PAYMENT_DECLINED, /* an attempt failed: the end of one under way only */
    PAYMENT_PENDING,  /* made by a delayed method, not settled */
    PAYMENT_PAID,
    PAYMENT_FAILED,
    PAYMENT_EXPIRED /* can no longer be paid */
};

/* What the provider says of an order's payment. */
struct payment {
    const char *provider; /* "stripe" */
    bool live;
    bool live_expected;
    enum payment_state state;
    const char *id;       /* of the payment; needed where PAID */
    const char *currency; /* any case */
    int64_t amount;
    const char *receipt_url; /* or NULL */
    const char *why;         /* words for a failure, or NULL */
};

/* What order_settle() did. */
enum settled {
    SETTLED_NOTHING = 0, /* it was so already, or came too late to matter */
    SETTLED_CREDITED,
    SETTLED_STATUS, /* processing, failed or expired now */
    SETTLED_REVIEW, /* not what we asked: nothing is credited */
    SETTLED_MODE    /* a test payment on a live site, or the reverse */
};

/*
 * Brings an order to where its payment is, and credits it when that is paid
 * and is what was asked for. Any order of calls, any repetition, comes to
 * the same. Nothing undoes `paid`. Inside db_begin().
 */
enum order_result order_settle(struct db *db, struct arena *arena,
                               const struct space *space,
                               const struct order *order,
                               const struct payment *payment, int64_t clock_ms,
                               enum settled *settled);

/* What an operator decides of an order under review: its credits after all,
 * or none, for good. Inside db_begin(). */
enum order_result order_resolve(struct db *db, struct arena *arena,
                                const struct space *space,
                                const struct order *order, bool credit,
                                int64_t clock_ms);

#endif
