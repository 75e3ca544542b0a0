/*
 * Cards and their fates. The table is the whole of it: adding a card is
 * adding a line. https://docs.stripe.com/testing lists the numbers.
 */
#include "card.h"

#define DECLINED(decline) false, "card_declined", (decline)

static const struct card cards[] = {
    { "4242424242424242", "visa", false, NULL, NULL, NULL },
    { "4000056655665556", "visa", false, NULL, NULL, NULL },
    { "4000008260000000", "visa", false, NULL, NULL, NULL },
    { "5555555555554444", "mastercard", false, NULL, NULL, NULL },
    { "2223003122003222", "mastercard", false, NULL, NULL, NULL },
    { "378282246310005", "amex", false, NULL, NULL, NULL },
    { "6011111111111117", "discover", false, NULL, NULL, NULL },
    { "4000002500003155", "visa", true, NULL, NULL, NULL },
    { "4000002760003184", "visa", true, NULL, NULL, NULL },
    { "4000008260003178", "visa", true, "card_declined", "insufficient_funds",
      "Your card has insufficient funds." },
    { "4000000000000002", "visa", DECLINED("generic_decline"),
      "Your card was declined." },
    { "4000000000009995", "visa", DECLINED("insufficient_funds"),
      "Your card has insufficient funds." },
    { "4000000000009987", "visa", DECLINED("lost_card"),
      "Your card was declined." },
    { "4000000000009979", "visa", DECLINED("stolen_card"),
      "Your card was declined." },
    { "4000000000000069", "visa", false, "expired_card", NULL,
      "Your card has expired." },
    { "4000000000000127", "visa", false, "incorrect_cvc", NULL,
      "Your card's security code is incorrect." },
    { "4000000000000119", "visa", false, "processing_error", NULL,
      "An error occurred while processing your card. Try again in a little "
      "bit." },
};

static const struct card no_test_card = {
    "", "unknown", DECLINED("test_mode_live_card"),
    "Your card was declined. This is a sandbox, and only test cards work "
    "here: try 4242 4242 4242 4242."
};

/* Luhn: the last digit checks the others. */
static bool
check_digit_fits(const char *digits, size_t length)
{
    int sum = 0;

    for (size_t i = 0; i < length; i++) {
        int digit = digits[length - 1 - i] - '0';

        if (i % 2 == 1)
            digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

bool
card_digits(char digits[CARD_DIGITS_MAX + 1], const char *text)
{
    size_t length = 0;

    for (; text != NULL && *text != '\0'; text++) {
        if (*text == ' ' || *text == '-')
            continue;
        if (*text < '0' || *text > '9' || length == CARD_DIGITS_MAX)
            return false;
        digits[length++] = *text;
    }
    digits[length] = '\0';
    return length > 12 && check_digit_fits(digits, length);
}

const struct card *
card_find(const char *digits)
{
    for (size_t i = 0; i < COUNT_OF(cards); i++)
        if (strcmp(cards[i].number, digits) == 0)
            return &cards[i];
    return &no_test_card;
}

bool
card_expiry(const char *text, int64_t *month, int64_t *year)
{
    char digits[7];
    size_t length = 0;

    for (; text != NULL && *text != '\0'; text++) {
        if (*text == ' ' || *text == '/')
            continue;
        if (*text < '0' || *text > '9' || length == sizeof(digits) - 1)
            return false;
        digits[length++] = *text;
    }
    if (length != 4 && length != 6)
        return false;
    *month = (digits[0] - '0') * 10 + (digits[1] - '0');
    *year = (digits[length - 2] - '0') * 10 + (digits[length - 1] - '0');
    if (length == 6 && (digits[2] != '2' || digits[3] != '0'))
        return false;
    *year += 2000;
    return *month >= 1 && *month <= 12;
}
