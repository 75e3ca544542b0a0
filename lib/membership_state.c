/*
 * The deciding about memberships: see membership_state.h. No SQL, no clock.
 */
#include "membership_state.h"

#include <strings.h>

/* The plan that counts now: the last asked for of those that count already. */
static const struct membership_terms *
in_force(const struct membership_facts *facts, int64_t now)
{
    for (int i = 0; i < facts->term_count; i++)
        if (facts->terms[i].effective_at <= now)
            return &facts->terms[i];
    return NULL;
}

/* Whether a paid invoice covers the period that the subscription is in. An
 * invoice for a new period may come before the subscription says so. */
static bool
period_is_paid(const struct membership_facts *facts)
{
    return facts->paid_start_ms != NEVER_MS &&
           (facts->period_start_ms == NEVER_MS ||
            facts->paid_start_ms >= facts->period_start_ms);
}

/* A renewal has failed, whichever of the two reports of it came. */
static bool
is_past_due(const struct membership_facts *facts)
{
    if (facts->failed_at != NEVER_MS &&
        (facts->paid_start_ms == NEVER_MS ||
         facts->failed_start_ms > facts->paid_start_ms))
        return true;
    return facts->status == SUBSCRIPTION_PAST_DUE && !period_is_paid(facts);
}

static void
take_period(const struct membership_facts *facts,
            struct membership_state *state)
{
    bool paid = facts->paid_start_ms != NEVER_MS &&
                (facts->period_start_ms == NEVER_MS ||
                 facts->paid_start_ms > facts->period_start_ms);

    state->period_start_ms =
        paid ? facts->paid_start_ms : facts->period_start_ms;
    state->period_end_ms = paid ? facts->paid_end_ms : facts->period_end_ms;
}

static bool
has_begun(const struct membership_facts *facts)
{
    switch (facts->status) {
    case SUBSCRIPTION_UNKNOWN:
    case SUBSCRIPTION_INCOMPLETE: return facts->paid_start_ms != NEVER_MS;
    case SUBSCRIPTION_ACTIVE:
    case SUBSCRIPTION_PAST_DUE:
    case SUBSCRIPTION_UNPAID: return true;
    case SUBSCRIPTION_ENDED:
        /* One that was never paid has ended nothing. */
        return facts->paid_start_ms != NEVER_MS;
    }
    return false;
}

/* When it ended, if it has. */
static int64_t
end_of(const struct membership_facts *facts, int64_t now)
{
    if (facts->status == SUBSCRIPTION_ENDED)
        return facts->ended_at;
    return facts->cancel_at <= now ? facts->cancel_at : NEVER_MS;
}

void
membership_state_of(const struct membership_facts *facts, int64_t now,
                    struct membership_state *state)
{
    *state = (struct membership_state){ .begun = has_begun(facts),
                                        .terms = in_force(facts, now),
                                        .status = SPACE_ACTIVE,
                                        .renews_at = NEVER_MS,
                                        .cancels_at = NEVER_MS,
                                        .ended_at = end_of(facts, now),
                                        .past_due_since = NEVER_MS,
                                        .retries_at = NEVER_MS };
    take_period(facts, state);
    if (state->ended_at != NEVER_MS) {
        state->status = SPACE_CANCELLED;
        return;
    }
    state->cancels_at = facts->cancel_at;
    if (is_past_due(facts)) {
        state->status = SPACE_PAST_DUE;
        state->past_due_since = facts->failed_at != NEVER_MS
                                    ? facts->failed_at
                                    : facts->period_start_ms;
        state->retries_at = facts->retries_at;
    }
    if (facts->status == SUBSCRIPTION_UNPAID && !period_is_paid(facts))
        state->status = SPACE_CANCELLED;
    if (state->status != SPACE_ACTIVE || facts->cancel_at != NEVER_MS)
        return;
    state->renews_at = state->period_end_ms;
    if (facts->term_count > 0 && state->terms != &facts->terms[0])
        state->next = &facts->terms[0];
}

enum membership_worth
membership_worth(const struct membership_paid *paid,
                 const struct membership_terms *terms)
{
    if (paid->period_start_ms == NEVER_MS || paid->paid <= 0)
        return MEMBERSHIP_WORTH_NOTHING;
    if (strcasecmp(paid->currency, terms->currency) != 0 ||
        paid->amount != terms->amount || paid->less < 0 ||
        paid->paid < terms->amount - paid->less)
        return MEMBERSHIP_WORTH_OTHER;
    return MEMBERSHIP_WORTH_PERIOD;
}
