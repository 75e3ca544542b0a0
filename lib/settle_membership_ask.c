/*
 * Asking the provider about memberships: see settle_membership.h. What it
 * answers is noted and applied in one transaction, like an event.
 */
#include "clock.h"
#include "settle_membership_read.h"

/* A change of plan whose answer was lost is looked for so long. */
static const int64_t switch_wait_ms = 10 * MINUTE_MS;

static enum settle_result
of_stripe(enum stripe_result result)
{
    switch (result) {
    case STRIPE_OK: return SETTLE_OK;
    case STRIPE_UNAVAILABLE: return SETTLE_UNAVAILABLE;
    case STRIPE_MISSING:
    case STRIPE_REFUSED: break;
    }
    return SETTLE_REFUSED;
}

/* Ends a transaction in which `done` is whether all went well. */
static enum settle_result
finish(struct membership_desk *desk, bool done)
{
    if (done && db_commit(desk->db))
        return SETTLE_OK;
    db_rollback(desk->db);
    return SETTLE_BROKEN;
}

static bool
read_again(struct membership_desk *desk, struct membership_change *change)
{
    return membership_change_find(desk->db, desk->arena, change->space,
                                  change->number,
                                  change) == MEMBERSHIP_CHANGE_OK;
}

static enum settle_result
close(struct membership_desk *desk, struct membership_change *change,
      enum membership_change_state state)
{
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    return finish(desk, membership_change_close(desk->db, desk->arena, change,
                                                state) &&
                            read_again(desk, change));
}

static struct stripe_price
price_of(struct membership_desk *desk, const struct membership_terms *terms)
{
    struct plan plan;
    bool named =
        plan_find(desk->db, desk->arena, terms->plan, &plan) == PLAN_OK;

    return (struct stripe_price){
        .name = arena_format(desk->arena, "%s membership",
                             named ? plan.name : terms->plan),
        .currency = terms->currency,
        .amount = terms->amount,
        .interval = terms->interval,
    };
}

/* --- What the provider says, noted and applied. --------------------------- */

struct answer {
    struct stripe_subscription subscription;
    struct stripe_invoice invoice;
    bool has_invoice;
};

/* Later than all that was said before, but for what comes in this second. */
static int64_t
as_of_now(const struct subscription *known)
{
    return max_i64(clock_system_ms() / SECOND_MS * SECOND_MS,
                   known == NULL ? 0 : known->as_of) +
           1;
}

static bool
note(struct membership_desk *desk, const struct answer *answer, int64_t as_of,
     struct subscription *now)
{
    struct subscription_report report;
    struct invoice_report invoice;

    settle_membership_read(&answer->subscription, as_of, &report);
    if (subscription_note(desk->db, desk->arena, &report, now) !=
        SUBSCRIPTION_OK)
        return false;
    if (!answer->has_invoice)
        return true;
    settle_membership_read_invoice(&answer->invoice, as_of, false, &invoice);
    return subscription_note_invoice(desk->db, desk->arena, &invoice, now) ==
           SUBSCRIPTION_OK;
}

static bool
apply(struct membership_desk *desk, const struct space *space,
      struct subscription_applied *applied)
{
    return subscription_apply(desk->db, desk->arena, space, desk->clock_ms,
                              applied) != SUBSCRIPTION_BROKEN;
}

/* A mode that is not the site's is no answer. */
static enum settle_result
fetch(struct membership_desk *desk, const char *id, struct answer *answer)
{
    enum stripe_result got =
        stripe_subscription_get(desk->config, desk->arena, id,
                                &answer->subscription, &answer->invoice,
                                &answer->has_invoice, &desk->why);

    if (got == STRIPE_OK &&
        answer->subscription.livemode != desk->config->livemode) {
        desk->why = "the answer is of another mode";
        return SETTLE_REFUSED;
    }
    return of_stripe(got);
}

enum settle_result
settle_membership_ask(struct membership_desk *desk, const struct space *space,
                      const struct subscription *subscription, int64_t fresh_ms,
                      struct subscription_applied *applied)
{
    int64_t now = clock_system_ms();
    struct subscription after;
    struct answer answer;
    enum settle_result got;
    bool mine;

    *applied = (struct subscription_applied){ .changed = false };
    if (subscription->asked_at > now - fresh_ms)
        return SETTLE_OK;
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    got = finish(desk,
                 subscription_note_asked(desk->db, desk->arena, subscription,
                                         now - fresh_ms, now, &mine));
    if (got != SETTLE_OK || !mine)
        return got;
    got = fetch(desk, subscription->id, &answer);
    if (got != SETTLE_OK)
        return got;
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    return finish(desk, note(desk, &answer, as_of_now(subscription), &after) &&
                            apply(desk, space, applied));
}

