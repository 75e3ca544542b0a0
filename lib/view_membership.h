/*
 * A Space's membership, as the API shows it.
 */
#ifndef SCRIP_VIEW_MEMBERSHIP_H
#define SCRIP_VIEW_MEMBERSHIP_H

#include "json.h"
#include "subscription.h"

struct membership_view {
    const struct space *space;
    const struct plan *plans; /* all that there are */
    int plan_count;
    const struct subscription_picture *picture; /* NULL: no subscription */
    const struct membership_change *checkout;   /* the last; NULL: none */
    const char *const *owners;
    int owner_count;
    bool owner; /* the caller may change it, and sees where to pay */
};

/* Its members, into an object that is open. */
void view_membership(struct json_out *out, const struct membership_view *view);

#endif
