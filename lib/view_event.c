/*
 * An event as JSON, with everything that it names by number (view_names.h).
 * Member names and their order are the API's; nothing is decided here.
 */
#include "view_names.h"

static void
put_lots(struct json_out *out, int64_t space, const struct event *event,
         const struct view_names *names)
{
    json_open_array(out, "lots");
    for (int i = 0; i < event->lot_count; i++) {
        const struct lot *lot = names->lots[i];
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
put_charge(struct json_out *out, const struct event *event, const char *unit)
{
    const struct charge *charge = &event->charge;
    bool booked = charge->book != 0;

    json_put_text(out, "feature", charge->feature);
    json_put_text(out, "activity", booked ? charge->feature : NULL);
    json_put_text(out, "quality", charge->quality);
    if (!booked) {
        json_put_null(out, "quantity");
        json_put_null(out, "unit");
        json_put_null(out, "price");
        return;
    }
    if (event->kind == EVENT_CAPTURED_USAGE)
        json_put_integer(out, "quantity", charge->quantity);
    else
        json_put_null(out, "quantity"); /* a refund is in credits */
    json_put_text(out, "unit", unit);
    json_open_object(out, "price");
    json_put_integer(out, "credits", charge->price);
    json_put_integer(out, "per", charge->per);
    json_close_object(out);
}

static void
put_order(struct json_out *out, const struct view_names *names)
{
    const struct order *order = names->words.order;

    json_put_text(out, "checkout_order", order == NULL ? NULL : order->id);
    if (order == NULL)
        json_put_null(out, "amount");
    else
        json_put_integer(out, "amount", names->amount);
    json_put_text(out, "currency", order == NULL ? NULL : order->currency);
}

bool
view_event(struct view *view, struct json_out *out, const char *name,
           const struct event *event)
{
    const struct refs *refs = &event->refs;
    struct view_names names;

    if (!view_names(view, event, &names))
        return false;
    json_open_object(out, name);
    json_put_text(out, "id", names.id);
    json_put_integer(out, "seq", event->seq);
    json_put_text(out, "kind", event_kind_text(event->kind));
    json_put_integer(out, "credits", event->credits);
    json_put_integer(out, "balance_after", event->balance_after);
    json_put_time(out, "occurred_at", event->at);
    json_put_text(out, "title", words_title(view->arena, event, &names.words));
    json_put_text(out, "words", words_sum(view->arena, event, &names.words));
    put_charge(out, event, names.words.unit);
    json_put_text(out, "livestream", refs->livestream);
    json_put_text(out, "order", refs->order);
    json_put_text(out, "campaign", refs->campaign);
    json_put_text(out, "member", refs->member);
    json_put_text(out, "note", refs->note);
    json_put_text(out, "hold", event->hold == 0 ? NULL : names.hold);
    json_put_text(out, "refund_of",
                  *names.refund_of == '\0' ? NULL : names.refund_of);
    put_order(out, &names);
    put_lots(out, view->space, event, &names);
    json_close_object(out);
    return true;
}
