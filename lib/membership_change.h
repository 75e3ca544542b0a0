/*
 * Changes of membership that owners ask for: a subscription to begin, or
 * another plan for the one that there is. Stored, with its price, before the
 * provider is called, so that a lost reply is gone on with by the same key,
 * and nothing is bought twice. One is open in a Space at a time.
 */
#ifndef SCRIP_MEMBERSHIP_CHANGE_H
#define SCRIP_MEMBERSHIP_CHANGE_H

#include "ledger.h"
#include "membership_state.h"

enum membership_change_state {
    MEMBERSHIP_CHANGE_OPEN = 0,
    MEMBERSHIP_CHANGE_DONE,
    MEMBERSHIP_CHANGE_EXPIRED, /* not paid in time, or given up for another */
    MEMBERSHIP_CHANGE_REFUSED  /* by the provider; may be tried again */
};

struct membership_change {
    int64_t number; /* 1, 2, 3... in its Space */
    int64_t space;
    char id[ID_SIZE]; /* mch_ */
    int64_t member;
    struct membership_terms terms; /* terms.change is the number again */
    bool begins;                   /* a subscription; else it changes one */
    bool at_once; /* what is left of the period is paid at its price */
    enum membership_change_state state;
    int64_t created_at;
    /* The system's clock, which the provider shares: */
    int64_t placed_at;
    int64_t expires_at; /* of the checkout session */
    int64_t asked_at;
    int64_t attempts;
    const char *session;      /* NULL: none made yet */
    const char *subscription; /* NULL: none made yet */
    const char *payment_url;
};

/* In order of precedence. */
enum membership_change_result {
    MEMBERSHIP_CHANGE_OK = 0,
    MEMBERSHIP_CHANGE_REPLAYED,   /* this very request made it before */
    MEMBERSHIP_CHANGE_KEY_REUSED, /* same key, another request */
    MEMBERSHIP_CHANGE_CURRENT,    /* it is the plan that there is */
    MEMBERSHIP_CHANGE_PAST_DUE,   /* what is owed is paid first */
    MEMBERSHIP_CHANGE_OTHER_OPEN, /* *change is the one that is open */
    MEMBERSHIP_CHANGE_UNKNOWN,
    MEMBERSHIP_CHANGE_BROKEN /* the database failed; see db_why() */
};

struct membership_change_ask {
    const struct plan *plan;
    int64_t member;
    const char *key;          /* the Idempotency-Key */
    bool current;             /* the plan is what the Space has already */
    bool past_due;            /* a renewal of the subscription is not paid */
    const char *subscription; /* that is changed; NULL: one begins */
    int64_t effective_at;     /* 0: now */
    bool at_once;
    int64_t clock_ms;
    int64_t system_ms;
};

/* Makes one, or finds the one that this key made. A refused one is open
 * again then. Inside db_begin(). */
enum membership_change_result membership_change_create(
    struct db *db, struct arena *arena, const struct space *space,
    const struct membership_change_ask *ask, struct membership_change *change);

/* By its public id, in whatever Space. */
enum membership_change_result
membership_change_by_id(struct db *db, struct arena *arena, const char *id,
                        struct membership_change *change);
enum membership_change_result
membership_change_find(struct db *db, struct arena *arena, int64_t space,
                       int64_t number, struct membership_change *change);
/* The last of a Space that begins a subscription. */
enum membership_change_result
membership_change_last_begun(struct db *db, struct arena *arena, int64_t space,
                             struct membership_change *change);
/* Open ones of all Spaces that were last asked about before `asked_before`
 * (system ms). */
enum membership_change_result
membership_change_to_ask(struct db *db, struct arena *arena,
                         int64_t asked_before, int limit,
                         struct membership_change **changes, int *count);

/* The rest inside db_begin(). */
MUST_USE bool
membership_change_keep_session(struct db *db, struct arena *arena,
                               const struct membership_change *change,
                               const char *session, const char *url);
/* *mine: it was not asked about after `before` (both system ms), and is now. */
MUST_USE bool
membership_change_note_asked(struct db *db, struct arena *arena,
                             const struct membership_change *change,
                             int64_t before, int64_t system_ms, bool *mine);
/* Ends one that is open: EXPIRED or REFUSED. */
MUST_USE bool membership_change_close(struct db *db, struct arena *arena,
                                      const struct membership_change *change,
                                      enum membership_change_state state);
/* The provider has done it, for this subscription; whatever it was taken
 * for. */
MUST_USE bool membership_change_done(struct db *db, struct arena *arena,
                                     const struct membership_change *change,
                                     const char *subscription);

#endif
