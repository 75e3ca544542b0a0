/*
 * What the API shows of price books, estimates and saved plans, as JSON. As
 * view.h: members and their order, and nothing decided.
 */
#ifndef SCRIP_VIEW_PLANNER_H
#define SCRIP_VIEW_PLANNER_H

#include "json.h"
#include "plans.h"
#include "price_change.h"

/* A book's sections, with an activity's one price or one for each quality. */
void view_price_sections(struct json_out *out, const char *name,
                         const struct price_book *book);
void view_price_changes(struct json_out *out, const char *name,
                        const struct price_change *changes, int count);

/* Lines with their sums in words. */
void view_planner_lines(struct json_out *out, const char *name,
                        struct arena *arena, const struct planner_line *lines,
                        int count);
/* The members of an estimate, into an object that is open. */
void view_planner_estimate(struct json_out *out, struct arena *arena,
                           const struct planner_estimate *estimate,
                           const char *currency);

enum view_usage {
    VIEW_USAGE_NONE,
    VIEW_USAGE_TOTALS,    /* in credits; what lists show */
    VIEW_USAGE_ACTIVITIES /* those too, one by one */
};

/* A plan; `book` is the version in force. `usage` is what was used of it, as
 * far as it is to be shown. */
void view_campaign_plan(struct json_out *out, const char *name,
                        struct arena *arena, const struct campaign_plan *plan,
                        int64_t book, const struct plans_usage *usage,
                        enum view_usage show);

#endif
