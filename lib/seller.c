/*
 * Sellers: see seller.h.
 */
#include "seller.h"

#include "ledger_sql.h"
#include "limits.h"
#include "text.h"

enum { VAT_NUMBER_MAX = 32 };

static bool
fits(const char *text, size_t max)
{
    return text_fits(text, strlen(text), 1, max);
}

static const char *
wrong(const struct seller *seller)
{
    if (!fits(seller->name, LIMIT_TEXT))
        return "the name is 1 to 200 characters";
    if (seller->address != NULL && !fits(seller->address, LIMIT_TEXT))
        return "the address is 1 to 200 characters";
    if ((seller->vat_number == NULL) != (seller->vat_rate == SELLER_NO_VAT))
        return "a VAT rate and a VAT number go together";
    if (seller->vat_number != NULL && !fits(seller->vat_number, VAT_NUMBER_MAX))
        return "the VAT number is 1 to 32 characters";
    return NULL;
}

enum seller_result
seller_set(struct db *db, struct arena *arena, int64_t space,
           const struct seller *seller, int64_t now, const char **why)
{
    bool taxed = seller->vat_rate != SELLER_NO_VAT;

    *why = wrong(seller);
    if (*why != NULL)
        return SELLER_INVALID;
    if (db_run(db, arena, NULL, Q_SELLER_INSERT, space == 0 ? NIL : INT(space),
               TEXT(seller->name), TEXT(seller->address),
               TEXT(seller->vat_number), taxed ? INT(seller->vat_rate) : NIL,
               INT(now)) != DB_OK)
        return SELLER_BROKEN;
    return SELLER_OK;
}

bool
seller_rate_of(const char *text, int64_t *rate)
{
    int64_t found = 0;
    bool point = false;
    int places = 0;
    const char *at;

    for (at = text; *at != '\0'; at++) {
        if (*at == '.' && !point && at != text && at[1] != '\0') {
            point = true;
            continue;
        }
        if (*at < '0' || *at > '9' || places == 2 || found > SELLER_RATE_MAX)
            return false;
        found = found * 10 + (*at - '0');
        places += point ? 1 : 0;
    }
    for (; places < 2; places++)
        found *= 10;
    if (at == text || found > SELLER_RATE_MAX)
        return false;
    *rate = found;
    return true;
}

const char *
seller_rate_text(struct arena *arena, int64_t rate)
{
    long long whole = (long long)(rate / 100);
    int part = (int)(rate % 100);

    if (part == 0)
        return arena_format(arena, "%lld", whole);
    if (part % 10 == 0)
        return arena_format(arena, "%lld.%d", whole, part / 10);
    return arena_format(arena, "%lld.%02d", whole, part);
}
