/*
 * One thing that happens to the demo Space: which call it is, and what of a
 * moment goes into it.
 */
#include "demo.h"

static void
put_item(struct json_out *out, const struct demo_item *item)
{
    json_put_text(out, "activity", item->activity);
    json_put_integer(out, "quantity", item->quantity);
    if (item->quality != NULL)
        json_put_text(out, "quality", item->quality);
}

static void
put_some(struct json_out *out, const char *name, const char *text)
{
    if (text != NULL)
        json_put_text(out, name, text);
}

/* A moment that goes on with a started plan is of the plan's campaign. */
static void
put_references(struct demo *demo, struct json_out *out,
               const struct demo_moment *moment)
{
    const char *const members[] = { NULL, demo->owner, demo->viewer };
    const char *plan = moment->thing == NULL ? NULL : moment->thing->plan;

    put_some(out, "livestream", moment->livestream);
    put_some(out, "order", moment->order_ref);
    put_some(out, "campaign", plan == NULL ? moment->campaign : plan);
    put_some(out, "member", members[moment->member]);
    put_some(out, "note", moment->words);
}

static const char *
path_of(struct demo *demo, const char *what, const char *id, const char *verb)
{
    return arena_format(demo->command->arena, DEMO_SPACE "/%s/%s/%s", what, id,
                        verb);
}

/* --- Usage. ---------------------------------------------------------------- */

/* item, references, thing->plan; leaves thing->event. */
bool
demo_charge(struct demo *demo, const struct demo_moment *moment)
{
    struct json_out *out = demo_body(demo);
    const struct json *json;

    put_item(out, &moment->item);
    put_references(demo, out, moment);
    json = demo_call(demo, false, "POST", DEMO_SPACE "/captures");
    if (json != NULL && moment->thing != NULL)
        moment->thing->event = json_text_at(json, "event.id");
    return json != NULL;
}

/* item.quantity conversations in one batch, some longer than others. */
bool
demo_chat(struct demo *demo, const struct demo_moment *moment)
{
    static const char *const qualities[] = { "fast", "balanced", "fast",
                                             "premium", "fast" };
    struct json_out *out = demo_body(demo);
    const struct json *json, *results;

    json_open_array(out, "captures");
    for (int i = 0; i < moment->item.quantity; i++) {
        int64_t turn = demo->calls * 7 + i;
        struct demo_moment one = *moment;

        one.item = (struct demo_item){ "chat_reply", qualities[turn % 5],
                                       1 + turn % 3 };
        one.member = turn % 3 == 0 ? DEMO_OWNER : DEMO_VIEWER;
        json_open_object(out, NULL);
        json_put_text(out, "space", "demo");
        json_put_text(out, "key",
                      arena_format(demo->command->arena, "demo-%06lld-%02d",
                                   (long long)demo->calls, i));
        put_item(out, &one.item);
        put_references(demo, out, &one);
        json_close_object(out);
    }
    json_close_array(out);
    json = demo_call(demo, false, "POST", "/api/v1/captures/batch");
    results = json_at(json, "results");
    for (int i = 0; i < json_length(results); i++)
        if (json_integer_at(json_item(results, i), "status", 0) != 201) {
            command_fail(demo->command, COMMAND_FAILED,
                         "a conversation could not be charged");
            return false;
        }
    return json != NULL;
}

/* item, references, amount: seconds; leaves thing->hold. */
bool
demo_hold(struct demo *demo, const struct demo_moment *moment)
{
    struct json_out *out = demo_body(demo);
    const struct json *json;

    put_item(out, &moment->item);
    put_references(demo, out, moment);
    json_put_integer(out, "expires_in_s", moment->amount);
    json = demo_call(demo, false, "POST", DEMO_SPACE "/holds");
    moment->thing->hold = json_text_at(json, "hold.id");
    return json != NULL;
}

static bool
capture(struct demo *demo, const struct demo_moment *moment, bool goes_on)
{
    struct json_out *out = demo_body(demo);
    const struct json *json;

    json_put_integer(out, "quantity", moment->item.quantity);
    if (goes_on) {
        json_open_object(out, "extend");
        json_put_integer(out, "quantity", moment->amount);
        json_put_integer(out, "expires_in_s", 7200);
        json_close_object(out);
    }
    json = demo_call(demo, false, "POST",
                     path_of(demo, "holds", moment->thing->hold, "capture"));
    if (json != NULL)
        moment->thing->event = json_text_at(json, "event.id");
    return json != NULL;
}

/* thing->hold, item.quantity; amount: what is reserved for what comes. */
bool
demo_tick(struct demo *demo, const struct demo_moment *moment)
{
    return capture(demo, moment, true);
}

