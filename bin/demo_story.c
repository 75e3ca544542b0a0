/*
 * What happened to the Demo Studio: quiet weeks of chat and drafts until its
 * second month, then a live show each Thursday and every other Sunday with
 * what is made of it afterwards, a campaign that was planned, another that
 * runs now, and a show that is on the air. The same days always tell the
 * same story.
 */
#include "demo.h"

#include "clock.h"

enum { SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY };
enum { TICK = 15 /* minutes */, MOMENTS_FIRST = 256 };
/* What should be there before something larger. */
enum { RESERVE_SHOW = 900, RESERVE_WORK = 250 };

struct story {
    struct arena *arena;
    const struct zone *zone;
    int64_t from, to;
    int64_t first_day, last_day;
    int64_t busy_day; /* the first with shows */
    uint64_t dice;
    int shows;
    struct demo_moment *moments;
    int count, room;
};

/* A number from low to high. */
static int64_t throw(struct story * story, int64_t low, int64_t high)
{
    story->dice ^= story->dice << 13;
    story->dice ^= story->dice >> 7;
    story->dice ^= story->dice << 17;
    return low + (int64_t)(story->dice % (uint64_t)(high - low + 1));
}

static int64_t
at(const struct story *story, int64_t day, int hour, int64_t minute)
{
    return zone_day_start_ms(story->zone, day) + hour * HOUR_MS +
           minute * MINUTE_MS;
}

/* Times that are not of this story are left out. */
static void
add(struct story *story, struct demo_moment moment)
{
    void *moments = story->moments;

    if (moment.at <= story->from || moment.at >= story->to)
        return;
    arena_grow(story->arena, &moments, story->count, &story->room,
               sizeof(moment));
    story->moments = moments;
    moment.order = story->count;
    story->moments[story->count++] = moment;
}

static struct demo_thing *
new_thing(struct story *story)
{
    return arena_alloc(story->arena, sizeof(struct demo_thing));
}

/* --- A show. ----------------------------------------------------------------
 */

struct show {
    const char *name;
    const char *campaign;
    int64_t starts;
    int minutes; /* a multiple of TICK; of a show on the air, so far */
    int64_t viewers;
    bool on_air; /* it is not over when the story ends */
};

/* One of a show's two meters, ticking: quantity(1 tick) is `per_minute`
 * times the minutes, now a little more, now less. */
static void
add_meter(struct story *story, const struct show *show, const char *activity,
          int64_t per_minute, int64_t sway)
{
    struct demo_thing *thing = new_thing(story);
    struct demo_moment moment = {
        .at = show->starts,
        .happen = demo_hold,
        .item = { activity, NULL, TICK * per_minute },
        .livestream = show->name,
        .campaign = show->campaign,
        .member = DEMO_OWNER,
        .amount = 1800,
        .reserve = RESERVE_SHOW,
        .thing = thing,
    };
    int64_t next = moment.item.quantity;

    add(story, moment);
    for (int minute = TICK; minute <= show->minutes; minute += TICK) {
        bool last = minute == show->minutes && !show->on_air;

        moment.at = show->starts + minute * MINUTE_MS;
        moment.item.quantity = next - (last && sway > 0 ? next / 9 : 0);
        next = TICK * per_minute;
        next += sway == 0 ? 0 : next * throw(story, -sway, sway) / 100;
        moment.amount = next;
        moment.happen = last ? demo_finish : demo_tick;
        moment.reserve = 0;
        add(story, moment);
    }
}

static void
add_show(struct story *story, const struct show *show)
{
    add_meter(story, show, "livestream_room", 1, 0);
    add_meter(story, show, "livestream_viewing", show->viewers, 22);
}

/* Work that reserves before it runs: it ends a while later, uses what it
 * reserved, or fails. */
static struct demo_thing *
add_work(struct story *story, struct demo_moment moment, int minutes,
         bool failed)
{
    struct demo_thing *thing = new_thing(story);

    moment.thing = thing;
    moment.happen = demo_hold;
    moment.amount = 3600;
    moment.reserve = RESERVE_WORK;
    add(story, moment);
    moment.at += minutes * MINUTE_MS;
    moment.happen = failed ? demo_release : demo_finish;
    moment.reserve = 0;
    add(story, moment);
    return thing;
}

/* Clips and a summary of a show, on the day after. */
static void
add_cuts(struct story *story, int64_t day, const char *show, int minutes)
{
    static const struct demo_item clips[] = {
        { "clip", "balanced", 4 },
        { "clip", "premium", 2 },
        { "clip", "fast", 6 },
    };
    struct demo_moment moment = { .livestream = show, .member = DEMO_VIEWER };
    struct demo_thing *made = NULL;

    moment.at = at(story, day, 9, 20);
    moment.item = (struct demo_item){ "video_summary", "balanced", minutes };
    (void)add_work(story, moment, 7, false);
    for (size_t i = 0; i < COUNT_OF(clips); i++) {
        struct demo_thing *clip;

        moment.at = at(story, day, 10 + (int)i, throw(story, 0, 40));
        moment.item = clips[i];
        clip = add_work(story, moment, 4, i == 2 && story->shows % 3 == 0);
        made = i == 0 ? clip : made;
    }
    if (story->shows % 2 == 0)
        add(story, (struct demo_moment){ .at = at(story, day, 15, 5),
                                         .happen = demo_refund,
                                         .thing = made,
                                         .amount = 10,
                                         .words = "One clip had no sound" });
}

