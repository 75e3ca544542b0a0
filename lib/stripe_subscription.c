/*
 * Asking the provider about subscriptions: see stripe_subscription.h. Every
 * try of one change sends the very same bytes under the same key.
 */
#include "stripe_subscription.h"

#include "form.h"
#include "stripe_call.h"
#include "stripe_inside.h"

#define FORM_MAX (32 * 1024)

/* Members of `at[price_data]`. */
static void
add_price(struct arena *arena, struct buf *form, const char *at,
          const struct stripe_price *price)
{
    form_add(form, arena_format(arena, "%s[price_data][currency]", at),
             stripe_lower(arena, price->currency));
    form_add_int(form, arena_format(arena, "%s[price_data][unit_amount]", at),
                 price->amount);
    form_add(form,
             arena_format(arena, "%s[price_data][recurring][interval]", at),
             price->interval);
}

static const char *
subscribe_form(struct arena *arena, const struct stripe_subscribe *ask)
{
    struct buf form;

    buf_init(&form, arena, FORM_MAX);
    form_add(&form, "mode", "subscription");
    if (ask->customer != NULL)
        form_add(&form, "customer", ask->customer);
    form_add(&form, "client_reference_id", ask->change);
    form_add(&form, "metadata[" STRIPE_MEMBERSHIP "]", ask->change);
    form_add(&form, "subscription_data[metadata][" STRIPE_MEMBERSHIP "]",
             ask->change);
    form_add(&form, "line_items[0][quantity]", "1");
    add_price(arena, &form, "line_items[0]", &ask->price);
    form_add(&form, "line_items[0][price_data][product_data][name]",
             ask->price.name);
    form_add(&form, "success_url", ask->success_url);
    form_add(&form, "cancel_url", ask->cancel_url);
    form_add_int(&form, "expires_at", ask->expires_at_s);
    return form.over ? NULL : form.bytes;
}

/* Posts a form; *answer is the object that came back. */
static enum stripe_result
post(const struct config *config, struct arena *arena, const char *path,
     const char *form, const char *key, const struct json **answer,
     const char **why)
{
    const struct stripe_call call = {
        .method = "POST", .path = path, .body = form, .idempotency_key = key
    };

    if (form == NULL) {
        *why = "the request is too large";
        return STRIPE_REFUSED;
    }
    return stripe_call(config, arena, &call, answer, why);
}

enum stripe_result
stripe_subscribe(const struct config *config, struct arena *arena,
                 const struct stripe_subscribe *ask,
                 struct stripe_session *session, const char **why)
{
    const struct json *answer;
    const char *change;
    enum stripe_result result =
        post(config, arena, "/v1/checkout/sessions", subscribe_form(arena, ask),
             arena_format(arena, "membership-%s", ask->change), &answer, why);

    if (result != STRIPE_OK)
        return result;
    change = json_text_at(answer, "metadata." STRIPE_MEMBERSHIP);
    if (!stripe_session_read(answer, session) || change == NULL ||
        strcmp(change, ask->change) != 0) {
        *why = "the answer is not about this change";
        return STRIPE_UNAVAILABLE;
    }
    return STRIPE_OK;
}

/* An answer that has to be this subscription. */
static enum stripe_result
read_this(const struct json *answer, const char *id,
          struct stripe_subscription *subscription, const char **why)
{
    if (stripe_subscription_read(answer, subscription) &&
        strcmp(subscription->id, id) == 0)
        return STRIPE_OK;
    *why = "the answer is not about this subscription";
    return STRIPE_UNAVAILABLE;
}

enum stripe_result
stripe_subscription_get(const struct config *config, struct arena *arena,
                        const char *id,
                        struct stripe_subscription *subscription,
                        struct stripe_invoice *invoice, bool *has_invoice,
                        const char **why)
{
    struct stripe_call call = { .method = "GET" };
    const struct json *answer, *latest;
    enum stripe_result result;

    *has_invoice = false;
    if (!stripe_id_fits(id)) {
        *why = "this is no id";
        return STRIPE_MISSING;
    }
    call.path =
        arena_format(arena,
                     "/v1/subscriptions/%s?expand%%5B%%5D=latest_invoice", id);
    result = stripe_call(config, arena, &call, &answer, why);
    if (result == STRIPE_OK)
        result = read_this(answer, id, subscription, why);
    if (result != STRIPE_OK)
        return result;
    latest = json_at(answer, "latest_invoice");
    if (stripe_id_fits(json_text(latest))) {
        call.path = arena_format(arena, "/v1/invoices/%s", json_text(latest));
        result = stripe_call(config, arena, &call, &latest, why);
        if (result != STRIPE_OK)
            return result;
    }
    *has_invoice = stripe_invoice_read(latest, invoice) &&
                   strcmp(invoice->subscription, id) == 0;
    return STRIPE_OK;
}

