/*
 * What every command of `scrip` is made of: its words, its options read and
 * checked before anything is touched, and one answer, as lines for people or
 * as one JSON object. A verb is a function; its file says what it does.
 */
#ifndef SCRIP_COMMAND_H
#define SCRIP_COMMAND_H

#include "config.h"
#include "db.h"
#include "json.h"

enum {
    COMMAND_OK = 0,
    COMMAND_FAILED = 1, /* it could not be done, or found faults */
    COMMAND_USAGE = 2   /* it was asked for wrongly; nothing was touched */
};

#define COMMAND_WORDS_MAX   4
#define COMMAND_OPTIONS_MAX 12

struct command_option {
    const char *name; /* without its dashes */
    bool needed;
    bool flag; /* takes no value */
    const char *value;
};

struct command {
    struct arena *arena;
    const struct config *config;
    struct db *db;                        /* NULL where the verb opens none */
    int64_t now;                          /* business time */
    const char *words[COMMAND_WORDS_MAX]; /* what stands behind the verb */
    struct command_option options[COMMAND_OPTIONS_MAX];
    bool json;     /* --json */
    bool terminal; /* progress may be shown on standard error */
    struct buf reply;
    struct json_out out; /* open at the outermost object where json */
};

/* The value of an option, or NULL where it was not given. */
const char *command_option(const struct command *command, const char *name);
/* As an integer within bounds; false after saying what is wrong. */
MUST_USE bool command_integer(struct command *command, const char *name,
                              const char *text, int64_t low, int64_t high,
                              int64_t *value);
/* As yes or no. */
MUST_USE bool command_yes(struct command *command, const char *name,
                          const char *text, bool *value);
/* As an RFC 3339 time with Z. */
MUST_USE bool command_time(struct command *command, const char *name,
                           const char *text, int64_t *ms);
/* The Space that a slug or id names; false after saying that there is none. */
struct space;
MUST_USE bool command_space(struct command *command, const char *slug,
                            struct space *space);

/* A line for people; nothing with --json. */
void command_say(struct command *command, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* Says what is wrong, on standard error or as {"error": ...}; gives `code`
 * back, for `return`. */
int command_fail(struct command *command, int code, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The same for a database that failed, with its own words. */
int command_broken(struct command *command);
/* One line of progress, over itself, on a terminal. */
void command_progress(struct command *command, const char *what, int64_t done,
                      int64_t all);

/* The verbs; each in the file of its subject. */
int setup_init(struct command *command);
int install_verb(struct command *command);
int install_verb_remove(struct command *command);
int doctor_verb(struct command *command);
int people_space_add(struct command *command);
int people_member_add(struct command *command);
int people_key_add(struct command *command);
int offers_plan_set(struct command *command);
int offers_tier_set(struct command *command);
int promo_verb_add(struct command *command);
int promo_verb_list(struct command *command);
int offers_seller_set(struct command *command);
int prices_import(struct command *command);
int clock_verb(struct command *command);
int demo_verb(struct command *command);
int credits_grant(struct command *command);
int credits_order_resolve(struct command *command);
int upkeep_verify(struct command *command);
int upkeep_reconcile(struct command *command);
int upkeep_tick(struct command *command);

/* Tells the sandbox how far the business clock is ahead of the system's; what
 * is due by it is renewed before this returns. False: it was not reached. */
bool clock_tell(struct command *command, int64_t offset_ms);

#endif
