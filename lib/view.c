/*
 * Core values as JSON: see view.h; events are in view_event.c. Member names
 * and their order are the API's; nothing is decided here.
 */
#include "view.h"

#include "hold.h"

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
view_balance_short(struct json_out *out, const char *name, int64_t held,
                   int64_t total)
{
    json_open_object(out, name);
    json_put_integer(out, "available", total - held);
    json_put_integer(out, "held", held);
    json_put_integer(out, "total", total);
    json_close_object(out);
}

void
view_order(struct json_out *out, const char *name, const struct order *order,
           const char *receipt)
{
    json_open_object(out, name);
    json_put_text(out, "id", order->id);
    json_put_text(out, "tier", order->tier);
    json_put_integer(out, "amount", order->amount);
    json_put_text(out, "currency", order->currency);
    json_put_integer(out, "credits", order->credits + order->bonus);
    json_put_integer(out, "bonus", order->bonus);
    json_put_integer(out, "rate", order->rate);
    json_put_text(out, "status", order_status_text(order->status));
    json_put_text(out, "reason", order->why);
    json_put_time(out, "created_at", order->created_at);
    json_put_time(out, "paid_at", order->paid_at);
    json_put_text(out, "payment_url",
                  order->status == ORDER_AWAITING_PAYMENT ? order->payment_url
                                                          : NULL);
    json_put_text(out, "receipt_url", receipt);
    json_put_integer(out, "refunded_amount", order->refunded_amount);
    json_put_integer(out, "refunded_credits", order->refunded_credits);
    json_put_text(out, "member", order->automatic ? NULL : order->member_name);
    json_put_boolean(out, "automatic", order->automatic);
    json_close_object(out);
}

void
view_order_first(struct json_out *out, const char *name,
                 const struct order *order)
{
    struct order first = *order;

    first.status = ORDER_AWAITING_PAYMENT;
    first.paid_at = NEVER_MS;
    first.why = NULL;
    first.refunded_amount = first.refunded_credits = 0;
    view_order(out, name, &first, NULL);
}

void
view_hold_id(char id[ID_SIZE], int64_t space, const struct hold *hold)
{
    id_format(id, "hld", hold->created_at, space, hold->number);
}

void
view_hold(struct json_out *out, const char *name, int64_t space,
          const struct hold *hold, int64_t lasts_until)
{
    const struct charge *charge = &hold->charge;
    bool booked = charge->book != 0;
    char id[ID_SIZE];

    view_hold_id(id, space, hold);
    json_open_object(out, name);
    json_put_text(out, "id", id);
    json_put_text(out, "state", hold_state_text(hold->state));
    json_put_integer(out, "credits", hold->credits);
    json_put_integer(out, "captured", hold->captured);
    json_put_text(out, "feature", charge->feature);
    json_put_text(out, "activity", booked ? charge->feature : NULL);
    json_put_text(out, "quality", charge->quality);
    if (booked) {
        json_put_integer(out, "quantity", hold->quantity);
        json_open_object(out, "price");
        json_put_integer(out, "credits", charge->price);
        json_put_integer(out, "per", charge->per);
        json_close_object(out);
    } else {
        json_put_null(out, "quantity");
        json_put_null(out, "price");
    }
    json_put_text(out, "livestream", hold->refs.livestream);
    json_put_text(out, "order", hold->refs.order);
    json_put_text(out, "campaign", hold->refs.campaign);
    json_put_text(out, "member", hold->refs.member);
    json_put_text(out, "note", hold->refs.note);
    json_put_time(out, "created_at", hold->created_at);
    json_put_time(out, "expires_at", hold->expires_at);
    if (lasts_until != 0)
        json_put_time(out, "lasts_until", lasts_until);
    json_close_object(out);
}

void
view_cap(struct json_out *out, const char *name, const struct cap *cap,
         int64_t used)
{
    char id[24];

    snprintf(id, sizeof(id), "cap_%lld", (long long)cap->number);
    json_open_object(out, name);
    json_put_text(out, "id", id);
    json_open_object(out, "on");
    json_put_text(out, cap_on_text(cap->on), cap->value);
    json_close_object(out);
    json_put_integer(out, "credits", cap->credits);
    json_put_text(out, "per", cap_per_text(cap->per));
    json_put_integer(out, "used", used);
    json_close_object(out);
}