enum stripe_result
stripe_subscription_of_session(const struct config *config, struct arena *arena,
                               const char *session_id,
                               struct stripe_session *session,
                               const char **subscription, const char **why)
{
    struct stripe_call call = { .method = "GET" };
    const struct json *answer;
    enum stripe_result result;

    *subscription = NULL;
    if (!stripe_id_fits(session_id)) {
        *why = "this is no id";
        return STRIPE_MISSING;
    }
    call.path = arena_format(arena, "/v1/checkout/sessions/%s", session_id);
    result = stripe_call(config, arena, &call, &answer, why);
    if (result != STRIPE_OK)
        return result;
    if (!stripe_session_read(answer, session) ||
        strcmp(session->id, session_id) != 0) {
        *why = "the answer is not about this session";
        return STRIPE_UNAVAILABLE;
    }
    *subscription = stripe_session_subscription(answer);
    return STRIPE_OK;
}

/* The product of a plan at the provider, for the price of an item: those have
 * to name one that is there. */
static enum stripe_result
make_product(const struct config *config, struct arena *arena,
             const struct stripe_switch *ask, const char **product,
             const char **why)
{
    const struct json *answer;
    enum stripe_result result;
    struct buf form;

    buf_init(&form, arena, FORM_MAX);
    form_add(&form, "name", ask->price.name);
    form_add(&form, "metadata[" STRIPE_MEMBERSHIP "]", ask->change);
    result = post(config, arena, "/v1/products", form.bytes,
                  arena_format(arena, "product-%s", ask->change), &answer, why);
    if (result != STRIPE_OK)
        return result;
    *product = json_text_at(answer, "id");
    if (stripe_id_fits(*product))
        return STRIPE_OK;
    *why = "the answer is no product";
    return STRIPE_UNAVAILABLE;
}

static const char *
switch_form(struct arena *arena, const struct stripe_switch *ask,
            const char *product)
{
    struct buf form;

    buf_init(&form, arena, FORM_MAX);
    form_add(&form, "items[0][id]", ask->item);
    form_add(&form, "items[0][quantity]", "1");
    add_price(arena, &form, "items[0]", &ask->price);
    form_add(&form, "items[0][price_data][product]", product);
    form_add(&form, "metadata[" STRIPE_MEMBERSHIP "]", ask->change);
    form_add(&form, "cancel_at_period_end", "false");
    form_add(&form, "proration_behavior",
             ask->at_once ? "always_invoice" : "none");
    form_add(&form, "payment_behavior", "error_if_incomplete");
    return form.over ? NULL : form.bytes;
}

enum stripe_result
stripe_subscription_switch(const struct config *config, struct arena *arena,
                           const struct stripe_switch *ask,
                           struct stripe_subscription *subscription,
                           bool *declined, const char **why)
{
    const struct json *answer = NULL;
    const char *product, *kind;
    enum stripe_result result = make_product(config, arena, ask, &product, why);

    *declined = false;
    if (result != STRIPE_OK)
        return result;
    result =
        post(config, arena,
             arena_format(arena, "/v1/subscriptions/%s", ask->subscription),
             switch_form(arena, ask, product),
             arena_format(arena, "switch-%s-%lld", ask->change,
                          (long long)ask->attempt),
             &answer, why);
    if (result == STRIPE_OK)
        return read_this(answer, ask->subscription, subscription, why);
    kind = json_text_at(answer, "error.type");
    *declined = result == STRIPE_REFUSED && kind != NULL &&
                strcmp(kind, "card_error") == 0;
    return result;
}

enum stripe_result
stripe_subscription_cancel(const struct config *config, struct arena *arena,
                           const char *id, bool cancel, const char *key,
                           struct stripe_subscription *subscription,
                           const char **why)
{
    const struct json *answer;
    enum stripe_result result =
        post(config, arena, arena_format(arena, "/v1/subscriptions/%s", id),
             cancel ? "cancel_at_period_end=true"
                    : "cancel_at_period_end=false",
             key, &answer, why);

    return result == STRIPE_OK ? read_this(answer, id, subscription, why)
                               : result;
}

enum stripe_result
stripe_session_expire(const struct config *config, struct arena *arena,
                      const char *id, const char *key, const char **why)
{
    const struct json *answer;

    if (!stripe_id_fits(id)) {
        *why = "this is no id";
        return STRIPE_MISSING;
    }
    return post(config, arena,
                arena_format(arena, "/v1/checkout/sessions/%s/expire", id), "",
                key, &answer, why);
}
