/*
 * Cards and their fates. The table is the whole of it: adding a card is
 * adding a line. https://docs.stripe.com/testing lists the numbers.
 */
#include "card.h"

#include "text.h"

#define PAYS(alias_) .alias = (alias_), .code = NULL
#define DECLINED(alias_, decline_, words_)                             \
    .alias = (alias_), .code = "card_declined", .decline = (decline_), \
    .words = (words_)
#define REFUSED(alias_, code_, words_) \
    .alias = (alias_), .code = (code_), .words = (words_)

#define NO_FUNDS "Your card has insufficient funds."
#define NO       "Your card was declined."

static const struct card cards[] = {
    { "4242424242424242", "visa", PAYS("visa") },
    { "4000056655665556", "visa", PAYS("visa_debit") },
    { "4000008260000000", "visa", PAYS("gb") },
    { "5555555555554444", "mastercard", PAYS("mastercard") },
    { "2223003122003222", "mastercard", PAYS(NULL) },
    { "378282246310005", "amex", PAYS("amex") },
    { "6011111111111117", "discover", PAYS("discover") },
    { "4000002500003155", "visa", PAYS("authenticationRequiredOnSetup"),
      .asks = true },
    { "4000002760003184", "visa", PAYS("authenticationRequired"), .asks = true,
      .asks_always = true },
    { "4000008260003178", "visa",
      DECLINED("authenticationRequiredChargeDeclinedInsufficientFunds",
               "insufficient_funds", NO_FUNDS),
      .asks = true },
    { "4000000000000002", "visa",
      DECLINED("chargeDeclined", "generic_decline", NO) },
    { "4000000000009995", "visa",
      DECLINED("chargeDeclinedInsufficientFunds", "insufficient_funds",
               NO_FUNDS) },
    { "4000000000009987", "visa",
      DECLINED("chargeDeclinedLostCard", "lost_card", NO) },
    { "4000000000009979", "visa",
      DECLINED("chargeDeclinedStolenCard", "stolen_card", NO) },
    { "4000000000000069", "visa",
      REFUSED("chargeDeclinedExpiredCard", "expired_card",
              "Your card has expired.") },
    { "4000000000000127", "visa",
      REFUSED("chargeDeclinedIncorrectCvc", "incorrect_cvc",
              "Your card's security code is incorrect.") },
    { "4000000000000119", "visa",
      REFUSED("chargeDeclinedProcessingError", "processing_error",
              "An error occurred while processing your card. Try again in a "
              "little bit.") },
    { "4000000000000341", "visa",
      DECLINED("chargeCustomerFail", "generic_decline", NO),
      .only_saves = true },
    { "4000000000007726", "visa", PAYS("pendingRefund"),
      .later = CARD_REFUND_WAITS },
    { "4000000000005126", "visa", PAYS("refundFail"),
      .later = CARD_REFUND_FAILS },
    { "4000000000000259", "visa", PAYS("createDispute"),
      .later = CARD_DISPUTED },
};

static const struct card no_test_card = {
    "", "unknown",
    DECLINED(NULL, "test_mode_live_card",
             "Your card was declined. This is a sandbox, and only test cards "
             "work here: try 4242 4242 4242 4242.")
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

const struct card *
card_kept(const char *brand, const char *last4)
{
    if (brand == NULL)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(cards); i++)
        if (strcmp(cards[i].number + strlen(cards[i].number) - 4, last4) == 0)
            return &cards[i];
    return NULL;
}

const struct card *
card_alias(const char *id)
{
    if (!text_begins(id, "pm_card_"))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(cards); i++)
        if (cards[i].alias != NULL &&
            strcmp(cards[i].alias, id + strlen("pm_card_")) == 0)
            return &cards[i];
    return NULL;
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
