/*
 * Answers kept with their Idempotency-Key: see keyed.h.
 */
#include "keyed.h"

void
keyed_begin(struct keyed *keyed, struct req *req, enum idem_operation operation)
{
    const struct caller *caller = &req->caller;

    *keyed = (struct keyed){
        .idem = { .key = req->key,
                  .space = req->space.number,
                  .member =
                      caller->kind == CALLER_MEMBER ? caller->member.number : 0,
                  .operation = operation },
    };
    fingerprint_begin(&keyed->print, req->arena);
}

enum problem
keyed_find(struct keyed *keyed, struct req *req, int status, bool *replayed)
{
    *replayed = false;
    fingerprint_end(&keyed->print, &keyed->idem);
    switch (idem_find(req->db, req->arena, &keyed->idem)) {
    case IDEM_NEW: return P_NONE;
    case IDEM_REPLAYED: break;
    case IDEM_KEY_REUSED: return P_IDEMPOTENCY_KEY_REUSED;
    case IDEM_BROKEN: return P_UNAVAILABLE;
    }
    db_rollback(req->db);
    *replayed = true;
    req->reply.status = status;
    buf_clear(&req->reply.body);
    buf_put(&req->reply.body, keyed->idem.answer, keyed->idem.answer_length);
    http_header(req, "Idempotency-Replayed", "true");
    return P_NONE;
}

enum problem
keyed_keep(struct keyed *keyed, struct req *req, int64_t ref)
{
    keyed->idem.ref = ref;
    idem_answer(&keyed->idem, &req->reply.body);
    return idem_keep(req->db, req->arena, &keyed->idem) == IDEM_NEW
               ? P_NONE
               : P_UNAVAILABLE;
}
