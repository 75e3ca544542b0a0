/*
 * stripe_signature_valid(): headers that Stripe's own library made (npm
 * stripe 23.1.0, generateTestHeaderString), every legal variant, every byte
 * of one changed to every other, and ten thousand random mutations against a
 * second reading of the grammar. SEED=n repeats a run.
 */
#include "limits.h"
#include "sign.h"
#include "stripe.h"

#include <time.h>

#include "dice.h"
#include "tap.h"

#define SECRET "whsec_test_secret"
#define BODY   "{\"id\":\"evt_test_webhook\",\"object\":\"event\"}"
#define AT     INT64_C(1492774577)
#define V1     "88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883a"
#define OTHER  "0000000000000000000000000000000000000000000000000000000000000000"
#define T      "t=1492774577"
#define HEADER T ",v1=" V1

static bool
valid(const char *header, const char *body, const char *first,
      const char *second, int64_t now_s)
{
    const char *const secrets[2] = { first, second };

    return stripe_signature_valid(header, body, strlen(body), secrets, now_s);
}

static const struct {
    const char *secret;
    const char *body;
    int64_t at_s;
    const char *header;
} vectors[] = {
    { SECRET, BODY, AT, HEADER },
    { "whsec_60710871bded93f9a95b78ce7a0d4035",
      "{\"id\":\"evt_1\",\"amount\":2500,\"name\":\"Zo\xc3\xab \xe2\x80\x93 "
      "\xc2\xa3"
      "25\"}",
      1795368885,
      "t=1795368885,v1=af6c7c7d1fe831f65e03208995380d86322fd72e4883bf72f7ca9"
      "1ce3a3f7863" },
    { "whsec_a", "{}", 1,
      "t=1,v1=7aaed73a0f45f657eacd5c9b580562745d6023b1e3e6d17dce076b81940aa0"
      "46" },
};

static const struct {
    const char *name;
    const char *header;
    bool valid;
} headers[] = {
    { "as Stripe sends it", HEADER, true },
    { "v1 before t", "v1=" V1 "," T, true },
    { "two v1, the second is ours", T ",v1=" OTHER ",v1=" V1, true },
    { "two v1, the first is ours", T ",v1=" V1 ",v1=" OTHER, true },
    { "with a v0 beside it", HEADER ",v0=" OTHER, true },
    { "with a scheme to come", T ",v2=abc,v1=" V1, true },
    { "none", NULL, false },
    { "empty", "", false },
    { "no t", "v1=" V1, false },
    { "no v1", T, false },
    { "only v0", T ",v0=" V1, false },
    { "two t", T "," T ",v1=" V1, false },
    { "upper-case hex",
      T ",v1="
        "88A022085C6BDB887B02CB26FF76DD681234D9675C0F22844059F55552A8883A",
      false },
    { "a digit less",
      T ",v1="
        "88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883",
      false },
    { "a digit more", HEADER "a", false },
    { "a broken v1 beside ours", HEADER ",v1=xyz", false },
    { "a space after the comma", T ", v1=" V1, false },
    { "a space before", " " HEADER, false },
    { "a space behind", HEADER " ", false },
    { "a line end behind", HEADER "\r\n", false },
    { "a comma behind", HEADER ",", false },
    { "a comma before", "," HEADER, false },
    { "two commas", T ",,v1=" V1, false },
    { "a semicolon", T ";v1=" V1, false },
    { "no value", T ",v1", false },
    { "an empty v1", T ",v1=", false },
    { "an empty t", "t=,v1=" V1, false },
    { "t with a sign", "t=+1492774577,v1=" V1, false },
    { "t with a zero before", "t=01492774577,v1=" V1, false },
    { "t in hex", "t=0x58fa1271,v1=" V1, false },
    { "t with a fraction", "t=1492774577.0,v1=" V1, false },
    { "t that overflows", "t=99999999999999999999999,v1=" V1, false },
    { "T in upper case", "T=1492774577,v1=" V1, false },
    { "V1 in upper case", T ",V1=" V1, false },
    { "quotes", T ",v1=\"" V1 "\"", false },
    { "a NUL's worth of nothing", T ",=,v1=" V1, false },
};

static void
try_tables(void)
{
    struct arena arena;

    arena_init(&arena, 65536, LIMIT_ARENA);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const char *body = vectors[i].body;

        ok(valid(vectors[i].header, body, vectors[i].secret, NULL,
                 vectors[i].at_s),
           "Stripe's own header %zu", i + 1);
        is_text(stripe_signature_make(&arena, body, strlen(body),
                                      vectors[i].secret, vectors[i].at_s),
                vectors[i].header, "and ours is the same");
    }
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        is_int(valid(headers[i].header, BODY, SECRET, NULL, AT),
               headers[i].valid, "header: %s", headers[i].name);
    arena_free(&arena);
}

static void
try_secrets(void)
{
    const char *body = BODY;
    uint8_t mac[SIGN_SIZE];
    char hex[SIGN_HEX_SIZE], header[128];

    ok(valid(HEADER, BODY, SECRET, "whsec_new", AT), "the first of two");
    ok(valid(HEADER, BODY, "whsec_new", SECRET, AT), "the second of two");
    ok(!valid(HEADER, BODY, "whsec_new", "whsec_old", AT), "neither of two");
    ok(!valid(HEADER, BODY, NULL, NULL, AT), "no secret at all");
    ok(!valid(HEADER, BODY, "", NULL, AT), "an empty one");
    ok(!valid(HEADER, BODY, SECRET " ", NULL, AT), "one with a space");
    /* What anybody can make who knows that the secret is empty. */
    sign_hmac(mac, "", 0, "1492774577." BODY, strlen("1492774577." BODY));
    sign_hex(hex, mac, SIGN_SIZE);
    snprintf(header, sizeof(header), T ",v1=%s", hex);
    ok(!valid(header, body, "", "", AT), "signed with the empty secret");
    ok(!valid(header, body, "", NULL, AT), "and one NULL");
    ok(!valid(header, body, NULL, "", AT), "and the other way");
}

