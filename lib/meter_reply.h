/*
 * What meter answers, the first time and each time again. An answer is made
 * of what the ledger keeps for ever (the event, the hold's row) and of the
 * figures that change, which lie with the idempotency key; both times the
 * same function writes it, so a replay is equal member for member.
 */
#ifndef SCRIP_METER_REPLY_H
#define SCRIP_METER_REPLY_H

#include "hold.h"
#include "http.h"
#include "idem.h"
#include "meter_group.h"

struct meter_answer {
    int64_t status;  /* of HTTP */
    bool with_event; /* the answer has the member */
    int64_t event;   /* its seq; 0: null */
    bool with_hold;
    struct hold hold;    /* as it was then */
    int64_t lasts_until; /* 0: not said; NEVER_MS: null */
    int64_t held, total; /* of the balance */
};

/* The balance as it is now, after all of the operation. */
void meter_answer_balance(struct meter_answer *answer,
                          const struct wallet *wallet);
/* Into and out of an idempotency key. The event is idem->ref where there is
 * one, the hold otherwise; reading wants with_event, with_hold and, beside an
 * event, hold.number to be set. */
void meter_answer_keep(struct arena *arena, const struct meter_answer *answer,
                       struct idem *idem);
MUST_USE bool meter_answer_read(const struct idem *idem,
                                struct meter_answer *answer);

/* The whole reply. */
enum problem meter_reply(struct req *req, struct meter_space *at,
                         struct meter_answer *answer);
/* One event of the Space, saved or not, as a member. */
enum problem meter_put_event(struct req *req, struct meter_space *at,
                             struct json_out *out, int64_t seq);

/* What a hold's outcome is to a caller, with its words and members. */
enum problem meter_refuse_hold(struct req *req, const struct space *space,
                               enum hold_result result,
                               const struct hold_refusal *refusal);

#endif
