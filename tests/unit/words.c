/*
 * Money and events in words: what the history says of each kind, and that
 * its sums are exact.
 */
#include "words.h"
#include "tap.h"

static struct arena arena;

static const struct money_case {
    int64_t amount;
    const char *currency;
    const char *text;
} money_cases[] = {
    { 2500, "GBP", "£25" },
    { 2550, "GBP", "£25.50" },
    { 5, "GBP", "£0.05" },
    { 0, "GBP", "£0" },
    { -2550, "GBP", "\xe2\x88\x92£25.50" },
    { -5, "GBP", "\xe2\x88\x92£0.05" },
    { 123456789, "GBP", "£1,234,567.89" },
    { 9007199254740991, "GBP", "£90,071,992,547,409.91" },
    { 2500, "JPY", "¥2,500" },
    { 2500, "KWD", "KWD 2.500" },
    { 2000, "KWD", "KWD 2" },
    { 1999, "EUR", "€19.99" },
};

static void
try_money(void)
{
    for (size_t i = 0; i < COUNT_OF(money_cases); i++)
        is_text(money_text(&arena, money_cases[i].amount,
                           money_cases[i].currency),
                money_cases[i].text, "%lld %s",
                (long long)money_cases[i].amount, money_cases[i].currency);
    is_text(money_text_exact(&arena, 2500, "GBP"), "£25.00", "every digit");
    is_text(money_text_exact(&arena, -2000, "KWD"), "\xe2\x88\x92KWD 2.000",
            "also of three");
    is_text(money_text_exact(&arena, 2500, "JPY"), "¥2,500", "and of none");
    is_int(money_digits("ZZZ"), -1, "a currency that we do not know");
    is_int(money_digits("gbp"), -1, "nor one in lower case");
    is_int(money_unit("KWD"), 1000, "a dinar has a thousand parts");
}

/* --- Usage. ------------------------------------------------------------------ */

static const struct usage_case {
    int64_t quantity, price, per, charged;
    const char *unit, *words;
} usage_cases[] = {
    { 10080, 20, 1000, 202, "viewer-minute",
      "10,080 viewer-minutes × 20 per 1,000 = 201.6, charged 202" },
    { 1000, 20, 1000, 20, "viewer-minute",
      "1,000 viewer-minutes × 20 per 1,000 = 20" },
    { 1, 20, 1000, 1, "viewer-minute",
      "1 viewer-minute × 20 per 1,000 = 0.02, charged 1" },
    { 3, 5, 1, 15, "reply", "3 replies × 5 = 15" },
    { 1, 5, 1, 5, "reply", "1 reply × 5 = 5" },
    { 25, 5, 10, 13, "minute of video",
      "25 minutes of video × 5 per 10 = 12.5, charged 13" },
    { 1, 1, 3, 1, "play", "1 play × 1 per 3 = 0.3333…, charged 1" },
    { 2, 1, 1, 2, "play", "2 plays × 1 = 2" },
    /* One of several captures of a hold: the rounding was paid before. */
    { 30, 20, 1000, 0, "viewer-minute",
      "30 viewer-minutes × 20 per 1,000 = 0.6, charged 0" },
    { 9007199254740991, 1000000000000, 1000000000000, 9007199254740991, "unit",
      "9,007,199,254,740,991 units × 1,000,000,000,000 per "
      "1,000,000,000,000 = 9,007,199,254,740,991" },
};

static void
try_usage(void)
{
    for (size_t i = 0; i < COUNT_OF(usage_cases); i++) {
        const struct usage_case *c = &usage_cases[i];
        const struct event event = { .kind = EVENT_CAPTURED_USAGE,
                                     .credits = -c->charged,
                                     .charge = { .feature = "f",
                                                 .book = 1,
                                                 .quantity = c->quantity,
                                                 .price = c->price,
                                                 .per = c->per } };
        const struct words_context context = { .activity_label = "Label",
                                               .unit = c->unit };

        is_text(words_sum(&arena, &event, &context), c->words, "%s", c->words);
        is_text(words_title(&arena, &event, &context), "Label",
                "its activity is the title");
    }
}

