/*
 * Does the simulation's operations to a wallet, and compares what became of
 * it with the model. Where the wallet lives (memory, a database) is the
 * caller's.
 */
#ifndef SIM_DRIVE_H
#define SIM_DRIVE_H

#include "model.h"
#include "takeback.h"
#include "wallet.h"

/* What an operation needs besides the wallet. */
struct drive {
    int64_t price[PRICES], per[PRICES];
    int64_t book;
    int64_t orders_made;
    /* Loaded for the operation in hand: */
    const struct event *of;  /* what to refund */
    struct takings *takings; /* of the order */
    int64_t order_credits;   /* that it brought */
    /* What was done: */
    int64_t taken_seq; /* the event that took or gave back */
};

/* Caps as the model has them, nothing counted; in the arena. */
struct cap *drive_caps(struct arena *arena, const struct model *model);

/* Does it at `now`; the wallet is settled, and what the operation names is
 * loaded. `hold` is the number of the hold that it means. */
enum outcome drive_do(struct drive *drive, struct wallet *wallet,
                      const struct op *op, int hold, int64_t now);

/* What differs, in words in the arena; NULL: nothing. Events of the wallet
 * from its i-th are new; all of the model's after the wallet's older ones
 * have to be the same. `whole`: all lots and holds are in the wallet. */
const char *drive_differs(const struct model *model, struct wallet *wallet,
                          int first_event, bool whole);

#endif
