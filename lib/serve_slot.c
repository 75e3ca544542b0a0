/*
 * Database handles of a program: see serve_slot.h.
 */
#include "serve_slot.h"

#include "clock.h"
#include "log.h"

/* A database that is missing is told of this often. */
#define COMPLAIN_MS (10 * SECOND_MS)

static bool
complain(struct slot *slot, const char *why)
{
    int64_t now_ms = clock_monotonic_ms();

    if (slot->complained_ms == 0 ||
        now_ms - slot->complained_ms >= COMPLAIN_MS) {
        log_error("no database: %s", why);
        slot->complained_ms = now_ms;
    }
    return false;
}

bool
slot_ready(struct slot *slot, struct arena *arena)
{
    const char *why = NULL;

    if (slot->current)
        return true;
    if (slot->db == NULL) {
        slot->db = db_open(slot->url, slot->set, false, arena, &why);
        if (slot->db == NULL)
            return complain(slot, why);
        if (slot->checkpoint_pages > 0)
            db_set_checkpoint(slot->db, slot->checkpoint_pages);
    }
    slot->current = db_current(slot->db);
    if (!slot->current)
        return complain(slot, "its schema is older than this program");
    return true;
}

void
slot_settle(struct slot *slot, enum problem problem, const char *id)
{
    if (slot->db == NULL)
        return;
    db_rollback(slot->db);
    if (problem != P_UNAVAILABLE)
        return;
    log_error("%s: %s", id, db_why(slot->db));
    if (db_last(slot->db) == DB_BROKEN)
        slot_close(slot);
}

void
slot_close(struct slot *slot)
{
    db_close(slot->db);
    slot->db = NULL;
    slot->current = false;
}

void
slots_init(struct slots *slots, const struct slot *like, int count)
{
    assert(count >= 1);
    *slots = (struct slots){ .count = count > SLOTS_MAX ? SLOTS_MAX : count };
    pthread_mutex_init(&slots->lock, NULL);
    pthread_cond_init(&slots->given, NULL);
    for (int i = 0; i < slots->count; i++)
        slots->list[i] = *like;
}

void
slots_close(struct slots *slots)
{
    for (int i = 0; i < slots->count; i++)
        slot_close(&slots->list[i]);
    pthread_cond_destroy(&slots->given);
    pthread_mutex_destroy(&slots->lock);
}

/* The last one used comes first: its cache is warm. */
static struct slot *
find_free(struct slots *slots)
{
    for (int i = 0; i < slots->count; i++)
        if (!slots->list[i].taken)
            return &slots->list[i];
    return NULL;
}

struct slot *
slots_take(struct slots *slots)
{
    struct slot *slot;

    pthread_mutex_lock(&slots->lock);
    while ((slot = find_free(slots)) == NULL)
        pthread_cond_wait(&slots->given, &slots->lock);
    slot->taken = true;
    pthread_mutex_unlock(&slots->lock);
    return slot;
}

void
slots_give(struct slots *slots, struct slot *slot)
{
    pthread_mutex_lock(&slots->lock);
    slot->taken = false;
    pthread_cond_signal(&slots->given);
    pthread_mutex_unlock(&slots->lock);
}
