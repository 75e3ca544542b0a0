/*
 * Events in words: see words.h. English, plain, with the figures grouped;
 * nothing is rounded here that was not rounded at the charge.
 */
#include "words.h"

#include "buf.h"

enum { WORDS_MAX = 2048 };

__extension__ typedef __int128 wide;

static const char *
grouped(struct arena *arena, int64_t value)
{
    struct buf buf;

    buf_init(&buf, arena, 64);
    buf_int_grouped(&buf, value);
    return buf.bytes;
}

const char *
words_credits(struct arena *arena, int64_t credits)
{
    return arena_format(arena, "%s credit%s", grouped(arena, credits),
                        credits == 1 ? "" : "s");
}

static const char *
lot_words(enum lot_kind kind)
{
    static const char *const words[] = { "included", "bonus", "topped-up" };

    return words[kind];
}

const char *
words_title(struct arena *arena, const struct event *event,
            const struct words_context *context)
{
    const struct order *order = context->order;

    switch (event->kind) {
    case EVENT_TOP_UP:
        if (order == NULL)
            return "Top-up";
        return arena_format(arena, "%s %s",
                            order->automatic ? "Automatic top-up" : "Top-up",
                            money_text(arena, order->amount, order->currency));
    case EVENT_INCLUDED_ALLOCATION: return "Included credits";
    case EVENT_BONUS: return "Bonus credits";
    case EVENT_CAPTURED_USAGE:
        if (context->activity_label != NULL)
            return context->activity_label;
        return event->charge.feature == NULL ? "Usage" : event->charge.feature;
    case EVENT_USAGE_REFUND: return "Usage refunded";
    case EVENT_TOP_UP_REFUND:
        return event->credits > 0 ? "Refund reversed" : "Top-up refunded";
    case EVENT_DISPUTE: return "Payment disputed";
    case EVENT_DISPUTE_REVERSAL: return "Dispute won";
    case EVENT_EXPIRY: return "Credits expired";
    case EVENT_ADJUSTMENT:
        return event->credits == 0 ? "Owed credits settled" : "Adjustment";
    case EVENT_KINDS: break;
    }
    return "Event";
}

static const char *
top_up_sum(struct arena *arena, const struct order *order)
{
    struct buf buf;

    buf_init(&buf, arena, WORDS_MAX);
    buf_text(&buf, money_text(arena, order->amount, order->currency));
    buf_text(&buf, " at ");
    buf_text(&buf, words_credits(arena, order->rate));
    buf_text(&buf, " per ");
    buf_text(&buf,
             money_text(arena, money_unit(order->currency), order->currency));
    buf_text(&buf, " = ");
    buf_text(&buf, grouped(arena, order->credits));
    if (order->bonus > 0) {
        buf_text(&buf, ", and a bonus of ");
        buf_text(&buf, grouped(arena, order->bonus));
    }
    return buf.bytes;
}

/* product / per to the last digit: "201.6". A fraction that does not end is
 * cut after four digits, with an ellipsis. */
static void
put_exact(struct buf *buf, wide product, int64_t per)
{
    wide rest = product % per;

    buf_int_grouped(buf, (int64_t)(product / per));
    if (rest == 0)
        return;
    buf_char(buf, '.');
    for (int digit = 0; digit < 4 && rest != 0; digit++) {
        rest *= 10;
        buf_char(buf, (char)('0' + (int)(rest / per)));
        rest %= per;
    }
    if (rest != 0)
        buf_text(buf, "\xe2\x80\xa6");
}

/* "replies", "minutes of video", "viewer-minutes": the first word of the
 * unit in the plural, as English has it. */
static void
put_units(struct buf *buf, const char *unit, int64_t count)
{
    size_t word = strcspn(unit, " ");
    bool ies = word >= 2 && unit[word - 1] == 'y' &&
               strchr("aeiou", unit[word - 2]) == NULL;

    if (count == 1) {
        buf_text(buf, unit);
        return;
    }
    buf_put(buf, unit, ies ? word - 1 : word);
    buf_text(buf, ies ? "ies" : "s");
    buf_text(buf, unit + word);
}

const char *
words_charge(struct arena *arena, const struct charge *charge, const char *unit,
             int64_t credits)
{
    wide product = (wide)charge->quantity * charge->price;
    struct buf buf;

    if (charge->book == 0 || charge->per == 0)
        return words_credits(arena, credits);
    buf_init(&buf, arena, WORDS_MAX);
    buf_int_grouped(&buf, charge->quantity);
    buf_char(&buf, ' ');
    put_units(&buf, unit == NULL ? "unit" : unit, charge->quantity);
    buf_text(&buf, " \xc3\x97 ");
    buf_int_grouped(&buf, charge->price);
    if (charge->per > 1) {
        buf_text(&buf, " per ");
        buf_int_grouped(&buf, charge->per);
    }
    buf_text(&buf, " = ");
    put_exact(&buf, product, charge->per);
    if (product != (wide)credits * charge->per) {
        buf_text(&buf, ", charged ");
        buf_int_grouped(&buf, credits);
    }
    return buf.bytes;
}

const char *
words_sum(struct arena *arena, const struct event *event,
          const struct words_context *context)
{
    switch (event->kind) {
    case EVENT_TOP_UP:
        return context->order == NULL ? NULL
                                      : top_up_sum(arena, context->order);
    case EVENT_CAPTURED_USAGE:
        return words_charge(arena, &event->charge, context->unit,
                            -event->credits);
    case EVENT_EXPIRY:
        return arena_format(arena, "%s %s credits reached their end unused",
                            grouped(arena, -event->credits),
                            lot_words(context->lot_kind));
    case EVENT_ADJUSTMENT:
        if (event->credits == 0)
            return "Credits that came free paid what was owed";
        return event->refs.note;
    case EVENT_INCLUDED_ALLOCATION:
    case EVENT_BONUS:
    case EVENT_USAGE_REFUND:
    case EVENT_TOP_UP_REFUND:
    case EVENT_DISPUTE:
    case EVENT_DISPUTE_REVERSAL:
    case EVENT_KINDS: break;
    }
    return event->refs.note;
}
