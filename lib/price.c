/*
 * Prices: see price.h. The one place where a quantity becomes credits; it
 * rounds up, and nobody else rounds.
 */
#include "price.h"

#include "limits.h"
#include "text.h"

const char *const price_qualities[3] = { "fast", "balanced", "premium" };

/* Holds the product of any two int64_t. */
__extension__ typedef __int128 wide;

int64_t
price_credits(int64_t quantity, int64_t price, int64_t per)
{
    wide product, credits;

    assert(quantity >= 0 && price >= 1 && per >= 1);
    product = (wide)quantity * (wide)price;
    credits = product / (wide)per;
    if (product % (wide)per != 0)
        credits++;
    return credits > (wide)INT64_MAX ? INT64_MAX : (int64_t)credits;
}

int64_t
price_of_charge(const struct charge *charge, int64_t quantity)
{
    if (charge->book == 0)
        return quantity;
    return price_credits(quantity, charge->price, charge->per);
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const struct activity *
price_activity(const struct price_book *book, const char *id)
{
    for (int i = 0; i < book->section_count; i++)
        for (int j = 0; j < book->sections[i].activity_count; j++)
            if (strcmp(book->sections[i].activities[j].id, id) == 0)
                return &book->sections[i].activities[j];
    return NULL;
}

enum price_result
price_find(const struct price_book *book, const char *activity,
           const char *quality, int64_t quantity, struct charge *charge)
{
    const struct activity *found = price_activity(book, activity);

    if (found == NULL)
        return PRICE_UNKNOWN_ACTIVITY;
    for (int i = 0; i < found->price_count; i++) {
        const struct price *price = &found->prices[i];

        if (!same_text(price->quality, quality))
            continue;
        *charge = (struct charge){ .feature = found->id,
                                   .book = book->version,
                                   .quality = price->quality,
                                   .quantity = quantity,
                                   .price = price->credits,
                                   .per = price->per };
        return PRICE_OK;
    }
    return quality == NULL ? PRICE_NO_QUALITY : PRICE_UNKNOWN_QUALITY;
}

static bool
is_name(const char *text)
{
    return text != NULL && text_fits(text, strlen(text), 1, LIMIT_TEXT);
}

static bool
is_quality(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(price_qualities); i++)
        if (strcmp(price_qualities[i], text) == 0)
            return true;
    return false;
}

/* What is wrong with an activity's prices; NULL: nothing. */
static const char *
fault_of_prices(const struct activity *activity)
{
    if (activity->price_count == 0)
        return "has no price";
    for (int i = 0; i < activity->price_count; i++) {
        const struct price *price = &activity->prices[i];

        if (price->credits < 1 || price->credits > LIMIT_CREDITS)
            return "costs less than 1 credit or more than 10^12";
        if (price->per < 1 || price->per > LIMIT_CREDITS)
            return "is priced per less than 1 unit or more than 10^12";
        if (price->quality == NULL && activity->price_count > 1)
            return "has a price without a quality beside others";
        if (price->quality != NULL && !is_quality(price->quality))
            return "has a quality that is not fast, balanced or premium";
        for (int j = 0; j < i; j++)
            if (same_text(price->quality, activity->prices[j].quality))
                return "has one quality twice";
    }
    return NULL;
}

static bool
check_activity(struct arena *arena, const struct price_book *book,
               const struct activity *activity, const char **why)
{
    const char *fault;

    if (!is_name(activity->id) || !is_name(activity->label) ||
        !is_name(activity->unit)) {
        *why = "an activity needs an id, a label and a unit";
        return false;
    }
    fault = fault_of_prices(activity);
    if (fault == NULL && price_activity(book, activity->id) != activity)
        fault = "is there twice";
    if (fault != NULL)
        *why = arena_format(arena, "activity '%s' %s", activity->id, fault);
    return fault == NULL;
}

bool
price_check(struct arena *arena, const struct price_book *book,
            const char **why)
{
    int activities = 0;

    for (int i = 0; i < book->section_count; i++) {
        const struct price_section *section = &book->sections[i];

        if (!is_name(section->id) || !is_name(section->label)) {
            *why = "a section needs an id and a label";
            return false;
        }
        for (int j = 0; j < i; j++)
            if (strcmp(book->sections[j].id, section->id) == 0) {
                *why = arena_format(arena, "section '%s' is there twice",
                                    section->id);
                return false;
            }
        for (int j = 0; j < section->activity_count; j++)
            if (!is_name(section->activities[j].id)) {
                *why = "an activity needs an id, a label and a unit";
                return false;
            }
        activities += section->activity_count;
    }
    if (activities == 0) {
        *why = "the book has no activity";
        return false;
    }
    for (int i = 0; i < book->section_count; i++)
        for (int j = 0; j < book->sections[i].activity_count; j++)
            if (!check_activity(arena, book, &book->sections[i].activities[j],
                                why))
                return false;
    return true;
}
