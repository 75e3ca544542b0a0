/*
 * What `scrip demo` is made of. demo.c is the verb; demo_story.c says what
 * happened to the demo Space and when; demo_act.c does one such thing;
 * demo_site.c asks the running site, as its owner's browser or as a platform
 * with a key would, and moves the sandbox's clock.
 */
#ifndef SCRIP_DEMO_H
#define SCRIP_DEMO_H

#include "command.h"
#include "zone.h"

#define DEMO_SPACE "/api/v1/spaces/demo"

struct demo {
    struct command *command;
    const char *site;     /* http://127.0.0.1:PORT */
    const char *platform; /* header lines of those who call */
    const char *cookie, *csrf, *origin;
    const char *owner, *viewer; /* the members' ids */
    const struct zone *zone;    /* the Space's */
    int64_t available;          /* as the last answer had it */
    int64_t calls;
    struct buf body; /* of the next call */
    struct json_out out;
};

/* --- Asking the site; false and NULL come after a complaint. -------------- */

/* Reads the platform's key and signs both members in. */
MUST_USE bool demo_sign_in(struct demo *demo);
/* Puts the clock of the business to a time, or back to the system's (0). */
MUST_USE bool demo_clock(struct demo *demo, int64_t ms);
/* Begins the body of the next call: an object, to be filled. */
struct json_out *demo_body(struct demo *demo);
/* One call; its answer, which is a 2xx. `as_owner`: in the browser's way, and
 * with the key else. */
const struct json *demo_call(struct demo *demo, bool as_owner,
                             const char *method, const char *path);
/* The owner buys a top-up and pays at the sandbox's payment page; back when
 * the credits are there. */
MUST_USE bool demo_buy(struct demo *demo, const char *tier);

/* --- What happened. -------------------------------------------------------- */

/* What one moment makes and a later one goes on with. */
struct demo_thing {
    const char *hold, *event, *plan;
};

enum demo_member { DEMO_NOBODY, DEMO_OWNER, DEMO_VIEWER };

struct demo_item {
    const char *activity, *quality;
    int64_t quantity;
};

struct demo_moment {
    int64_t at;
    int order; /* of those at the same time */
    bool (*happen)(struct demo *demo, const struct demo_moment *moment);
    struct demo_item item;
    const char *livestream, *order_ref, *campaign, *words;
    enum demo_member member;
    int64_t amount;  /* what comes next of a tick; credits; seconds */
    int64_t reserve; /* the owner buys before it until this is available */
    struct demo_thing *thing;
    const struct demo_item *items; /* of a plan; the last has no activity */
};

/* All of it from one time to another, in order. */
struct demo_moment *demo_story(struct arena *arena, const struct zone *zone,
                               int64_t from, int64_t to, int *count);

/* The kinds of moments; which members each reads stands beside it. */
bool demo_charge(struct demo *demo, const struct demo_moment *moment);
bool demo_chat(struct demo *demo, const struct demo_moment *moment);
bool demo_hold(struct demo *demo, const struct demo_moment *moment);
bool demo_tick(struct demo *demo, const struct demo_moment *moment);
bool demo_finish(struct demo *demo, const struct demo_moment *moment);
bool demo_release(struct demo *demo, const struct demo_moment *moment);
bool demo_refund(struct demo *demo, const struct demo_moment *moment);
bool demo_bonus(struct demo *demo, const struct demo_moment *moment);
bool demo_allocation(struct demo *demo, const struct demo_moment *moment);
bool demo_period(struct demo *demo, const struct demo_moment *moment);
bool demo_plan_save(struct demo *demo, const struct demo_moment *moment);
bool demo_plan_start(struct demo *demo, const struct demo_moment *moment);
bool demo_plan_finish(struct demo *demo, const struct demo_moment *moment);
bool demo_limits(struct demo *demo, const struct demo_moment *moment);
bool demo_wait(struct demo *demo, const struct demo_moment *moment);

#endif
