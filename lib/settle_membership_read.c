/*
 * See settle_membership_read.h. Knows Stripe's words and nothing of rows.
 */
#include "settle_membership_read.h"

#include "clock.h"

static enum subscription_status
status_of(const char *word)
{
    static const struct {
        const char *word;
        enum subscription_status status;
    } words[] = {
        { "incomplete", SUBSCRIPTION_INCOMPLETE },
        { "incomplete_expired", SUBSCRIPTION_ENDED },
        { "trialing", SUBSCRIPTION_ACTIVE },
        { "active", SUBSCRIPTION_ACTIVE },
        { "past_due", SUBSCRIPTION_PAST_DUE },
        { "unpaid", SUBSCRIPTION_UNPAID },
        { "paused", SUBSCRIPTION_UNPAID },
        { "canceled", SUBSCRIPTION_ENDED },
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(word, words[i].word) == 0)
            return words[i].status;
    return SUBSCRIPTION_UNKNOWN;
}

static int64_t
ms_of(int64_t seconds)
{
    return seconds < 0 ? NEVER_MS : seconds * SECOND_MS;
}

void
settle_membership_read(const struct stripe_subscription *said, int64_t as_of,
                       struct subscription_report *report)
{
    *report = (struct subscription_report){
        .provider = SETTLE_PROVIDER,
        .live = said->livemode,
        .id = said->id,
        .change = said->change,
        .status = status_of(said->status),
        .item = said->item,
        .product = said->product,
        .period_start_ms = ms_of(said->period_start_s),
        .period_end_ms = ms_of(said->period_end_s),
        .cancel_at = ms_of(said->cancel_at_s),
        .ended_at = ms_of(said->ended_at_s),
        .as_of = as_of,
    };
    if (said->cancel_at_s < 0 && said->cancel_at_period_end)
        report->cancel_at = report->period_end_ms;
    if (said->ended_at_s < 0)
        report->ended_at = ms_of(said->canceled_at_s);
}

static bool
is_renewal(const char *reason)
{
    static const char *const others[] = { "subscription_create",
                                          "subscription_update", "manual" };

    if (reason == NULL)
        return false;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(reason, others[i]) == 0)
            return false;
    return true;
}

void
settle_membership_read_invoice(const struct stripe_invoice *said, int64_t as_of,
                               bool failed, struct invoice_report *report)
{
    bool paid = strcmp(said->status, "paid") == 0;

    *report = (struct invoice_report){
        .provider = SETTLE_PROVIDER,
        .live = said->livemode,
        .id = said->id,
        .subscription = said->subscription,
        .change = said->change,
        .renewal = is_renewal(said->reason),
        .paid = { .amount = said->line_amount,
                  .less = said->less,
                  .paid = said->amount_paid,
                  .currency = said->currency,
                  .period_start_ms = ms_of(said->line_start_s),
                  .period_end_ms = ms_of(said->line_end_s) },
        .paid_at = !paid                  ? NEVER_MS
                   : said->paid_at_s >= 0 ? ms_of(said->paid_at_s)
                                          : as_of,
        .failed_at = failed && !paid ? as_of : NEVER_MS,
        .retries_at = ms_of(said->next_attempt_s),
        .pay_url = said->hosted_url,
    };
    if (report->paid.period_end_ms == NEVER_MS ||
        report->paid.period_end_ms <= report->paid.period_start_ms)
        report->paid.period_start_ms = NEVER_MS;
}
