/*
 * The test cards and accounts, by Stripe's own numbers, and what a payer
 * typed. A number that is no test card is declined, as in Stripe's test mode;
 * it is never stored or logged, nor is any other.
 */
#ifndef SANDBOX_CARD_H
#define SANDBOX_CARD_H

#include "base.h"

/* What comes after a payment that went well. */
enum card_later {
    CARD_NOTHING = 0,
    CARD_REFUND_WAITS, /* a refund is pending before it succeeds */
    CARD_REFUND_FAILS, /* a refund succeeds, and comes back */
    CARD_DISPUTED      /* its bank disputes the payment at once */
};

struct card {
    const char *number;
    const char *brand;
    const char *alias;   /* "visa": the API knows it as pm_card_visa; or NULL */
    const char *code;    /* NULL: it pays; else how it is refused */
    const char *decline; /* or NULL */
    const char *words;
    enum card_later later;
    bool asks;        /* the bank wants a confirmation while it pays or saves */
    bool asks_always; /* also for a card that was saved, with nobody there */
    bool only_saves;  /* a page may pay with it or save it; nobody else */
};

/* Digits of a card number; spaces and dashes between them are fine. */
#define CARD_DIGITS_MAX 19

/* The digits alone. False when it cannot be a card number: other characters,
 * 12 digits or fewer, or a wrong check digit. */
MUST_USE bool card_digits(char digits[CARD_DIGITS_MAX + 1], const char *text);
/* The test card; for any other number one that is declined for that. */
const struct card *card_find(const char *digits);
/* The test card of a method that was kept, by what is kept of it. NULL: it is
 * no card (`brand` is NULL), or none of ours. */
const struct card *card_kept(const char *brand, const char *last4);
/* The test card of "pm_card_visa" and its like; NULL: no such name. */
const struct card *card_alias(const char *id);
/* "12/34", "12 / 2034", "1234". False when that is no month. */
MUST_USE bool card_expiry(const char *text, int64_t *month, int64_t *year);

#endif
