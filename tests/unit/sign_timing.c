/*
 * How long a refusal of a webhook's signature takes says nothing of where the
 * signature is wrong: whoever could measure that would find the right one
 * digit by digit. A statistical trial, as dudect makes them: a million
 * refusals, wrong in the first digit or in the last, by lot; Welch's t of the
 * two kinds has to stay below 4.5, at which chance ends. The same trial on a
 * comparison that stops at the first difference shows that it would be found.
 */
#include <math.h>

#include "arena.h"
#include "clock.h"
#include "dice.h"
#include "sign.h"
#include "stripe.h"
#include "tap.h"

enum { SAMPLES = 1000000, WARM_UP = 20000 };

static const double chance_ends = 4.5;

/* Room for any header that is tried: the same place for both kinds, so that
 * nothing but their digits can make a difference. */
static char tried[160];
static const char *right; /* the header that would be taken */
static const char *secrets[2] = { "whsec_of_this_test", NULL };
static const char body[] = "{\"id\":\"evt_1\",\"object\":\"event\"}";

/* In cycles where the processor tells them, otherwise in nanoseconds. */
static uint64_t
ticks(void)
{
#if defined(__x86_64__)
    __builtin_ia32_lfence();
    return __builtin_ia32_rdtsc();
#else
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
#endif
}

/* Another digit of the same kind, number or letter. */
static char
other_digit(char digit)
{
    return digit == '9' ? '0' : digit == 'f' ? 'a' : (char)(digit + 1);
}

/* ------------------------------------------------------- what is measured */

static bool
as_ours(void)
{
    return stripe_signature_valid(tried, body, sizeof(body) - 1, secrets, 1000);
}

/* The same, and then what must not be done. */
static bool
as_a_leak(void)
{
    bool valid = as_ours();
    const volatile char *a = tried, *b = right;

    while (*a != '\0' && *a == *b)
        a++, b++;
    return valid;
}

/* ------------------------------------------------------------------ trial */

static int
by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* What nine of ten samples stay below: above it is what interrupts us. */
static uint32_t
usual(const uint32_t *times)
{
    uint32_t *sorted = malloc(SAMPLES * sizeof(*sorted));
    uint32_t found;

    if (sorted == NULL)
        exit(1);
    memcpy(sorted, times, SAMPLES * sizeof(*sorted));
    qsort(sorted, SAMPLES, sizeof(*sorted), by_size);
    found = sorted[SAMPLES / 10 * 9];
    free(sorted);
    return found;
}

static double
welch(const uint32_t *times, const uint8_t *kinds)
{
    uint32_t below = usual(times);
    double n[2] = { 0 }, mean[2] = { 0 }, squares[2] = { 0 };

    for (int i = 0; i < SAMPLES; i++) {
        int k = kinds[i];
        double delta = times[i] - mean[k];

        if (times[i] > below)
            continue;
        n[k]++;
        mean[k] += delta / n[k];
        squares[k] += delta * (times[i] - mean[k]);
    }
    printf("# first digit %.2f, last digit %.2f ticks\n", mean[0], mean[1]);
    return fabs(mean[0] - mean[1]) / sqrt(squares[0] / (n[0] - 1) / n[0] +
                                          squares[1] / (n[1] - 1) / n[1]);
}

/* Wrong in its first digit, and in its last. */
static void
make_guesses(char guesses[2][sizeof(tried)])
{
    size_t first = (size_t)(strstr(right, "v1=") + 3 - right);
    size_t last = strlen(right) - 1;

    for (int k = 0; k < 2; k++)
        snprintf(guesses[k], sizeof(tried), "%s", right);
    guesses[0][first] = other_digit(right[first]);
    guesses[1][last] = other_digit(right[last]);
}

static double
trial(bool (*check)(void), uint64_t seed)
{
    uint32_t *times = malloc(SAMPLES * sizeof(*times));
    uint8_t *kinds = malloc(SAMPLES);
    char guesses[2][sizeof(tried)];
    struct dice dice = { seed };
    bool taken = false;
    double t;

    if (times == NULL || kinds == NULL)
        exit(1);
    make_guesses(guesses);
    for (int i = -WARM_UP; i < SAMPLES; i++) {
        int kind = (int)dice_below(&dice, 2);
        uint64_t began, took;

        memcpy(tried, guesses[kind], sizeof(tried));
        began = ticks();
        taken = check() || taken;
        took = ticks() - began;
        if (i < 0)
            continue;
        times[i] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
        kinds[i] = (uint8_t)kind;
    }
    ok(!taken, "none is taken");
    t = welch(times, kinds);
    free(times);
    free(kinds);
    return t;
}

int
main(void)
{
    const char *given = getenv("SEED");
    uint64_t seed =
        given == NULL ? (uint64_t)clock_system_ms() : strtoull(given, NULL, 10);
    struct arena arena;
    double t;

    printf("# SEED=%llu\n", (unsigned long long)seed);
    arena_init(&arena, 4096, 65536);
    right =
        stripe_signature_make(&arena, body, sizeof(body) - 1, secrets[0], 1000);
    memcpy(tried, right, strlen(right) + 1);
    ok(as_ours(), "the right one is taken");
    /* A leak shows each time, chance does not. */
    t = trial(as_ours, seed);
    for (int again = 0; again < 2 && t >= chance_ends; again++)
        t = trial(as_ours, ++seed);
    ok(t < chance_ends, "where it is wrong does not show: t = %.2f", t);
    t = trial(as_a_leak, ++seed);
    for (int again = 0; again < 2 && t <= chance_ends; again++)
        t = trial(as_a_leak, ++seed);
    ok(t > chance_ends, "and it would, if it did: t = %.2f", t);
    arena_free(&arena);
    return done();
}
