/*
 * Caps: see cap.h. A window that has passed counts for nothing; the figures
 * of the new one begin with the first event in it.
 */
#include "cap.h"

#include "clock.h"

static const char *const on_texts[] = {
    [CAP_MEMBER] = "member",
    [CAP_FEATURE] = "feature",
    [CAP_CAMPAIGN] = "campaign",
    [CAP_LIVESTREAM] = "livestream",
};

static const char *const per_texts[] = {
    [CAP_DAY] = "day",
    [CAP_MONTH] = "month",
    [CAP_TOTAL] = "total",
};

const char *
cap_on_text(enum cap_on on)
{
    assert((size_t)on < COUNT_OF(on_texts));
    return on_texts[on];
}

const char *
cap_per_text(enum cap_per per)
{
    assert((size_t)per < COUNT_OF(per_texts));
    return per_texts[per];
}

/* Which of the texts it is; -1: none. */
static int
index_of(const char *const *texts, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(texts[i], text) == 0)
            return (int)i;
    return -1;
}

bool
cap_on_of(const char *text, enum cap_on *on)
{
    int i = index_of(on_texts, COUNT_OF(on_texts), text);

    if (i >= 0)
        *on = (enum cap_on)i;
    return i >= 0;
}

bool
cap_per_of(const char *text, enum cap_per *per)
{
    int i = index_of(per_texts, COUNT_OF(per_texts), text);

    if (i >= 0)
        *per = (enum cap_per)i;
    return i >= 0;
}

static const char *
reference(enum cap_on on, const char *feature, const struct refs *refs)
{
    switch (on) {
    case CAP_MEMBER: return refs->member;
    case CAP_FEATURE: return feature;
    case CAP_CAMPAIGN: return refs->campaign;
    case CAP_LIVESTREAM: return refs->livestream;
    }
    return NULL;
}

bool
cap_matches(const struct cap *cap, const char *feature, const struct refs *refs)
{
    const char *text = reference(cap->on, feature, refs);

    return text != NULL && strcmp(text, cap->value) == 0;
}

int64_t
cap_window(enum cap_per per, int64_t day)
{
    struct civil date;

    switch (per) {
    case CAP_DAY: return day;
    case CAP_MONTH: date = clock_civil(day); return day - (date.day - 1);
    case CAP_TOTAL: break;
    }
    return 0;
}

int64_t
cap_used(const struct cap *cap, int64_t day)
{
    int64_t used = cap_window(cap->per, day) == cap->window ? cap->used : 0;

    return used + cap->held;
}

bool
cap_admits(const struct cap *cap, int64_t day, int64_t more)
{
    return more <= 0 || cap_used(cap, day) + more <= cap->credits;
}

void
cap_count(struct cap *cap, const struct event *event)
{
    int64_t window = cap_window(cap->per, event->day);

    if (event->kind != EVENT_CAPTURED_USAGE &&
        event->kind != EVENT_USAGE_REFUND)
        return;
    if (event->credits == 0 ||
        !cap_matches(cap, event->charge.feature, &event->refs))
        return;
    if (window != cap->window)
        cap->used = 0;
    cap->window = window;
    cap->used = max_i64(cap->used - event->credits, 0);
    cap->changed = true;
}
