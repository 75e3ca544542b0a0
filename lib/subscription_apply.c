/*
 * What the provider's facts come to: the Space's plan, status and period, and
 * the included credits of each paid period, once. See subscription.h.
 */
#include "ledger_sql.h"
#include "log.h"
#include "membership.h"
#include "subscription_inside.h"

/* More changes of plan than this are not looked back at. */
enum { TERMS_MAX = 50 };

enum came_to { CAME_ALLOCATED = 1, CAME_NO_CREDITS, CAME_REVIEW };

struct invoice {
    const char *provider;
    bool live;
    const char *id;
    const char *change;
    struct membership_paid paid;
    int64_t failed_at, retries_at;
    const char *pay_url;
};

static void
invoice_of_row(const struct rows *rows, int i, struct invoice *invoice)
{
    *invoice = (struct invoice){
        .provider = rows_text(rows, i, 0),
        .live = rows_int(rows, i, 1) != 0,
        .id = rows_text(rows, i, 2),
        .change = rows_text(rows, i, 4),
        .paid = { .amount = rows_int(rows, i, 6),
                  .less = rows_int(rows, i, 7),
                  .paid = rows_int(rows, i, 8),
                  .currency = rows_text(rows, i, 9),
                  .period_start_ms = rows_int(rows, i, 10),
                  .period_end_ms = rows_int(rows, i, 11) },
        .failed_at = rows_int(rows, i, 13),
        .retries_at = rows_int(rows, i, 14),
        .pay_url = rows_text(rows, i, 15),
    };
}

/* The one invoice that a query finds; *found: it did. */
static bool
one_invoice(struct db *db, struct arena *arena, int query,
            const struct subscription *subscription, struct invoice *invoice,
            bool *found)
{
    struct rows rows;

    *found = false;
    if (db_run(db, arena, &rows, query, TEXT(subscription->id)) != DB_OK)
        return false;
    *found = rows.n > 0;
    if (*found)
        invoice_of_row(&rows, 0, invoice);
    return true;
}

static bool
load_terms(struct db *db, struct arena *arena,
           const struct subscription *subscription,
           struct membership_facts *facts)
{
    struct membership_terms *terms;
    struct rows rows;

    if (db_run(db, arena, &rows, Q_MEMBERSHIP_CHANGE_TERMS,
               INT(subscription->space), TEXT(subscription->id),
               INT(TERMS_MAX)) != DB_OK)
        return false;
    terms = arena_array(arena, (size_t)rows.n + 1, sizeof(*terms));
    for (int i = 0; i < rows.n; i++)
        terms[i] = (struct membership_terms){
            .change = rows_int(&rows, i, 0),
            .plan = rows_text(&rows, i, 1),
            .amount = rows_int(&rows, i, 2),
            .currency = rows_text(&rows, i, 3),
            .interval = rows_text(&rows, i, 4),
            .effective_at = rows_int(&rows, i, 5),
        };
    facts->terms = terms;
    facts->term_count = rows.n;
    return true;
}

static bool
load(struct db *db, struct arena *arena,
     const struct subscription *subscription, struct membership_facts *facts,
     const char **pay_url)
{
    struct invoice paid, failed;
    bool was_paid, has_failed;

    *facts = (struct membership_facts){
        .status = subscription->status,
        .period_start_ms = subscription->period_start_ms,
        .period_end_ms = subscription->period_end_ms,
        .cancel_at = subscription->cancel_at,
        .ended_at = subscription->ended_at,
        .paid_start_ms = NEVER_MS,
        .paid_end_ms = NEVER_MS,
        .failed_start_ms = NEVER_MS,
        .failed_at = NEVER_MS,
        .retries_at = NEVER_MS,
    };
    *pay_url = NULL;
    if (!one_invoice(db, arena, Q_INVOICE_LAST_PAID, subscription, &paid,
                     &was_paid) ||
        !one_invoice(db, arena, Q_INVOICE_LAST_FAILED, subscription, &failed,
                     &has_failed) ||
        !load_terms(db, arena, subscription, facts))
        return false;
    if (was_paid) {
        facts->paid_start_ms = paid.paid.period_start_ms;
        facts->paid_end_ms = paid.paid.period_end_ms;
    }
    if (has_failed) {
        facts->failed_start_ms = failed.paid.period_start_ms;
        facts->failed_at = failed.failed_at;
        facts->retries_at = failed.retries_at;
        *pay_url = failed.pay_url;
    }
    return true;
}

static enum subscription_result
of_space(struct db *db, struct arena *arena, int64_t space,
         struct subscription *subscription)
{
    struct rows rows;

    if (db_run(db, arena, &rows, Q_SUBSCRIPTION_OF_SPACE, INT(space)) != DB_OK)
        return SUBSCRIPTION_BROKEN;
    if (rows.n == 0)
        return SUBSCRIPTION_NONE;
    subscription_of_row(&rows, 0, subscription);
    return SUBSCRIPTION_OK;
}

enum subscription_result
subscription_look(struct db *db, struct arena *arena, int64_t space,
                  int64_t now, struct subscription_picture *picture)
{
    enum subscription_result found =
        of_space(db, arena, space, &picture->subscription);
    struct membership_facts facts;

    if (found != SUBSCRIPTION_OK)
        return found;
    if (!load(db, arena, &picture->subscription, &facts, &picture->pay_url))
        return SUBSCRIPTION_BROKEN;
    membership_state_of(&facts, now, &picture->state);
    if (picture->state.status != SPACE_PAST_DUE)
        picture->pay_url = NULL;
    return SUBSCRIPTION_OK;
}

/* --- What a paid invoice brings. ------------------------------------------ */

