/*
 * What stripe's files do for each other.
 */
#ifndef SCRIP_STRIPE_INSIDE_H
#define SCRIP_STRIPE_INSIDE_H

#include "stripe.h"

/* An id goes into a path: nothing but what ids are made of. NULL is none. */
bool stripe_id_fits(const char *id);
/* An id, also where the object itself was expanded in its place. */
const char *stripe_id_at(const struct json *json, const char *member);
/* As the wire spells currencies: "gbp". In the arena. */
const char *stripe_lower(struct arena *arena, const char *currency);
/* An event's object; false when it is none. */
MUST_USE bool stripe_event_of(const struct json *json,
                              struct stripe_event *event);

#endif
