/*
 * An event as a line of CSV: the members of the JSON in their order, the
 * price as two columns, the lots as one text; the note, which is the
 * caller's own words, comes last.
 */
#include "csv.h"
#include "view_names.h"

/* An event may have drawn on any number of lots. */
#define LOTS_TEXT_MAX ((size_t)2 * 1024 * 1024)

void
view_events_csv(struct buf *buf)
{
    static const char *const columns[] = { "id",
                                           "seq",
                                           "kind",
                                           "credits",
                                           "balance_after",
                                           "occurred_at",
                                           "title",
                                           "words",
                                           "feature",
                                           "activity",
                                           "quality",
                                           "quantity",
                                           "unit",
                                           "price_credits",
                                           "price_per",
                                           "livestream",
                                           "order",
                                           "campaign",
                                           "member",
                                           "hold",
                                           "refund_of",
                                           "checkout_order",
                                           "amount",
                                           "currency",
                                           "lots",
                                           "note" };
    struct csv csv;

    csv_begin(&csv, buf);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        csv_put_text(&csv, columns[i]);
    csv_end(&csv);
}

/* "lot_... included -20; debt -4" */
static const char *
lots_text(struct view *view, const struct event *event,
          const struct view_names *names)
{
    struct buf buf;

    buf_init(&buf, view->arena, LOTS_TEXT_MAX);
    for (int i = 0; i < event->lot_count; i++) {
        const struct lot *lot = names->lots[i];
        char id[ID_SIZE];

        buf_text(&buf, i == 0 ? "" : "; ");
        if (lot == NULL) {
            buf_text(&buf, "debt ");
        } else {
            id_format(id, "lot", lot->created_at, view->space, lot->number);
            buf_text(&buf, id);
            buf_char(&buf, ' ');
            buf_text(&buf, lot_kind_text(lot->kind));
            buf_char(&buf, ' ');
        }
        buf_int(&buf, event->lots[i].credits);
    }
    return buf.over ? NULL : buf.bytes;
}

static void
put_charge(struct csv *csv, const struct event *event, const char *unit)
{
    const struct charge *charge = &event->charge;
    bool booked = charge->book != 0;

    csv_put_text(csv, charge->feature);
    csv_put_text(csv, booked ? charge->feature : NULL);
    csv_put_text(csv, charge->quality);
    if (booked && event->kind == EVENT_CAPTURED_USAGE)
        csv_put_integer(csv, charge->quantity);
    else
        csv_put_text(csv, NULL); /* a refund is in credits */
    csv_put_text(csv, booked ? unit : NULL);
    if (booked) {
        csv_put_integer(csv, charge->price);
        csv_put_integer(csv, charge->per);
    } else {
        csv_put_text(csv, NULL);
        csv_put_text(csv, NULL);
    }
}

static void
put_order(struct csv *csv, const struct view_names *names)
{
    const struct order *order = names->words.order;

    csv_put_text(csv, order == NULL ? NULL : order->id);
    if (order == NULL)
        csv_put_text(csv, NULL);
    else
        csv_put_integer(csv, names->amount);
    csv_put_text(csv, order == NULL ? NULL : order->currency);
}

bool
view_event_csv(struct view *view, struct buf *buf, const struct event *event)
{
    const struct refs *refs = &event->refs;
    struct view_names names;
    const char *lots;
    struct csv csv;

    if (!view_names(view, event, &names))
        return false;
    lots = lots_text(view, event, &names);
    if (lots == NULL)
        return false;
    csv_begin(&csv, buf);
    csv_put_text(&csv, names.id);
    csv_put_integer(&csv, event->seq);
    csv_put_text(&csv, event_kind_text(event->kind));
    csv_put_integer(&csv, event->credits);
    csv_put_integer(&csv, event->balance_after);
    csv_put_time(&csv, event->at);
    csv_put_text(&csv, words_title(view->arena, event, &names.words));
    csv_put_text(&csv, words_sum(view->arena, event, &names.words));
    put_charge(&csv, event, names.words.unit);
    csv_put_text(&csv, refs->livestream);
    csv_put_text(&csv, refs->order);
    csv_put_text(&csv, refs->campaign);
    csv_put_text(&csv, refs->member);
    csv_put_text(&csv, names.hold);
    csv_put_text(&csv, names.refund_of);
    put_order(&csv, &names);
    csv_put_text(&csv, lots);
    csv_put_text(&csv, refs->note);
    csv_end(&csv);
    return true;
}
