/*
 * Database handles of a program: each heals itself, since `scrip init` may
 * come after us and a file may be replaced; a few are shared by all threads.
 * serve's alone.
 */
#ifndef SCRIP_SERVE_SLOT_H
#define SCRIP_SERVE_SLOT_H

#include <pthread.h>

#include "db.h"
#include "problem.h"

struct slot {
    const char *url;
    const struct db_set *set;
    int checkpoint_pages; /* 0: as the door has it */
    struct db *db;        /* NULL: not open */
    bool current;         /* its schema fits */
    int64_t complained_ms;
    bool taken;
};

/* Whether there is a database whose schema fits. Tried anew with every
 * request until it is so. */
MUST_USE bool slot_ready(struct slot *slot, struct arena *arena);
/* Rolls back; after P_UNAVAILABLE logs why, and closes a handle that failed
 * in a way of which no retry helps. */
void slot_settle(struct slot *slot, enum problem problem, const char *id);
void slot_close(struct slot *slot);

/* More would not read faster on the machines that we run on, and each has
 * its own cache. */
#define SLOTS_MAX 4

struct slots {
    pthread_mutex_t lock;
    pthread_cond_t given;
    struct slot list[SLOTS_MAX];
    int count;
};

/* `count` slots like this one, SLOTS_MAX at most. */
void slots_init(struct slots *slots, const struct slot *like, int count);
void slots_close(struct slots *slots);
/* Waits for a free one. */
struct slot *slots_take(struct slots *slots);
void slots_give(struct slots *slots, struct slot *slot);

#endif
