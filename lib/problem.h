/*
 * What a request can come to when it is refused: one table of problems
 * (RFC 9457), each with its status, its code and its title. `type` is
 * /problems/<code>, a page that we serve. Handlers return one of these; the
 * words for this very case go into struct problem_details.
 */
#ifndef SCRIP_PROBLEM_H
#define SCRIP_PROBLEM_H

#include "json.h"

enum problem {
    P_NONE = 0,
    P_INVALID_REQUEST,
    P_IDEMPOTENCY_KEY_REQUIRED,
    P_IDEMPOTENCY_KEY_REUSED,
    P_INVALID_CURSOR,
    P_INVALID_SIGNATURE,
    P_UNKNOWN_TIER,
    P_UNAUTHENTICATED,
    P_WRONG_CREDENTIALS,
    P_INSUFFICIENT_CREDITS,
    P_CAP_REACHED,
    P_PAYMENT_DECLINED,
    P_CSRF,
    P_SCOPE,
    P_ROLE,
    P_PLAN_NOT_PAID,
    P_NOT_FOUND,
    P_UNKNOWN_CODE,
    P_METHOD_NOT_ALLOWED,
    P_ORDER_EXPIRED,
    P_HOLD_NOT_OPEN,
    P_CAPTURE_EXCEEDS_HOLD,
    P_PERIOD_ALLOCATED,
    P_CURRENCY_FIXED,
    P_PLAN_NOT_DRAFT,
    P_PLAN_NOT_STARTED,
    P_QUOTE_EXPIRED,
    P_PLAN_IS_CURRENT,
    P_MEMBERSHIP_PAST_DUE,
    P_NOT_SUBSCRIBED,
    P_CODE_USED,
    P_CODE_EXPIRED,
    P_PAYLOAD_TOO_LARGE,
    P_UNSUPPORTED_MEDIA_TYPE,
    P_REFUND_EXCEEDS_CAPTURE,
    P_BALANCE_LIMIT,
    P_TOO_MANY_ATTEMPTS,
    P_TOO_MANY_ORDERS,
    P_INTERNAL,
    P_PAYMENT_PROVIDER_UNAVAILABLE,
    P_UNAVAILABLE,
    P_COUNT
};

struct problem_entry {
    enum problem problem;
    int status;
    const char *code;
    const char *title;
};

/* The table, in the order of the enum. */
const struct problem_entry *problem_entry(enum problem problem);

/* What is said beyond the table; all of it optional. */
struct problem_details {
    const char *detail;        /* a sentence that the caller can act on */
    struct json_fault *faults; /* becomes `errors` */
    int retry_after_s;         /* header Retry-After; 0: none */
    const char *members;       /* more members, JSON without its braces:
                                  "\"upgrade_url\":\"...\"" */
};

/* Writes the body. `base_path` goes before /problems/. */
void problem_write(struct buf *buf, enum problem problem,
                   const struct problem_details *details, const char *base_path,
                   const char *request_id);

#endif
