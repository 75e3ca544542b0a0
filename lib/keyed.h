/*
 * A write under an Idempotency-Key whose whole answer is kept with the key,
 * since what it shows may be different when the same request comes again.
 * Between keyed_begin() and keyed_find() the request's members are added to
 * `print`.
 */
#ifndef SCRIP_KEYED_H
#define SCRIP_KEYED_H

#include "http.h"
#include "idem.h"

struct keyed {
    struct idem idem;
    struct fingerprint print;
};

/* The key of a GATE_IDEMPOTENT request, in its caller's scope. */
void keyed_begin(struct keyed *keyed, struct req *req,
                 enum idem_operation operation);

/* Looks the key up. *replayed: the transaction is rolled back, and the reply
 * is the first one's. Inside db_begin(), with the Space locked. */
enum problem keyed_find(struct keyed *keyed, struct req *req, int status,
                        bool *replayed);

/* The reply is whole: keeps it with the key. `ref` is the number of what was
 * made. P_UNAVAILABLE where that fails. */
enum problem keyed_keep(struct keyed *keyed, struct req *req, int64_t ref);

#endif
