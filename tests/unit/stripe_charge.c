/*
 * Refunds and disputes as the provider writes them: where each status says
 * that the money is, and what is no refund or dispute at all.
 */
#include "stripe_charge.h"
#include "tap.h"

static struct arena arena;

#define COMMON                                                 \
    "\"amount\":500,\"currency\":\"gbp\",\"charge\":\"ch_1\"," \
    "\"payment_intent\":\"pi_1\""
#define REFUND(status)                                                       \
    "{\"id\":\"re_1\",\"object\":\"refund\"," COMMON ",\"status\":\"" status \
    "\"}"
#define DISPUTE(status)                                                  \
    "{\"id\":\"dp_1\",\"object\":\"dispute\",\"livemode\":false," COMMON \
    ",\"status\":\"" status "\"}"

static const struct {
    const char *words, *text;
    bool refund, dispute; /* whether it is one */
    enum stripe_money money;
} cases[] = {
    { "pending", REFUND("pending"), true, false, STRIPE_MONEY_PENDING },
    { "requires_action", REFUND("requires_action"), true, false,
      STRIPE_MONEY_PENDING },
    { "succeeded", REFUND("succeeded"), true, false, STRIPE_MONEY_OUT },
    { "failed", REFUND("failed"), true, false, STRIPE_MONEY_BACK },
    { "canceled", REFUND("canceled"), true, false, STRIPE_MONEY_BACK },
    { "a status of tomorrow", REFUND("considered"), true, false,
      STRIPE_MONEY_PENDING },
    { "an inquiry", DISPUTE("warning_needs_response"), false, true,
      STRIPE_MONEY_PENDING },
    { "an inquiry that was closed", DISPUTE("warning_closed"), false, true,
      STRIPE_MONEY_PENDING },
    { "a dispute", DISPUTE("needs_response"), false, true, STRIPE_MONEY_OUT },
    { "under review", DISPUTE("under_review"), false, true, STRIPE_MONEY_OUT },
    { "lost", DISPUTE("lost"), false, true, STRIPE_MONEY_OUT },
    { "won", DISPUTE("won"), false, true, STRIPE_MONEY_BACK },
    { "prevented", DISPUTE("prevented"), false, true, STRIPE_MONEY_PENDING },
    { "no status", "{\"id\":\"re_1\",\"object\":\"refund\"," COMMON "}", false,
      false, STRIPE_MONEY_PENDING },
    { "an amount below zero",
      "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":-5,\"currency\":"
      "\"gbp\",\"charge\":\"ch_1\",\"status\":\"succeeded\"}",
      false, false, STRIPE_MONEY_PENDING },
    { "an amount that is a text",
      "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":\"5\",\"currency\":"
      "\"gbp\",\"charge\":\"ch_1\",\"status\":\"succeeded\"}",
      false, false, STRIPE_MONEY_PENDING },
    { "of no payment",
      "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":5,\"currency\":"
      "\"gbp\",\"charge\":null,\"payment_intent\":null,\"status\":"
      "\"succeeded\"}",
      false, false, STRIPE_MONEY_PENDING },
    { "of a charge that was expanded",
      "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":5,\"currency\":"
      "\"gbp\",\"charge\":{\"id\":\"ch_1\"},\"status\":\"succeeded\"}",
      true, false, STRIPE_MONEY_OUT },
    { "an id with a path in it",
      "{\"id\":\"re_1/../x\",\"object\":\"refund\"," COMMON
      ",\"status\":\"succeeded\"}",
      false, false, STRIPE_MONEY_PENDING },
};

int
main(void)
{
    arena_init(&arena, (size_t)64 * 1024, (size_t)1024 * 1024);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_fault *fault = NULL;
        struct stripe_reversal refund, dispute;
        const struct json *json =
            json_parse(&arena, cases[i].text, strlen(cases[i].text),
                       JSON_PROVIDER, &fault);

        ok(json != NULL, "%s: is JSON", cases[i].words);
        is_int(stripe_refund_read(json, &refund), cases[i].refund,
               "%s: a refund or not", cases[i].words);
        is_int(stripe_dispute_read(json, &dispute), cases[i].dispute,
               "%s: a dispute or not", cases[i].words);
        if (cases[i].refund || cases[i].dispute)
            is_int(cases[i].refund ? refund.money : dispute.money,
                   cases[i].money, "%s: where the money is", cases[i].words);
    }
    arena_free(&arena);
    return done();
}
