/*
 * Plans and tiers: what a membership costs and gives, and what a top-up
 * buys. Data that an operator changes; orders keep what they were made at.
 */
#ifndef SCRIP_PLAN_H
#define SCRIP_PLAN_H

#include "db.h"
#include "money.h"

struct plan {
    const char *id;
    const char *name;
    bool paid;
    int64_t amount; /* minor units of `currency`, each interval */
    const char *currency;
    const char *interval; /* "month" or "year" */
    int64_t included;     /* credits each period */
    bool rollover;        /* they end one period later */
    int64_t rate;         /* credits per major unit (per GBP 1) */
};

struct tier {
    const char *id;
    int64_t amount; /* minor units */
    const char *currency;
    int64_t bonus; /* credits on top, a lot of its own */
};

enum plan_result {
    PLAN_OK = 0,
    PLAN_UNKNOWN,
    PLAN_INVALID, /* *why says which value */
    PLAN_BROKEN
};

enum plan_result plan_find(struct db *db, struct arena *arena, const char *id,
                           struct plan *plan);
/* All plans, the cheapest first. */
enum plan_result plan_list(struct db *db, struct arena *arena,
                           struct plan **plans, int *count);
/* Makes or replaces one; inside a transaction. */
enum plan_result plan_set(struct db *db, struct arena *arena,
                          const struct plan *plan, const char **why);

/* The tiers in a currency, the smallest first. */
enum plan_result tier_list(struct db *db, struct arena *arena,
                           const char *currency, struct tier **tiers,
                           int *count);
enum plan_result tier_find(struct db *db, struct arena *arena, const char *id,
                           const char *currency, struct tier *tier);
enum plan_result tier_set(struct db *db, struct arena *arena,
                          const struct tier *tier, const char **why);

/* What a tier buys without its bonus: floor(amount * rate / minor units of
 * one major unit). */
int64_t tier_credits(const struct tier *tier, int64_t rate);
/* Whether that is an amount of credits that one operation may move; a tier
 * that buys nothing, or too much, at a plan's rate is not offered. */
bool tier_sells(const struct tier *tier, int64_t rate);

#endif
