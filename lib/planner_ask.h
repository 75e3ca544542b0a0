/*
 * What the planner's programs ask alike: the Space and its prices at one
 * moment, and items as callers send them, read first and priced then, for a
 * key that was used before is answered whatever prices are now. Faults go to
 * the request, each with its pointer.
 */
#ifndef SCRIP_PLANNER_ASK_H
#define SCRIP_PLANNER_ASK_H

#include "meter_read.h"
#include "plans.h"

struct planner_moment {
    struct wallet wallet;
    int64_t now;
    struct price_book book; /* in force */
};

/* Begins a transaction that reads, or one that writes, and loads the Space
 * of the request. False: the database failed, or has no price book. */
MUST_USE bool planner_look(struct req *req, struct planner_moment *moment);
MUST_USE bool planner_lock(struct req *req, struct planner_moment *moment);

struct planner_item {
    struct meter_charge ask;
    struct json_reader at; /* for what is wrong with it */
};

struct planner_items {
    struct json_reader at;
    struct planner_item *list;
    int count;
};

/* The member `items`: [{activity, quantity, quality?}]. Where they need not
 * be there and are not, count is 0. */
void planner_read_items(struct req *req, struct json_reader *reader,
                        bool needed, struct planner_items *items);
/* A plan's, as if they had been sent: into items that were read as none. */
void planner_items_of(struct req *req, const struct campaign_plan *plan,
                      struct planner_items *items);
void planner_print_items(struct fingerprint *print,
                         const struct planner_items *items);

/* Each at the book's price, and all faults at once: P_NONE, P_INVALID_REQUEST
 * or P_UNAVAILABLE. */
enum problem planner_price_items(struct req *req, const struct price_book *book,
                                 struct planner_items *items,
                                 struct planner_line **lines);

#endif
