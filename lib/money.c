/*
 * Money as text: see money.h. The currencies are those that the provider
 * takes cards in and that people have asked for; one more is one more line.
 */
#include "money.h"

#include "buf.h"

static const struct currency {
    const char *code;
    int digits;
    const char *sign; /* what stands before the amount */
} currencies[] = {
    { "GBP", 2, "£" },    { "EUR", 2, "€" },    { "USD", 2, "$" },
    { "AUD", 2, "A$" },   { "CAD", 2, "CA$" },  { "NZD", 2, "NZ$" },
    { "SGD", 2, "S$" },   { "HKD", 2, "HK$" },  { "CHF", 2, "CHF " },
    { "SEK", 2, "SEK " }, { "NOK", 2, "NOK " }, { "DKK", 2, "DKK " },
    { "PLN", 2, "PLN " }, { "CZK", 2, "CZK " }, { "INR", 2, "₹" },
    { "BRL", 2, "R$" },   { "MXN", 2, "MX$" },  { "ZAR", 2, "R " },
    { "JPY", 0, "¥" },    { "KRW", 0, "₩" },    { "KWD", 3, "KWD " },
};

static const struct currency *
find(const char *code)
{
    for (size_t i = 0; i < COUNT_OF(currencies); i++)
        if (strcmp(currencies[i].code, code) == 0)
            return &currencies[i];
    return NULL;
}

int
money_digits(const char *currency)
{
    const struct currency *found = find(currency);

    return found == NULL ? -1 : found->digits;
}

const char *
money_code(struct arena *arena, const char *currency)
{
    char *text = arena_text(arena, currency);

    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    return text;
}

int64_t
money_unit(const char *currency)
{
    int digits = money_digits(currency);
    int64_t unit = 1;

    assert(digits >= 0);
    while (digits-- > 0)
        unit *= 10;
    return unit;
}

static const char *
text_of(struct arena *arena, int64_t amount, const char *currency, bool exact)
{
    const struct currency *known = find(currency);
    int64_t unit = money_unit(currency);
    int64_t fraction = amount % unit;
    struct buf buf;

    buf_init(&buf, arena, 64);
    if (amount < 0)
        buf_text(&buf, "\xe2\x88\x92"); /* a real minus sign */
    buf_text(&buf, known->sign);
    buf_int_grouped(&buf, amount / unit < 0 ? -(amount / unit) : amount / unit);
    if (fraction != 0 || (exact && known->digits > 0))
        buf_format(&buf, ".%0*lld", known->digits,
                   (long long)(fraction < 0 ? -fraction : fraction));
    return buf.bytes;
}

const char *
money_text(struct arena *arena, int64_t amount, const char *currency)
{
    return text_of(arena, amount, currency, false);
}

const char *
money_text_exact(struct arena *arena, int64_t amount, const char *currency)
{
    return text_of(arena, amount, currency, true);
}
