/*
 * The credit planner's arithmetic: what some work will cost, what that is
 * worth in money, what is short of it, and the top-up that covers it. The
 * only place where an estimate is made: pages and plans show what comes from
 * here. And the holds of a plan that is started, placed all or none; they
 * take what the estimate said, to the credit.
 *
 * Pure: no SQL, no JSON, no clock.
 */
#ifndef SCRIP_PLANNER_H
#define SCRIP_PLANNER_H

#include "hold.h"
#include "plan.h"
#include "price.h"

/* Items of one estimate or plan. */
enum { PLANNER_ITEMS_MAX = 100 };

/* So much of an activity at a price book's price. */
struct planner_line {
    struct charge charge;
    const char *label; /* as the book names the activity */
    const char *unit;
    int64_t credits; /* rounded up, as a hold's are */
};

/* The line of a charge that price_find() made. False: it comes to more than
 * one operation may move (LIMIT_CREDITS); the line is filled in all the
 * same, its credits up to INT64_MAX. */
MUST_USE bool planner_line(const struct price_book *book,
                           const struct charge *charge,
                           struct planner_line *line);

/* The sum of lines that fit, PLANNER_ITEMS_MAX at most. */
int64_t planner_total(const struct planner_line *lines, int count);

/* What there is to pay it with. */
struct planner_means {
    int64_t available; /* below 0: so much is owed */
    int64_t rate;      /* credits per major unit of the currency */
    const char *currency;
    const struct tier *tiers; /* in the currency, the smallest first */
    int tier_count;
};

struct planner_top_up {
    const struct tier *tier; /* NULL: none */
    int64_t times;
    int64_t credits; /* of one of them, its bonus included */
    int64_t after;   /* available once they are bought and all is done */
};

struct planner_estimate {
    int64_t total;
    int64_t amount;                /* its worth in minor units, rounded up */
    int64_t available, after;      /* now, and once all is done */
    int64_t shortfall;             /* 0: there is enough */
    struct planner_top_up top_up;  /* the smallest tier that covers the
                                      shortfall; none where none does, or
                                      nothing is short */
    struct planner_top_up largest; /* where no tier covers it: how many of
                                      the largest do */
};

/* `total` is 1 to LIMIT_CREDITS. */
void planner_estimate(int64_t total, const struct planner_means *means,
                      struct planner_estimate *estimate);

/* A plan that is started. */
struct planner_start {
    int64_t plan;         /* its number; items count 1, 2, 3... */
    const char *name;     /* the holds' note */
    const char *campaign; /* whose usage draws on the holds */
    const struct planner_line *lines;
    int count;
    int64_t lasts_ms; /* 1 to LIMIT_HOLD_MS */
};

/*
 * One hold for each line, all or none: OK, INSUFFICIENT or CAPPED, the
 * refusal's figures being those of the whole plan and of before. The first
 * hold's number is *first; the others follow it.
 */
enum hold_result planner_place(struct wallet *wallet,
                               const struct planner_start *start, int64_t now,
                               int64_t *first, struct hold_refusal *refusal);

#endif
