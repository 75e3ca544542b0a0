/*
 * What differs between two price books: what people are told of a book that
 * has come, or comes. Pure.
 */
#ifndef SCRIP_PRICE_CHANGE_H
#define SCRIP_PRICE_CHANGE_H

#include "price.h"

struct price_change {
    const struct activity *activity; /* as the later book names it, if it has
                                        it */
    const char *quality;             /* or NULL */
    const struct price *before;      /* NULL: it is new */
    const struct price *after;       /* NULL: it is gone */
};

/* All prices that are not the same in both: in the later book's order, and
 * then what only the earlier one had. Points into both books. */
void price_changes(struct arena *arena, const struct price_book *before,
                   const struct price_book *after,
                   struct price_change **changes, int *count);

#endif
