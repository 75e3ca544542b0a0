/*
 * Events: the rows of a Space's credit history. Written once, never changed;
 * each carries what it did to each lot, the balance after it, and the hash
 * that chains it to the one before. Pure: no SQL, no clock.
 */
#ifndef SCRIP_EVENT_H
#define SCRIP_EVENT_H

#include "id.h"
#include "lot.h"
#include "sign.h"

enum event_kind {
    EVENT_TOP_UP = 0,
    EVENT_INCLUDED_ALLOCATION,
    EVENT_BONUS,
    EVENT_CAPTURED_USAGE,
    EVENT_USAGE_REFUND,
    EVENT_TOP_UP_REFUND,
    EVENT_DISPUTE,
    EVENT_DISPUTE_REVERSAL,
    EVENT_EXPIRY,
    EVENT_ADJUSTMENT,
    EVENT_KINDS
};

/* What the caller says a movement was for; NULL where not said. */
struct refs {
    const char *livestream;
    const char *order;
    const char *campaign;
    const char *member;
    const char *note;
};

/* What was charged for, and at which price; feature NULL: nothing was. */
struct charge {
    const char *feature; /* the activity's id, or the caller's own feature */
    int64_t book;        /* price book version; 0: the caller's own price */
    const char *quality; /* or NULL */
    int64_t quantity;    /* with a book only */
    int64_t price;       /* credits per `per` units */
    int64_t per;
};

struct event {
    int64_t seq;
    enum event_kind kind;
    int64_t credits; /* signed */
    int64_t balance_after;
    int64_t at;
    int64_t day;       /* the Space's day, days since 1970-01-01 */
    int64_t hold;      /* number; 0: none */
    int64_t refund_of; /* seq; 0: none */
    int64_t order;     /* checkout order's number; 0: none */
    struct charge charge;
    struct refs refs;
    struct lot_change *lots;
    int lot_count;
    uint8_t hash[SIGN_SIZE];
};

/* The lot changes of an event in the making: one line a lot. */
struct postings {
    struct arena *arena;
    struct lot_change *changes;
    int count, room;
};
/* Adds credits to a lot's line; 0 adds nothing. */
void event_post(struct postings *postings, int64_t lot, int64_t credits);

/* "top_up", "included_allocation", ...; and back, EVENT_KINDS: none such. */
const char *event_kind_text(enum event_kind kind);
enum event_kind event_kind_of(const char *text);

/* evt_ and its ULID: the event's time, Space and seq. */
void event_id(char id[ID_SIZE], int64_t space, const struct event *event);

/*
 * The hash of the chain: SHA-256(previous ‖ canonical text). The text is
 * "scrip-event-1" and then every member above but the hash, in that order,
 * each as a length, ':' and its text, "-" where there is none; numbers are
 * decimal. Nobody can move a byte from one member to the next.
 */
void event_hash(uint8_t out[SIGN_SIZE], const uint8_t previous[SIGN_SIZE],
                int64_t space, const struct event *event, struct arena *arena);

#endif
