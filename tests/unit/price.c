/*
 * Prices: the one rounding, looking up, and what makes a book unusable. The
 * books in the database are tried with the ledger.
 */
#include "price.h"

#include "limits.h"
#include "tap.h"

static void
check_rounding(void)
{
    static const struct {
        const char *words;
        int64_t quantity, price, per, credits;
    } cases[] = {
        { "nothing costs nothing", 0, 20, 1000, 0 },
        { "the first unit costs a credit", 1, 20, 1000, 1 },
        { "up to the last that it pays", 50, 20, 1000, 1 },
        { "and the next costs another", 51, 20, 1000, 2 },
        { "10,080 viewer-minutes cost 201.6, rounded up", 10080, 20, 1000,
          202 },
        { "a whole number stays", 1000, 20, 1000, 20 },
        { "one per one", 7, 1, 1, 7 },
        { "the largest quantity", LIMIT_INTEGER, 1, 1, LIMIT_INTEGER },
        { "the product needs more than 64 bits", LIMIT_INTEGER, LIMIT_CREDITS,
          LIMIT_CREDITS, LIMIT_INTEGER },
        { "and is exact there", LIMIT_INTEGER, LIMIT_CREDITS - 1, LIMIT_CREDITS,
          LIMIT_INTEGER - 9007 },
        { "what no int64_t holds is the largest", LIMIT_INTEGER, LIMIT_CREDITS,
          1, INT64_MAX },
    };
    struct charge own = { .feature = "x" };
    struct charge booked = { .feature = "x", .book = 1, .price = 3, .per = 2 };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        is_int(price_credits(cases[i].quantity, cases[i].price, cases[i].per),
               cases[i].credits, "%s", cases[i].words);
    is_int(price_of_charge(&own, 9), 9,
           "the caller's own price is its credits");
    is_int(price_of_charge(&booked, 9), 14, "a book's is by its units");
}

static void
check_first_book(struct arena *arena)
{
    static const struct {
        const char *activity, *quality;
        int64_t credits, per;
    } table[] = {
        { "livestream_room", NULL, 2, 1 },
        { "livestream_viewing", NULL, 20, 1000 },
        { "clip", "fast", 5, 1 },
        { "clip", "balanced", 10, 1 },
        { "clip", "premium", 25, 1 },
        { "draft_post", "fast", 4, 1 },
        { "draft_post", "balanced", 8, 1 },
        { "draft_post", "premium", 20, 1 },
        { "chat_reply", "fast", 1, 1 },
        { "chat_reply", "balanced", 2, 1 },
        { "chat_reply", "premium", 5, 1 },
        { "long_draft", "fast", 10, 1 },
        { "long_draft", "balanced", 20, 1 },
        { "long_draft", "premium", 50, 1 },
        { "video_summary", "fast", 5, 10 },
        { "video_summary", "balanced", 10, 10 },
        { "video_summary", "premium", 20, 10 },
    };
    const struct price_book *book = price_first_book();
    const char *why = NULL;
    struct charge charge;
    int prices = 0;

    ok(price_check(arena, book, &why), "the first book can be used");
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        is_int(price_find(book, table[i].activity, table[i].quality, 3,
                          &charge),
               PRICE_OK, "%s %s has a price", table[i].activity,
               table[i].quality == NULL ? "" : table[i].quality);
        is_int(charge.price, table[i].credits, "so many credits");
        is_int(charge.per, table[i].per, "per so many units");
        is_int(charge.quantity, 3, "for what was asked");
    }
    for (int i = 0; i < book->section_count; i++)
        for (int j = 0; j < book->sections[i].activity_count; j++)
            prices += book->sections[i].activities[j].price_count;
    is_int(prices, COUNT_OF(table), "and no other price");
    is_int(price_find(book, "karaoke", NULL, 1, &charge),
           PRICE_UNKNOWN_ACTIVITY, "an activity that it lacks");
    is_int(price_find(book, "clip", NULL, 1, &charge), PRICE_NO_QUALITY,
           "a quality is needed");
    is_int(price_find(book, "clip", "best", 1, &charge), PRICE_UNKNOWN_QUALITY,
           "one that it has");
    is_int(price_find(book, "livestream_room", "fast", 1, &charge),
           PRICE_UNKNOWN_QUALITY, "and none where none applies");
}

static void
check_faults(struct arena *arena)
{
    static struct price good = { NULL, 1, 1 };
    static struct price mixed[] = { { "fast", 1, 1 }, { NULL, 1, 1 } };
    static struct price twice[] = { { "fast", 1, 1 }, { "fast", 2, 1 } };
    static struct price best = { "best", 1, 1 }, free_ = { NULL, 0, 1 },
                        dear = { NULL, LIMIT_CREDITS + 1, 1 },
                        per = { NULL, 1, 0 };
    static const struct {
        const char *why;
        struct activity activities[2];
        int count;
    } cases[] = {
        { "the book has no activity", { { "", "", "", NULL, 0 } }, 0 },
        { "an activity needs an id, a label and a unit",
          { { "", "A", "u", &good, 1 } },
          1 },
        { "an activity needs an id, a label and a unit",
          { { NULL, "A", "u", &good, 1 } },
          1 },
        { "an activity needs an id, a label and a unit",
          { { "a", "A", NULL, &good, 1 } },
          1 },
        { "activity 'a' has no price", { { "a", "A", "u", NULL, 0 } }, 1 },
        { "activity 'a' is there twice",
          { { "a", "A", "u", &good, 1 }, { "a", "A", "u", &good, 1 } },
          2 },
        { "activity 'a' has a price without a quality beside others",
          { { "a", "A", "u", mixed, 2 } },
          1 },
        { "activity 'a' has one quality twice",
          { { "a", "A", "u", twice, 2 } },
          1 },
        { "activity 'a' has a quality that is not fast, balanced or premium",
          { { "a", "A", "u", &best, 1 } },
          1 },
        { "activity 'a' costs less than 1 credit or more than 10^12",
          { { "a", "A", "u", &free_, 1 } },
          1 },
        { "activity 'a' costs less than 1 credit or more than 10^12",
          { { "a", "A", "u", &dear, 1 } },
          1 },
        { "activity 'a' is priced per less than 1 unit or more than 10^12",
          { { "a", "A", "u", &per, 1 } },
          1 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct activity activities[2] = { cases[i].activities[0],
                                          cases[i].activities[1] };
        struct price_section section = { "s", "S", activities, cases[i].count };
        struct price_book book = { .sections = &section, .section_count = 1 };
        const char *why = NULL;

        ok(!price_check(arena, &book, &why), "a book is refused: %s",
           cases[i].why);
        is_text(why, cases[i].why, "with these words");
    }
}

int
main(void)
{
    struct arena arena;

    arena_init(&arena, 4096, 1 << 20);
    check_rounding();
    check_first_book(&arena);
    check_faults(&arena);
    arena_free(&arena);
    return done();
}