/* thing->hold, item.quantity; the rest goes back. Leaves thing->event. */
bool
demo_finish(struct demo *demo, const struct demo_moment *moment)
{
    return capture(demo, moment, false);
}

/* thing->hold: the work failed, and costs nothing. */
bool
demo_release(struct demo *demo, const struct demo_moment *moment)
{
    demo_body(demo);
    return demo_call(demo, false, "POST",
                     path_of(demo, "holds", moment->thing->hold, "release")) !=
           NULL;
}

/* thing->event, amount: credits, words: why. */
bool
demo_refund(struct demo *demo, const struct demo_moment *moment)
{
    struct json_out *out = demo_body(demo);

    json_put_text(out, "event", moment->thing->event);
    json_put_integer(out, "credits", moment->amount);
    json_put_text(out, "reason", moment->words);
    return demo_call(demo, false, "POST", DEMO_SPACE "/refunds") != NULL;
}

/* --- What comes in. -------------------------------------------------------- */

/* amount: credits, words: why. */
bool
demo_bonus(struct demo *demo, const struct demo_moment *moment)
{
    struct json_out *out = demo_body(demo);

    json_put_text(out, "kind", "bonus");
    json_put_integer(out, "credits", moment->amount);
    json_put_text(out, "reason", moment->words);
    return demo_call(demo, false, "POST", DEMO_SPACE "/grants") != NULL;
}

/* amount: credits for a month from its time on, words: why. */
bool
demo_allocation(struct demo *demo, const struct demo_moment *moment)
{
    struct json_out *out = demo_body(demo);

    json_put_text(out, "kind", "included_allocation");
    json_put_integer(out, "credits", moment->amount);
    json_put_time(out, "period", moment->at);
    json_put_time(out, "expires_at",
                  zone_add_months_ms(demo->zone, moment->at, 1));
    json_put_text(out, "reason", moment->words);
    return demo_call(demo, false, "POST", DEMO_SPACE "/grants") != NULL;
}

/* The membership goes on: a period from its time on. */
bool
demo_period(struct demo *demo, const struct demo_moment *moment)
{
    struct json_out *out = demo_body(demo);

    json_put_text(out, "plan", "creator");
    json_put_time(out, "period_start", moment->at);
    json_put_time(out, "period_end",
                  zone_add_months_ms(demo->zone, moment->at, 1));
    return demo_call(demo, false, "PUT", DEMO_SPACE "/membership") != NULL;
}

/* --- What the owner decides. ----------------------------------------------- */

/* items, words: its name. Leaves thing->plan. */
bool
demo_plan_save(struct demo *demo, const struct demo_moment *moment)
{
    struct json_out *out = demo_body(demo);
    const struct json *json;

    json_put_text(out, "name", moment->words);
    json_open_array(out, "items");
    for (const struct demo_item *item = moment->items; item->activity != NULL;
         item++) {
        json_open_object(out, NULL);
        put_item(out, item);
        json_close_object(out);
    }
    json_close_array(out);
    json = demo_call(demo, true, "POST", DEMO_SPACE "/plans");
    moment->thing->plan = json_text_at(json, "plan.id");
    return json != NULL;
}

/* thing->plan. */
bool
demo_plan_start(struct demo *demo, const struct demo_moment *moment)
{
    demo_body(demo);
    return demo_call(demo, true, "POST",
                     path_of(demo, "plans", moment->thing->plan, "start")) !=
           NULL;
}

/* thing->plan. */
bool
demo_plan_finish(struct demo *demo, const struct demo_moment *moment)
{
    demo_body(demo);
    return demo_call(demo, true, "POST",
                     path_of(demo, "plans", moment->thing->plan, "finish")) !=
           NULL;
}

static void
put_cap(struct json_out *out, const char *on, const char *value,
        int64_t credits, const char *per)
{
    json_open_object(out, NULL);
    json_open_object(out, "on");
    json_put_text(out, on, value);
    json_close_object(out);
    json_put_integer(out, "credits", credits);
    json_put_text(out, "per", per);
    json_close_object(out);
}

/* amount: below it the balance is low. */
bool
demo_limits(struct demo *demo, const struct demo_moment *moment)
{
    struct json_out *out = demo_body(demo);

    json_put_integer(out, "low_credit_threshold", moment->amount);
    json_open_array(out, "caps");
    put_cap(out, "member", demo->viewer, 500, "day");
    put_cap(out, "feature", "chat_reply", 2000, "month");
    json_close_array(out);
    return demo_call(demo, true, "PUT", DEMO_SPACE "/limits") != NULL;
}

/* Nothing but that its reserve is there. */
bool
demo_wait(struct demo *demo, const struct demo_moment *moment)
{
    (void)demo;
    (void)moment;
    return true;
}
