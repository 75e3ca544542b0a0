/*
 * Prices: "C credits per N units", and the one rounding, up. Price books are
 * dated versions of what each activity costs; one that is in force is never
 * changed, and what was held or ordered keeps the price that it was made at.
 *
 * The arithmetic and the looking up in a book are pure; only the last part
 * reads and writes the database.
 */
#ifndef SCRIP_PRICE_H
#define SCRIP_PRICE_H

#include "db.h"
#include "event.h"

/*
 * ceil(quantity * price / per), in 128 bits between; price and per are 1 or
 * more, quantity 0 or more. What no int64_t holds comes to INT64_MAX.
 */
int64_t price_credits(int64_t quantity, int64_t price, int64_t per);

/* The same of a charge: by its book's price, or the credits themselves where
 * the price is the caller's own (book 0). */
int64_t price_of_charge(const struct charge *charge, int64_t quantity);

struct price {
    const char *quality; /* NULL: the activity has no qualities */
    int64_t credits;
    int64_t per;
};

struct activity {
    const char *id;
    const char *label;
    const char *unit;     /* "viewer-minute" */
    struct price *prices; /* one without a quality, or one for each */
    int price_count;
};

struct price_section {
    const char *id;
    const char *label;
    struct activity *activities;
    int activity_count;
};

struct price_book {
    int64_t version; /* 1, 2, 3... */
    int64_t effective_from;
    struct price_section *sections;
    int section_count;
};

enum price_result {
    PRICE_OK = 0,
    PRICE_NONE,             /* no book is in force */
    PRICE_UNKNOWN_ACTIVITY, /* the book does not have it */
    PRICE_UNKNOWN_QUALITY,  /* not one of its; or one where none applies */
    PRICE_NO_QUALITY,       /* it needs one */
    PRICE_PAST,             /* a book from a time that is over */
    PRICE_INVALID,          /* *why says which value */
    PRICE_BROKEN            /* the database failed; see db_why() */
};

/* The qualities that a book may price, in their order. */
extern const char *const price_qualities[3]; /* fast, balanced, premium */

/* An activity of a book; NULL: it has none of that id. */
const struct activity *price_activity(const struct price_book *book,
                                      const char *id);

/* What this much of an activity is charged at; quality may be NULL. Fills in
 * all of the charge; its texts are the book's. */
enum price_result price_find(const struct price_book *book,
                             const char *activity, const char *quality,
                             int64_t quantity, struct charge *charge);

/* Whether a book can be used: ids, labels, units and prices as they have to
 * be, each activity once. Else *why is words, with the place. */
MUST_USE bool price_check(struct arena *arena, const struct price_book *book,
                          const char **why);

/* What a new site starts with. */
const struct price_book *price_first_book(void);

/* The book in force at a time, or a version of it. */
enum price_result price_book_at(struct db *db, struct arena *arena, int64_t at,
                                struct price_book *book);
enum price_result price_book_version(struct db *db, struct arena *arena,
                                     int64_t version, struct price_book *book);

/* Those that come into force after a time, the soonest first, `limit` at
 * most. */
enum price_result price_upcoming(struct db *db, struct arena *arena,
                                 int64_t after, int limit,
                                 struct price_book **books, int *count);

/*
 * Stores a book that is in force from `from` on, which is not before `now`
 * (PRICE_PAST), as the next version; *version is set. Where two books begin
 * at one time the later version counts. Inside db_begin().
 */
enum price_result price_import(struct db *db, struct arena *arena,
                               const struct price_book *book, int64_t from,
                               int64_t now, int64_t *version, const char **why);

#endif
