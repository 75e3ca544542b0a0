/*
 * Auto top-up: what an owner has agreed to, the saved card, and the one
 * charge that a balance which falls below the threshold leads to.
 *
 * The fall is found in the wallet (wallet_top_up_below()) and writes the
 * charge in its own transaction; whoever meters never asks the provider. What
 * a charge comes to next is decided here, by auto_decide(), from facts alone;
 * the provider is asked in settle_auto.c, and what was paid is credited by
 * order_settle() as any order.
 *
 * One charge at a time, one order a charge, five attempts at most, and never
 * more in a month than was agreed, what is under way counted.
 */
#ifndef SCRIP_AUTO_TOP_UP_H
#define SCRIP_AUTO_TOP_UP_H

#include "order.h"

enum { AUTO_ATTEMPTS = 5 };

/* The card that a payment saved, by the provider's names. */
struct auto_card {
    const char *customer;
    const char *method; /* NULL: no card is saved */
    const char *brand;  /* "visa" */
    const char *last4;
    int64_t order; /* the order whose payment saved it */
};

/* What was agreed. */
struct auto_agreement {
    int64_t number; /* 1, 2, 3... in its Space; 0: nothing, ever */
    const char *tier;
    int64_t amount; /* of the tier when it was agreed to */
    const char *currency;
    int64_t threshold;   /* credits */
    int64_t monthly_max; /* minor units, in the Space's calendar month */
    int64_t member;      /* who agreed, and when */
    const char *member_name;
    int64_t agreed_at;
    const char *words;
};

struct auto_top_up {
    bool enabled;
    const char *paused; /* why it does nothing though enabled; NULL: it does.
                           "declined", "lost_card", "no_answer",
                           "not_confirmed", "review", "plan_not_paid",
                           "price_changed" */
    struct auto_agreement agreement; /* in force, or the last one */
    struct auto_card card;
};

enum auto_waits {
    AUTO_WAITS_NOT = 0,
    AUTO_WAITS_DECLINE,      /* for the next attempt after a decline */
    AUTO_WAITS_CEILING,      /* for the next month */
    AUTO_WAITS_CONFIRMATION, /* for somebody to pay the order on its page */
    AUTO_WAITS_PROCESSING    /* for the provider to end what was sent */
};

struct auto_charge {
    int64_t number; /* 1, 2, 3... in its Space */
    int64_t crossed_at;
    int64_t next_at; /* business clock */
    enum auto_waits waits;
    int attempts;
    int64_t order; /* 0: nothing has been sent */
    /* Of the attempt that was sent last; in flight until its outcome is
     * known. */
    bool in_flight;
    const char *customer, *method;
    /* The system's clock: when this attempt was made, when it was last sent
     * or asked about, until when nobody else may. */
    int64_t sent_at, asked_at, leased_until;
    const char *why;
};

enum auto_result { AUTO_OK = 0, AUTO_NONE, AUTO_BROKEN };

/* What a Space has agreed to; AUTO_NONE: nothing, and *top_up is empty. */
enum auto_result auto_find(struct db *db, struct arena *arena, int64_t space,
                           struct auto_top_up *top_up);
/* The charge that is open; AUTO_NONE: none is. */
enum auto_result auto_open_charge(struct db *db, struct arena *arena,
                                  int64_t space, struct auto_charge *charge);
/* What automatic orders take of the month in which `now` lies, other than
 * order `but`; minor units. */
enum auto_result auto_spent(struct db *db, struct arena *arena,
                            const struct wallet *wallet, int64_t now,
                            int64_t but, int64_t *spent);

/* "off", "ready", "charging", "backing_off", "ceiling_reached",
 * "needs_confirmation", "paused", "needs_card". `charge` NULL: none is open. */
const char *auto_state(const struct auto_top_up *top_up,
                       const struct auto_charge *charge);

/* The number of the open charge that is about this order, which then ends
 * with it; AUTO_NONE: none is. */
enum auto_result auto_charge_of(struct db *db, struct arena *arena,
                                const struct order *order, int64_t *charge);

/* What an owner agrees to, in words. */
const char *auto_words(struct arena *arena, const struct auto_agreement *to);

/*
 * Changes, on a locked wallet that the caller saves; inside db_begin(). Each
 * ends a charge of which nothing is under way; what is on its way to the
 * provider stays until its outcome is known. Turning on keeps the agreement,
 * with its words, and begins anew: what is below already is due at once,
 * where there is a card.
 */
