/*
 * Lots: credits that came in together, with what is left of them. The
 * spending order is the soonest to expire first, then included, bonus and
 * top-up, then the older one. Pure: no SQL, no clock.
 */
#ifndef SCRIP_LOT_H
#define SCRIP_LOT_H

#include "arena.h"

/* In spending order. */
enum lot_kind { LOT_INCLUDED = 0, LOT_BONUS, LOT_TOP_UP };

struct lot {
    int64_t number; /* 1, 2, 3... in its Space */
    enum lot_kind kind;
    int64_t granted;
    int64_t remaining;  /* 0 to granted */
    int64_t reserved;   /* by open holds; 0 to remaining */
    int64_t expires_at; /* NEVER_MS for all top-ups */
    int64_t created_at;
    int64_t order; /* checkout order that brought it; 0: none */
    bool fresh;    /* not yet in the database */
    bool changed;  /* differs from what was loaded */
};

/* What an event did to one lot; lot 0 is the Space's debt, where positive
 * credits pay it and negative ones make it. */
struct lot_change {
    int64_t lot;
    int64_t credits;
};

/* "included", "bonus", "top_up". */
const char *lot_kind_text(enum lot_kind kind);

/* What may be spent of it: remaining - reserved. */
int64_t lot_free(const struct lot *lot);

/* Below zero, zero, above zero as a is spent before, with, after b. */
int lot_order(const struct lot *a, const struct lot *b);
/* Sorts into spending order. */
void lot_sort(struct lot *lots, int count);

/* "[[7,-20],[9,-4]]" both ways. Reading gives -1 for any other text. */
const char *lot_changes_text(struct arena *arena,
                             const struct lot_change *changes, int count);
int lot_changes_read(struct arena *arena, const char *text,
                     struct lot_change **changes);

#endif
