/*
 * The proof of the ledger: every rule of verify.sql, and for each Space its
 * chain of hashes, each lot's credits and each cap's figures recomputed from
 * the events alone, and each hold's credits from its price.
 * Only reads. Works in pages with an arena of its own for each, so that a
 * ledger of any length needs the same memory.
 */
#include "ledger_inside.h"
#include "ledger_sql.h"
#include "price.h"

enum { PAGE = 1000 };

struct proof {
    struct db *db;
    struct arena page; /* reset after each page */
    ledger_fault *report;
    void *context;
    int64_t faults;
};

static void
fault(struct proof *proof, int64_t space, const char *where, const char *what)
{
    struct arena *arena = &proof->page;

    proof->faults++;
    proof->report(proof->context,
                  arena_format(arena, "Space %lld, %s: %s", (long long)space,
                               where == NULL ? "-" : where, what));
}

static bool
prove_rules(struct proof *proof, const struct db_set *set)
{
    for (int i = 0; i < set->rule_count; i++) {
        const struct db_rule *rule = &set->rules[i];
        struct rows rows;

        if (db_run(proof->db, &proof->page, &rows, rule->query, NONE) != DB_OK)
            return false;
        for (int row = 0; row < rows.n; row++) {
            const char *words =
                arena_format(&proof->page, "broken: %s", rule->words);

            fault(proof, rows_int(&rows, row, 0), rows_text(&rows, row, 1),
                  words);
        }
        arena_reset(&proof->page);
    }
    return true;
}

/* What the events say of each lot: index 0 is debt, turned positive. */
struct sums {
    int64_t *credits;
    int64_t count;
    struct cap *caps;
    int cap_count;
};

static void
prove_event(struct proof *proof, int64_t space, const struct event *event,
            uint8_t hash[SIGN_SIZE], struct sums *sums)
{
    const char *where =
        arena_format(&proof->page, "event %lld", (long long)event->seq);
    uint8_t expected[SIGN_SIZE];
    int64_t sum = 0;

    event_hash(expected, hash, space, event, &proof->page);
    if (!sign_equal(expected, event->hash, SIGN_SIZE))
        fault(proof, space, where,
              "its hash does not follow from it and the event before");
    memcpy(hash, event->hash, SIGN_SIZE);
    for (int i = 0; i < sums->cap_count; i++)
        cap_count(&sums->caps[i], event);
    for (int i = 0; i < event->lot_count; i++) {
        const struct lot_change *change = &event->lots[i];

        if (__builtin_add_overflow(sum, change->credits, &sum))
            fault(proof, space, where, "its lots overflow");
        if (change->lot < 0 || change->lot >= sums->count)
            fault(proof, space, where, "it names a lot that does not exist");
        else if (__builtin_add_overflow(sums->credits[change->lot],
                                        change->credits,
                                        &sums->credits[change->lot]))
            fault(proof, space, where, "its lots overflow");
    }
    if (sum != event->credits)
        fault(proof, space, where, "its lots do not add up to its credits");
}

static bool
prove_chain(struct proof *proof, int64_t space, struct sums *sums)
{
    uint8_t hash[SIGN_SIZE] = { 0 };
    int64_t next = 1;

    for (;;) {
        struct rows rows;

        if (db_run(proof->db, &proof->page, &rows, Q_EVENT_FROM, INT(space),
                   INT(next), INT(PAGE)) != DB_OK)
            return false;
        for (int i = 0; i < rows.n; i++) {
            struct event event;

            if (ledger_event_of_row(&rows, i, &proof->page, &event))
                prove_event(proof, space, &event, hash, sums);
            else
                fault(proof, space,
                      arena_format(&proof->page, "event %lld",
                                   (long long)rows_int(&rows, i, 0)),
                      "it cannot be read");
            next = rows_int(&rows, i, 0) + 1;
        }
        arena_reset(&proof->page);
        if (rows.n < PAGE)
            return true;
    }
}

static bool
prove_lots(struct proof *proof, int64_t space, const struct sums *sums)
{
    int64_t last = 0, expected = 1;

    for (;;) {
        struct rows rows;
        int n;

        if (db_run(proof->db, &proof->page, &rows, Q_LOT_ALL, INT(space),
                   INT(last), INT(PAGE)) != DB_OK)
            return false;
        n = rows.n;
        for (int i = 0; i < n; i++, expected++) {
            int64_t number = rows_int(&rows, i, 0);
            const char *where =
                arena_format(&proof->page, "lot %lld", (long long)number);

            last = number;
            if (number != expected)
                fault(proof, space, where, "a lot before it is missing");
            expected = number;
            if (number >= sums->count)
                fault(proof, space, where, "the wallet does not know it");
            else if (sums->credits[number] != rows_int(&rows, i, 3))
                fault(proof, space, where,
                      "what remains is not what the events left of it");
        }
        arena_reset(&proof->page);
        if (n < PAGE)
            return true;
    }
}

