/*
 * The test cards and accounts, by Stripe's own numbers, and what a payer
 * typed. A number that is no test card is declined, as in Stripe's test mode;
 * it is never stored or logged, nor is any other.
 */
#ifndef SANDBOX_CARD_H
#define SANDBOX_CARD_H

#include "base.h"

struct card {
    const char *number;
    const char *brand;
    bool asks;           /* the bank wants a confirmation first */
    const char *code;    /* NULL: it pays; else how it is refused */
    const char *decline; /* or NULL */
    const char *words;
};

/* Digits of a card number; spaces and dashes between them are fine. */
#define CARD_DIGITS_MAX 19

/* The digits alone. False when it cannot be a card number: other characters,
 * 12 digits or fewer, or a wrong check digit. */
MUST_USE bool card_digits(char digits[CARD_DIGITS_MAX + 1], const char *text);
/* The test card; for any other number one that is declined for that. */
const struct card *card_find(const char *digits);
/* "12/34", "12 / 2034", "1234". False when that is no month. */
MUST_USE bool card_expiry(const char *text, int64_t *month, int64_t *year);

#endif
