/*
 * secret.h: Argon2id as promised, and no answer that tells who exists.
 */
#include "secret.h"

#include <time.h>

#include "tap.h"

static const char password[] = "correct horse battery staple";

static void
hashes(void)
{
    char one[SECRET_HASH_SIZE], two[SECRET_HASH_SIZE];

    ok(secret_hash(one, password) && secret_hash(two, password),
       "a password is hashed");
    ok(strncmp(one, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0,
       "by Argon2id with 19 MiB and two passes: %.31s", one);
    ok(strcmp(one, two) != 0, "with a new salt each time");
    ok(strstr(one, "horse") == NULL, "it is not in there");
    ok(secret_matches(one, password) && secret_matches(two, password),
       "it matches its hashes");
    ok(!secret_matches(one, "correct horse battery stapl"),
       "a shorter one does not");
    ok(!secret_matches(one, "correct horse battery staple "),
       "nor a longer one");
    ok(!secret_matches(one, "Correct horse battery staple"),
       "nor one in another case");
    ok(!secret_matches(one, ""), "nor an empty one");
    one[60] = one[60] == 'A' ? 'B' : 'A';
    ok(!secret_matches(one, password), "a changed hash matches nothing");
}

static void
lengths(void)
{
    char text[SECRET_MAX + 3], hash[SECRET_HASH_SIZE];

    memset(text, 'x', sizeof(text));
    text[SECRET_MAX + 1] = '\0';
    ok(!secret_hash(hash, text), "a password too long is not hashed");
    text[SECRET_MAX] = '\0';
    ok(secret_hash(hash, text), "the longest is");
    ok(secret_matches(hash, text), "and matches");
    text[SECRET_MAX] = 'x';
    text[SECRET_MAX + 1] = '\0';
    ok(!secret_matches(hash, text), "one byte more matches nothing");
    ok(!secret_hash(hash, "1234567"), "one too short is not hashed");
    ok(secret_hash(hash, "12345678"), "the shortest is");
    ok(secret_hash(hash, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"),
       "any bytes will do");
}

static void
damaged(void)
{
    static const char *const hashes[] = {
        "",
        "x",
        "$argon2id$",
        "correct horse battery staple",
        "$argon2id$v=19$m=19456,t=2,p=1$$",
        "$2b$12$abcdefghijklmnopqrstuv",
    };
    char longer[SECRET_HASH_SIZE * 2];

    for (size_t i = 0; i < COUNT_OF(hashes); i++)
        ok(!secret_matches(hashes[i], password), "\"%s\" matches nothing",
           hashes[i]);
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    ok(!secret_matches(longer, password), "nor what is too long for a hash");
}

/* Processor time, which other programs on the machine do not stretch. */
static int64_t
took_us(const char *hash)
{
    int64_t best = INT64_MAX;

    for (int i = 0; i < 5; i++) {
        struct timespec begin, end;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        (void)!secret_matches(hash, password);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        best = min_i64(best, (end.tv_sec - begin.tv_sec) * 1000000 +
                                 (end.tv_nsec - begin.tv_nsec) / 1000);
    }
    return best;
}

/* The work is tens of milliseconds; no work would be microseconds. */
static void
nobody(void)
{
    char hash[SECRET_HASH_SIZE];
    int64_t somebody, none;

    ok(!secret_matches(NULL, password), "nobody's password matches nothing");
    ok(!secret_matches(NULL, ""), "not even an empty one");
    ok(secret_hash(hash, "another password"), "somebody has one");
    somebody = took_us(hash);
    none = took_us(NULL);
    ok(none * 2 >= somebody && somebody * 2 >= none,
       "nobody takes as long as somebody (%" PRId64 " and %" PRId64 " us)",
       none, somebody);
}

int
main(void)
{
    hashes();
    lengths();
    damaged();
    nobody();
    return done();
}
