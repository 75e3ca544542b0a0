/*
 * Spaces: who buys and spends. Nothing here moves credits.
 */
#ifndef SCRIP_SPACE_H
#define SCRIP_SPACE_H

#include "id.h"
#include "plan.h"

enum space_status {
    SPACE_NONE = 0, /* no membership, as on an unpaid plan */
    SPACE_ACTIVE,
    SPACE_PAST_DUE,
    SPACE_CANCELLED
};

struct space {
    int64_t number;
    char id[ID_SIZE];
    const char *slug;
    const char *name;
    const char *currency; /* ISO 4217, upper case */
    const char *time_zone;
    const char *plan; /* a plan's id */
    enum space_status status;
    int64_t period_start_ms; /* NEVER_MS: none */
    int64_t period_end_ms;
    int64_t low_threshold; /* credits: below it a warning; -1: not set */
};

enum space_result {
    SPACE_OK = 0,
    SPACE_UNKNOWN,
    SPACE_TAKEN,   /* the slug is there already */
    SPACE_INVALID, /* *why says which value */
    SPACE_FIXED,   /* its currency, once an order was made in it */
    SPACE_BROKEN
};

/* By slug or id. */
enum space_result space_find(struct db *db, struct arena *arena,
                             const char *slug_or_id, struct space *space);
enum space_result space_by_number(struct db *db, struct arena *arena,
                                  int64_t number, struct space *space);
/* Makes a Space with its empty wallet, of slug, name, currency (NULL: GBP),
 * time zone (NULL: UTC) and plan (NULL: starter); the rest is filled in. A
 * paid plan is set as an active membership without a period, and nothing is
 * granted. Inside a transaction. */
enum space_result space_add(struct db *db, struct arena *arena,
                            struct space *space, int64_t now, const char **why);
/* Changes name, currency, time zone and plan of a Space that was found to
 * those of `to`; what is NULL there stays. Grants nothing. Inside a
 * transaction. */
enum space_result space_change(struct db *db, struct arena *arena,
                               struct space *space, const struct space *to,
                               const char **why);
/* "none", "active", "past_due", "cancelled". */
const char *space_status_text(enum space_status status);
/* Whether its members may buy: a paid plan, active or past due. */
bool space_may_buy(const struct space *space, const struct plan *plan);

#endif