/* The session of a change has made this subscription. */
static enum settle_result
take_begun(struct membership_desk *desk, const struct space *space,
           struct membership_change *change, const char *id)
{
    struct subscription_applied applied;
    struct subscription now;
    struct answer answer;
    enum settle_result got = fetch(desk, id, &answer);

    if (got != SETTLE_OK)
        return got;
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    return finish(
        desk, subscription_note_begun(desk->db, desk->arena, SETTLE_PROVIDER,
                                      answer.subscription.livemode, id, change,
                                      &now) == SUBSCRIPTION_OK &&
                  note(desk, &answer, as_of_now(&now), &now) &&
                  apply(desk, space, &applied) && read_again(desk, change));
}

static enum settle_result
ask_session(struct membership_desk *desk, const struct space *space,
            struct membership_change *change)
{
    bool over = clock_system_ms() >= change->expires_at;
    struct stripe_session session;
    const char *made = NULL;
    enum stripe_result got;

    if (change->session == NULL)
        return over ? close(desk, change, MEMBERSHIP_CHANGE_EXPIRED)
                    : SETTLE_OK;
    got = stripe_subscription_of_session(desk->config, desk->arena,
                                         change->session, &session, &made,
                                         &desk->why);
    if (got == STRIPE_MISSING && over)
        return close(desk, change, MEMBERSHIP_CHANGE_EXPIRED);
    if (got != STRIPE_OK)
        return of_stripe(got);
    if (session.livemode != desk->config->livemode)
        return SETTLE_OK;
    if (strcmp(session.status, "expired") == 0)
        return close(desk, change, MEMBERSHIP_CHANGE_EXPIRED);
    return made == NULL ? SETTLE_OK : take_begun(desk, space, change, made);
}

/* Whether a change of plan was made after all: its subscription names it. */
static enum settle_result
ask_switch(struct membership_desk *desk, const struct space *space,
           struct membership_change *change)
{
    struct subscription_applied applied;
    struct subscription now;
    struct answer answer;
    enum settle_result got = fetch(desk, change->subscription, &answer);

    if (got != SETTLE_OK)
        return got;
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    got = finish(desk, note(desk, &answer, as_of_now(NULL), &now) &&
                           apply(desk, space, &applied) &&
                           read_again(desk, change));
    if (got == SETTLE_OK && change->state == MEMBERSHIP_CHANGE_OPEN &&
        clock_system_ms() > change->placed_at + switch_wait_ms)
        return close(desk, change, MEMBERSHIP_CHANGE_EXPIRED);
    return got;
}

enum settle_result
settle_membership_ask_change(struct membership_desk *desk,
                             const struct space *space,
                             struct membership_change *change, int64_t fresh_ms)
{
    int64_t now = clock_system_ms();
    enum settle_result noted;
    bool mine;

    if (change->state != MEMBERSHIP_CHANGE_OPEN ||
        change->asked_at > now - fresh_ms)
        return SETTLE_OK;
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    noted =
        finish(desk, membership_change_note_asked(desk->db, desk->arena, change,
                                                  now - fresh_ms, now, &mine));
    if (noted != SETTLE_OK || !mine)
        return noted;
    return change->begins ? ask_session(desk, space, change)
                          : ask_switch(desk, space, change);
}

/* --- Beginning. ----------------------------------------------------------- */

enum settle_result
settle_membership_open(struct membership_desk *desk, const struct space *space,
                       struct membership_change *change)
{
    struct stripe_subscribe ask = {
        .change = change->id,
        .price = price_of(desk, &change->terms),
        .expires_at_s = change->expires_at / SECOND_MS,
        .success_url =
            arena_format(desk->arena, "%s&change=%s", desk->page, change->id),
        .cancel_url = arena_format(desk->arena, "%s&change=%s&cancelled=1",
                                   desk->page, change->id),
        .end_ms = clock_monotonic_ms() + LIMIT_PROVIDER_MS,
    };
    struct stripe_session session;
    enum stripe_result made;
    enum settle_result known =
        settle_customer(desk->db, desk->arena, desk->config, space, ask.end_ms,
                        &ask.customer, &desk->why);

