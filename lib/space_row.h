/*
 * A Space out of a row, for the queries of this layer that bring Spaces.
 */
#ifndef SCRIP_SPACE_ROW_H
#define SCRIP_SPACE_ROW_H

#include "space.h"

/* Row i of a query whose first eleven columns are those of space_by_slug. */
void space_of_row(const struct rows *rows, int i, struct space *space);

#endif
