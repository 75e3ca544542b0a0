/*
 * What credits were used for: usage of a range of the Space's days, by one
 * reference, the largest net first; its total; its days. All pages of groups
 * are of one moment, that of the first: the cursor says up to which event is
 * counted, so that groups never change places between them. Only reads.
 */
#include "usage.h"
#include "clock.h"
#include "cursor.h"
#include "ledger.h"
#include "limits.h"
#include "member.h"
#include "plans.h"
#include "price.h"
#include "serve.h"
#include "text.h"

/* The range where none is asked for, today included. */
enum { DAYS_USUAL = 90 };
/* A moment is given up when so many events have come since: the pages that
 * are left show what is so now. */
enum { MOMENT_KEPT = 16 * 1024 };

struct question {
    enum usage_dim dim;
    struct usage_range range;
    const char *list; /* for cursors */
    int limit;
    const struct usage_cursor *after; /* NULL: from the first */
    struct usage_cursor cursor;
};

struct answer {
    struct usage_group *groups;
    int group_count;
    struct usage_day *days;
    int day_count;
};

/* --- The question. -------------------------------------------------------- */

static enum problem
read_day(struct req *req, const char *name, int64_t *day)
{
    const char *text = form_value(&req->query, name);

    if (text == NULL || clock_parse_date(text, day))
        return P_NONE;
    return cursor_refuse(req, name, "a date, as 2026-11-22");
}

/* The days that are asked for, or else the last ones until today. */
static enum problem
read_range(struct req *req, const struct wallet *wallet, int64_t now,
           struct usage_range *range)
{
    bool begins = form_value(&req->query, "from") != NULL;
    enum problem refused;

    *range = (struct usage_range){ .space = wallet->space,
                                   .to = zone_day(wallet->zone, now),
                                   .until = wallet->seq };
    refused = read_day(req, "from", &range->from);
    if (begins)
        range->to = max_i64(range->to, range->from);
    if (refused == P_NONE)
        refused = read_day(req, "to", &range->to);
    if (!begins)
        range->from = range->to - DAYS_USUAL + 1;
    if (refused == P_NONE && range->from > range->to)
        refused = cursor_refuse(req, "to", "is before from");
    return refused;
}

/* "until from to net key": also the range, which would otherwise move on at
 * midnight where none is asked for. */
static const char *
make_cursor(struct req *req, const struct question *question,
            const struct usage_group *last)
{
    const struct usage_range *range = &question->range;
    const char *text =
        arena_format(req->arena, "%lld %lld %lld %lld %s",
                     (long long)range->until, (long long)range->from,
                     (long long)range->to,
                     (long long)(last->captured - last->refunded),
                     last->key == NULL ? "" : last->key);

    return cursor_make_text(req, question->list, text);
}

static bool
read_position(struct question *question, const struct wallet *wallet,
              const char *text)
{
    struct usage_range *range = &question->range;
    int64_t *const numbers[] = { &range->until, &range->from, &range->to,
                                 &question->cursor.net };
    char number[24];

    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        size_t length = strcspn(text, " ");

        if (length >= sizeof(number) || text[length] == '\0')
            return false;
        memcpy(number, text, length);
        number[length] = '\0';
        if (!text_int(number, INT64_MIN, INT64_MAX, numbers[i]))
            return false;
        text += length + 1;
    }
    question->cursor.key = text;
    question->after = &question->cursor;
    if (wallet->seq - range->until > MOMENT_KEPT)
        range->until = wallet->seq;
    return true;
}

static enum problem
read_question(struct req *req, const struct wallet *wallet, int64_t now,
              struct question *question)
{
    const char *by = form_value(&req->query, "group_by");
    const char *from = form_value(&req->query, "from");
    const char *to = form_value(&req->query, "to");
    const char *position;
    enum problem refused;

    *question = (struct question){ .after = NULL };
    if (by == NULL || !usage_dim_of(by, &question->dim))
        return cursor_refuse(
            req, "group_by",
            "one of livestream, order, campaign, feature and member");
    refused = read_range(req, wallet, now, &question->range);
    if (refused != P_NONE)
        return refused;
    question->list =
        arena_format(req->arena, "usage %s %s %s", by, from == NULL ? "" : from,
                     to == NULL ? "" : to);
    refused =
        cursor_read_text(req, question->list, &question->limit, &position);
    if (refused != P_NONE || position == NULL)
        return refused;
    return read_position(question, wallet, position) ? P_NONE
                                                     : P_INVALID_CURSOR;
}

/* --- Labels. --------------------------------------------------------------- */

/* What a platform calls mem_... is often a member of ours; only who belongs
 * to the Space is named. NULL: no such member. */
static bool
member_name(struct req *req, const char *key, const char **name)
{
    struct member member;
    enum member_role role;
    struct id id;

    if (!id_parse(key, "mem", &id))
        return true;
    switch (member_by_number(req->db, req->arena, id.number, &member)) {
    case MEMBER_OK: break;
    case MEMBER_UNKNOWN:
    case MEMBER_INVALID: return true;
    case MEMBER_BROKEN: return false;
    }
    if (member_role_in(req->db, req->arena, member.number, req->space.number,
                       &role) != MEMBER_OK)
        return false;
    if (role != ROLE_NONE && strcmp(member.id, key) == 0)
        *name = member.name;
    return true;
}

