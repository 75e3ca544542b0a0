/*
 * Failures as rows of (whom, when). Emails and addresses are kept as hashes
 * only: what somebody typed there may have been a password.
 */
#include "attempt.h"

#include <arpa/inet.h>

#include "ledger_sql.h"
#include "limits.h"

/* What is counted of each kind: who tried, and where from. */
static const struct {
    const char *who, *ipv4, *ipv6, *other;
} words[] = {
    [ATTEMPT_SIGN_IN] = { "email ", "ipv4 ", "ipv6 ", "other " },
    [ATTEMPT_PROMO] = { "promo member ", "promo ipv4 ", "promo ipv6 ",
                        "promo other " },
};

static void
hash_subject(uint8_t out[SIGN_SIZE], const char *what, const void *bytes,
             size_t length)
{
    sign_sha256_pair(out, what, strlen(what), bytes, length);
}

/* One network is one caller: an IPv6 host has 2^64 addresses of its own. */
static void
hash_address(uint8_t out[SIGN_SIZE], enum attempt_kind kind,
             const char *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    struct in6_addr six;
    struct in_addr four;

    if (inet_pton(AF_INET, address, &four) == 1)
        hash_subject(out, words[kind].ipv4, &four, sizeof(four));
    else if (inet_pton(AF_INET6, address, &six) != 1)
        hash_subject(out, words[kind].other, address, strlen(address));
    else if (memcmp(six.s6_addr, mapped, sizeof(mapped)) == 0)
        hash_subject(out, words[kind].ipv4, six.s6_addr + 12, 4);
    else
        hash_subject(out, words[kind].ipv6, six.s6_addr, 8);
}

/* Milliseconds until one more may come; 0: now. -1: the database failed. */
static int64_t
wait_of(struct db *db, struct arena *arena, const uint8_t subject[SIGN_SIZE],
        int64_t now_ms)
{
    int64_t since = now_ms - LIMIT_FAILURES_MS;
    struct rows rows;

    /* What lies far ahead is from before the clock was set back; what lies
     * a little ahead is another program's that waited less for its turn. */
    if (db_run(db, arena, &rows, Q_ATTEMPT_RECENT, BLOB(subject, SIGN_SIZE),
               INT(since), INT(now_ms + LIMIT_FAILURES_MS),
               INT(LIMIT_FAILURES)) != DB_OK)
        return -1;
    if (rows.n < LIMIT_FAILURES)
        return 0;
    /* When the oldest of them leaves the window. */
    return min_i64(rows_int(&rows, rows.n - 1, 0) - since, LIMIT_FAILURES_MS);
}

static bool
insert(struct db *db, struct arena *arena, const uint8_t subject[SIGN_SIZE],
       const struct attempt *attempt)
{
    return db_run(db, arena, NULL, Q_ATTEMPT_INSERT, BLOB(subject, SIGN_SIZE),
                  INT(attempt->at), INT(attempt->n)) == DB_OK;
}

enum attempt_result
attempt_count(struct db *db, struct arena *arena, enum attempt_kind kind,
              const char *who, const char *address, int64_t now_ms,
              struct attempt *attempt, int *retry_after_s)
{
    int64_t who_wait, address_wait, wait;
    uint64_t random;

    *retry_after_s = 0;
    sign_random(&random, sizeof(random));
    *attempt = (struct attempt){ .at = now_ms, .n = (int64_t)(random >> 1) };
    hash_subject(attempt->who, words[kind].who, who, strlen(who));
    hash_address(attempt->address, kind, address == NULL ? "" : address);
    who_wait = wait_of(db, arena, attempt->who, now_ms);
    address_wait = wait_of(db, arena, attempt->address, now_ms);
    if (who_wait < 0 || address_wait < 0)
        return ATTEMPT_BROKEN;
    wait = max_i64(who_wait, address_wait);
    if (wait > 0) {
        *retry_after_s = (int)((wait + SECOND_MS - 1) / SECOND_MS);
        return ATTEMPT_TOO_MANY;
    }
    if (db_run(db, arena, NULL, Q_ATTEMPT_DELETE_OLD,
               INT(now_ms - LIMIT_FAILURES_MS)) != DB_OK ||
        !insert(db, arena, attempt->who, attempt) ||
        !insert(db, arena, attempt->address, attempt))
        return ATTEMPT_BROKEN;
    return ATTEMPT_OK;
}

enum attempt_result
attempt_forget(struct db *db, struct arena *arena,
               const struct attempt *attempt)
{
    if (db_run(db, arena, NULL, Q_ATTEMPT_DELETE, BLOB(attempt->who, SIGN_SIZE),
               INT(attempt->at), INT(attempt->n)) != DB_OK ||
        db_run(db, arena, NULL, Q_ATTEMPT_DELETE,
               BLOB(attempt->address, SIGN_SIZE), INT(attempt->at),
               INT(attempt->n)) != DB_OK)
        return ATTEMPT_BROKEN;
    return ATTEMPT_OK;
}
