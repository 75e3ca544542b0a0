/*
 * The proof of the ledger: every rule of verify.sql, and for each Space its
 * chain of hashes and each lot's credits recomputed from the events alone.
 * Only reads. Works in pages with an arena of its own for each, so that a
 * ledger of any length needs the same memory.
 */
#include "ledger.h"
#include "ledger_sql.h"

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

static bool
prove_space(struct proof *proof, struct arena *arena, int64_t space)
{
    struct rows rows;
    struct sums sums;
    int64_t debt;

    if (db_run(proof->db, arena, &rows, Q_WALLET_READ, INT(space)) != DB_OK)
        return false;
    debt = rows_int(&rows, 0, 2);
    sums.count = rows_int(&rows, 0, 8) + 1;
    if (sums.count < 1 || sums.count > (1 << 20)) {
        fault(proof, space, "wallet", "its number of lots is impossible");
        return true;
    }
    sums.credits =
        arena_array(arena, (size_t)sums.count, sizeof(*sums.credits));
    if (!prove_chain(proof, space, &sums) || !prove_lots(proof, space, &sums))
        return false;
    if (-sums.credits[0] != debt)
        fault(proof, space, "wallet", "its debt is not what the events say");
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
