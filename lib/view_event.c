/*
 * An event as JSON, with everything that it names by number: its lots, its
 * order, its hold, its price book's words, and what it refunds. What is not
 * saved yet is found in the wallet.
 */
#include "view.h"
#include "words.h"

struct view_book {
    struct price_book book;
    struct view_book *next;
};

/* What an event names, looked up. */
struct named {
    struct order order;
    struct lot *lots; /* one for each of its lot changes */
    struct words_context words;
    char hold[ID_SIZE];
    char refund_of[ID_SIZE];
};

static bool
find_lot(struct view *view, int64_t number, struct lot *lot)
{
    const struct lot *loaded =
        view->wallet == NULL ? NULL : wallet_lot(view->wallet, number);

    if (loaded == NULL)
        return ledger_lot(view->db, view->arena, view->space, number, lot) ==
               LEDGER_OK;
    *lot = *loaded;
    return true;
}

static bool
name_lots(struct view *view, const struct event *event, struct named *named)
{
    named->lots = arena_array(view->arena, (size_t)event->lot_count + 1,
                              sizeof(*named->lots));
    for (int i = 0; i < event->lot_count; i++) {
        if (event->lots[i].lot == 0)
            continue;
        if (!find_lot(view, event->lots[i].lot, &named->lots[i]))
            return false;
        if (i == 0)
            named->words.lot_kind = named->lots[i].kind;
    }
    return true;
}

static bool
name_order(struct view *view, const struct event *event, struct named *named)
{
    if (event->order == 0)
        return true;
    named->words.order = &named->order;
    return order_find(view->db, view->arena, view->space, event->order,
                      &named->order) == ORDER_OK;
}

/* The row of one hold: only its number and the time that it was made at are
 * wanted, so whether it has ended since does not matter. */
static const struct hold *
find_hold(struct view *view, int64_t number)
{
    const struct hold *loaded =
        view->wallet == NULL ? NULL : wallet_hold(view->wallet, number);
    struct hold *rows;
    int count;

    if (loaded != NULL)
        return loaded;
    if (ledger_holds(view->db, view->arena, view->space, HOLD_LIST_ALL, 0,
                     number + 1, 1, &rows, &count) != LEDGER_OK ||
        count != 1 || rows[0].number != number)
        return NULL;
    return &rows[0];
}

static bool
name_hold(struct view *view, const struct event *event, struct named *named)
{
    const struct hold *hold;

    if (event->hold == 0)
        return true;
    hold = find_hold(view, event->hold);
    if (hold == NULL)
        return false;
    view_hold_id(named->hold, view->space, hold);
    return true;
}

static const struct event *
unsaved(struct view *view, int64_t seq)
{
    for (int i = 0; view->wallet != NULL && i < view->wallet->event_count; i++)
        if (view->wallet->events[i].seq == seq)
            return &view->wallet->events[i];
    return NULL;
}

static bool
name_refunded(struct view *view, const struct event *event, struct named *named)
{
    const struct event *first = unsaved(view, event->refund_of);
    struct event stored;

    if (event->refund_of == 0)
        return true;
    if (first == NULL) {
        if (ledger_event(view->db, view->arena, view->space, event->refund_of,
                         &stored) != LEDGER_OK)
            return false;
        first = &stored;
    }
    event_id(named->refund_of, view->space, first);
    return true;
}

static const struct price_book *
find_book(struct view *view, int64_t version)
{
    struct view_book *made;

    for (struct view_book *at = view->books; at != NULL; at = at->next)
        if (at->book.version == version)
            return &at->book;
    made = arena_alloc(view->arena, sizeof(*made));
    if (price_book_version(view->db, view->arena, version, &made->book) !=
        PRICE_OK)
        return NULL;
    made->next = view->books;
    view->books = made;
    return &made->book;
}

static bool
name_activity(struct view *view, const struct event *event, struct named *named)
{
    const struct price_book *book;

    if (event->charge.book == 0)
        return true;
    book = find_book(view, event->charge.book);
    if (book == NULL)
        return false;
    for (int i = 0; i < book->section_count; i++)
        for (int k = 0; k < book->sections[i].activity_count; k++) {
            const struct activity *activity = &book->sections[i].activities[k];

            if (strcmp(activity->id, event->charge.feature) == 0) {
                named->words.activity_label = activity->label;
                named->words.unit = activity->unit;
            }
        }
    return true;
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
view_event(struct view *view, struct json_out *out, const char *name,
           const struct event *event)
{
    struct named named = { .words = { .order = NULL } };
    const struct refs *refs = &event->refs;
    char id[ID_SIZE];

    if (!name_lots(view, event, &named) || !name_order(view, event, &named) ||
        !name_hold(view, event, &named) ||
        !name_refunded(view, event, &named) ||
        !name_activity(view, event, &named))
        return false;
    event_id(id, view->space, event);
    json_open_object(out, name);
    json_put_text(out, "id", id);
    json_put_integer(out, "seq", event->seq);
    json_put_text(out, "kind", event_kind_text(event->kind));
    json_put_integer(out, "credits", event->credits);
    json_put_integer(out, "balance_after", event->balance_after);
    json_put_time(out, "occurred_at", event->at);
    json_put_text(out, "title", words_title(view->arena, event, &named.words));
    json_put_text(out, "words", words_sum(view->arena, event, &named.words));
    put_charge(out, event, named.words.unit);
    json_put_text(out, "livestream", refs->livestream);
    json_put_text(out, "order", refs->order);
    json_put_text(out, "campaign", refs->campaign);
    json_put_text(out, "member", refs->member);
    json_put_text(out, "note", refs->note);
    json_put_text(out, "hold", event->hold == 0 ? NULL : named.hold);
    json_put_text(out, "refund_of",
                  event->refund_of == 0 ? NULL : named.refund_of);
    put_order(out, named.words.order);
    put_lots(out, view->space, event, &named);
    json_close_object(out);
    return true;
}
