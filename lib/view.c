/*
 * Core values as JSON: see view.h. Member names and their order are the
 * API's; nothing is decided here.
 */
#include "view.h"

#include "words.h"

void
view_space(struct json_out *out, const char *name, const struct space *space)
{
    json_open_object(out, name);
    json_put_text(out, "id", space->id);
    json_put_text(out, "slug", space->slug);
    json_put_text(out, "name", space->name);
    json_put_text(out, "currency", space->currency);
    json_put_text(out, "time_zone", space->time_zone);
    json_close_object(out);
}

void
view_balance(struct json_out *out, const char *name,
             const struct balance *balance)
{
    json_open_object(out, name);
    json_put_integer(out, "available", balance->available);
    json_put_integer(out, "held", balance->held);
    json_put_integer(out, "total", balance->total);
    json_put_integer(out, "included", balance->included);
    json_put_time(out, "included_expires_at", balance->included_expires_at);
    json_put_integer(out, "bonus", balance->bonus);
    json_put_integer(out, "top_up", balance->top_up);
    json_put_integer(out, "debt", balance->debt);
    json_close_object(out);
}

void
view_order_as(struct json_out *out, const char *name, const struct order *order,
              enum order_status status)
{
    bool first = status != order->status;

    json_open_object(out, name);
    json_put_text(out, "id", order->id);
    json_put_text(out, "tier", order->tier);
    json_put_integer(out, "amount", order->amount);
    json_put_text(out, "currency", order->currency);
    json_put_integer(out, "credits", order->credits + order->bonus);
    json_put_integer(out, "bonus", order->bonus);
    json_put_integer(out, "rate", order->rate);
    json_put_text(out, "status", order_status_text(status));
    json_put_text(out, "reason", first ? NULL : order->why);
    json_put_time(out, "created_at", order->created_at);
    json_put_time(out, "paid_at", first ? NEVER_MS : order->paid_at);
    json_put_text(out, "payment_url",
                  status == ORDER_AWAITING_PAYMENT ? order->payment_url : NULL);
    json_put_text(out, "receipt_url", first ? NULL : order->receipt_url);
    json_put_integer(out, "refunded_amount", 0);
    json_put_integer(out, "refunded_credits", 0);
    json_put_text(out, "member", order->member_name);
    json_close_object(out);
}

void
view_order(struct json_out *out, const char *name, const struct order *order)
{
    view_order_as(out, name, order, order->status);
}

/* What an event names by number, read once. */
struct named {
    struct order order;
    struct lot *lots; /* one for each of its lot changes */
    struct words_context words;
    char refund_of[ID_SIZE];
};

static bool
read_lots(struct db *db, struct arena *arena, int64_t space,
          const struct event *event, struct named *named)
{
    named->lots =
        arena_array(arena, (size_t)event->lot_count + 1, sizeof(*named->lots));
    for (int i = 0; i < event->lot_count; i++) {
        if (event->lots[i].lot == 0)
            continue;
        if (ledger_lot(db, arena, space, event->lots[i].lot, &named->lots[i]) !=
            LEDGER_OK)
            return false;
        if (i == 0)
            named->words.lot_kind = named->lots[i].kind;
    }
    return true;
}

static bool
read_named(struct db *db, struct arena *arena, int64_t space,
           const struct event *event, struct named *named)
{
    *named = (struct named){ .words = { .order = NULL } };
    if (event->order != 0) {
        if (order_find(db, arena, space, event->order, &named->order) !=
            ORDER_OK)
            return false;
        named->words.order = &named->order;
    }
    if (event->refund_of != 0) {
        struct event first;

        if (ledger_event(db, arena, space, event->refund_of, &first) !=
            LEDGER_OK)
            return false;
        event_id(named->refund_of, space, &first);
    }
    return read_lots(db, arena, space, event, named);
}

static void
put_lots(struct json_out *out, int64_t space, const struct event *event,
         const struct named *named)
{
    json_open_array(out, "lots");
    for (int i = 0; i < event->lot_count; i++) {
        const struct lot *lot = &named->lots[i];
        char id[ID_SIZE];

        json_open_object(out, NULL);
        if (event->lots[i].lot == 0) {
            json_put_null(out, "lot");
            json_put_text(out, "kind", "debt");
        } else {
            id_format(id, "lot", lot->created_at, space, lot->number);
            json_put_text(out, "lot", id);
            json_put_text(out, "kind", lot_kind_text(lot->kind));
        }
        json_put_integer(out, "credits", event->lots[i].credits);
        json_close_object(out);
    }
    json_close_array(out);
}

static void
put_charge(struct json_out *out, const struct charge *charge, const char *unit)
{
    bool booked = charge->book != 0;

    json_put_text(out, "feature", charge->feature);
    json_put_text(out, "activity", booked ? charge->feature : NULL);
    json_put_text(out, "quality", charge->quality);
    if (booked)
        json_put_integer(out, "quantity", charge->quantity);
    else
        json_put_null(out, "quantity");
    json_put_text(out, "unit", booked ? unit : NULL);
    if (!booked) {
        json_put_null(out, "price");
        return;
    }
    json_open_object(out, "price");
    json_put_integer(out, "credits", charge->price);
    json_put_integer(out, "per", charge->per);
    json_close_object(out);
}

static void
put_order(struct json_out *out, const struct order *order)
{
    json_put_text(out, "checkout_order", order == NULL ? NULL : order->id);
    if (order == NULL)
        json_put_null(out, "amount");
    else
        json_put_integer(out, "amount", order->amount);
    json_put_text(out, "currency", order == NULL ? NULL : order->currency);
}

bool
view_event(struct json_out *out, const char *name, struct db *db,
           struct arena *arena, int64_t space, const struct event *event)
{
    struct named named;
    char id[ID_SIZE];

    if (!read_named(db, arena, space, event, &named))
        return false;
    event_id(id, space, event);
    json_open_object(out, name);
    json_put_text(out, "id", id);
    json_put_integer(out, "seq", event->seq);
    json_put_text(out, "kind", event_kind_text(event->kind));
    json_put_integer(out, "credits", event->credits);
    json_put_integer(out, "balance_after", event->balance_after);
    json_put_time(out, "occurred_at", event->at);
    json_put_text(out, "title", words_title(arena, event, &named.words));
    json_put_text(out, "words", words_sum(arena, event, &named.words));
    put_charge(out, &event->charge, named.words.unit);
    json_put_text(out, "livestream", event->refs.livestream);
    json_put_text(out, "order", event->refs.order);
    json_put_text(out, "campaign", event->refs.campaign);
    json_put_text(out, "member", event->refs.member);
    json_put_text(out, "note", event->refs.note);
    json_put_null(out, "hold");
    json_put_text(out, "refund_of",
                  event->refund_of == 0 ? NULL : named.refund_of);
    put_order(out, named.words.order);
    put_lots(out, space, event, &named);
    json_close_object(out);
    return true;
}
