/*
 * Idempotency keys: kept with what they made, the same for ever, another
 * request refused, and nothing remembered of what was rolled back.
 */
#include "idem.h"

#include "ledger_world.h"

static struct idem
request(const char *key, const char *body)
{
    struct idem idem = {
        .key = key, .space = 1, .operation = IDEM_HOLD, .ref = 7
    };
    struct fingerprint print;

    fingerprint_begin(&print, &world.arena);
    fingerprint_text(&print, "body", body);
    fingerprint_end(&print, &idem);
    return idem;
}

static void
check_keeping(void)
{
    char longest[LIMIT_KEY + 1];
    struct idem first = request("k1", "a"), again = request("k1", "a");
    struct idem other = request("k1", "b"), gone = request("k2", "a");
    struct idem full;

    memset(longest, '~', LIMIT_KEY);
    longest[LIMIT_KEY] = '\0';
    full = request(longest, "a");
    first.answer = "the first answer";
    first.answer_length = strlen(first.answer);
    again.ref = 8;
    NEED(db_begin(world.db));
    is_int(idem_find(world.db, &world.arena, &first), IDEM_NEW,
           "a key that nobody used");
    is_int(idem_keep(world.db, &world.arena, &first), IDEM_NEW, "is kept");
    is_int(idem_keep(world.db, &world.arena, &full), IDEM_NEW,
           "the longest too");
    NEED(db_commit(world.db));

    NEED(db_begin(world.db));
    is_int(idem_keep(world.db, &world.arena, &again), IDEM_REPLAYED,
           "the same request again is a replay");
    is_int(again.ref, 7, "of what the first made");
    ok(again.answer_length == 16 &&
           memcmp(again.answer, "the first answer", 16) == 0,
       "with the first answer");
    is_int(idem_keep(world.db, &world.arena, &other), IDEM_KEY_REUSED,
           "another request with the key is refused");
    is_int(idem_find(world.db, &world.arena, &other), IDEM_KEY_REUSED,
           "and when it only looks");
    is_int(idem_keep(world.db, &world.arena, &gone), IDEM_NEW,
           "another key is new");
    db_rollback(world.db);
    is_int(idem_find(world.db, &world.arena, &gone), IDEM_NEW,
           "and is again after a rollback");
    is_int(idem_find(world.db, &world.arena, &full), IDEM_REPLAYED,
           "the longest is found by all of it");
    longest[LIMIT_KEY - 1] = '!';
    is_int(idem_find(world.db, &world.arena, &full), IDEM_NEW,
           "and not by most of it");
}

static void
check_scope(void)
{
    struct idem first = request("scope", "a"), idem;

    NEED(db_begin(world.db));
    NEED(idem_keep(world.db, &world.arena, &first) == IDEM_NEW);
    NEED(db_commit(world.db));
    idem = request("scope", "a");
    idem.space = 2;
    is_int(idem_find(world.db, &world.arena, &idem), IDEM_NEW,
           "a key is its Space's");
    idem = request("scope", "a");
    idem.member = 1;
    is_int(idem_find(world.db, &world.arena, &idem), IDEM_NEW, "its caller's");
    idem = request("scope", "a");
    idem.operation = IDEM_REFUND;
    is_int(idem_find(world.db, &world.arena, &idem), IDEM_NEW,
           "and its operation's");
    idem = request("SCOPE", "a");
    is_int(idem_find(world.db, &world.arena, &idem), IDEM_NEW, "with its case");
}

static void
print_two(struct idem *idem, const char *one, const char *a, const char *two,
          const char *b)
{
    struct fingerprint print;

    fingerprint_begin(&print, &world.arena);
    fingerprint_text(&print, one, a);
    fingerprint_text(&print, two, b);
    fingerprint_end(&print, idem);
}

static void
check_fingerprints(void)
{
    static const struct {
        const char *words, *one, *a, *two, *b;
        bool same;
    } cases[] = {
        { "the same members", "x", "1", "y", "2", true },
        { "another value", "x", "1", "y", "3", false },
        { "another name", "x", "1", "z", "2", false },
        { "a byte moved on", "x", "1;y=1:2", "y", "", false },
        { "one left out", "x", "1", "y", NULL, false },
        { "one that is empty", "x", "1", "y", "", false },
    };
    struct idem idem, first;
    struct fingerprint print;

    print_two(&first, "x", "1", "y", "2");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_two(&idem, cases[i].one, cases[i].a, cases[i].two, cases[i].b);
        is_int(memcmp(idem.fingerprint, first.fingerprint, SIGN_SIZE) == 0,
               cases[i].same, "fingerprint: %s", cases[i].words);
    }
    fingerprint_begin(&print, &world.arena);
    fingerprint_text(&print, "x", "1");
    fingerprint_int(&print, "y", 2);
    fingerprint_end(&print, &idem);
    ok(memcmp(idem.fingerprint, first.fingerprint, SIGN_SIZE) != 0,
       "fingerprint: a number is not its text");
}

static void
check_numbers(void)
{
    static const int64_t numbers[] = {
        0,         1,         -1,      63,   64,    -64,
        -65,       127,       8191,    8192, -8193, INT64_C(1000000000000000),
        INT64_MAX, INT64_MIN, NEVER_MS
    };
    struct idem idem = request("numbers", "a");
    struct idem_reader reader;
    struct buf answer;
    int64_t number = 0;
    size_t small;

    buf_init(&answer, &world.arena, 1000);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        idem_put(&answer, numbers[i]);
    idem_answer(&idem, &answer);
    NEED(db_begin(world.db));
    NEED(idem_keep(world.db, &world.arena, &idem) == IDEM_NEW);
    NEED(db_commit(world.db));
    idem = request("numbers", "a");
    NEED(idem_find(world.db, &world.arena, &idem) == IDEM_REPLAYED);
    idem_read(&reader, &idem);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        ok(idem_get(&reader, &number), "number %zu is there", i);
        is_int(number, numbers[i], "as it was put");
    }
    ok(!idem_get(&reader, &number), "and no more");
    buf_clear(&answer);
    idem_put(&answer, -64);
    small = answer.length;
    is_int((int64_t)small, 1, "small numbers are a byte");
    idem.answer = "\xff\xff";
    idem.answer_length = 2;
    idem_read(&reader, &idem);
    ok(!idem_get(&reader, &number), "a number that is cut off is none");
    idem.answer = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    idem.answer_length = 12;
    idem_read(&reader, &idem);
    ok(!idem_get(&reader, &number), "nor is one without an end");
}

int
main(void)
{
    world_begin("2026-11-22T10:00:00Z");
    check_keeping();
    check_scope();
    check_fingerprints();
    check_numbers();
    world_end();
    return done();
}
