/*
 * The table of problems and their JSON. Codes and titles are part of the
 * interface: nginx says some of them itself in the same words, each has its
 * page under /problems/, and callers compare them. Never say here what a
 * caller may not know.
 */
#include "problem.h"

#include "limits.h"

static const struct problem_entry table[P_COUNT] = {
    { P_NONE, 200, "none", "No problem" },
    { P_INVALID_REQUEST, 400, "invalid_request", "Invalid request" },
    { P_IDEMPOTENCY_KEY_REQUIRED, 400, "idempotency_key_required",
      "Idempotency-Key required" },
    { P_IDEMPOTENCY_KEY_REUSED, 422, "idempotency_key_reused",
      "Idempotency-Key reused" },
    { P_INVALID_CURSOR, 400, "invalid_cursor", "Invalid cursor" },
    { P_INVALID_SIGNATURE, 400, "invalid_signature", "Invalid signature" },
    { P_UNKNOWN_TIER, 400, "unknown_tier", "Unknown tier" },
    { P_UNAUTHENTICATED, 401, "unauthenticated", "Not signed in" },
    { P_WRONG_CREDENTIALS, 401, "wrong_credentials",
      "Wrong email or password" },
    { P_INSUFFICIENT_CREDITS, 402, "insufficient_credits",
      "Not enough credits" },
    { P_CAP_REACHED, 402, "cap_reached", "A cap is reached" },
    { P_PAYMENT_DECLINED, 402, "payment_declined", "The payment was declined" },
    { P_CSRF, 403, "csrf", "Not sent by our own page" },
    { P_SCOPE, 403, "scope", "Outside the key's scope" },
    { P_ROLE, 403, "role", "Not allowed in this role" },
    { P_PLAN_NOT_PAID, 403, "plan_not_paid", "A paid plan is needed" },
    { P_NOT_FOUND, 404, "not_found", "Not found" },
    { P_UNKNOWN_CODE, 404, "unknown_code", "Unknown code" },
    { P_METHOD_NOT_ALLOWED, 405, "method_not_allowed", "Method not allowed" },
    { P_ORDER_EXPIRED, 409, "order_expired", "The order has expired" },
    { P_HOLD_NOT_OPEN, 409, "hold_not_open", "The hold is over" },
    { P_CAPTURE_EXCEEDS_HOLD, 409, "capture_exceeds_hold",
      "More than is held" },
    { P_PERIOD_ALLOCATED, 409, "period_allocated",
      "The period has its allocation" },
    { P_CURRENCY_FIXED, 409, "currency_fixed", "The currency is fixed" },
    { P_PLAN_NOT_DRAFT, 409, "plan_not_draft", "The plan was started" },
    { P_PLAN_NOT_STARTED, 409, "plan_not_started", "The plan was not started" },
    { P_QUOTE_EXPIRED, 409, "quote_expired", "The quote has expired" },
    { P_PLAN_IS_CURRENT, 409, "plan_is_current",
      "The plan is the current one" },
    { P_MEMBERSHIP_PAST_DUE, 409, "membership_past_due",
      "The membership is past due" },
    { P_NOT_SUBSCRIBED, 409, "not_subscribed", "No membership is paid here" },
    { P_CODE_USED, 409, "code_used", "The code was used" },
    { P_CODE_EXPIRED, 410, "code_expired", "The code has expired" },
    { P_PAYLOAD_TOO_LARGE, 413, "payload_too_large", "Payload too large" },
    { P_UNSUPPORTED_MEDIA_TYPE, 415, "unsupported_media_type",
      "Unsupported media type" },
    { P_REFUND_EXCEEDS_CAPTURE, 422, "refund_exceeds_capture",
      "More than was captured" },
    { P_BALANCE_LIMIT, 422, "balance_limit", "The balance is at its limit" },
    { P_TOO_MANY_ATTEMPTS, 429, "too_many_attempts", "Too many attempts" },
    { P_TOO_MANY_ORDERS, 429, "too_many_orders", "Too many unpaid orders" },
    { P_INTERNAL, 500, "internal", "Internal error" },
    { P_PAYMENT_PROVIDER_UNAVAILABLE, 502, "payment_provider_unavailable",
      "Payment provider unavailable" },
    { P_UNAVAILABLE, 503, "unavailable", "Unavailable" },
};

/* Said where the handler has nothing to say about this very case. */
static const char *
usual_detail(enum problem problem)
{
    switch (problem) {
    case P_INVALID_REQUEST: return "The request could not be read.";
    case P_IDEMPOTENCY_KEY_REQUIRED:
        return "Send an Idempotency-Key header, 1 to 255 printable ASCII "
               "characters, a new one for each thing that you want done.";
    case P_IDEMPOTENCY_KEY_REUSED:
        return "This Idempotency-Key was used before, for another request.";
    case P_INVALID_CURSOR: return "The cursor is none that this list gave out.";
    case P_UNAUTHENTICATED: return "Sign in first.";
    case P_WRONG_CREDENTIALS:
        return "There is no member with this email and this password.";
    case P_CSRF:
        return "Send the X-CSRF-Token that GET /api/v1/session gives, from "
               "a page of this site.";
    case P_SCOPE: return "This key may not do that.";
    case P_ROLE: return "Your role in this Space may not do that.";
    case P_NOT_FOUND: return "There is nothing at this address.";
    case P_METHOD_NOT_ALLOWED: return "This address does not take that method.";
    case P_PAYLOAD_TOO_LARGE:
        return "The body is larger than this address takes.";
    case P_UNSUPPORTED_MEDIA_TYPE:
        return "Send the body as application/json in UTF-8.";
    case P_INTERNAL: return "Something failed here. Nothing was done.";
    case P_UNAVAILABLE:
        return "Nothing was done. The same request may be sent again, with "
               "the same Idempotency-Key.";
    default: return NULL;
    }
}

const struct problem_entry *
problem_entry(enum problem problem)
{
    assert(problem >= P_NONE && problem < P_COUNT);
    assert(table[problem].problem == problem && table[problem].code != NULL);
    return &table[problem];
}

static void
write_faults(struct json_out *out, const struct json_fault *fault)
{
    if (fault == NULL)
        return;
    json_open_array(out, "errors");
    for (; fault != NULL; fault = fault->next) {
        json_open_object(out, NULL);
        json_put_text(out, "pointer", fault->pointer);
        json_put_text(out, "detail", fault->detail);
        json_close_object(out);
    }
    json_close_array(out);
}

void
problem_write(struct buf *buf, enum problem problem,
              const struct problem_details *details, const char *base_path,
              const char *request_id)
{
    const struct problem_entry *entry = problem_entry(problem);
    const char *detail = details->detail;
    struct json_out out;

    if (detail == NULL)
        detail = usual_detail(problem);
    json_begin(&out, buf);
    json_open_object(&out, NULL);
    json_put_text(&out, "type",
                  arena_format(buf->arena, "%s/problems/%s", base_path,
                               entry->code));
    json_put_text(&out, "title", entry->title);
    json_put_integer(&out, "status", entry->status);
    if (detail != NULL)
        json_put_text(&out, "detail", detail);
    json_put_text(&out, "instance", request_id);
    json_put_text(&out, "code", entry->code);
    write_faults(&out, details->faults);
    if (details->members != NULL && details->members[0] != '\0') {
        buf_char(buf, ',');
        buf_text(buf, details->members);
    }
    json_close_object(&out);
}
