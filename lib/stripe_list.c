/*
 * The provider's lists, a page at a time: a charge's refunds, a customer's
 * payments, the account's events. See stripe_charge.h and stripe_card.h. An
 * item that cannot be read spoils its page: what it says would be lost
 * without a word.
 */
#include "clock.h"
#include "limits.h"
#include "stripe_call.h"
#include "stripe_card.h"
#include "stripe_charge.h"
#include "stripe_inside.h"

/* Asks for a page; `query` is what stands behind the '?'. Only due work and
 * the operator's command wait for lists, so they may take as long as a POST. */
static enum stripe_result
get_page(const struct config *config, struct arena *arena, const char *path,
         const char *query, const char *after, const struct json **data,
         bool *more, const char **why)
{
    const struct json *answer;
    struct stripe_call call = {
        .method = "GET",
        .path = arena_format(arena, "%s?%s%s%s", path, query,
                             after == NULL ? "" : "&starting_after=",
                             after == NULL ? "" : after),
        .end_ms = clock_monotonic_ms() + LIMIT_PROVIDER_MS,
    };
    enum stripe_result result;

    if (after != NULL && !stripe_id_fits(after)) {
        *why = "this is no id";
        return STRIPE_MISSING;
    }
    result = stripe_call(config, arena, &call, &answer, why);
    if (result != STRIPE_OK)
        return result;
    *data = json_at(answer, "data");
    if (json_is_array(*data) &&
        json_boolean(json_at(answer, "has_more"), more) &&
        !(*more && json_length(*data) == 0))
        return STRIPE_OK;
    *why = "the answer is no list";
    return STRIPE_UNAVAILABLE;
}

enum stripe_result
stripe_refunds_of(const struct config *config, struct arena *arena,
                  const char *charge, const char *after,
                  struct stripe_reversal **refunds, int *count, bool *more,
                  const char **why)
{
    const struct json *data, *item;
    enum stripe_result result;
    int n = 0;

    if (!stripe_id_fits(charge)) {
        *why = "this is no id";
        return STRIPE_MISSING;
    }
    result = get_page(config, arena, "/v1/refunds",
                      arena_format(arena, "charge=%s&limit=100", charge), after,
                      &data, more, why);
    if (result != STRIPE_OK)
        return result;
    *count = json_length(data);
    *refunds = arena_array(arena, (size_t)*count + 1, sizeof(**refunds));
    for (item = json_first(data); item != NULL; item = json_next(item), n++) {
        struct stripe_reversal *refund = &(*refunds)[n];

        if (!stripe_refund_read(item, refund) || refund->charge == NULL ||
            strcmp(refund->charge, charge) != 0) {
            *why = "the list is not of this charge's refunds";
            return STRIPE_UNAVAILABLE;
        }
    }
    return STRIPE_OK;
}

enum stripe_result
stripe_intents_of(const struct config *config, struct arena *arena,
                  const char *customer, const char *after,
                  struct stripe_intent **intents, int *count, bool *more,
                  const char **why)
{
    const struct json *data, *item;
    enum stripe_result result;
    int n = 0;

    if (!stripe_id_fits(customer)) {
        *why = "this is no id";
        return STRIPE_MISSING;
    }
    result = get_page(config, arena, "/v1/payment_intents",
                      arena_format(arena, "customer=%s&limit=100", customer),
                      after, &data, more, why);
    if (result != STRIPE_OK)
        return result;
    *count = json_length(data);
    *intents = arena_array(arena, (size_t)*count + 1, sizeof(**intents));
    for (item = json_first(data); item != NULL; item = json_next(item), n++)
        if (!stripe_intent_read(item, &(*intents)[n])) {
            *why = "the list is not of payments";
            return STRIPE_UNAVAILABLE;
        }
    return STRIPE_OK;
}

enum stripe_result
stripe_events_list(const struct config *config, struct arena *arena,
                   const char *after, struct stripe_event **events, int *count,
                   bool *more, const char **why)
{
    const struct json *data, *item;
    enum stripe_result result = get_page(config, arena, "/v1/events",
                                         "limit=50", after, &data, more, why);
    int n = 0;

    if (result != STRIPE_OK)
        return result;
    *count = json_length(data);
    *events = arena_array(arena, (size_t)*count + 1, sizeof(**events));
    for (item = json_first(data); item != NULL; item = json_next(item), n++)
        if (!stripe_event_of(item, &(*events)[n])) {
            *why = "the list is not of events";
            return STRIPE_UNAVAILABLE;
        }
    return STRIPE_OK;
}
