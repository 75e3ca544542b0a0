/*
 * What the payment provider has said of subscriptions and their invoices,
 * and what a Space's membership comes to by it. Facts are noted as they come,
 * in any order and any number of times, also before it is known whose they
 * are; subscription_apply() then brings the Space to what they say, and is
 * the one function that grants what a paid period includes.
 *
 * Knows nothing of the provider's wire: settle_membership.c turns that into
 * these reports.
 */
#ifndef SCRIP_SUBSCRIPTION_H
#define SCRIP_SUBSCRIPTION_H

#include "membership_change.h"

/* A subscription as the provider describes it at a moment. */
struct subscription_report {
    const char *provider; /* "stripe" */
    bool live;
    const char *id;
    const char *change; /* the id in its metadata, or NULL */
    enum subscription_status status;
    const char *item, *product; /* the provider's ids, or NULL */
    int64_t period_start_ms, period_end_ms;
    int64_t cancel_at, ended_at; /* NEVER_MS: not */
    int64_t as_of;               /* when it was so; later ones count */
};

/* An invoice of a subscription. */
struct invoice_report {
    const char *provider;
    bool live;
    const char *id;
    const char *subscription;
    const char *change; /* the id in its metadata, or NULL */
    bool renewal;       /* for a period after the first */
    struct membership_paid paid;
    int64_t paid_at;   /* NEVER_MS: it is not paid */
    int64_t failed_at; /* NEVER_MS: it did not fail now */
    int64_t retries_at;
    const char *pay_url; /* where a person can pay it, or NULL */
};

/* A subscription as it is stored. */
struct subscription {
    const char *provider;
    bool live;
    const char *id;
    int64_t space;  /* 0: nobody's that we know */
    int64_t change; /* 0: none was named */
    enum subscription_status status;
    const char *item, *product;
    int64_t period_start_ms, period_end_ms;
    int64_t cancel_at, ended_at;
    int64_t as_of;
    bool doubt;       /* two reports of one moment: ask the provider */
    int64_t asked_at; /* the system's clock; 0: never */
    bool surplus;     /* the Space has another: this one must end */
};

enum subscription_result {
    SUBSCRIPTION_OK = 0,
    SUBSCRIPTION_NONE, /* there is none such, or it is nobody's as yet */
    SUBSCRIPTION_BROKEN
};

/* All of these inside db_begin(). Each notes what it is told and fills *now
 * with the row: of which Space it is, if that is known. */
enum subscription_result
subscription_note(struct db *db, struct arena *arena,
                  const struct subscription_report *report,
                  struct subscription *now);
enum subscription_result
subscription_note_invoice(struct db *db, struct arena *arena,
                          const struct invoice_report *report,
                          struct subscription *now);
/* A checkout session of this change has made the subscription. */
enum subscription_result
subscription_note_begun(struct db *db, struct arena *arena,
                        const char *provider, bool live, const char *id,
                        const struct membership_change *change,
                        struct subscription *now);

/* What subscription_apply() did. */
struct subscription_applied {
    bool changed;  /* the Space's membership */
    int allocated; /* periods whose credits came in now */
    bool review;   /* an operator must look: words are in the log */
};

/* Brings the Space to what is known. Repeating it does nothing more. */
enum subscription_result
subscription_apply(struct db *db, struct arena *arena,
                   const struct space *space, int64_t clock_ms,
                   struct subscription_applied *applied);

/* What a page shows of it. */
struct subscription_picture {
    struct subscription subscription;
    struct membership_state state;
    const char *pay_url; /* where what is past due can be paid, or NULL */
};
/* SUBSCRIPTION_NONE: the Space has none, and its own row says it all. */
enum subscription_result
subscription_look(struct db *db, struct arena *arena, int64_t space,
                  int64_t now, struct subscription_picture *picture);

/* Those to ask the provider about, last asked before `asked_before` (system
 * ms): all that live, or those of which it may know more at `now`. */
enum subscription_result
subscription_to_ask(struct db *db, struct arena *arena, int64_t asked_before,
                    bool all, int64_t now, int limit,
                    struct subscription **subscriptions, int *count);
/* Inside db_begin(). */
MUST_USE bool subscription_note_asked(struct db *db, struct arena *arena,
                                      const struct subscription *subscription,
                                      int64_t before, int64_t system_ms,
                                      bool *mine);

#endif
