/*
 * Random numbers of the C tests: the same seed, the same list (splitmix64).
 * A test prints its seed and takes another from SEED, so that what it found
 * can be found again.
 */
#ifndef SCRIP_DICE_H
#define SCRIP_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state; /* the seed, at first */
};

static inline uint64_t
dice_roll(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 to bound - 1. */
static inline int64_t
dice_below(struct dice *dice, int64_t bound)
{
    return (int64_t)(dice_roll(dice) % (uint64_t)bound);
}

/* low to high, both included. */
static inline int64_t
dice_between(struct dice *dice, int64_t low, int64_t high)
{
    return low + dice_below(dice, high - low + 1);
}

static inline bool
dice_chance(struct dice *dice, int percent)
{
    return dice_between(dice, 1, 100) <= percent;
}

#endif