enum auto_result auto_turn_on(struct db *db, struct arena *arena,
                              struct wallet *wallet, int64_t now,
                              struct auto_agreement *agreement);
enum auto_result auto_turn_off(struct db *db, struct arena *arena,
                               struct wallet *wallet);
/* Keeps the card of a newer order than the last one kept, and ends a pause:
 * who paid with it wants to go on. AUTO_NONE: auto top-up was never on. */
enum auto_result auto_keep_card(struct db *db, struct arena *arena,
                                struct wallet *wallet,
                                const struct auto_card *card);

/* --- One charge. ---------------------------------------------------------- */

enum auto_step {
    AUTO_NOTHING = 0, /* not now */
    AUTO_SEND,        /* another attempt, with a key of its own */
    AUTO_ASK,         /* what became of the one in flight: the same again */
    AUTO_LOOK,        /* how it stands, without sending it */
    AUTO_CONFIRM,     /* open the order's page, for somebody to pay there */
    AUTO_PUT_OFF,     /* to the next month */
    AUTO_DROP,        /* it is not wanted any more */
    AUTO_PAUSE        /* nothing more until the owner acts: words in *why */
};

/* Everything that the next step depends on. */
struct auto_facts {
    const struct auto_top_up *top_up;
    const struct auto_charge *charge;
    bool below;      /* the balance is */
    bool has_page;   /* the order has a payment page */
    bool may_buy;    /* the Space's plan lets it */
    bool same_price; /* the tier costs what was agreed to */
    bool same_order; /* the charge's order is what is agreed to */
    int64_t spent;   /* of this month, without this charge's order */
    int64_t now, system_now;
};
/* Pure. *why: the pause's word. Asking about an attempt sends it where it never
 * arrived, so what would not be sent today is only looked for. */
enum auto_step auto_decide(const struct auto_facts *facts, const char **why);

/* How long after a decline the next attempt is: 0, 1, 3, 7 hours after
 * attempts 1 to 4. -1: there is none. */
int64_t auto_wait_ms(int attempts);

/* A charge with its order, as the provider is asked about it. */
struct auto_turn {
    enum auto_step step;
    struct auto_top_up top_up;
    struct auto_charge charge;
    struct order order; /* where there is one: not before AUTO_SEND */
};

/*
 * Decides about the Space's open charge and stores what is about to be done:
 * the order, the attempt, and that nobody else may for LIMIT_WORK_LEASE_MS.
 * Inside db_begin(), committed by the caller before the provider is asked.
 */
enum auto_result auto_take(struct db *db, struct arena *arena,
                           const struct space *space, int64_t clock_ms,
                           int64_t system_ms, struct auto_turn *turn);

/* What an attempt came to that did not pay. */
enum auto_refusal {
    AUTO_DECLINED,   /* may be tried again later */
    AUTO_LOST,       /* the card is lost or stolen: never again */
    AUTO_CARD_GONE,  /* the provider has it no more */
    AUTO_UNSENT,     /* it never arrived, and is not sent again */
    AUTO_NO_ANSWER,  /* nobody says what became of it, for too long */
    AUTO_UNCONFIRMED /* the bank wants its owner to confirm */
};
/* Keeps it, in words too. Inside db_begin(). */
enum auto_result auto_refused(struct db *db, struct arena *arena,
                              const struct space *space,
                              const struct auto_turn *turn,
                              enum auto_refusal refusal, const char *words,
                              int64_t clock_ms);
/* The provider is still working on it; it is looked at again later. */
enum auto_result auto_processing(struct db *db, struct arena *arena,
                                 const struct auto_turn *turn, int64_t now);
/* Nobody answered; it stays in flight, behind the others. */
enum auto_result auto_unknown(struct db *db, struct arena *arena,
                              const struct auto_turn *turn, int64_t system_ms);
/* The order's page is open; nothing more to do until it is paid. */
enum auto_result auto_confirming(struct db *db, struct arena *arena,
                                 const struct auto_turn *turn);

/* Spaces with a charge to look at: those not asked about come first. */
enum auto_result auto_due(struct db *db, struct arena *arena, int64_t clock_ms,
                          int64_t system_ms, int limit, int64_t **spaces,
                          int *count);

/* An automatic order's status changes to this one: its charge follows. For
 * order_settle(), whose wallet is locked. */
enum auto_result auto_order_is(struct db *db, struct arena *arena,
                               struct wallet *wallet, const struct order *order,
                               enum order_status status);

#endif
