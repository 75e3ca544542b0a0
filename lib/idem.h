/*
 * Idempotency keys: a key moves credits once, for as long as the ledger
 * exists. What the first request came to is kept in its transaction: the
 * number of what it made, and the figures that its answer had besides, so
 * that a replay is equal to it. Refusals are not remembered.
 *
 * A key is its Space's, its caller's and its operation's. Two requests are
 * the same when their fingerprints are: of the parsed members and the ids in
 * the path, not of bytes.
 */
#ifndef SCRIP_IDEM_H
#define SCRIP_IDEM_H

#include "db.h"
#include "sign.h"

/* Numbers are kept in the database: never change one. */
enum idem_operation {
    IDEM_CHECKOUT = 1,
    IDEM_HOLD = 2,
    IDEM_CAPTURE_HOLD = 3,
    IDEM_CAPTURE = 4, /* direct ones, and those of a batch */
    IDEM_REFUND = 5,
    IDEM_GRANT = 6
};

#define IDEM_FIGURES_MAX 12

struct idem {
    const char *key;
    int64_t space;
    int64_t scope; /* 0: the platform; else a member's number */
    enum idem_operation operation;
    uint8_t fingerprint[SIGN_SIZE];
    int64_t ref; /* of what was made */
    int64_t figures[IDEM_FIGURES_MAX];
    int figure_count;
};

enum idem_result {
    IDEM_NEW = 0, /* the key was not used */
    IDEM_SAME,    /* by this very request: ref and figures are filled in */
    IDEM_OTHER,   /* by another request */
    IDEM_BROKEN   /* the database failed; see db_why() */
};

/* Adds to the text of a fingerprint: "name=5:value\n"; NULL is left out. The
 * lengths keep one member's text from being taken for another's. */
void idem_text(struct buf *print, const char *name, const char *value);
void idem_number(struct buf *print, const char *name, int64_t value);
/* Fills idem->fingerprint from that text. */
void idem_print(struct idem *idem, const struct buf *print);

/* What the key was used for. Under the write turn, so that nothing comes
 * between this and idem_keep(). */
enum idem_result idem_find(struct db *db, struct arena *arena,
                           struct idem *idem);
/* Keeps it. A key that is there after all is IDEM_BROKEN: the transaction is
 * lost, and is run again. */
enum idem_result idem_keep(struct db *db, struct arena *arena,
                           const struct idem *idem);

#endif