static void
try_times(void)
{
    static const struct {
        int64_t now_s;
        bool valid;
    } times[] = {
        { AT + 299, true },    { AT + 300, true }, { AT + 301, false },
        { AT - 299, true },    { AT - 300, true }, { AT - 301, false },
        { AT + 86400, false }, { 0, false },       { INT64_C(1) << 40, false },
    };

    for (size_t i = 0; i < COUNT_OF(times); i++)
        is_int(valid(HEADER, BODY, SECRET, NULL, times[i].now_s),
               times[i].valid, "%lld s after",
               (long long)(times[i].now_s - AT));
}

static void
try_each_byte(void)
{
    char header[] = HEADER;
    char body[] = BODY;
    int accepted = 0;

    for (size_t i = 0; i < strlen(HEADER); i++)
        for (int c = 1; c < 256; c++) {
            if (c == (unsigned char)HEADER[i])
                continue;
            header[i] = (char)c;
            accepted += valid(header, BODY, SECRET, NULL, AT);
            header[i] = HEADER[i];
        }
    is_int(accepted, 0, "any byte of the header, any other value");
    for (size_t i = 0; i < strlen(BODY); i++)
        for (int bit = 0; bit < 8; bit++) {
            body[i] = (char)(BODY[i] ^ (1 << bit));
            accepted +=
                body[i] != '\0' && valid(HEADER, body, SECRET, NULL, AT);
            body[i] = BODY[i];
        }
    is_int(accepted, 0, "any bit of the body");
    ok(!valid(HEADER, BODY " ", SECRET, NULL, AT), "a space behind the body");
    ok(!valid(HEADER, "", SECRET, NULL, AT), "no body");
}

/* --- Random mutations ---------------------------------------------------- */

static struct dice dice;

static uint32_t
random_below(uint32_t bound)
{
    return (uint32_t)dice_below(&dice, bound);
}

/* The grammar read a second time, in another manner: items by their first
 * '=', counted. */
static bool
is_legal(const char *header)
{
    char copy[1024];
    int times = 0, ours = 0, broken = 0;
    char *item = copy;

    snprintf(copy, sizeof(copy), "%s", header);
    while (item != NULL) {
        char *comma = strchr(item, ',');
        char *equals;

        if (comma != NULL)
            *comma = '\0';
        equals = strchr(item, '=');
        for (const char *at = item; *at != '\0'; at++)
            broken += *at < 0x21 || *at > 0x7e;
        if (equals == NULL || equals == item)
            return false;
        if (strncmp(item, "t=", 2) == 0) {
            times++;
            broken += strcmp(item, T) != 0;
        } else if (strncmp(item, "v1=", 3) == 0) {
            ours += strcmp(item, "v1=" V1) == 0;
            broken += strlen(item) != 3 + 64 ||
                      strspn(item + 3, "0123456789abcdef") != 64;
        }
        item = comma == NULL ? NULL : comma + 1;
    }
    return times == 1 && ours >= 1 && broken == 0;
}

static void
insert(char *header, size_t at, const char *piece)
{
    char rest[1024];

    snprintf(rest, sizeof(rest), "%s", header + at);
    snprintf(header + at, 1024 - at, "%s%s", piece, rest);
}

static void
mutate(char *header)
{
    static const char *const pieces[] = {
        ",",   "=",  "t=", "v1=", "v0=",     ",v1=" OTHER, ",v0=" OTHER, "," T,
        " ",   "\t", "0",  "a",   "A",       ",x=1",       ";",          "\"",
        "%00", "-",  "+",  ".",   ",v1=" V1, "\r\n",       ",v2=" V1,
    };
    size_t length = strlen(header);
    size_t at = random_below((uint32_t)length + 1);

    switch (random_below(6)) {
    case 0:
        if (at < length)
            header[at] = (char)(1 + random_below(255));
        break;
    case 1:
        if (at < length)
            memmove(header + at, header + at + 1, length - at);
        break;
    case 2: header[at] = '\0'; break;
    case 3:
        if (length > 0) {
            size_t other = random_below((uint32_t)length);
            char kept = header[at % length];

            header[at % length] = header[other];
            header[other] = kept;
        }
        break;
    default:
        if (length < 800)
            insert(header, at, pieces[random_below(COUNT_OF(pieces))]);
        break;
    }
}

static void
try_mutations(void)
{
    const char *seed = getenv("SEED");
    int wrong = 0, legal = 0;

    dice.state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    printf("# SEED=%llu\n", (unsigned long long)dice.state);
    for (int i = 0; i < 10000; i++) {
        char header[1024] = HEADER;

        for (uint32_t n = 1 + random_below(3); n > 0; n--)
            mutate(header);
        if (valid(header, BODY, SECRET, NULL, AT) != is_legal(header)) {
            wrong++;
            printf("# %s: %s\n", is_legal(header) ? "refused" : "accepted",
                   header);
        }
        legal += is_legal(header);
    }
    is_int(wrong, 0, "10,000 mutations: only legal variants are accepted");
    ok(legal > 0 && legal < 5000, "%d of them were such", legal);
}

int
main(void)
{
    try_tables();
    try_secrets();
    try_times();
    try_each_byte();
    try_mutations();
    return done();
}
