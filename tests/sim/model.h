/*
 * What a Space's credits have to come to, said in the simplest way: arrays,
 * loops, and every sum computed anew. Shares no code with the ledger but its
 * calendar, so that a fault would have to be made twice.
 */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include "op.h"
#include "zone.h"

enum { MODEL_LOTS = 420, MODEL_HOLDS = 160, MODEL_EVENTS = 900 };

/* In spending order. */
enum model_kind { KIND_INCLUDED, KIND_BONUS, KIND_TOP_UP };

enum outcome {
    OUT_OK,
    OUT_UNKNOWN,
    OUT_NOT_OPEN,
    OUT_EXCEEDS,
    OUT_TOO_LARGE,
    OUT_INSUFFICIENT,
    OUT_CAP,
    OUT_NOTHING /* there is nothing that it could be done to */
};

struct model_lot {
    enum model_kind kind;
    int64_t ends;
    int64_t left; /* reserved ones included */
    int order;
};

struct model_hold {
    char state; /* h c r x, as the states' first letters; x: expired */
    int what;   /* price, with its terms at the time: */
    int64_t price, per;
    int campaign, member;
    int64_t wanted, used; /* units, so far */
    int64_t credits, captured;
    int64_t made, ends;
    int64_t from[MODEL_LOTS]; /* reserved, by lot */
    bool of_plan;
    int draws_on; /* the plan's hold; 0: none */
    int64_t drawn;
};

struct model_event {
    char kind; /* t a b c r f d v x j: as ledger kinds, see model_kind_of */
    int64_t credits, balance, at;
    int64_t change[MODEL_LOTS]; /* by lot; 0 is debt */
    int what, campaign, member;
    int hold;
    /* For captures: what can still be given back, a stack of lots. */
    int stack_lot[MODEL_LOTS];
    int64_t stack[MODEL_LOTS];
    int depth;
};

struct model_order {
    int64_t credits; /* that it brought: no more can be taken */
    int stack_lot[MODEL_EVENTS];
    int64_t stack[MODEL_EVENTS];
    int depth;
};

struct model {
    const struct zone *zone;
    int64_t now; /* up to here everything due is done */
    int64_t debt;
    struct model_lot lots[MODEL_LOTS]; /* from 1 */
    int lot_count;
    struct model_hold holds[MODEL_HOLDS]; /* from 1 */
    int hold_count;
    struct model_event events[MODEL_EVENTS]; /* from 1 */
    int event_count;
    struct model_order orders[MODEL_HOLDS]; /* from 1 */
    int order_count;
    int64_t price[PRICES], per[PRICES];
    int64_t cap[CAPS];
};

void model_start(struct model *model, const struct zone *zone, int64_t now);
/* Whether there is room for one more operation. */
bool model_has_room(const struct model *model);
/* Lets time pass, which does what is due. */
void model_wait(struct model *model, int64_t until);
/* Does the operation now (its `wait` is the caller's), and what is due. */
enum outcome model_apply(struct model *model, const struct op *op);

int64_t model_total(const struct model *model);
int64_t model_held(const struct model *model);
int64_t model_reserved(const struct model *model, int lot);
int64_t model_hold_left(const struct model_hold *hold);
/* What a cap counts now. */
int64_t model_cap_used(const struct model *model, int cap);

/* Which of its holds, captures and orders an operation means; 0: none. */
int model_pick_hold(const struct model *model, const struct op *op);
int model_pick_event(const struct model *model, const struct op *op);
int model_pick_order(const struct model *model, const struct op *op);

#endif
