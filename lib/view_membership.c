/*
 * See view_membership.h. Where the Space has no subscription (a platform has
 * set its plan, or nobody has), its own row is all there is.
 */
#include "view_membership.h"

static void
put_plan(struct json_out *out, const struct plan *plan)
{
    json_open_object(out, NULL);
    json_put_text(out, "id", plan->id);
    json_put_text(out, "name", plan->name);
    json_put_boolean(out, "paid", plan->paid);
    json_open_object(out, "price");
    json_put_integer(out, "amount", plan->amount);
    json_put_text(out, "currency", plan->currency);
    json_put_text(out, "interval", plan->interval);
    json_close_object(out);
    json_put_integer(out, "included_credits", plan->included);
    json_put_boolean(out, "rollover", plan->rollover);
    json_put_integer(out, "rate", plan->rate);
    json_close_object(out);
}

static void
put_plans(struct json_out *out, const struct membership_view *view)
{
    const struct space *space = view->space;

    json_open_array(out, "plans");
    for (int i = 0; i < view->plan_count; i++)
        if (strcmp(view->plans[i].currency, space->currency) == 0 ||
            strcmp(view->plans[i].id, space->plan) == 0)
            put_plan(out, &view->plans[i]);
    json_close_array(out);
}

/* What is paid when the period is over, and for which plan. */
static void
put_next_payment(struct json_out *out, const struct membership_state *state)
{
    const struct membership_terms *next =
        state->next == NULL ? state->terms : state->next;

    if (state->renews_at == NEVER_MS || next == NULL) {
        json_put_null(out, "next_payment");
        return;
    }
    json_open_object(out, "next_payment");
    json_put_text(out, "plan", next->plan);
    json_put_integer(out, "amount", next->amount);
    json_put_text(out, "currency", next->currency);
    json_put_time(out, "at", state->renews_at);
    json_close_object(out);
}

static void
put_state(struct json_out *out, const struct membership_state *state,
          const char *pay_url, bool subscribed)
{
    json_put_time(out, "renews_at", state->renews_at);
    json_put_text(out, "status", space_status_text(state->status));
    json_put_time(out, "period_start", state->period_start_ms);
    json_put_time(out, "period_end", state->period_end_ms);
    json_put_boolean(out, "subscribed", subscribed);
    put_next_payment(out, state);
    json_put_text(out, "pending_plan",
                  state->next == NULL ? NULL : state->next->plan);
    json_put_time(out, "cancels_at", state->cancels_at);
    json_put_time(out, "ended_at", state->ended_at);
    json_put_time(out, "past_due_since", state->past_due_since);
    json_put_time(out, "retries_at", state->retries_at);
    json_put_text(out, "pay_url", pay_url);
}

/* A Space's own row as a state. */
static struct membership_state
state_of_row(const struct space *space)
{
    return (struct membership_state){
        .status = space->status,
        .period_start_ms = space->period_start_ms,
        .period_end_ms = space->period_end_ms,
        .renews_at =
            space->status == SPACE_ACTIVE ? space->period_end_ms : NEVER_MS,
        .cancels_at = NEVER_MS,
        .ended_at = NEVER_MS,
        .past_due_since = NEVER_MS,
        .retries_at = NEVER_MS,
    };
}

static void
put_checkout(struct json_out *out, const struct membership_view *view)
{
    static const char *const words[] = {
        [MEMBERSHIP_CHANGE_OPEN] = "awaiting_payment",
        [MEMBERSHIP_CHANGE_DONE] = "complete",
        [MEMBERSHIP_CHANGE_EXPIRED] = "expired",
        [MEMBERSHIP_CHANGE_REFUSED] = "expired",
    };
    const struct membership_change *checkout = view->checkout;

    if (checkout == NULL) {
        json_put_null(out, "checkout");
        return;
    }
    json_open_object(out, "checkout");
    json_put_text(out, "id", checkout->id);
    json_put_text(out, "plan", checkout->terms.plan);
    json_put_integer(out, "amount", checkout->terms.amount);
    json_put_text(out, "currency", checkout->terms.currency);
    json_put_text(out, "status", words[checkout->state]);
    json_put_time(out, "created_at", checkout->created_at);
    json_put_text(out, "payment_url",
                  view->owner && checkout->state == MEMBERSHIP_CHANGE_OPEN
                      ? checkout->payment_url
                      : NULL);
    json_close_object(out);
}

void
view_membership(struct json_out *out, const struct membership_view *view)
{
    const struct subscription_picture *picture = view->picture;
    const struct membership_state row = state_of_row(view->space);
    bool begun = picture != NULL && picture->state.begun;

    json_put_text(out, "plan", view->space->plan);
    put_plans(out, view);
    put_state(out, begun ? &picture->state : &row,
              begun && view->owner ? picture->pay_url : NULL,
              begun && picture->subscription.status != SUBSCRIPTION_ENDED);
    json_put_boolean(out, "can_change", view->owner);
    json_open_array(out, "owners");
    for (int i = 0; i < view->owner_count; i++)
        json_put_text(out, NULL, view->owners[i]);
    json_close_array(out);
    put_checkout(out, view);
}
