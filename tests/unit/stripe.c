/*
 * stripe.h: what we send, what we make of answers, and when we try again;
 * each against a server that says its lines byte for byte. Signatures have a
 * test of their own.
 */
#include "stripe.h"

#include "clock.h"
#include "limits.h"
#include "tap.h"
#include "tiny_server.h"

#define SESSION(order)                                                    \
    "{\"id\":\"cs_test_1\",\"object\":\"checkout.session\","              \
    "\"url\":\"https://pay.test/1\",\"status\":\"open\","                 \
    "\"payment_status\":\"unpaid\",\"mode\":\"payment\","                 \
    "\"client_reference_id\":\"" order "\",\"currency\":\"gbp\","         \
    "\"amount_total\":2500,\"expires_at\":1795455285,\"livemode\":false," \
    "\"payment_intent\":null,\"metadata\":{\"order\":\"" order "\"}}"
#define ORDER "ord_01K9QZ3V4S0000000100000001"

#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define GOOD                             \
    {                                    \
        TINY_SAY, OK_HEAD SESSION(ORDER) \
    }
#define FAILS(status, more)                                              \
    {                                                                    \
        TINY_SAY, "HTTP/1.1 " status " No\r\nConnection: close\r\n" more \
                  "\r\n{\"error\":{\"message\":\"said " status "\"}}"    \
    }

static struct arena arena;

static struct config
config_of(const struct tiny *tiny)
{
    return (struct config){
        .stripe_key = "sk_test_key",
        .stripe_base = arena_format(&arena, "http://127.0.0.1:%d", tiny->port),
    };
}

static const struct stripe_checkout ask = {
    .order = ORDER,
    .name = "3,000 credits",
    .currency = "gbp",
    .amount = 2500,
    .expires_at_s = 1795455285,
    .success_url = "https://s.test/a?order=" ORDER "&x={CHECKOUT_SESSION_ID}",
    .cancel_url = "https://s.test/c?a=1&b=\xc3\xbc",
    .customer = "cus_1",
};

static enum stripe_result
create(struct tiny *tiny, struct stripe_session *session, const char **why)
{
    struct config config = config_of(tiny);

    return stripe_checkout_create(&config, &arena, &ask, session, why);
}

static void
try_request(void)
{
    static const struct tiny_answer script[] = { FAILS("500", ""),
                                                 { TINY_CLOSE, "" },
                                                 GOOD };
    struct tiny *tiny = tiny_start(script, 3);
    const char *sent = tiny->seen[0];
    struct stripe_session session;
    const char *why = NULL;

    is_int(create(tiny, &session, &why), STRIPE_OK,
           "a 500 and a broken connection, then an answer");
    is_int(atomic_load(&tiny->count), 2, "in three tries, one unread");
    is_text(tiny->seen[1], tiny->seen[0],
            "each try is the same, byte for byte");
    ok(strncmp(sent, "POST /v1/checkout/sessions HTTP/1.1\r\n", 37) == 0,
       "where it goes");
    ok(strstr(sent, "\r\nAuthorization: Bearer sk_test_key\r\n") != NULL,
       "with our key");
    ok(strstr(sent, "\r\nStripe-Version: " STRIPE_VERSION "\r\n") != NULL,
       "with the pinned version");
    ok(strstr(sent, "\r\nIdempotency-Key: checkout-" ORDER "\r\n") != NULL,
       "with a key made of the order's id");
    is_text(strstr(sent, "\r\n\r\n") + 4,
            "mode=payment&client_reference_id=" ORDER
            "&metadata%5Border%5D=" ORDER
            "&payment_intent_data%5Bmetadata%5D%5Border%5D=" ORDER
            "&line_items%5B0%5D%5Bquantity%5D=1"
            "&line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=gbp"
            "&line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=2500"
            "&line_items%5B0%5D%5Bprice_data%5D%5Bproduct_data%5D%5Bname%5D"
            "=3%2C000%20credits"
            "&success_url=https%3A%2F%2Fs.test%2Fa%3Forder%3D" ORDER
            "%26x%3D%7BCHECKOUT_SESSION_ID%7D"
            "&cancel_url=https%3A%2F%2Fs.test%2Fc%3Fa%3D1%26b%3D%C3%BC"
            "&expires_at=1795455285&customer=cus_1",
            "what it says");
    is_text(session.id, "cs_test_1", "the session's id");
    is_text(session.url, "https://pay.test/1", "where to pay");
    is_text(session.order, ORDER, "our order");
    is_text(session.reference, ORDER, "also as the reference");
    is_text(session.payment_intent, NULL, "no payment as yet");
    is_int(session.amount_total, 2500, "the amount");
    is_text(session.currency, "gbp", "the currency");
    is_int(session.expires_at_s, 1795455285, "its end");
    tiny_stop(tiny);
}

