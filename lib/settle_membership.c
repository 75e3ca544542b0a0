/*
 * What events say of subscriptions and their invoices. Facts are noted as
 * they come, in any order, also before it is known whose they are; what they
 * come to is decided by subscription_apply() alone.
 */
#include "settle_inside.h"
#include "settle_membership_read.h"

/* An event of another mode than the site's counts for nothing. */
static bool
is_ours(struct incoming *in, bool livemode)
{
    if (in->event->livemode == livemode && livemode == in->config->livemode)
        return true;
    in->came_to = "other_mode";
    return false;
}

/* After a note: the Space, where it is known, is brought to what is known. */
static enum settle_result
apply(struct incoming *in, enum subscription_result noted,
      const struct subscription *subscription)
{
    struct subscription_applied applied;
    struct space space;

    if (noted != SUBSCRIPTION_OK)
        return SETTLE_BROKEN;
    in->came_to = "waits";
    if (subscription->space == 0)
        return SETTLE_OK;
    if (space_by_number(in->db, in->arena, subscription->space, &space) !=
            SPACE_OK ||
        subscription_apply(in->db, in->arena, &space, in->clock_ms, &applied) ==
            SUBSCRIPTION_BROKEN)
        return SETTLE_BROKEN;
    in->space = subscription->space;
    in->came_to = applied.review          ? "review"
                  : applied.allocated > 0 ? "allocated"
                  : applied.changed       ? "membership"
                                          : "nothing";
    return SETTLE_OK;
}

/* The change that a session is for: that of its metadata, or that which we
 * had made this very session for. */
static enum membership_change_result
change_of(const struct incoming *in, const struct stripe_session *session,
          struct membership_change *change)
{
    const char *named =
        json_text_at(in->event->object, "metadata." STRIPE_MEMBERSHIP);
    enum membership_change_result found =
        membership_change_by_id(in->db, in->arena, named, change);

    if (found != MEMBERSHIP_CHANGE_UNKNOWN)
        return found;
    found =
        membership_change_by_id(in->db, in->arena, session->reference, change);
    if (found == MEMBERSHIP_CHANGE_OK &&
        (change->session == NULL || strcmp(change->session, session->id) != 0))
        return MEMBERSHIP_CHANGE_UNKNOWN;
    return found;
}

static enum settle_result
session_over(struct incoming *in, const struct stripe_session *session,
             const struct membership_change *change)
{
    in->came_to = "nothing";
    if (strcmp(session->status, "expired") != 0 || change->session == NULL ||
        strcmp(change->session, session->id) != 0)
        return SETTLE_OK;
    in->came_to = "status";
    return membership_change_close(in->db, in->arena, change,
                                   MEMBERSHIP_CHANGE_EXPIRED)
               ? SETTLE_OK
               : SETTLE_BROKEN;
}

static enum settle_result
session_told(struct incoming *in)
{
    const char *id = stripe_session_subscription(in->event->object);
    struct membership_change change;
    struct subscription subscription;
    struct stripe_session session;

    if (!stripe_session_read(in->event->object, &session) ||
        strcmp(session.mode, "subscription") != 0)
        return SETTLE_NOT_OURS;
    switch (change_of(in, &session, &change)) {
    case MEMBERSHIP_CHANGE_OK: break;
    case MEMBERSHIP_CHANGE_UNKNOWN: return SETTLE_OK;
    default: return SETTLE_BROKEN;
    }
    in->space = change.space;
    if (!is_ours(in, session.livemode))
        return SETTLE_OK;
    if (strcmp(session.status, "complete") != 0 || id == NULL)
        return session_over(in, &session, &change);
    return apply(in,
                 subscription_note_begun(in->db, in->arena, SETTLE_PROVIDER,
                                         session.livemode, id, &change,
                                         &subscription),
                 &subscription);
}

static enum settle_result
subscription_told(struct incoming *in)
{
    struct stripe_subscription said;
    struct subscription_report report;
    struct subscription subscription;

    if (!stripe_subscription_read(in->event->object, &said))
        return SETTLE_NOT_OURS;
    if (!is_ours(in, said.livemode))
        return SETTLE_OK;
    /* "created" is older than whatever the same second has. */
    settle_membership_read(
        &said,
        in->event->created_s * SECOND_MS +
            (strcmp(in->event->type, "customer.subscription.created") != 0),
        &report);
    return apply(in,
                 subscription_note(in->db, in->arena, &report, &subscription),
                 &subscription);
}

static enum settle_result
invoice_told(struct incoming *in)
{
    bool failed = strcmp(in->event->type, "invoice.payment_failed") == 0;
    struct stripe_invoice said;
    struct invoice_report report;
    struct subscription subscription;

    if (!stripe_invoice_read(in->event->object, &said))
        return SETTLE_NOT_OURS;
    if (!is_ours(in, said.livemode))
        return SETTLE_OK;
    settle_membership_read_invoice(&said, in->event->created_s * SECOND_MS,
                                   failed, &report);
    return apply(in,
                 subscription_note_invoice(in->db, in->arena, &report,
                                           &subscription),
                 &subscription);
}

const struct settle_kind settle_membership_kinds[] = {
    { "checkout.session.completed", session_told },
    { "checkout.session.async_payment_succeeded", session_told },
    { "checkout.session.expired", session_told },
    { "customer.subscription.created", subscription_told },
    { "customer.subscription.updated", subscription_told },
    { "customer.subscription.deleted", subscription_told },
    { "invoice.paid", invoice_told },
    { "invoice.payment_failed", invoice_told },
    { NULL, NULL },
};
