/*
 * Asking the provider about memberships of all Spaces, for what the webhooks
 * did not bring. See settle_membership.h.
 */
#include "clock.h"
#include "log.h"
#include "settle_membership_read.h"

struct round {
    struct membership_desk *desk;
    int64_t fresh_ms;
    struct settle_membership_asked *asked;
};

/* Counts what asking came to; false: the database failed. */
static bool
count(struct round *round, enum settle_result result, const char *about)
{
    round->asked->asked++;
    if (result == SETTLE_BROKEN)
        return false;
    if (result == SETTLE_OK)
        return true;
    round->asked->unanswered++;
    log_warning("membership %s could not be asked about: %s", about,
                round->desk->why == NULL ? "-" : round->desk->why);
    return true;
}

static bool
ask_changes(struct round *round, int64_t before, int limit)
{
    struct membership_desk *desk = round->desk;
    struct membership_change *changes;
    int n;

    if (membership_change_to_ask(desk->db, desk->arena, before, limit, &changes,
                                 &n) != MEMBERSHIP_CHANGE_OK)
        return false;
    for (int i = 0; i < n; i++) {
        struct space space;

        if (space_by_number(desk->db, desk->arena, changes[i].space, &space) !=
                SPACE_OK ||
            !count(round,
                   settle_membership_ask_change(desk, &space, &changes[i],
                                                round->fresh_ms),
                   changes[i].id))
            return false;
        round->asked->changed += changes[i].state != MEMBERSHIP_CHANGE_OPEN;
    }
    return true;
}

/* One that is not the Space's own is not to be paid for again. */
static enum settle_result
ask_one(struct round *round, const struct space *space,
        const struct subscription *subscription)
{
    struct membership_desk *desk = round->desk;
    struct subscription_applied applied;
    enum settle_result done = settle_membership_ask(desk, space, subscription,
                                                    round->fresh_ms, &applied);

    round->asked->changed += applied.changed || applied.allocated > 0;
    if (done != SETTLE_OK || !subscription->surplus ||
        subscription->cancel_at != NEVER_MS)
        return done;
    return settle_membership_cancel(desk, space, subscription, true,
                                    arena_format(desk->arena, "surplus-%s",
                                                 subscription->id));
}

static bool
ask_subscriptions(struct round *round, int64_t before, bool all, int limit)
{
    struct membership_desk *desk = round->desk;
    struct subscription *subscriptions;
    int n;

    if (subscription_to_ask(desk->db, desk->arena, before, all, desk->clock_ms,
                            limit, &subscriptions, &n) != SUBSCRIPTION_OK)
        return false;
    for (int i = 0; i < n; i++) {
        struct space space;

        if (space_by_number(desk->db, desk->arena, subscriptions[i].space,
                            &space) != SPACE_OK ||
            !count(round, ask_one(round, &space, &subscriptions[i]),
                   subscriptions[i].id))
            return false;
    }
    return true;
}

enum settle_result
settle_membership_ask_all(struct membership_desk *desk, int64_t before,
                          bool all, int limit,
                          struct settle_membership_asked *asked)
{
    struct round round = {
        .desk = desk,
        .fresh_ms = all ? 0 : clock_system_ms() - before,
        .asked = asked,
    };

    *asked = (struct settle_membership_asked){ 0 };
    return ask_changes(&round, before, limit) &&
                   ask_subscriptions(&round, before, all, limit)
               ? SETTLE_OK
               : SETTLE_BROKEN;
}
