/*
 * Looks up what events name: see view_names.h. What is not saved yet is found
 * in the wallet; price books, lots and the last hold are kept, since a list
 * names the same ones again and again.
 */
#include "view_names.h"

#include "history.h"
#include "order_fact.h"

/* Lots that are kept; a list that names more asks for some again. */
enum { LOTS_KEPT = 64 };

struct view_book {
    struct price_book book;
    struct view_book *next;
};

struct view_lots {
    struct lot lots[LOTS_KEPT];
    int count;
};

struct view_last_hold {
    int64_t number;
    char id[ID_SIZE];
};

/* NULL: there is none such, or the database failed. */
static const struct lot *
find_lot(struct view *view, int64_t number)
{
    const struct lot *loaded =
        view->wallet == NULL ? NULL : wallet_lot(view->wallet, number);
    struct lot *made;

    if (loaded != NULL)
        return loaded;
    if (view->lots == NULL)
        view->lots = arena_alloc(view->arena, sizeof(*view->lots));
    for (int i = 0; i < view->lots->count; i++)
        if (view->lots->lots[i].number == number)
            return &view->lots->lots[i];
    made = view->lots->count < LOTS_KEPT
               ? &view->lots->lots[view->lots->count]
               : arena_alloc(view->arena, sizeof(*made));
    if (ledger_lot(view->db, view->arena, view->space, number, made) !=
        LEDGER_OK)
        return NULL;
    if (view->lots->count < LOTS_KEPT)
        view->lots->count++;
    return made;
}

static bool
name_lots(struct view *view, const struct event *event,
          struct view_names *names)
{
    names->lots = arena_array(view->arena, (size_t)event->lot_count + 1,
                              sizeof(*names->lots));
    for (int i = 0; i < event->lot_count; i++) {
        if (event->lots[i].lot == 0)
            continue;
        names->lots[i] = find_lot(view, event->lots[i].lot);
        if (names->lots[i] == NULL)
            return false;
        if (i == 0)
            names->words.lot_kind = names->lots[i]->kind;
    }
    return true;
}

static bool
name_order(struct view *view, const struct event *event,
           struct view_names *names)
{
    if (event->order == 0)
        return true;
    names->words.order = &names->order;
    if (order_find(view->db, view->arena, view->space, event->order,
                   &names->order) != ORDER_OK)
        return false;
    names->amount = names->order.amount;
    return event->kind == EVENT_TOP_UP ||
           order_fact_amount(view->db, view->arena, view->space, event->seq,
                             &names->amount) == ORDER_OK;
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
name_hold(struct view *view, const struct event *event,
          struct view_names *names)
{
    const struct hold *hold;

    if (event->hold == 0)
        return true;
    if (view->hold == NULL)
        view->hold = arena_alloc(view->arena, sizeof(*view->hold));
    if (view->hold->number != event->hold) {
        hold = find_hold(view, event->hold);
        if (hold == NULL)
            return false;
        view_hold_id(view->hold->id, view->space, hold);
        view->hold->number = event->hold;
    }
    memcpy(names->hold, view->hold->id, ID_SIZE);
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

/* Whether it takes a top-up's credits back, or undoes that. */
static bool
takes_back(const struct event *event)
{
    return event->order != 0 && (event->kind == EVENT_TOP_UP_REFUND ||
                                 event->kind == EVENT_DISPUTE ||
                                 event->kind == EVENT_DISPUTE_REVERSAL);
}

/* The event that it refunds or takes back, as far as there is one. */
static bool
find_refunded(struct view *view, const struct event *event,
              struct event *refunded)
{
    const struct event *first = unsaved(view, event->refund_of);

    refunded->seq = 0;
    if (takes_back(event))
        return history_top_up(view->db, view->arena, view->space, event->order,
                              refunded);
    if (event->refund_of == 0)
        return true;
    if (first == NULL)
        return ledger_event(view->db, view->arena, view->space,
                            event->refund_of, refunded) == LEDGER_OK;
    *refunded = *first;
    return true;
}

static bool
name_refunded(struct view *view, const struct event *event,
              struct view_names *names)
{
    struct event refunded;

    if (!find_refunded(view, event, &refunded))
        return false;
    if (refunded.seq != 0)
        event_id(names->refund_of, view->space, &refunded);
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
name_activity(struct view *view, const struct event *event,
              struct view_names *names)
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
                names->words.activity_label = activity->label;
                names->words.unit = activity->unit;
            }
        }
    return true;
}

bool
view_names(struct view *view, const struct event *event,
           struct view_names *names)
{
    *names = (struct view_names){ .words = { .order = NULL } };
    event_id(names->id, view->space, event);
    return name_lots(view, event, names) && name_order(view, event, names) &&
           name_hold(view, event, names) && name_refunded(view, event, names) &&
           name_activity(view, event, names);
}