/* A hold's credits are its quantity at its price, rounded once. A plan's hold
 * has what others left of it, which is no more. */
static bool
hold_adds_up(const struct hold *hold)
{
    int64_t all = price_of_charge(&hold->charge, hold->quantity);
    int64_t used = price_of_charge(&hold->charge, hold->quantity_captured);

    if (hold->plan != 0)
        return hold->credits <= all;
    return hold->credits == all && hold->captured == used;
}

static bool
prove_holds(struct proof *proof, int64_t space)
{
    int64_t last = 0;

    for (;;) {
        struct rows rows;
        int n;

        if (db_run(proof->db, &proof->page, &rows, Q_HOLD_FROM, INT(space),
                   INT(last), INT(PAGE)) != DB_OK)
            return false;
        n = rows.n;
        for (int i = 0; i < n; i++) {
            struct hold hold;

            ledger_hold_of_row(&rows, i, &hold);
            last = hold.number;
            if (!hold_adds_up(&hold))
                fault(proof, space,
                      arena_format(&proof->page, "hold %lld",
                                   (long long)hold.number),
                      "its credits are not its quantity at its price");
        }
        arena_reset(&proof->page);
        if (n < PAGE)
            return true;
    }
}

/* The caps as they were before any event. */
static void
begin_caps(struct arena *arena, const struct wallet *wallet, struct sums *sums)
{
    sums->cap_count = wallet->cap_count;
    sums->caps =
        arena_array(arena, (size_t)wallet->cap_count, sizeof(*sums->caps));
    for (int i = 0; i < wallet->cap_count; i++) {
        sums->caps[i] = wallet->caps[i];
        sums->caps[i].used = 0;
        sums->caps[i].window = INT64_MIN;
    }
}

static void
prove_caps(struct proof *proof, const struct wallet *wallet,
           const struct sums *sums)
{
    for (int i = 0; i < sums->cap_count; i++) {
        const struct cap *stored = &wallet->caps[i];
        const struct cap *counted = &sums->caps[i];
        int64_t used = counted->window == stored->window ? counted->used : 0;

        if (stored->used != used || counted->window > stored->window)
            fault(proof, wallet->space,
                  arena_format(&proof->page, "cap %lld",
                               (long long)stored->number),
                  "what is used of it is not what the events say");
    }
}

static bool
prove_space(struct proof *proof, struct arena *arena, int64_t space)
{
    struct wallet wallet = { .space = space };
    struct rows rows;
    struct sums sums;

    if (db_run(proof->db, arena, &rows, Q_WALLET_READ, INT(space)) != DB_OK)
        return false;
    wallet.debt = rows_int(&rows, 0, 2);
    wallet.caps_set = rows_int(&rows, 0, 13);
    sums.count = rows_int(&rows, 0, 8) + 1;
    if (sums.count < 1 || sums.count > (1 << 20)) {
        fault(proof, space, "wallet", "its number of lots is impossible");
        return true;
    }
    sums.credits =
        arena_array(arena, (size_t)sums.count, sizeof(*sums.credits));
    if (!ledger_load_caps(proof->db, arena, &wallet))
        return false;
    begin_caps(arena, &wallet, &sums);
    if (!prove_chain(proof, space, &sums) || !prove_lots(proof, space, &sums) ||
        !prove_holds(proof, space))
        return false;
    if (-sums.credits[0] != wallet.debt)
        fault(proof, space, "wallet", "its debt is not what the events say");
    prove_caps(proof, &wallet, &sums);
    return true;
}

bool
ledger_verify(struct db *db, struct arena *arena, ledger_fault *report,
              ledger_progress *progress, void *context, int64_t *faults)
{
    struct proof proof = { .db = db, .report = report, .context = context };
    struct rows spaces;
    bool read = false;

    arena_init(&proof.page, (size_t)64 * 1024, LIMIT_ARENA);
    proof.page.exhausted = arena->exhausted;
    if (!db_begin_read(db))
        goto done;
    if (!prove_rules(&proof, &ledger_set) ||
        db_run(db, arena, &spaces, Q_WALLET_SPACES, NONE) != DB_OK)
        goto done;
    for (int i = 0; i < spaces.n; i++) {
        struct arena mine;
        bool went;

        arena_init(&mine, (size_t)16 * 1024, LIMIT_ARENA);
        mine.exhausted = arena->exhausted;
        went = prove_space(&proof, &mine, rows_int(&spaces, i, 0));
        arena_free(&mine);
        if (!went)
            goto done;
        if (progress != NULL)
            progress(context, i + 1, spaces.n);
    }
    read = true;
done:
    db_rollback(db);
    arena_free(&proof.page);
    *faults = proof.faults;
    return read;
}
