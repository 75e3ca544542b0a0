/*
 * Parameters of an API call, read as Stripe reads them, and Stripe's errors.
 * The first error counts and the rest of the reading goes on harmlessly, so
 * a caller reads all it wants and looks once, at params_done(). A parameter
 * that nobody asked for is an error: the sandbox never pretends to a feature.
 */
#ifndef SANDBOX_PARAMS_H
#define SANDBOX_PARAMS_H

#include "form.h"
#include "json.h"

struct params_error {
    int status; /* 0: none */
    const char *type;
    const char *code;  /* or NULL */
    const char *param; /* or NULL */
    const char *message;
    const char *decline; /* decline_code, or NULL, as the next two */
    const char *charge;
    const char *intent; /* payment_intent: JSON */
};

struct params {
    struct arena *arena;
    struct form form;
    bool *used; /* of each pair */
    struct params_error error;
};

void params_init(struct params *params, struct arena *arena,
                 const struct form *form);
/* Records an error; only the first one stays. `param` may be NULL. */
void params_refuse(struct params *params, int status, const char *type,
                   const char *code, const char *param, const char *message);
/* An invalid_request_error with status 400. */
void params_invalid(struct params *params, const char *code, const char *param,
                    const char *message);
/* True when there is no error and nothing was left unread. */
MUST_USE bool params_done(struct params *params);

/* NULL where absent. Empty is an error unless `unset` is given, which then
 * says so (an empty value takes a member away). */
const char *params_text(struct params *params, const char *name, size_t max,
                        bool *unset);
const char *params_need_text(struct params *params, const char *name,
                             size_t max);
/* `otherwise` where absent. */
int64_t params_integer(struct params *params, const char *name, int64_t low,
                       int64_t high, int64_t otherwise);
int64_t params_need_integer(struct params *params, const char *name,
                            int64_t low, int64_t high);
/* Letters, as ISO 4217 has them, in lower case; one that we can show. */
const char *params_currency(struct params *params, const char *name);
/* "true" or "false"; false where absent. */
bool params_boolean(struct params *params, const char *name);
/* Whether any parameter begins with `prefix`. */
bool params_any(const struct params *params, const char *prefix);
/* The values of name[], name[0], name[1] ... in that order; NULL after the
 * last. */
const char *const *params_list(struct params *params, const char *name,
                               int *count);
/* prefix[key]=value as a JSON object over `before` (JSON, or NULL): a value
 * that is empty takes its key away. */
const char *params_metadata(struct params *params, const char *prefix,
                            const char *before);

#endif
