/*
 * What the two files of auto top-up do for each other: see auto_top_up.h.
 */
#ifndef SCRIP_AUTO_INSIDE_H
#define SCRIP_AUTO_INSIDE_H

#include "auto_top_up.h"

/* Ends the open charge of which nothing is under way, as `came_to`; an order
 * of it that nobody can pay fails. AUTO_NONE: there is none such. */
enum auto_result auto_end_unsent(struct db *db, struct arena *arena,
                                 int64_t space, const char *came_to);
/* Nothing more until the owner acts. On a locked wallet. */
enum auto_result auto_pause(struct db *db, struct arena *arena,
                            struct wallet *wallet, const char *why);
/* The provider has this card no more. On a locked wallet. */
enum auto_result auto_lose_card(struct db *db, struct arena *arena,
                                struct wallet *wallet, const char *method);

#endif
