/*
 * Price books, estimates and plans as JSON: see view_planner.h.
 */
#include "view_planner.h"

#include "words.h"

/* {credits, per}; null for 0 credits, which nothing costs. */
static void
put_price(struct json_out *out, const char *name, int64_t credits, int64_t per)
{
    if (credits == 0) {
        json_put_null(out, name);
        return;
    }
    json_open_object(out, name);
    json_put_integer(out, "credits", credits);
    json_put_integer(out, "per", per);
    json_close_object(out);
}

static void
put_activity(struct json_out *out, const struct activity *activity)
{
    bool plain = activity->prices[0].quality == NULL;

    json_open_object(out, NULL);
    json_put_text(out, "id", activity->id);
    json_put_text(out, "label", activity->label);
    json_put_text(out, "unit", activity->unit);
    if (plain)
        json_put_null(out, "qualities");
    else
        json_open_object(out, "qualities");
    for (int i = 0; !plain && i < activity->price_count; i++)
        put_price(out, activity->prices[i].quality, activity->prices[i].credits,
                  activity->prices[i].per);
    if (plain)
        put_price(out, "price", activity->prices[0].credits,
                  activity->prices[0].per);
    else {
        json_close_object(out);
        json_put_null(out, "price");
    }
    json_close_object(out);
}

void
view_price_sections(struct json_out *out, const char *name,
                    const struct price_book *book)
{
    json_open_array(out, name);
    for (int i = 0; i < book->section_count; i++) {
        const struct price_section *section = &book->sections[i];

        json_open_object(out, NULL);
        json_put_text(out, "id", section->id);
        json_put_text(out, "label", section->label);
        json_open_array(out, "activities");
        for (int k = 0; k < section->activity_count; k++)
            put_activity(out, &section->activities[k]);
        json_close_array(out);
        json_close_object(out);
    }
    json_close_array(out);
}

void
view_price_changes(struct json_out *out, const char *name,
                   const struct price_change *changes, int count)
{
    static const struct price none;

    json_open_array(out, name);
    for (int i = 0; i < count; i++) {
        const struct price_change *change = &changes[i];
        const struct price *before =
            change->before == NULL ? &none : change->before;
        const struct price *after =
            change->after == NULL ? &none : change->after;

        json_open_object(out, NULL);
        json_put_text(out, "activity", change->activity->id);
        json_put_text(out, "label", change->activity->label);
        json_put_text(out, "unit", change->activity->unit);
        json_put_text(out, "quality", change->quality);
        put_price(out, "before", before->credits, before->per);
        put_price(out, "after", after->credits, after->per);
        json_close_object(out);
    }
    json_close_array(out);
}

void
view_planner_lines(struct json_out *out, const char *name, struct arena *arena,
                   const struct planner_line *lines, int count)
{
    json_open_array(out, name);
    for (int i = 0; i < count; i++) {
        const struct planner_line *line = &lines[i];
        const struct charge *charge = &line->charge;

        json_open_object(out, NULL);
        json_put_text(out, "activity", charge->feature);
        json_put_text(out, "label", line->label);
        json_put_text(out, "quality", charge->quality);
        json_put_integer(out, "quantity", charge->quantity);
        json_put_text(out, "unit", line->unit);
        put_price(out, "price", charge->price, charge->per);
        json_put_integer(out, "credits", line->credits);
        json_put_text(out, "words",
                      words_charge(arena, charge, line->unit, line->credits));
        json_close_object(out);
    }
    json_close_array(out);
}

static void
put_top_up(struct json_out *out, const char *name, struct arena *arena,
           const struct planner_top_up *top_up, bool with_times)
{
    const struct tier *tier = top_up->tier;

    if (tier == NULL) {
        json_put_null(out, name);
        return;
    }
    json_open_object(out, name);
    json_put_text(out, "tier", tier->id);
    json_put_text(out, "label",
                  money_text(arena, tier->amount, tier->currency));
    if (with_times)
        json_put_integer(out, "times", top_up->times);
    json_put_integer(out, "credits", top_up->credits);
    json_put_integer(out, "after", top_up->after);
    json_close_object(out);
}

void
view_planner_estimate(struct json_out *out, struct arena *arena,
                      const struct planner_estimate *estimate,
                      const char *currency)
{
    json_put_integer(out, "total", estimate->total);
    json_open_object(out, "amount");
    json_put_integer(out, "amount", estimate->amount);
    json_put_text(out, "currency", currency);
    json_close_object(out);
    json_put_integer(out, "available_now", estimate->available);
    json_put_integer(out, "after_estimate", estimate->after);
    json_put_integer(out, "shortfall", estimate->shortfall);
    put_top_up(out, "top_up", arena, &estimate->top_up, false);
    put_top_up(out, "largest", arena, &estimate->largest, true);
}

static void
put_sum(struct json_out *out, const char *name, const struct plans_sum *sum)
{
    json_open_object(out, name);
    json_put_integer(out, "quantity", sum->quantity);
    json_put_integer(out, "credits", sum->credits);
    json_close_object(out);
}

static void
put_activities(struct json_out *out, const struct plans_usage *usage)
{
    json_open_array(out, "activities");
    for (int i = 0; i < usage->count; i++) {
        const struct plans_activity *at = &usage->activities[i];

        json_open_object(out, NULL);
        json_put_text(out, "activity", at->activity);
        json_put_text(out, "label", at->label);
        json_put_text(out, "unit", at->unit);
        json_put_text(out, "quality", at->quality);
        put_sum(out, "planned", &at->planned);
        put_sum(out, "used", &at->used);
        put_sum(out, "refunded", &at->refunded);
        put_sum(out, "remaining", &at->remaining);
        json_close_object(out);
    }
    json_close_array(out);
}

static void
put_totals(struct json_out *out, const struct plans_usage *usage)
{
    json_open_object(out, "totals");
    json_put_integer(out, "planned", usage->planned);
    json_put_integer(out, "used", usage->used);
    json_put_integer(out, "refunded", usage->refunded);
    json_put_integer(out, "remaining", usage->remaining);
    json_close_object(out);
}

void
view_campaign_plan(struct json_out *out, const char *name, struct arena *arena,
                   const struct campaign_plan *plan, int64_t book,
                   const struct plans_usage *usage, enum view_usage show)
{
    json_open_object(out, name);
    json_put_text(out, "id", plan->id);
    json_put_text(out, "name", plan->name);
    view_planner_lines(out, "items", arena, plan->lines, plan->line_count);
    json_put_integer(out, "total", plan->total);
    json_open_object(out, "price_book");
    json_put_integer(out, "version", plan->book);
    json_close_object(out);
    json_put_boolean(out, "price_book_changed", book != plan->book);
    json_put_time(out, "quoted_at", plan->quoted_at);
    json_put_time(out, "quote_ends_at", plan->quoted_at + PLANS_QUOTE_MS);
    json_put_text(out, "campaign", plan->campaign);
    json_put_text(out, "state", plans_state_text(plan->state));
    json_put_text(out, "member", plan->member_name);
    json_put_time(out, "created_at", plan->created_at);
    json_put_time(out, "started_at", plan->started_at);
    json_put_time(out, "expires_at", plan->expires_at);
    json_put_time(out, "finished_at", plan->finished_at);
    if (show == VIEW_USAGE_ACTIVITIES)
        put_activities(out, usage);
    if (show != VIEW_USAGE_NONE)
        put_totals(out, usage);
    json_close_object(out);
}
