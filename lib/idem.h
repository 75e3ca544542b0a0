/*
 * Idempotency keys: what each made, kept with it in one transaction for as
 * long as the ledger exists. A key's row is the first thing that an operation
 * writes, once it is decided that it succeeds; where the row is there
 * already, the operation was done before and nothing else is written.
 * Refusals are never remembered.
 *
 * The row keeps a fingerprint of the request, the number of what it made, and
 * what else its answer said that would be different today.
 */
#ifndef SCRIP_IDEM_H
#define SCRIP_IDEM_H

#include "buf.h"
#include "db.h"
#include "sign.h"

/* What a key was used for; kept in rows, so numbers stay as they are. */
enum idem_operation {
    IDEM_CHECKOUT = 1,
    IDEM_MEMBERSHIP = 2,
    IDEM_PROMO = 3,
    IDEM_PLAN = 4,
    IDEM_PLAN_START = 5,
    IDEM_PLAN_FINISH = 6,
    IDEM_HOLD = 7,
    IDEM_HOLD_CAPTURE = 8,
    IDEM_CAPTURE = 9, /* alone and in a batch */
    IDEM_REFUND = 10,
    IDEM_GRANT = 11
};

struct idem {
    const char *key; /* 1 to LIMIT_KEY bytes */
    int64_t space;
    int64_t member; /* 0: the platform, all keys of which share a scope */
    enum idem_operation operation;
    uint8_t fingerprint[SIGN_SIZE];
    int64_t ref;        /* number of what it made */
    const char *answer; /* bytes */
    size_t answer_length;
};

/* In order of precedence. */
enum idem_result {
    IDEM_NEW = 0,    /* the key was not used; after idem_keep(): it is kept */
    IDEM_REPLAYED,   /* this very request: ref and answer are the first's */
    IDEM_KEY_REUSED, /* another request had this key */
    IDEM_BROKEN      /* the database failed; see db_why() */
};

/* Keeps it, or says what the key was used for. Inside db_begin(), before
 * anything else is written. */
enum idem_result idem_keep(struct db *db, struct arena *arena,
                           struct idem *idem);

/* Only looks: what an operation asks that is about to be refused. */
enum idem_result idem_find(struct db *db, struct arena *arena,
                           struct idem *idem);

/*
 * A request's fingerprint: each member by its name, in any fixed order, and
 * the ids of its path. The same members, whatever their bytes and order on
 * the wire, make the same one.
 */
struct fingerprint {
    struct buf text;
};
void fingerprint_begin(struct fingerprint *print, struct arena *arena);
/* A NULL text is left out, as a member that was not sent. */
void fingerprint_text(struct fingerprint *print, const char *name,
                      const char *text);
void fingerprint_int(struct fingerprint *print, const char *name,
                     int64_t number);
void fingerprint_end(const struct fingerprint *print, struct idem *idem);

/* Numbers of an answer, few bytes each; read in the order written. False: it
 * ends before that, or holds no numbers. */
void idem_put(struct buf *answer, int64_t number);
void idem_answer(struct idem *idem, const struct buf *answer);
struct idem_reader {
    const char *at, *end;
};
void idem_read(struct idem_reader *reader, const struct idem *idem);
MUST_USE bool idem_get(struct idem_reader *reader, int64_t *number);

#endif