static void
add_live_day(struct story *story, int64_t day, int weekday)
{
    struct show show = {
        .name = arena_format(story->arena,
                             weekday == THURSDAY ? "Studio Live %d"
                                                 : "Open Questions %d",
                             ++story->shows),
        .starts = at(story, day, weekday == THURSDAY ? 19 : 11, 0),
        .minutes = weekday == THURSDAY ? 90 : 45,
        .viewers = (weekday == THURSDAY ? 90 : 40) + story->shows * 3 +
                   throw(story, 0, 25),
    };

    add_show(story, &show);
    add_cuts(story, day + 1, show.name, show.minutes);
}

/* --- The days. ------------------------------------------------------------- */

static void
add_chat(struct story *story, int64_t day, int hour, int64_t conversations,
         const char *order)
{
    add(story,
        (struct demo_moment){ .at = at(story, day, hour, throw(story, 0, 50)),
                              .happen = demo_chat,
                              .item = { NULL, NULL, conversations },
                              .order_ref = order,
                              .reserve = RESERVE_WORK });
}

static const char *
campaign_of(const struct story *story, int64_t day)
{
    return day < story->busy_day + 21 ? "Members' newsletter"
                                      : "Autumn in the studio";
}

/* What the office does on a working day. */
static void
add_work_day(struct story *story, int64_t day, int weekday)
{
    bool busy = day >= story->busy_day;
    int64_t order = 1040 + (day - story->first_day) / 5;
    struct demo_moment draft = {
        .at = at(story, day, 11, throw(story, 0, 45)),
        .happen = demo_charge,
        .item = { "draft_post", "balanced", busy ? throw(story, 2, 4) : 1 },
        .campaign = campaign_of(story, day),
        .member = DEMO_OWNER,
    };

    add_chat(story, day, 10, busy ? throw(story, 3, 6) : 1,
             arena_format(story->arena, "Order %lld", (long long)order));
    add_chat(story, day, 14, busy ? throw(story, 3, 5) : 1, NULL);
    if (busy)
        add_chat(story, day, 17, weekday == FRIDAY ? 7 : 3, NULL);
    if (weekday == TUESDAY || weekday == THURSDAY)
        add(story, draft);
    if (weekday == MONDAY && busy) {
        draft.item = (struct demo_item){ "long_draft", "premium", 1 };
        draft.reserve = RESERVE_WORK;
        add(story, draft);
    }
}

static void
add_day(struct story *story, int64_t day)
{
    int weekday = (int)((day + 4) % 7); /* 1970-01-01 was a Thursday */
    bool sunday_show = weekday == SUNDAY && (day / 7) % 2 == 0;

    if (clock_civil(day).day == 1)
        add(story, (struct demo_moment){ .at = at(story, day, 0, 0),
                                         .happen = demo_period });
    if (weekday == SUNDAY || weekday == SATURDAY)
        add_chat(story, day, 13, day < story->busy_day ? 1 : 2, NULL);
    else
        add_work_day(story, day, weekday);
    if (day >= story->busy_day && day < story->last_day &&
        (weekday == THURSDAY || sunday_show))
        add_live_day(story, day, weekday);
}

/* --- What happened once. --------------------------------------------------- */

/* Planned, started, used up to most of it, finished. */
static void
add_first_plan(struct story *story, int64_t day)
{
    static const struct demo_item items[] = {
        { "livestream_room", NULL, 60 }, { "livestream_viewing", NULL, 6000 },
        { "clip", "balanced", 6 },       { "draft_post", "balanced", 4 },
        { "long_draft", "premium", 1 },  { NULL, NULL, 0 },
    };
    static const int64_t used[] = { 55, 5240, 5, 5, 1 };
    struct demo_moment moment = { .at = at(story, day, 9, 10),
                                  .happen = demo_plan_save,
                                  .thing = new_thing(story),
                                  .items = items,
                                  .words = "Masterclass launch" };

    add(story, moment);
    moment.happen = demo_plan_start;
    moment.at += DAY_MS;
    moment.reserve = RESERVE_SHOW;
    add(story, moment);
    moment.happen = demo_charge;
    moment.words = NULL;
    moment.reserve = RESERVE_WORK;
    for (size_t i = 0; i < COUNT_OF(used); i++) {
        moment.at += 7 * HOUR_MS;
        moment.item = items[i];
        moment.item.quantity = used[i];
        moment.livestream = i < 3 ? "Masterclass preview" : NULL;
        moment.member = DEMO_OWNER;
        add(story, moment);
    }
    moment.happen = demo_plan_finish;
    moment.at = at(story, day + 4, 18, 0);
    add(story, moment);
}

