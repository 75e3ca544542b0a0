/*
 * Events: see event.h. The canonical text is fixed for ever: a change of it
 * would break every chain that was ever written.
 */
#include "event.h"

#include "buf.h"

static const char *const kind_texts[EVENT_KINDS] = {
    [EVENT_TOP_UP] = "top_up",
    [EVENT_INCLUDED_ALLOCATION] = "included_allocation",
    [EVENT_BONUS] = "bonus",
    [EVENT_CAPTURED_USAGE] = "captured_usage",
    [EVENT_USAGE_REFUND] = "usage_refund",
    [EVENT_TOP_UP_REFUND] = "top_up_refund",
    [EVENT_DISPUTE] = "dispute",
    [EVENT_DISPUTE_REVERSAL] = "dispute_reversal",
    [EVENT_EXPIRY] = "expiry",
    [EVENT_ADJUSTMENT] = "adjustment",
};

void
event_post(struct postings *postings, int64_t lot, int64_t credits)
{
    if (credits == 0)
        return;
    for (int i = 0; i < postings->count; i++)
        if (postings->changes[i].lot == lot) {
            postings->changes[i].credits += credits;
            return;
        }
    arena_grow(postings->arena, (void **)&postings->changes, postings->count,
               &postings->room, sizeof(*postings->changes));
    postings->changes[postings->count++] =
        (struct lot_change){ .lot = lot, .credits = credits };
}

const char *
event_kind_text(enum event_kind kind)
{
    assert(kind < EVENT_KINDS);
    return kind_texts[kind];
}

enum event_kind
event_kind_of(const char *text)
{
    int kind = 0;

    while (kind < EVENT_KINDS && strcmp(text, kind_texts[kind]) != 0)
        kind++;
    return (enum event_kind)kind;
}

void
event_id(char id[ID_SIZE], int64_t space, const struct event *event)
{
    id_format(id, "evt", event->at, space, event->seq);
}

static void
put_text(struct buf *buf, const char *text)
{
    if (text == NULL) {
        buf_char(buf, '-');
        return;
    }
    buf_int(buf, (int64_t)strlen(text));
    buf_char(buf, ':');
    buf_text(buf, text);
}

static void
put_number(struct buf *buf, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)number);
    put_text(buf, text);
}

void
event_hash(uint8_t out[SIGN_SIZE], const uint8_t previous[SIGN_SIZE],
           int64_t space, const struct event *event, struct arena *arena)
{
    struct buf buf;

    buf_init(&buf, arena, SIZE_MAX / 2);
    buf_text(&buf, "scrip-event-1");
    put_number(&buf, space);
    put_number(&buf, event->seq);
    put_text(&buf, event_kind_text(event->kind));
    put_number(&buf, event->credits);
    put_number(&buf, event->balance_after);
    put_number(&buf, event->at);
    put_number(&buf, event->day);
    put_number(&buf, event->hold);
    put_number(&buf, event->refund_of);
    put_number(&buf, event->order);
    put_text(&buf, event->charge.feature);
    put_number(&buf, event->charge.book);
    put_text(&buf, event->charge.quality);
    put_number(&buf, event->charge.quantity);
    put_number(&buf, event->charge.price);
    put_number(&buf, event->charge.per);
    put_text(&buf, event->refs.livestream);
    put_text(&buf, event->refs.order);
    put_text(&buf, event->refs.campaign);
    put_text(&buf, event->refs.member);
    put_text(&buf, event->refs.note);
    put_text(&buf, lot_changes_text(arena, event->lots, event->lot_count));
    sign_sha256_pair(out, previous, SIGN_SIZE, buf.bytes, buf.length);
}
