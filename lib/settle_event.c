/*
 * What the provider reports, each event once: noted and applied in one
 * transaction, by the handlers of its type. See settle.h.
 */
#include "settle_inside.h"

#include "clock.h"
#include "ledger_sql.h"

static const struct settle_kind *const tables[] = {
    settle_payment_kinds,
    settle_fact_kinds,
    settle_membership_kinds,
};

bool
settle_uses(const char *type)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        for (const struct settle_kind *kind = tables[i]; kind->type != NULL;
             kind++)
            if (strcmp(type, kind->type) == 0)
                return true;
    return false;
}

/* Notes the event; rows.changes is 0 where it was here before. */
static bool
note(const struct incoming *in, struct rows *rows)
{
    const struct stripe_event *event = in->event;

    return db_run(in->db, in->arena, rows, Q_PROVIDER_EVENT_INSERT,
                  TEXT(SETTLE_PROVIDER), INT(event->livemode), TEXT(event->id),
                  TEXT(event->type), INT(event->created_s * SECOND_MS),
                  INT(clock_system_ms())) == DB_OK;
}

/* Each handler of the type is asked in turn, until one knows the object. */
static enum settle_result
handle(struct incoming *in)
{
    in->came_to = "unused";
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        for (const struct settle_kind *kind = tables[i]; kind->type != NULL;
             kind++) {
            enum settle_result done;

            if (strcmp(in->event->type, kind->type) != 0)
                continue;
            in->came_to = "not_ours";
            done = kind->handle(in);
            if (done != SETTLE_NOT_OURS)
                return done;
        }
    return SETTLE_OK;
}

static bool
apply(struct incoming *in)
{
    if (handle(in) != SETTLE_OK)
        return false;
    return db_run(in->db, in->arena, NULL, Q_PROVIDER_EVENT_CAME_TO,
                  TEXT(SETTLE_PROVIDER), INT(in->event->livemode),
                  TEXT(in->event->id), in->space == 0 ? NIL : INT(in->space),
                  in->order == 0 ? NIL : INT(in->order),
                  TEXT(in->came_to)) == DB_OK;
}

enum settle_result
settle_apply(struct db *db, struct arena *arena, const struct config *config,
             const struct stripe_event *event, int64_t clock_ms,
             struct settle_told *told)
{
    struct incoming in = { .db = db,
                           .arena = arena,
                           .config = config,
                           .event = event,
                           .clock_ms = clock_ms };
    struct rows rows;

    *told = (struct settle_told){ .came_to = "duplicate" };
    if (!note(&in, &rows))
        return SETTLE_BROKEN;
    told->duplicate = rows.changes == 0;
    if (told->duplicate)
        return SETTLE_OK;
    if (!apply(&in))
        return SETTLE_BROKEN;
    told->ours = in.space != 0;
    told->came_to = in.came_to;
    return SETTLE_OK;
}

enum settle_result
settle_event(struct db *db, struct arena *arena, const struct config *config,
             const struct stripe_event *event, int64_t clock_ms,
             struct settle_told *told)
{
    if (!db_begin(db))
        return SETTLE_BROKEN;
    if (settle_apply(db, arena, config, event, clock_ms, told) == SETTLE_OK) {
        if (!told->duplicate)
            return db_commit(db) ? SETTLE_OK : SETTLE_BROKEN;
        db_rollback(db);
        return SETTLE_OK;
    }
    db_rollback(db);
    return SETTLE_BROKEN;
}