/* Started yesterday, and just begun to be used. */
static void
add_running_plan(struct story *story)
{
    static const struct demo_item items[] = {
        { "livestream_room", NULL, 60 },
        { "livestream_viewing", NULL, 7200 },
        { "clip", "balanced", 8 },
        { "chat_reply", "fast", 100 },
        { NULL, NULL, 0 },
    };
    struct demo_moment moment = { .at = story->to - 30 * HOUR_MS,
                                  .happen = demo_plan_save,
                                  .thing = new_thing(story),
                                  .items = items,
                                  .words = "Members' week" };

    add(story, moment);
    moment.at += 2 * HOUR_MS;
    moment.happen = demo_plan_start;
    moment.reserve = RESERVE_SHOW;
    add(story, moment);
    moment.happen = demo_charge;
    moment.words = NULL;
    moment.reserve = 0;
    moment.member = DEMO_VIEWER;
    moment.item = (struct demo_item){ "clip", "balanced", 3 };
    moment.at = story->to - 3 * HOUR_MS;
    add(story, moment);
    moment.item = (struct demo_item){ "chat_reply", "fast", 34 };
    moment.at += HOUR_MS;
    add(story, moment);
}

static void
add_draft_plan(struct story *story)
{
    static const struct demo_item items[] = {
        { "clip", "premium", 10 },
        { "video_summary", "balanced", 60 },
        { "draft_post", "fast", 5 },
        { NULL, NULL, 0 },
    };

    add(story, (struct demo_moment){ .at = story->to - 95 * MINUTE_MS,
                                     .happen = demo_plan_save,
                                     .thing = new_thing(story),
                                     .items = items,
                                     .words = "Course trailer" });
}

/* The last days: thanks from the platform, limits, and what runs now. */
static void
add_now(struct story *story)
{
    const struct show on_air = {
        .name = "Backstage, live",
        .starts = story->to - 34 * MINUTE_MS,
        .minutes = 2 * TICK,
        .viewers = 64,
        .on_air = true,
    };

    add(story, (struct demo_moment){ .at = story->to - 6 * DAY_MS,
                                     .happen = demo_limits,
                                     .amount = 400 });
    add(story, (struct demo_moment){ .at = story->to - 45 * MINUTE_MS,
                                     .happen = demo_allocation,
                                     .amount = 400,
                                     .words = "Three months with us" });
    add(story, (struct demo_moment){ .at = story->to - 45 * MINUTE_MS,
                                     .happen = demo_bonus,
                                     .amount = 250,
                                     .words = "Thank you for your feedback" });
    add_running_plan(story);
    add_draft_plan(story);
    add(story, (struct demo_moment){ .at = story->to - 40 * MINUTE_MS,
                                     .happen = demo_wait,
                                     .reserve = 1200 });
    add_show(story, &on_air);
    add(story, (struct demo_moment){ .at = story->to - 4 * MINUTE_MS,
                                     .happen = demo_hold,
                                     .item = { "video_summary", "premium", 40 },
                                     .order_ref = "Order 1061",
                                     .member = DEMO_VIEWER,
                                     .amount = 3600,
                                     .thing = new_thing(story) });
}

/* --- All of it. ------------------------------------------------------------ */

static int
compare_moments(const void *a, const void *b)
{
    const struct demo_moment *x = a, *y = b;
    int order = (x->at > y->at) - (x->at < y->at);

    return order == 0 ? x->order - y->order : order;
}

struct demo_moment *
demo_story(struct arena *arena, const struct zone *zone, int64_t from,
           int64_t to, int *count)
{
    struct story story = {
        .arena = arena,
        .zone = zone,
        .from = from,
        .to = to,
        .first_day = zone_day(zone, from),
        .last_day = zone_day(zone, to),
        .dice = UINT64_C(0x5c819c5c819c5c81),
        .room = MOMENTS_FIRST,
    };
    struct civil first = clock_civil(story.first_day);

    story.moments = arena_array(arena, MOMENTS_FIRST, sizeof(*story.moments));
    story.busy_day = story.first_day + 1 - first.day +
                     clock_month_days(first.year, first.month);
    for (int64_t day = story.first_day; day <= story.last_day; day++)
        add_day(&story, day);
    if (story.last_day - 48 > story.first_day)
        add_first_plan(&story, story.last_day - 47);
    if (story.last_day - 2 > story.first_day)
        add_now(&story);
    qsort(story.moments, (size_t)story.count, sizeof(*story.moments),
          compare_moments);
    *count = story.count;
    return story.moments;
}