struct applying {
    struct db *db;
    struct arena *arena;
    struct subscription subscription;
    struct wallet wallet;
    int64_t now;
    struct subscription_applied *applied;
};

static enum came_to
review(struct applying *a, const struct invoice *invoice, const char *why)
{
    log_error("invoice %s of subscription %s: %s; no credits were included",
              invoice->id, a->subscription.id, why);
    a->applied->review = true;
    return CAME_REVIEW;
}

/* The terms that an invoice was made at: those of the change that it names,
 * or else of the last that its subscription did. */
static enum membership_change_result
terms_of(struct applying *a, const struct invoice *invoice,
         struct membership_change *change)
{
    enum membership_change_result found =
        membership_change_by_id(a->db, a->arena, invoice->change, change);

    if (found == MEMBERSHIP_CHANGE_OK && change->space == a->wallet.space)
        return found;
    if (found == MEMBERSHIP_CHANGE_BROKEN)
        return found;
    return membership_change_find(a->db, a->arena, a->wallet.space,
                                  a->subscription.change, change);
}

/* Grants what the plan includes for the period that was paid. */
static bool
allocate(struct applying *a, const struct invoice *invoice,
         const struct membership_change *change, enum came_to *came_to)
{
    const struct membership period = {
        .plan = change->terms.plan,
        .period_start_ms = invoice->paid.period_start_ms,
        .period_end_ms = invoice->paid.period_end_ms,
    };
    struct event event;

    *came_to = CAME_ALLOCATED;
    switch (membership_allocate(a->db, a->arena, &a->wallet, &period,
                                zone_find("UTC"), a->now, &event)) {
    case MEMBERSHIP_OK: a->applied->allocated += event.seq > 0; return true;
    case MEMBERSHIP_REPEATED:
    case MEMBERSHIP_PERIOD_TAKEN: return true; /* once is enough */
    case MEMBERSHIP_LIMIT:
        *came_to = review(a, invoice, "the balance would pass its limit");
        return true;
    default: return false;
    }
}

/* Decides about one; false: the database failed. */
static bool
take_invoice(struct applying *a, const struct invoice *invoice)
{
    enum came_to came_to = CAME_NO_CREDITS;
    struct membership_change change;

    switch (terms_of(a, invoice, &change)) {
    case MEMBERSHIP_CHANGE_OK: break;
    case MEMBERSHIP_CHANGE_UNKNOWN: return true; /* it waits */
    default: return false;
    }
    switch (membership_worth(&invoice->paid, &change.terms)) {
    case MEMBERSHIP_WORTH_NOTHING: break;
    case MEMBERSHIP_WORTH_OTHER:
        came_to = review(a, invoice, "it is not what was asked for");
        break;
    case MEMBERSHIP_WORTH_PERIOD:
        if (a->subscription.ended_at <= invoice->paid.period_start_ms)
            came_to = review(a, invoice, "its period is after the end");
        else if (!allocate(a, invoice, &change, &came_to))
            return false;
        break;
    }
    a->wallet.changed = true;
    return db_run(a->db, a->arena, NULL, Q_INVOICE_CAME_TO,
                  TEXT(invoice->provider), INT(invoice->live),
                  TEXT(invoice->id), INT(came_to)) == DB_OK;
}

static bool
take_invoices(struct applying *a)
{
    struct rows rows;

    if (db_run(a->db, a->arena, &rows, Q_INVOICE_PAID_WAITING,
               TEXT(a->subscription.id)) != DB_OK)
        return false;
    for (int i = 0; i < rows.n; i++) {
        struct invoice invoice;

        invoice_of_row(&rows, i, &invoice);
        if (!take_invoice(a, &invoice))
            return false;
    }
    return true;
}

/* The Space's own row says what its membership is now. */
static bool
take_state(struct applying *a, const struct space *space)
{
    struct membership_state state;
    struct membership_facts facts;
    const char *pay_url, *plan;

    if (!load(a->db, a->arena, &a->subscription, &facts, &pay_url))
        return false;
    membership_state_of(&facts, a->now, &state);
    if (!state.begun)
        return true;
    plan = state.terms == NULL ? space->plan : state.terms->plan;
    if (strcmp(plan, space->plan) == 0 && state.status == space->status &&
        state.period_start_ms == space->period_start_ms &&
        state.period_end_ms == space->period_end_ms)
        return true;
    a->applied->changed = true;
    a->wallet.changed = true;
    return db_run(a->db, a->arena, NULL, Q_SPACE_SET_MEMBERSHIP,
                  INT(space->number), TEXT(plan), INT(state.status),
                  INT(state.period_start_ms),
                  INT(state.period_end_ms)) == DB_OK;
}

enum subscription_result
subscription_apply(struct db *db, struct arena *arena,
                   const struct space *space, int64_t clock_ms,
                   struct subscription_applied *applied)
{
    struct applying a = { .db = db, .arena = arena, .applied = applied };
    enum subscription_result found;
    struct space fresh;

    *applied = (struct subscription_applied){ .changed = false };
    if (ledger_lock(db, arena, space, clock_ms, &a.wallet, &a.now) != LEDGER_OK)
        return SUBSCRIPTION_BROKEN;
    found = of_space(db, arena, space->number, &a.subscription);
    if (found != SUBSCRIPTION_OK)
        return found;
    if (space_by_number(db, arena, space->number, &fresh) != SPACE_OK ||
        !take_invoices(&a) || !take_state(&a, &fresh) ||
        ledger_save(db, arena, &a.wallet) != LEDGER_OK)
        return SUBSCRIPTION_BROKEN;
    return SUBSCRIPTION_OK;
}
