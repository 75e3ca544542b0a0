/*
 * One request to the provider, tried again while that is safe and there is
 * time: the inside of stripe.c. Every POST carries an idempotency key of its
 * caller's, so a second try can never do a thing twice.
 */
#ifndef SCRIP_STRIPE_CALL_H
#define SCRIP_STRIPE_CALL_H

#include "stripe.h"

struct stripe_call {
    const char *method;          /* "GET" or "POST" */
    const char *path;            /* below the base, "/v1/..." */
    const char *body;            /* a form; NULL: none */
    const char *idempotency_key; /* of a POST */
    int64_t end_ms; /* clock_monotonic_ms() when to give up; 0: see below */
};

/* The 2xx answer's JSON object in *answer; on STRIPE_REFUSED *why is what
 * the provider says, else words for the log. All tries together take at most
 * LIMIT_PROVIDER_MS, those of a GET LIMIT_PROVIDER_LOOK_MS. */
MUST_USE enum stripe_result stripe_call(const struct config *config,
                                        struct arena *arena,
                                        const struct stripe_call *call,
                                        const struct json **answer,
                                        const char **why);

#endif
