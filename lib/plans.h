/*
 * Saved plans: work that members mean to do, quoted at a price book, started
 * at those prices, and compared with what was really used. (A membership's
 * plan is plan.h's.)
 *
 * A draft is quoted anew as often as its members like. Started, it holds for
 * each of its items under its campaign, which is its own id: whatever names
 * that campaign draws on the holds (hold.h). What was used is read from the
 * events of the campaign, so it cannot drift from the ledger.
 *
 * Everything that writes is inside db_begin(), with the wallet locked; the
 * caller saves the wallet.
 */
#ifndef SCRIP_PLANS_H
#define SCRIP_PLANS_H

#include "ledger.h"
#include "planner.h"

enum plans_state {
    PLANS_DRAFT = 0,
    PLANS_STARTED,
    PLANS_FINISHED,
    PLANS_EXPIRED /* started, and its holds have ended by themselves */
};

/* How long a quote stands when the price book has changed. */
#define PLANS_QUOTE_MS (24 * HOUR_MS)

struct campaign_plan {
    int64_t space, number; /* 1, 2, 3... in its Space */
    char id[ID_SIZE];
    const char *name;
    const char *campaign;
    enum plans_state state;
    int64_t member; /* who saved it; 0: a platform's key */
    const char *member_name;
    int64_t book; /* that it was quoted at */
    int64_t quoted_at, created_at;
    int64_t started_at, expires_at, finished_at; /* NEVER_MS: not */
    const struct planner_line *lines;            /* its items, priced */
    int line_count;
    int64_t total;
};

enum plans_result {
    PLANS_OK = 0,
    PLANS_UNKNOWN,       /* no such plan in this Space */
    PLANS_NOT_DRAFT,     /* it was started already */
    PLANS_NOT_STARTED,   /* it is a draft */
    PLANS_QUOTE_EXPIRED, /* quoted too long ago, and the book has changed */
    PLANS_REFUSED,       /* its holds were; see the hold's result */
    PLANS_BROKEN         /* the database failed; see db_why() */
};

/* "draft", "started", "finished", "expired". */
const char *plans_state_text(enum plans_state state);

/* By its id, as it is at `now`. */
enum plans_result plans_by_id(struct db *db, struct arena *arena, int64_t space,
                              const char *id, int64_t now,
                              struct campaign_plan *plan);

/* Those with a number below `before` (0: all), newest first. */
enum plans_result plans_list(struct db *db, struct arena *arena, int64_t space,
                             int64_t now, int64_t before, int limit,
                             struct campaign_plan **plans, int *count);

/* Makes a draft of space, name, member, book and lines, quoted `now`; the
 * rest is filled in. */
enum plans_result plans_save(struct db *db, struct arena *arena, int64_t now,
                             struct campaign_plan *plan);

/* Keeps a draft's name, book and lines, which the caller has changed, as
 * quoted `now`. PLANS_NOT_DRAFT. */
enum plans_result plans_quote(struct db *db, struct arena *arena, int64_t now,
                              struct campaign_plan *plan);

/*
 * Starts a draft at its quote: its holds are placed in the wallet, all or
 * none, numbered from *first on. `book` is the version in force. NOT_DRAFT,
 * QUOTE_EXPIRED, and REFUSED with *held and *refusal saying why.
 */
enum plans_result plans_start(struct db *db, struct arena *arena,
                              struct wallet *wallet, int64_t book,
                              int64_t lasts_ms, int64_t now,
                              struct campaign_plan *plan, int64_t *first,
                              enum hold_result *held,
                              struct hold_refusal *refusal);

/* Gives back what its holds still have: *released credits. Finished or
 * expired already: OK, and nothing is done. NOT_STARTED. */
enum plans_result plans_finish(struct db *db, struct arena *arena,
                               struct wallet *wallet, int64_t now,
                               struct campaign_plan *plan, int64_t *released);

struct plans_sum {
    int64_t quantity; /* LIMIT_INTEGER at most */
    int64_t credits;
};

/* What became of one activity in one quality. A refund is of credits; its
 * quantity is that part of what was captured, rounded down. */
struct plans_activity {
    const char *activity, *quality;
    const char *label, *unit; /* NULL: the plan's book does not have it */
    struct plans_sum planned; /* 0: it was not planned, but used */
    struct plans_sum used, refunded;
    struct plans_sum remaining; /* planned - used, or 0 */
};

struct plans_usage {
    struct plans_activity *activities; /* the plan's, in its order; others */
    int count;
    /* Credits of all, and of usage at the callers' own prices too. */
    int64_t planned, used, refunded, remaining;
};

/* Planned against used, from one moment of the database. */
enum plans_result plans_used(struct db *db, struct arena *arena,
                             const struct campaign_plan *plan,
                             struct plans_usage *usage);

#endif