    if (known != SETTLE_OK)
        return known;
    made =
        stripe_subscribe(desk->config, desk->arena, &ask, &session, &desk->why);
    if (made == STRIPE_MISSING &&
        settle_customer_gone(desk->db, desk->arena, desk->config, space,
                             ask.customer) != SETTLE_OK)
        return SETTLE_BROKEN;
    if (made != STRIPE_OK)
        return of_stripe(made);
    if (session.url == NULL) {
        /* Another request has ended it meanwhile, or it is paid. */
        change->session = session.id;
        return ask_session(desk, space, change);
    }
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    return finish(desk,
                  membership_change_keep_session(desk->db, desk->arena, change,
                                                 session.id, session.url) &&
                      read_again(desk, change));
}

/* --- Changing. ------------------------------------------------------------ */

enum settle_result
settle_membership_switch(struct membership_desk *desk,
                         const struct space *space,
                         const struct subscription *subscription,
                         struct membership_change *change, bool *declined)
{
    const struct stripe_switch ask = {
        .subscription = change->subscription,
        .item = subscription->item,
        .change = change->id,
        .attempt = change->attempts,
        .price = price_of(desk, &change->terms),
        .at_once = change->at_once,
    };
    struct answer answer = { .has_invoice = false };
    struct subscription_applied applied;
    struct subscription now;
    enum stripe_result made;

    *declined = false;
    if (subscription->item == NULL) {
        desk->why = "its item is not known yet";
        return SETTLE_UNAVAILABLE;
    }
    made =
        stripe_subscription_switch(desk->config, desk->arena, &ask,
                                   &answer.subscription, declined, &desk->why);
    if (made == STRIPE_UNAVAILABLE)
        return SETTLE_UNAVAILABLE;
    if (made != STRIPE_OK) {
        enum settle_result closed =
            close(desk, change, MEMBERSHIP_CHANGE_REFUSED);

        return closed == SETTLE_OK ? SETTLE_REFUSED : closed;
    }
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    return finish(desk, note(desk, &answer, as_of_now(subscription), &now) &&
                            membership_change_done(desk->db, desk->arena,
                                                   change, subscription->id) &&
                            apply(desk, space, &applied) &&
                            read_again(desk, change));
}

enum settle_result
settle_membership_cancel(struct membership_desk *desk,
                         const struct space *space,
                         const struct subscription *subscription, bool cancel,
                         const char *key)
{
    struct answer answer = { .has_invoice = false };
    struct subscription_applied applied;
    struct subscription now;
    enum stripe_result made =
        stripe_subscription_cancel(desk->config, desk->arena, subscription->id,
                                   cancel, key, &answer.subscription,
                                   &desk->why);

    if (made != STRIPE_OK)
        return of_stripe(made);
    if (!db_begin(desk->db))
        return SETTLE_BROKEN;
    return finish(desk, note(desk, &answer, as_of_now(subscription), &now) &&
                            apply(desk, space, &applied));
}

/* --- Giving up. ----------------------------------------------------------- */

static enum settle_result
give_up_page(struct membership_desk *desk, const struct space *space,
             struct membership_change *change)
{
    /* A page whose address we never learnt is found by asking for it again. */
    enum settle_result known =
        change->session != NULL ? SETTLE_OK
                                : settle_membership_open(desk, space, change);
    enum stripe_result over;

    if (known != SETTLE_OK || change->state != MEMBERSHIP_CHANGE_OPEN)
        return known;
    over = stripe_session_expire(
        desk->config, desk->arena, change->session,
        arena_format(desk->arena, "give-up-%s", change->id), &desk->why);
    if (over == STRIPE_UNAVAILABLE)
        return SETTLE_UNAVAILABLE;
    if (over == STRIPE_OK || over == STRIPE_MISSING)
        return close(desk, change, MEMBERSHIP_CHANGE_EXPIRED);
    return ask_session(desk, space, change); /* it was over already */
}

enum settle_result
settle_membership_give_up(struct membership_desk *desk,
                          const struct space *space,
                          struct membership_change *change)
{
    struct subscription_picture picture;
    bool declined;

    if (change->state != MEMBERSHIP_CHANGE_OPEN)
        return SETTLE_OK;
    if (change->begins)
        return give_up_page(desk, space, change);
    if (subscription_look(desk->db, desk->arena, space->number, desk->clock_ms,
                          &picture) != SUBSCRIPTION_OK)
        return SETTLE_BROKEN;
    switch (settle_membership_switch(desk, space, &picture.subscription, change,
                                     &declined)) {
    case SETTLE_OK:
    case SETTLE_REFUSED: return SETTLE_OK;
    case SETTLE_UNAVAILABLE: return SETTLE_UNAVAILABLE;
    default: return SETTLE_BROKEN;
    }
}
