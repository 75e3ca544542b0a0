/*
 * An event in words: a short title and the sum that led to its credits, as
 * the history shows them and the CSV carries them. Made from what the event
 * stored, so it says the same for ever.
 */
#ifndef SCRIP_WORDS_H
#define SCRIP_WORDS_H

#include "order.h"

/* What stands behind an event's numbers; NULL where it has none. */
struct words_context {
    const struct order *order;  /* of the checkout order it names */
    const char *activity_label; /* as its price book names the activity */
    const char *unit;           /* "minute", "viewer-minute"; or NULL */
    enum lot_kind lot_kind;     /* of the first lot that it changed */
};

const char *words_title(struct arena *arena, const struct event *event,
                        const struct words_context *context);
const char *words_sum(struct arena *arena, const struct event *event,
                      const struct words_context *context);

/* The sum of a charge that came to so many credits: "3 clips × 10 = 30";
 * "10,080 viewer-minutes × 20 per 1,000 = 201.6, charged 202". `unit` is
 * the price book's. */
const char *words_charge(struct arena *arena, const struct charge *charge,
                         const char *unit, int64_t credits);

/* "3,000 credits", "1 credit". */
const char *words_credits(struct arena *arena, int64_t credits);

#endif