/* A started plan's campaign is its id. */
static bool
plan_name(struct req *req, const char *key, const char **name)
{
    struct campaign_plan plan;

    switch (plans_by_id(req->db, req->arena, req->space.number, key, req->now,
                        &plan)) {
    case PLANS_OK: *name = plan.name; return true;
    case PLANS_BROKEN: return false;
    default: return true;
    }
}

static void
activity_label(const struct price_book *book, const char *key,
               const char **label)
{
    for (int i = 0; i < book->section_count; i++)
        for (int k = 0; k < book->sections[i].activity_count; k++) {
            const struct activity *activity = &book->sections[i].activities[k];

            if (strcmp(activity->id, key) == 0)
                *label = activity->label;
        }
}

/* How a person calls a group: as the price book, the members or the saved
 * plans do, else by its own key. False: the database failed. */
static bool
find_label(struct req *req, enum usage_dim dim, const struct price_book *book,
           const char *key, const char **label)
{
    static const char *const without[USAGE_DIMS] = {
        "No livestream", "No order", "No campaign", "No feature", "No member"
    };

    *label = key == NULL ? without[dim] : key;
    if (key != NULL && dim == USAGE_MEMBER)
        return member_name(req, key, label);
    if (key != NULL && dim == USAGE_CAMPAIGN)
        return plan_name(req, key, label);
    if (key != NULL && dim == USAGE_FEATURE)
        activity_label(book, key, label);
    return true;
}

/* --- The answer. ----------------------------------------------------------- */

static bool
put_groups(struct req *req, struct json_out *out, int64_t now,
           const struct question *question, const struct answer *answer)
{
    struct price_book book = { .section_count = 0 };

    if (price_book_at(req->db, req->arena, now, &book) == PRICE_BROKEN)
        return false;
    json_open_array(out, "groups");
    for (int i = 0; i < answer->group_count && i < question->limit; i++) {
        const struct usage_group *group = &answer->groups[i];
        const char *label;

        if (!find_label(req, question->dim, &book, group->key, &label))
            return false;
        json_open_object(out, NULL);
        json_put_text(out, "key", group->key);
        json_put_text(out, "label", label);
        json_put_integer(out, "captured", group->captured);
        json_put_integer(out, "refunded", group->refunded);
        json_put_integer(out, "net", group->captured - group->refunded);
        json_put_integer(out, "events", group->events);
        json_put_time(out, "first_at", group->first_at);
        json_put_time(out, "last_at", group->last_at);
        json_close_object(out);
    }
    json_close_array(out);
    return true;
}

static void
put_date(struct json_out *out, const char *name, int64_t day)
{
    char text[11];

    clock_format_date(text, day);
    json_put_text(out, name, text);
}

static void
put_days(struct json_out *out, const struct usage_range *range,
         const struct answer *answer)
{
    int64_t captured = 0, refunded = 0, events = 0;

    put_date(out, "from", range->from);
    put_date(out, "to", range->to);
    json_open_array(out, "days");
    for (int i = 0; i < answer->day_count; i++) {
        const struct usage_day *day = &answer->days[i];

        json_open_object(out, NULL);
        put_date(out, "date", day->day);
        json_put_integer(out, "captured", day->captured);
        json_put_integer(out, "refunded", day->refunded);
        json_close_object(out);
        captured += day->captured;
        refunded += day->refunded;
        events += day->events;
    }
    json_close_array(out);
    json_open_object(out, "total");
    json_put_integer(out, "captured", captured);
    json_put_integer(out, "refunded", refunded);
    json_put_integer(out, "net", captured - refunded);
    json_put_integer(out, "events", events);
    json_close_object(out);
}

static enum problem
get_usage(struct req *req)
{
    static const char *const known[] = { "group_by", "from", "to", NULL };
    struct question question;
    struct answer answer;
    struct wallet wallet;
    struct json_out out;
    int64_t now;
    enum problem refused = cursor_only(req, known);

    if (refused != P_NONE)
        return refused;
    if (!db_begin_read(req->db) ||
        ledger_look(req->db, req->arena, &req->space, req->now, &wallet,
                    &now) != LEDGER_OK)
        return P_UNAVAILABLE;
    refused = read_question(req, &wallet, now, &question);
    if (refused != P_NONE)
        return refused;
    if (!usage_groups(req->db, req->arena, &question.range, question.dim,
                      question.after, question.limit + 1, &answer.groups,
                      &answer.group_count) ||
        !usage_days(req->db, req->arena, &question.range, &answer.days,
                    &answer.day_count))
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    if (!put_groups(req, &out, now, &question, &answer))
        return P_UNAVAILABLE;
    put_days(&out, &question.range, &answer);
    json_put_text(&out, "next_before",
                  answer.group_count <= question.limit
                      ? NULL
                      : make_cursor(req, &question,
                                    &answer.groups[question.limit - 1]));
    json_close_object(&out);
    http_etag(req);
    return P_NONE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/usage",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_READ, get_usage },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "usage", .routes = routes };

    return serve(&program);
}