static const struct {
    const char *name;
    struct tiny_answer script[4];
    int answers;
    enum stripe_result result;
    int tries;
    const char *why; /* a part of it; NULL: not looked at */
} outcomes[] = {
    { "an answer", { GOOD }, 1, STRIPE_OK, 1, NULL },
    { "409, then an answer",
      { FAILS("409", ""), GOOD },
      2,
      STRIPE_OK,
      2,
      NULL },
    { "429, then an answer",
      { FAILS("429", ""), GOOD },
      2,
      STRIPE_OK,
      2,
      NULL },
    { "503, then an answer",
      { FAILS("503", ""), GOOD },
      2,
      STRIPE_OK,
      2,
      NULL },
    { "no JSON, then an answer",
      { { TINY_SAY, OK_HEAD "{\"id\":" }, GOOD },
      2,
      STRIPE_OK,
      2,
      NULL },
    { "an array, then an answer",
      { { TINY_SAY, OK_HEAD "[1]" }, GOOD },
      2,
      STRIPE_OK,
      2,
      NULL },
    { "a flood is not tried again",
      { { TINY_FLOOD, OK_HEAD } },
      1,
      STRIPE_UNAVAILABLE,
      1,
      "too large" },
    { "400 is its last word",
      { FAILS("400", ""), GOOD },
      2,
      STRIPE_REFUSED,
      1,
      "said 400" },
    { "so is 401",
      { FAILS("401", ""), GOOD },
      2,
      STRIPE_REFUSED,
      1,
      "said 401" },
    { "and 404", { FAILS("404", ""), GOOD }, 2, STRIPE_MISSING, 1, "said 404" },
    { "a redirect is no answer",
      { FAILS("302", "Location: http://x/\r\n") },
      1,
      STRIPE_UNAVAILABLE,
      1,
      "302" },
    { "500 that must not be tried again",
      { FAILS("500", "Stripe-Should-Retry: false\r\n"), GOOD },
      2,
      STRIPE_UNAVAILABLE,
      1,
      "said 500" },
    { "400 that should be tried again",
      { FAILS("400", "Stripe-Should-Retry: true\r\n"), GOOD },
      2,
      STRIPE_OK,
      2,
      NULL },
    { "a wait that is too long is not waited",
      { FAILS("503", "Retry-After: 60\r\n"), GOOD },
      2,
      STRIPE_UNAVAILABLE,
      1,
      "said 503" },
    { "a wait that is nonsense is our own",
      { FAILS("503", "Retry-After: soon\r\n"), GOOD },
      2,
      STRIPE_OK,
      2,
      NULL },
    { "another order's session is no answer",
      { { TINY_SAY, OK_HEAD SESSION("ord_other") } },
      1,
      STRIPE_UNAVAILABLE,
      1,
      "not about this order" },
    { "nor is another kind of object",
      { { TINY_SAY, OK_HEAD "{\"object\":\"customer\",\"id\":\"cus_1\"}" } },
      1,
      STRIPE_UNAVAILABLE,
      1,
      "not about this order" },
};

static void
try_outcomes(void)
{
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct tiny *tiny = tiny_start(outcomes[i].script, outcomes[i].answers);
        struct stripe_session session;
        const char *why = "";

        is_int(create(tiny, &session, &why), outcomes[i].result, "%s",
               outcomes[i].name);
        is_int(atomic_load(&tiny->count), outcomes[i].tries, "%s: tries",
               outcomes[i].name);
        ok(outcomes[i].why == NULL || strstr(why, outcomes[i].why) != NULL,
           "%s: %s", outcomes[i].name, why);
        tiny_stop(tiny);
    }
}

static void
try_waits(void)
{
    static const struct tiny_answer patient[] = {
        FAILS("429", "Retry-After: 2\r\n"), GOOD
    };
    static const struct tiny_answer hung[] = { { TINY_HANG, "" } };
    static const struct tiny_answer failing[] = { FAILS("500", "") };
    struct tiny *tiny = tiny_start(patient, 2);
    int64_t began = clock_monotonic_ms();
    struct stripe_session session;
    const char *why = "";

    is_int(create(tiny, &session, &why), STRIPE_OK, "Retry-After: 2");
    ok(clock_monotonic_ms() - began >= 2000, "is obeyed");
    tiny_stop(tiny);

    tiny = tiny_start(hung, 1);
    began = clock_monotonic_ms();
    is_int(create(tiny, &session, &why), STRIPE_UNAVAILABLE,
           "a provider that hangs");
    ok(clock_monotonic_ms() - began <= LIMIT_PROVIDER_MS + 1000,
       "is left within the limit: %lld ms",
       (long long)(clock_monotonic_ms() - began));
    ok(atomic_load(&tiny->count) >= 2, "after more than one try");
    tiny_stop(tiny);

    tiny = tiny_start(failing, 1);
    began = clock_monotonic_ms();
    is_int(create(tiny, &session, &why), STRIPE_UNAVAILABLE,
           "a provider that fails for ever");
    ok(clock_monotonic_ms() - began <= LIMIT_PROVIDER_MS + 1000,
       "is left within the limit: %lld ms",
       (long long)(clock_monotonic_ms() - began));
    ok(atomic_load(&tiny->count) >= 4 && atomic_load(&tiny->count) <= 6,
       "with waits that double: %d tries", atomic_load(&tiny->count));
    tiny_stop(tiny);
}