/* --- The other kinds. ---------------------------------------------------------- */

static const struct kind_case {
    const char *name;
    struct event event;
    enum lot_kind lot;
    const char *title, *words;
} kind_cases[] = {
    { "a bonus says why",
      { .kind = EVENT_BONUS, .credits = 5, .refs = { .note = "hello" } },
      LOT_BONUS,
      "Bonus credits",
      "hello" },
    { "an allocation",
      { .kind = EVENT_INCLUDED_ALLOCATION,
        .credits = 5,
        .refs = { .note = "May" } },
      LOT_INCLUDED,
      "Included credits",
      "May" },
    { "the caller's own feature is the title",
      { .kind = EVENT_CAPTURED_USAGE,
        .credits = -1,
        .charge = { .feature = "ai.magic" } },
      LOT_TOP_UP,
      "ai.magic",
      "1 credit" },
    { "and its price the credits",
      { .kind = EVENT_CAPTURED_USAGE,
        .credits = -1200,
        .charge = { .feature = "x" } },
      LOT_TOP_UP,
      "x",
      "1,200 credits" },
    { "a refund says why",
      { .kind = EVENT_USAGE_REFUND, .credits = 3, .refs = { .note = "bad" } },
      LOT_TOP_UP,
      "Usage refunded",
      "bad" },
    { "an expiry says of what",
      { .kind = EVENT_EXPIRY, .credits = -480 },
      LOT_INCLUDED,
      "Credits expired",
      "480 included credits reached their end unused" },
    { "debt that was paid by credits that came free",
      { .kind = EVENT_ADJUSTMENT, .credits = 0 },
      LOT_TOP_UP,
      "Owed credits settled",
      "Credits that came free paid what was owed" },
    { "an adjustment says why",
      { .kind = EVENT_ADJUSTMENT, .credits = -3, .refs = { .note = "oops" } },
      LOT_TOP_UP,
      "Adjustment",
      "oops" },
    { "a refund of a top-up",
      { .kind = EVENT_TOP_UP_REFUND, .credits = -3 },
      LOT_TOP_UP,
      "Top-up refunded",
      NULL },
    { "one that failed",
      { .kind = EVENT_TOP_UP_REFUND, .credits = 3 },
      LOT_TOP_UP,
      "Refund reversed",
      NULL },
};

static void
try_kinds(void)
{
    for (size_t i = 0; i < COUNT_OF(kind_cases); i++) {
        const struct kind_case *c = &kind_cases[i];
        const struct words_context context = { .lot_kind = c->lot };

        is_text(words_title(&arena, &c->event, &context), c->title, "%s",
                c->name);
        is_text(words_sum(&arena, &c->event, &context), c->words,
                "%s: its words", c->name);
    }
}

static void
try_top_up(void)
{
    static const struct event event = { .kind = EVENT_TOP_UP,
                                        .credits = 3300,
                                        .order = 1 };
    struct order order = {
        .amount = 2500, .currency = "GBP", .rate = 120, .credits = 3000
    };
    const struct words_context context = { .order = &order };

    is_text(words_title(&arena, &event, &context), "Top-up £25",
            "a top-up's title");
    is_text(words_sum(&arena, &event, &context),
            "£25 at 120 credits per £1 = 3,000", "its sum");
    order.bonus = 300;
    is_text(words_sum(&arena, &event, &context),
            "£25 at 120 credits per £1 = 3,000, and a bonus of 300",
            "and with a bonus");
}

int
main(void)
{
    arena_init(&arena, 65536, (size_t)1 << 24);
    try_money();
    try_usage();
    try_kinds();
    try_top_up();
    arena_free(&arena);
    return done();
}
