/*
 * What the requests of one of meter's transactions share: the wallets of
 * their Spaces, loaded once and saved once, the price book, and one now.
 */
#ifndef SCRIP_METER_GROUP_H
#define SCRIP_METER_GROUP_H

#include "ledger.h"
#include "price.h"
#include "serve.h"

/* A Space in the transaction. Lies where it is until the transaction ends. */
struct meter_space {
    struct space space;
    struct wallet wallet;
    int64_t now; /* of every operation on it here */
    struct meter_space *next;
};

struct meter_group {
    struct db *db;
    struct arena *arena; /* of the transaction */
    struct meter_space *spaces;
    int64_t clock_ms;        /* of the first request; all have it */
    struct price_book *book; /* looked up last; NULL: none was yet */
    int64_t book_at;
};

extern const struct group meter_group;

/* The Space of this request, or another one that a batch names, with its
 * wallet settled. NULL: the database failed. */
struct meter_space *meter_space(struct req *req, const struct space *space);

/* The price book in force at a time. PRICE_OK, PRICE_NONE or PRICE_BROKEN. */
enum price_result meter_book(struct req *req, int64_t at,
                             const struct price_book **book);

#endif