static void
try_reading(void)
{
    static const struct tiny_answer session_answer[] = { GOOD };
    static const struct tiny_answer intent_answer[] = {
        { TINY_SAY, OK_HEAD "{\"id\":\"pi_1\",\"object\":\"payment_intent\","
                            "\"latest_charge\":{\"id\":\"ch_1\","
                            "\"receipt_url\":\"https://r.test/1\"}}" },
        { TINY_SAY, OK_HEAD "{\"id\":\"pi_1\",\"latest_charge\":\"ch_2\"}" },
        { TINY_SAY, OK_HEAD "{\"id\":\"pi_1\",\"latest_charge\":null}" },
        { TINY_SAY, OK_HEAD "{\"id\":\"pi_2\",\"latest_charge\":\"ch_2\"}" },
    };
    static const char *const no_ids[] = { "",     "../events", "cs_1?x=1",
                                          "cs 1", "cs_%41",    "cs_1/expire" };
    struct tiny *tiny = tiny_start(session_answer, 1);
    struct config config = config_of(tiny);
    const char *charge, *receipt, *why;
    struct stripe_session session;

    is_int(stripe_checkout_get(&config, &arena, "cs_test_1", &session, &why),
           STRIPE_OK, "a session is read");
    ok(strncmp(tiny->seen[0], "GET /v1/checkout/sessions/cs_test_1 ", 36) == 0,
       "by its id");
    ok(strstr(tiny->seen[0], "Idempotency-Key") == NULL, "without a key");
    is_int(stripe_checkout_get(&config, &arena, "cs_test_2", &session, &why),
           STRIPE_UNAVAILABLE, "another session than we asked for");
    for (size_t i = 0; i < COUNT_OF(no_ids); i++)
        is_int(stripe_checkout_get(&config, &arena, no_ids[i], &session, &why),
               STRIPE_MISSING, "no id: '%s'", no_ids[i]);
    is_int(atomic_load(&tiny->count), 2, "and such are never sent");
    tiny_stop(tiny);

    tiny = tiny_start(intent_answer, 4);
    config = config_of(tiny);
    is_int(stripe_charge_of(&config, &arena, "pi_1", &charge, &receipt, &why),
           STRIPE_OK, "a charge that was expanded");
    is_text(charge, "ch_1", "its id");
    is_text(receipt, "https://r.test/1", "its receipt");
    ok(strstr(tiny->seen[0],
              "GET /v1/payment_intents/pi_1?expand%5B%5D=latest_charge ") !=
           NULL,
       "asked for so");
    is_int(stripe_charge_of(&config, &arena, "pi_1", &charge, &receipt, &why),
           STRIPE_OK, "a charge that was not");
    is_text(charge, "ch_2", "its id");
    is_text(receipt, NULL, "no receipt");
    is_int(stripe_charge_of(&config, &arena, "pi_1", &charge, &receipt, &why),
           STRIPE_OK, "no charge as yet");
    is_text(charge, NULL, "no id");
    is_int(stripe_charge_of(&config, &arena, "pi_1", &charge, &receipt, &why),
           STRIPE_UNAVAILABLE, "another payment than we asked for");
    tiny_stop(tiny);
}

static const struct {
    const char *name;
    const char *body;
    bool event;
} events[] = {
    { "an event",
      "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a.b\","
      "\"created\":1,\"livemode\":false,\"data\":{\"object\":{}}}",
      true },
    { "with members that we do not know, fractions and a duplicate",
      "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a.b\",\"x\":1.5,"
      "\"x\":2,\"created\":1,\"livemode\":true,\"data\":{\"object\":{}}}",
      true },
    { "without livemode",
      "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a.b\","
      "\"created\":1,\"data\":{\"object\":{}}}",
      false },
    { "livemode as a word",
      "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a.b\","
      "\"livemode\":\"false\",\"data\":{\"object\":{}}}",
      false },
    { "without an object",
      "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a.b\","
      "\"livemode\":false,\"data\":{}}",
      false },
    { "of another kind",
      "{\"id\":\"evt_1\",\"object\":\"v2.core.event\",\"type\":\"a.b\","
      "\"livemode\":false,\"data\":{\"object\":{}}}",
      false },
    { "an id with a quote in it",
      "{\"id\":\"evt'1\",\"object\":\"event\",\"type\":\"a.b\","
      "\"livemode\":false,\"data\":{\"object\":{}}}",
      false },
    { "an array", "[]", false },
    { "nothing", "", false },
    { "no JSON", "{\"id\":", false },
};

static void
try_events(void)
{
    struct stripe_event event;

    for (size_t i = 0; i < COUNT_OF(events); i++)
        is_int(stripe_event_read(&arena, events[i].body, strlen(events[i].body),
                                 &event),
               events[i].event, "event: %s", events[i].name);
}

int
main(void)
{
    arena_init(&arena, 65536, LIMIT_ARENA);
    try_request();
    try_outcomes();
    try_waits();
    try_reading();
    try_events();
    arena_free(&arena);
    return done();
}
