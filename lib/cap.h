/*
 * Caps: how many credits a member, a feature, a campaign or a livestream may
 * cost in a day, in a month, or at all. Enforced in the deciding itself, when
 * credits are held or captured directly; capturing a hold never fails on one.
 *
 * A cap counts as events and holds go by: what was captured in its window,
 * less what was given back in it (never below 0), and what matching open
 * holds still hold. wallet.c does the counting; nothing here knows a wallet,
 * a clock or SQL.
 */
#ifndef SCRIP_CAP_H
#define SCRIP_CAP_H

#include "event.h"

enum cap_on { CAP_MEMBER = 0, CAP_FEATURE, CAP_CAMPAIGN, CAP_LIVESTREAM };
enum cap_per { CAP_DAY = 0, CAP_MONTH, CAP_TOTAL };

struct cap {
    int64_t number; /* 1, 2, 3... in its Space's present set */
    enum cap_on on;
    const char *value; /* which member, feature, ... */
    int64_t credits;   /* the most that may be used */
    enum cap_per per;
    int64_t used;   /* captured - refunded in the window of `window` */
    int64_t window; /* that window's first day; see cap_window() */
    int64_t held;   /* by open holds that match, whenever they were made */
    bool changed;   /* differs from what was loaded */
};

/* "member", "feature", ... and "day", "month", "total"; back: false for any
 * other text. */
const char *cap_on_text(enum cap_on on);
const char *cap_per_text(enum cap_per per);
MUST_USE bool cap_on_of(const char *text, enum cap_on *on);
MUST_USE bool cap_per_of(const char *text, enum cap_per *per);

/* Whether it counts what is charged for this feature under these refs. */
bool cap_matches(const struct cap *cap, const char *feature,
                 const struct refs *refs);

/* The first day of the window in which a day lies; 0 for all days. */
int64_t cap_window(enum cap_per per, int64_t day);

/* What is used of it on a day: captured - refunded in its window, and what
 * open holds still hold. */
int64_t cap_used(const struct cap *cap, int64_t day);

/* Whether `more` credits fit under it; what adds nothing always does. */
bool cap_admits(const struct cap *cap, int64_t day, int64_t more);

/* Counts a captured_usage or usage_refund that it matches. */
void cap_count(struct cap *cap, const struct event *event);

#endif
