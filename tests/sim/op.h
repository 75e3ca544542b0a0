/*
 * What the simulation does to a Space: one operation with the time that
 * passes before it. An operation means the same wherever it stands (holds,
 * events and orders are named by a number that is taken modulo how many
 * there are), so a failing list can be shortened and still makes sense.
 */
#ifndef SIM_OP_H
#define SIM_OP_H

#include "base.h"
#include "dice.h"

enum op_kind {
    OP_WAIT = 0, /* nothing but time */
    OP_TOP_UP,   /* credits, and `more` as bonus */
    OP_GRANT,    /* bonus, or included where `flag` */
    OP_ADJUST,   /* takes credits */
    OP_PLACE,
    OP_PLAN, /* a started plan's hold */
    OP_CAPTURE,
    OP_EXTEND, /* captures and extends */
    OP_RELEASE,
    OP_DIRECT,
    OP_REFUND,
    OP_TAKE,   /* an order's credits back */
    OP_RETURN, /* undoes takings */
    OP_PRICE,  /* another price from now on */
    OP_CAP,    /* another ceiling of a cap */
    OP_KINDS
};

enum { PRICES = 4, OWN_PRICE = PRICES, CAPS = 5, NAMES = 3 };

struct op {
    enum op_kind kind;
    int64_t wait;   /* ms before it */
    int pick;       /* which hold, event, order, price or cap */
    int what;       /* which price; OWN_PRICE: the caller's own */
    int campaign;   /* 0: none */
    int member;     /* 0: none */
    int64_t amount; /* credits, or a quantity; 0: all that is left */
    int64_t more;   /* bonus, extension, or `per` of a price */
    int64_t lasts;  /* ms; 0: never ends */
    bool flag;      /* final, included */
};

const char *op_text(enum op_kind kind);
void op_random(struct op *op, struct dice *dice);
void op_print(const struct op *op, int number, int64_t at);

#endif
