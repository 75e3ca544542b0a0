/*
 * Asking the planner: see planner_ask.h.
 */
#include "planner_ask.h"

#include "limits.h"

static bool
find_book(struct req *req, struct planner_moment *moment)
{
    return price_book_at(req->db, req->arena, moment->now, &moment->book) ==
           PRICE_OK;
}

bool
planner_look(struct req *req, struct planner_moment *moment)
{
    return db_begin_read(req->db) &&
           ledger_look(req->db, req->arena, &req->space, req->now,
                       &moment->wallet, &moment->now) == LEDGER_OK &&
           find_book(req, moment);
}

bool
planner_lock(struct req *req, struct planner_moment *moment)
{
    return db_begin(req->db) &&
           ledger_lock(req->db, req->arena, &req->space, req->now,
                       &moment->wallet, &moment->now) == LEDGER_OK &&
           find_book(req, moment);
}

static void
read_item(struct req *req, const struct json *json, int index,
          struct planner_item *item)
{
    const char *pointer = arena_format(req->arena, "/items/%d", index);
    struct json_reader *reader = &item->at;

    json_read(reader, req->arena, json, pointer, &req->details.faults);
    item->ask.activity = json_need_text(reader, "activity", LIMIT_TEXT);
    item->ask.amount = json_need_integer(reader, "quantity", 1, LIMIT_INTEGER);
    item->ask.quality = json_want_text(reader, "quality", LIMIT_TEXT, NULL);
    if (!json_done(reader))
        return; /* with the others' faults */
}

void
planner_read_items(struct req *req, struct json_reader *reader, bool needed,
                   struct planner_items *items)
{
    const struct json *list = json_member(reader, "items");
    int count = json_length(list), i = 0;

    *items = (struct planner_items){ .at = *reader };
    if (list == NULL || json_is_null(list)) {
        if (needed)
            json_refuse(reader, "items", "is required");
        return;
    }
    if (!json_is_array(list)) {
        json_refuse(reader, "items", "must be an array");
        return;
    }
    if (count < 1 || count > PLANNER_ITEMS_MAX) {
        json_refuse(reader, "items", "has 1 to 100 items");
        return;
    }
    items->list = arena_array(req->arena, (size_t)count, sizeof(*items->list));
    items->count = count;
    for (const struct json *json = json_first(list); json != NULL;
         json = json_next(json), i++)
        read_item(req, json, i, &items->list[i]);
}

void
planner_items_of(struct req *req, const struct campaign_plan *plan,
                 struct planner_items *items)
{
    items->count = plan->line_count;
    items->list =
        arena_array(req->arena, (size_t)items->count, sizeof(*items->list));
    for (int i = 0; i < items->count; i++) {
        const struct charge *charge = &plan->lines[i].charge;

        items->list[i].ask =
            (struct meter_charge){ .activity = charge->feature,
                                   .quality = charge->quality,
                                   .amount = charge->quantity };
        items->list[i].at = items->at;
        items->list[i].at.prefix = arena_format(req->arena, "/items/%d", i);
    }
}

void
planner_print_items(struct fingerprint *print,
                    const struct planner_items *items)
{
    for (int i = 0; i < items->count; i++)
        meter_print_charge(print, &items->list[i].ask);
}

enum problem
planner_price_items(struct req *req, const struct price_book *book,
                    struct planner_items *items, struct planner_line **lines)
{
    *lines = arena_array(req->arena, (size_t)items->count, sizeof(**lines));
    for (int i = 0; i < items->count; i++) {
        struct planner_item *item = &items->list[i];
        struct charge charge;
        enum problem priced =
            meter_price(req, &item->at, book, &item->ask, &charge);

        if (priced == P_UNAVAILABLE)
            return priced;
        if (priced == P_NONE && !planner_line(book, &charge, &(*lines)[i]))
            json_refuse(&item->at, "quantity",
                        "comes to more than 1,000,000,000,000 credits");
    }
    if (req->details.faults != NULL)
        return P_INVALID_REQUEST;
    if (planner_total(*lines, items->count) <= LIMIT_CREDITS)
        return P_NONE;
    json_refuse(&items->at, "items",
                "come to more than 1,000,000,000,000 credits together");
    return P_INVALID_REQUEST;
}
