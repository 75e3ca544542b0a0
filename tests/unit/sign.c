/*
 * sign.h: against published vectors (FIPS 180-4, RFC 4231, RFC 4648), and
 * the spellings that tokens must not have.
 */
#include "sign.h"

#include "tap.h"

static const struct {
    const char *text;
    const char *hex;
} hashes[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
sha256(void)
{
    uint8_t hash[SIGN_SIZE], pair[SIGN_SIZE];
    char hex[SIGN_HEX_SIZE];
    char *million = malloc(1000000);
    bool same = true;

    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        size_t length = strlen(hashes[i].text);

        sign_sha256(hash, hashes[i].text, length);
        sign_hex(hex, hash, sizeof(hash));
        is_text(hex, hashes[i].hex, "SHA-256 of \"%s\"", hashes[i].text);
        for (size_t cut = 0; cut <= length; cut++) {
            sign_sha256_pair(pair, hashes[i].text, cut, hashes[i].text + cut,
                             length - cut);
            same = same && memcmp(pair, hash, sizeof(hash)) == 0;
        }
    }
    ok(same, "the hash of two pieces is that of the whole");
    if (million == NULL)
        abort();
    memset(million, 'a', 1000000);
    sign_sha256(hash, million, 1000000);
    sign_hex(hex, hash, sizeof(hash));
    is_text(hex,
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            "SHA-256 of a million times \"a\"");
    free(million);
}

/* RFC 4231; `n` bytes of `fill` where there is no text. */
static const struct {
    const char *name;
    const char *key;
    int key_fill, key_n;
    const char *text;
    int text_fill, text_n;
    const char *hex;
} macs[] = {
    { "case 1", NULL, 0x0b, 20, "Hi There", 0, 0,
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { "case 2, a short key", "Jefe", 0, 0, "what do ya want for nothing?", 0, 0,
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { "case 3", NULL, 0xaa, 20, NULL, 0xdd, 50,
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
    { "case 4",
      "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11"
      "\x12\x13\x14\x15\x16\x17\x18\x19",
      0, 0, NULL, 0xcd, 50,
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
    { "case 6, a key longer than a block", NULL, 0xaa, 131,
      "Test Using Larger Than Block-Size Key - Hash Key First", 0, 0,
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { "case 7, key and data longer than a block", NULL, 0xaa, 131,
      "This is a test using a larger than block-size key and a larger than "
      "block-size data. The key needs to be hashed before being used by the "
      "HMAC algorithm.",
      0, 0,
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
    { "no key and no data", "", 0, 0, "", 0, 0,
      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
};

static void
hmac(void)
{
    for (size_t i = 0; i < COUNT_OF(macs); i++) {
        uint8_t key[200], text[200], mac[SIGN_SIZE];
        char hex[SIGN_HEX_SIZE];
        size_t key_n = (size_t)macs[i].key_n, n = (size_t)macs[i].text_n;

        memset(key, macs[i].key_fill, key_n);
        memset(text, macs[i].text_fill, n);
        if (macs[i].key != NULL)
            memcpy(key, macs[i].key, key_n = strlen(macs[i].key));
        if (macs[i].text != NULL)
            memcpy(text, macs[i].text, n = strlen(macs[i].text));
        sign_hmac(mac, key, key_n, text, n);
        sign_hex(hex, mac, sizeof(mac));
        is_text(hex, macs[i].hex, "HMAC-SHA-256, %s", macs[i].name);
    }
}

static void
no_key(void)
{
    uint8_t one[SIGN_SIZE], two[SIGN_SIZE];

    sign_hmac(two, "secret", 6, "x", 1);
    sign_hmac(two, NULL, 0, "x", 1);
    sign_hmac(one, "", 0, "x", 1);
    ok(sign_equal(one, two, SIGN_SIZE),
       "no key is the empty key, never the one before");
}

static const struct {
    const char *name;
    const char *hex;
    bool fine;
} digits[] = {
    { "four bytes", "00ff10a9", true },
    { "an upper-case letter", "00FF10a9", false },
    { "one digit too few", "00ff10a", false },
    { "one byte too few", "00ff10", false },
    { "one digit too many", "00ff10a90", false },
    { "one byte too many", "00ff10a9ff", false },
    { "nothing", "", false },
    { "a letter after f", "00ff10ag", false },
    { "a space", "00ff 10a9", false },
    { "a space at the end", "00ff10a9 ", false },
    { "a prefix", "0x00ff10", false },
    { "a sign", "-0ff10a9", false },
    { "a colon behind nine", "00ff10:9", false },
    { "a slash before zero", "00ff10/9", false },
    { "a backquote before a", "00ff10`9", false },
    { "fullwidth digits", "\xef\xbc\x91\xef\xbc\x91", false },
};

static void
hex(void)
{
    char out[9];

    for (size_t i = 0; i < COUNT_OF(digits); i++) {
        uint8_t bytes[4] = { 0 };

        ok(sign_unhex(bytes, 4, digits[i].hex) == digits[i].fine,
           "%s is%s four bytes in hex", digits[i].name,
           digits[i].fine ? "" : " not");
        if (digits[i].fine) {
            sign_hex(out, bytes, 4);
            is_text(out, digits[i].hex, "and back");
        }
    }
    ok(sign_unhex(out, 0, "") && !sign_unhex(out, 0, "0"),
       "no bytes are no digits");
    sign_hex(out, NULL, 0);
    is_text(out, "", "both ways");
}

static const struct {
    const char *plain;
    const char *coded;
} pairs[] = {
    { "", "" },
    { "f", "Zg" },
    { "fo", "Zm8" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg" },
    { "fooba", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy" },
    { "\xfb\xff\xfe", "-__-" },
};

static const struct {
    const char *name;
    const char *text;
} uncoded[] = {
    { "padding", "Zg==" },
    { "padding of one", "Zm8=" },
    { "the other alphabet's plus", "-__+" },
    { "the other alphabet's slash", "-_/-" },
    { "one character", "Z" },
    { "five characters", "Zm9vY" },
    { "bits left over in one byte", "Zh" },
    { "bits left over in two bytes", "Zm9" },
    { "bits left over further on", "Zm9vYmF" },
    { "a space", "Zm 9" },
    { "a line feed", "Zm9v\n" },
    { "a byte beyond ASCII", "Zm9\xc3" },
};

static void
base64url(void)
{
    char out[16];
    uint8_t back[8];

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        size_t n = strlen(pairs[i].plain);

        sign_base64url(out, pairs[i].plain, n);
        is_text(out, pairs[i].coded, "\"%s\" in base64url", pairs[i].coded);
        is_int(sign_unbase64url(back, sizeof(back), out), (int)n,
               "\"%s\" has %zu bytes", out, n);
        ok(memcmp(back, pairs[i].plain, n) == 0, "the same ones");
        is_int(sign_unbase64url(back, n, out), (int)n, "in just that room");
        if (n > 0)
            is_int(sign_unbase64url(back, n - 1, out), -1, "not in less");
    }
    for (size_t i = 0; i < COUNT_OF(uncoded); i++)
        is_int(sign_unbase64url(back, sizeof(back), uncoded[i].text), -1,
               "%s: no base64url", uncoded[i].name);
}

/* Of all texts of two and three characters, each that is read is the one
 * that is written for its bytes: a token has one spelling. */
static void
one_spelling(void)
{
    int64_t read = 0, other = 0;

    for (int a = 33; a < 127; a++) {
        for (int b = 33; b < 127; b++) {
            for (int c = 32; c < 127; c++) {
                char text[4] = { (char)a, (char)b, (char)c, '\0' };
                char again[8];
                uint8_t bytes[3];
                int n;

                if (c == 32)
                    text[2] = '\0';
                n = sign_unbase64url(bytes, sizeof(bytes), text);
                if (n < 0)
                    continue;
                read++;
                sign_base64url(again, bytes, (size_t)n);
                other += strcmp(again, text) != 0;
            }
        }
    }
    is_int(read, 256 + 65536, "one text for each byte and pair of bytes");
    is_int(other, 0, "and each is written so");
}

static void
random_and_equal(void)
{
    uint8_t a[64] = { 0 }, b[64] = { 0 };
    bool each = true;

    sign_random(a, sizeof(a));
    sign_random(b, sizeof(b));
    ok(!sign_equal(a, b, sizeof(a)), "random bytes do not come again");
    memcpy(b, a, sizeof(a));
    ok(sign_equal(a, b, sizeof(a)), "equal is equal");
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] ^= 0x80;
        each = each && !sign_equal(a, b, sizeof(a)) && sign_equal(a, b, i);
        b[i] ^= 0x80;
    }
    ok(each, "a bit's difference is seen wherever it is");
    ok(sign_equal(a, b, 0), "nothing equals nothing");
}

int
main(void)
{
    sha256();
    hmac();
    no_key();
    hex();
    base64url();
    one_spelling();
    random_and_equal();
    return done();
}
