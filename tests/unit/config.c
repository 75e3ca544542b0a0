/*
 * config.h: which settings start a site and which must not. The dangerous
 * ones are those that would start: a secret that is blank, a provider's key
 * beside the sandbox's secret, a misspelt key that leaves a live site in the
 * sandbox.
 */
#include "config_world.h"

#define LIVE  "SCRIP_STRIPE_SECRET_KEY=sk_live_1234567890"
#define TEST  "SCRIP_STRIPE_SECRET_KEY=sk_test_1234567890"
#define WHSEC "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_1234567890"

/* ------------------------------------------------------- what is refused */

static const struct {
    const char *name;
    const char *set[4];
    const char *conf;    /* scrip.conf, or NULL */
    const char *secrets; /* secrets.conf, or NULL */
    const char *why;     /* words in the refusal; NULL: it starts */
} starts[] = {
    { "nothing is set", { NULL }, NULL, MADE, NULL },
    { "nothing is set and nothing was made",
      { NULL },
      NULL,
      NULL,
      "run scrip init" },
    { "the secrets lack one", { NULL }, NULL, CURSOR, "run scrip init" },
    { "the made cursor secret is blank",
      { NULL },
      NULL,
      "SCRIP_CURSOR_SECRET=\n",
      "SCRIP_CURSOR_SECRET" },
    { "the made cursor secret is short",
      { NULL },
      NULL,
      "SCRIP_CURSOR_SECRET=0123456789abcdef\n",
      "SCRIP_CURSOR_SECRET" },
    { "the made webhook secret is blank",
      { NULL },
      NULL,
      CURSOR "SCRIP_SANDBOX_SECRET_KEY=sk_test_made\n"
             "SCRIP_STRIPE_WEBHOOK_SECRET=\"\"\n",
      "SCRIP_STRIPE_WEBHOOK_SECRET" },

    /* the provider's key */
    { "a live key and its secret", { LIVE, WHSEC }, NULL, MADE, NULL },
    { "a test key and its secret", { TEST, WHSEC }, NULL, MADE, NULL },
    { "a live key without a secret, though we made one",
      { LIVE },
      NULL,
      MADE,
      "without SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "a test key without a secret, though we made one",
      { TEST },
      NULL,
      MADE,
      "without SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "a live key and an empty secret",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=" },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "a live key and a blank secret",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET= \t " },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "a live key and a secret of 15 characters",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=123456789012345" },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "a live key and a secret of 16",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=1234567890123456" },
      NULL,
      MADE,
      NULL },
    { "a live key and a secret with a space in it",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_12345 67890" },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "two secrets",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_1234567890,"
              "whsec_0987654321" },
      NULL,
      MADE,
      NULL },
    { "a second secret that is empty",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_1234567890," },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "a first secret that is empty",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=,whsec_1234567890" },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "a second secret that is short",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_1234567890,short" },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "three secrets",
      { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_1234567890,"
              "whsec_0987654321,whsec_1234567890" },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "nothing but commas",
      { "SCRIP_STRIPE_WEBHOOK_SECRET=," },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "the sandbox with a secret that is empty",
      { "SCRIP_STRIPE_WEBHOOK_SECRET=" },
      NULL,
      MADE,
      "SCRIP_STRIPE_WEBHOOK_SECRET" },
    { "the sandbox with a secret of its operator's",
      { "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_test" },
      NULL,
      MADE,
      NULL },
    { "an empty key is a mistake, not the sandbox",
      { "SCRIP_STRIPE_SECRET_KEY=", WHSEC },
      NULL,
      MADE,
      "SCRIP_STRIPE_SECRET_KEY is set but empty" },
    { "so is a blank one",
      { "SCRIP_STRIPE_SECRET_KEY=  ", WHSEC },
      NULL,
      MADE,
      "SCRIP_STRIPE_SECRET_KEY is set but empty" },
    { "and an empty one in the file",
      { NULL },
      "SCRIP_STRIPE_SECRET_KEY=\n",
      MADE,
      "SCRIP_STRIPE_SECRET_KEY is set but empty" },
    { "a publishable key",
      { "SCRIP_STRIPE_SECRET_KEY=pk_live_1234567890", WHSEC },
      NULL,
      MADE,
      "SCRIP_STRIPE_SECRET_KEY must begin" },
    { "a key's prefix alone",
      { "SCRIP_STRIPE_SECRET_KEY=sk_live_", WHSEC },
      NULL,
      MADE,
      "SCRIP_STRIPE_SECRET_KEY must begin" },
    { "a restricted key",
      { "SCRIP_STRIPE_SECRET_KEY=rk_live_1234567890", WHSEC },
      NULL,
      MADE,
      NULL },
    { "a key in capitals",
      { "SCRIP_STRIPE_SECRET_KEY=SK_LIVE_1234567890", WHSEC },
      NULL,
      MADE,
      "SCRIP_STRIPE_SECRET_KEY must begin" },
    { "a key with a line break in it",
      { "SCRIP_STRIPE_SECRET_KEY=sk_live_12345\n67890", WHSEC },
      NULL,
      MADE,
      "odd character" },
    { "a sandbox with a live key",
      { "SCRIP_SANDBOX_SECRET_KEY=sk_live_1234567890" },
      NULL,
      MADE,
      "SCRIP_SANDBOX_SECRET_KEY" },
    { "a sandbox's key with a space in it",
      { "SCRIP_SANDBOX_SECRET_KEY=sk_test_12345 67890" },
      NULL,
      MADE,
      "SCRIP_SANDBOX_SECRET_KEY holds a space" },
    { "an empty cursor secret, though we made one",
      { "SCRIP_CURSOR_SECRET=" },
      NULL,
      MADE,
      "SCRIP_CURSOR_SECRET is set but empty" },
    { "an empty hand-off secret",
      { "SCRIP_HANDOFF_SECRET=" },
      NULL,
      MADE,
      "SCRIP_HANDOFF_SECRET" },

    /* the provider's address */
    { "another provider by https",
      { LIVE, WHSEC, "SCRIP_STRIPE_API_BASE=https://pay.example:8443/x" },
      NULL,
      MADE,
      NULL },
    { "another provider by http",
      { LIVE, WHSEC, "SCRIP_STRIPE_API_BASE=http://pay.example" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },
    { "a provider here by http",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://127.0.0.1:9999/" },
      NULL,
      MADE,
      NULL },
    { "a provider here by name",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://localhost:9999" },
      NULL,
      MADE,
      NULL },
    { "a provider here by IPv6",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://[::1]:9999" },
      NULL,
      MADE,
      NULL },
    { "elsewhere in 127.0.0.0/8",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://127.9.9.9" },
      NULL,
      MADE,
      NULL },
    { "a name that begins like an address of ours",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://127.0.0.1.evil.example" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },
    { "a name that begins with localhost",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://localhost.evil.example" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },
    { "a user that looks like a host",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://127.0.0.1@evil.example" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },
    { "an address that is unspecified",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://0.0.0.0:9999" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },
    { "an address on the network",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=http://10.0.0.1" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },
    { "another scheme",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=file:///etc/passwd" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },
    { "a query",
      { TEST, WHSEC, "SCRIP_STRIPE_API_BASE=https://pay.example/?a=b" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },

    { "the site's own sandbox, on a host without https",
      { "SCRIP_BASE_URL=http://a.example/~me/c/",
        "SCRIP_STRIPE_API_BASE=http://a.example/~me/c/sandbox" },
      NULL,
      MADE,
      NULL },
    { "another site's sandbox",
      { "SCRIP_BASE_URL=http://a.example/~me/c/",
        "SCRIP_STRIPE_API_BASE=http://b.example/~me/c/sandbox" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },
    { "the site's own sandbox, with a provider's key",
      { LIVE, WHSEC, "SCRIP_BASE_URL=http://a.example/c",
        "SCRIP_STRIPE_API_BASE=http://a.example/c/sandbox" },
      NULL,
      MADE,
      "SCRIP_STRIPE_API_BASE" },

    /* ports and addresses */
    { "port 1", { "SCRIP_PORT=1" }, NULL, MADE, NULL },
    { "port 65535 with a sandbox elsewhere",
      { "SCRIP_PORT=65535", "SCRIP_SANDBOX_PORT=1" },
      NULL,
      MADE,
      NULL },
    { "port 65535 leaves none for the sandbox",
      { "SCRIP_PORT=65535" },
      NULL,
      MADE,
      "SCRIP_SANDBOX_PORT" },
    { "port 65535 where there is no sandbox",
      { "SCRIP_PORT=65535", LIVE, WHSEC },
      NULL,
      MADE,
      NULL },
    { "port 0", { "SCRIP_PORT=0" }, NULL, MADE, "SCRIP_PORT" },
    { "port 65536", { "SCRIP_PORT=65536" }, NULL, MADE, "SCRIP_PORT" },
    { "a port that wraps around",
      { "SCRIP_PORT=4294967376" },
      NULL,
      MADE,
      "SCRIP_PORT" },
    { "a port with a sign", { "SCRIP_PORT=+80" }, NULL, MADE, "SCRIP_PORT" },
    { "a port with a zero before",
      { "SCRIP_PORT=080" },
      NULL,
      MADE,
      "SCRIP_PORT" },
    { "a port in hex", { "SCRIP_PORT=0x50" }, NULL, MADE, "SCRIP_PORT" },
    { "a port by name", { "SCRIP_PORT=http" }, NULL, MADE, "SCRIP_PORT" },
    { "a port with a fraction",
      { "SCRIP_PORT=80.0" },
      NULL,
      MADE,
      "SCRIP_PORT" },
    { "an empty port is the default", { "SCRIP_PORT=" }, NULL, MADE, NULL },
    { "the sandbox at the same port",
      { "SCRIP_PORT=8080", "SCRIP_SANDBOX_PORT=8080" },
      NULL,
      MADE,
      "the same" },
    { "listening everywhere", { "SCRIP_LISTEN=0.0.0.0" }, NULL, MADE, NULL },
    { "listening on IPv6", { "SCRIP_LISTEN=[::]" }, NULL, MADE, NULL },
    { "listening on a name",
      { "SCRIP_LISTEN=example.com" },
      NULL,
      MADE,
      "SCRIP_LISTEN" },
    { "listening on more than an address",
      { "SCRIP_LISTEN=127.0.0.1; include x" },
      NULL,
      MADE,
      "SCRIP_LISTEN" },
    { "a base without a scheme",
      { "SCRIP_BASE_URL=example.com" },
      NULL,
      MADE,
      "SCRIP_BASE_URL" },
    { "a base with a query",
      { "SCRIP_BASE_URL=https://a.example/?b" },
      NULL,
      MADE,
      "SCRIP_BASE_URL" },
    { "a base that would end a cookie's path",
      { "SCRIP_BASE_URL=https://a.example/b;Domain=x" },
      NULL,
      MADE,
      "SCRIP_BASE_URL" },
    { "a database of another kind",
      { "SCRIP_DATABASE=mysql://x" },
      NULL,
      MADE,
      "SCRIP_DATABASE" },
    { "a database without a path",
      { "SCRIP_DATABASE=sqlite:" },
      NULL,
      MADE,
      "SCRIP_DATABASE" },

    /* the file */
    { "a misspelt key",
      { NULL },
      "SCRIP_STRIPE_SECRETKEY=sk_live_1\n",
      MADE,
      "line 1: no setting SCRIP_STRIPE_SECRETKEY" },
    { "a misspelt key behind others",
      { NULL },
      "# here\nSCRIP_PORT=80\n\nSCRIP_POTR=80\n",
      MADE,
      "line 4: no setting SCRIP_POTR" },
    { "a key in lower case is another's",
      { NULL },
      "scrip_port=x\n",
      MADE,
      NULL },
    { "what others need is left alone",
      { NULL },
      "TZ=Europe/London\n",
      MADE,
      NULL },
    { "a line that is none",
      { NULL },
      "SCRIP_PORT 80\n",
      MADE,
      "line 1: KEY=value expected" },
    { "a key set twice",
      { NULL },
      "SCRIP_PORT=80\nSCRIP_PORT=81\n",
      MADE,
      "line 2: SCRIP_PORT is set twice" },
};

static void
start_or_not(void)
{
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        struct config config;
        const char *why = NULL;
        bool fine;

        write_file("scrip.conf", starts[i].conf, 0600);
        write_file("secrets.conf", starts[i].secrets, 0600);
        surround(starts[i].set, 4);
        fine = config_load(&config, &arena, &why);
        if (starts[i].why == NULL) {
            if (!ok(fine, "%s: it starts", starts[i].name))
                printf("#   %s\n", why);
            continue;
        }
        ok(!fine, "%s: it does not start", starts[i].name);
        if (!ok(why != NULL && strstr(why, starts[i].why) != NULL,
                "and says \"%s\"", starts[i].why))
            printf("#   said %s\n", why);
        ok(why != NULL && strstr(why, "1234567890") == NULL,
           "without a secret in its words");
        arena_reset(&arena);
    }
}

/* ----------------------------------------------------------- what it is */

static struct config
loaded(const char *conf, const char *const *set, size_t count)
{
    struct config config = { .port = 0 };
    const char *why = "";

    write_file("scrip.conf", conf, 0600);
    write_file("secrets.conf", MADE, 0600);
    surround(set, count);
    if (!config_load(&config, &arena, &why)) {
        printf("# refused: %s\n", why);
        abort();
    }
    return config;
}

static void
defaults(void)
{
    struct config c = loaded(NULL, NULL, 0);

    is_text(c.home, home, "the home is what is set");
    is_int(c.port, 8080, "the port is 8080");
    is_int(c.sandbox_port, 8081, "the sandbox's is the next");
    is_text(c.listen, "127.0.0.1", "it listens on the loopback");
    is_text(c.base_url, "http://127.0.0.1:8080", "and is found there");
    is_text(c.base_path, "", "at the root");
    ok(!c.base_url_set, "by default");
    is_text(c.database, arena_format(&arena, "sqlite:%s/scrip.db", home),
            "the database lies in the home");
    ok(c.sandbox && !c.livemode, "the provider is the sandbox");
    is_text(c.stripe_key, "sk_test_made", "with its key");
    is_text(c.stripe_base, "http://127.0.0.1:8081", "at its port");
    is_text(c.webhook_secret[0], "whsec_made_by_us_ourselves",
            "with its secret");
    is_text(c.webhook_secret[1], NULL, "and no other");
    is_text(c.handoff_secret, NULL, "nobody hands members over");
    is_text(c.cursor_secret, "0123456789abcdef0123456789abcdef",
            "cursors are signed");
}

static void
provider(void)
{
    const char *live[] = { LIVE, "SCRIP_STRIPE_WEBHOOK_SECRET= "
                                 "whsec_1234567890 , whsec_0987654321 " };
    const char *test[] = { TEST, WHSEC,
                           "SCRIP_STRIPE_API_BASE=HTTP://LocalHost:99/a/" };
    struct config c = loaded(NULL, live, 2);

    ok(!c.sandbox && c.livemode, "a live key is live");
    is_text(c.stripe_key, "sk_live_1234567890", "it is used");
    is_text(c.stripe_base, "https://api.stripe.com", "at the provider's");
    is_text(c.webhook_secret[0], "whsec_1234567890", "two secrets: one");
    is_text(c.webhook_secret[1], "whsec_0987654321", "and the other");
    is_int(c.sandbox_port, 0, "there is no sandbox");
    c = loaded(NULL, test, 3);
    ok(!c.sandbox && !c.livemode, "a test key is neither");
    is_text(c.webhook_secret[0], "whsec_1234567890", "with its own secret");
    is_text(c.stripe_base, "http://localhost:99/a", "at another address");
}

/* The environment, then scrip.conf, then what we made. */
static void
precedence(void)
{
    static const char conf[] =
        "# settings\r\n"
        "\n"
        "  SCRIP_PORT=9100   # not the environment's\n"
        "SCRIP_LISTEN= \"0.0.0.0\" # in quotes\n"
        "SCRIP_BASE_URL=HTTPS://Pay.Example:443/~a/credits/\n"
        "SCRIP_DATABASE=\"sqlite:other db.sqlite\"\n"
        "SCRIP_HANDOFF_SECRET=with#a=\"sign\"\n"
        "SCRIP_STRIPE_WEBHOOK_SECRET=whsec_of_the_operator";
    const char *set[] = { "SCRIP_PORT=9000",
                          "SCRIP_LISTEN=", "SCRIP_DATABASE=sqlite:/srv/x.db" };
    struct config c = loaded(conf, set, 3);

    is_int(c.port, 9000, "the environment goes before the file");
    is_int(c.sandbox_port, 9001, "the sandbox's port follows it");
    is_text(c.listen, "0.0.0.0", "what is empty there is the file's");
    is_text(c.base_url, "https://pay.example/~a/credits",
            "an address is written in one way");
    is_text(c.base_path, "/~a/credits", "its path stands alone too");
    ok(c.base_url_set, "and it was set");
    is_text(c.database, "sqlite:/srv/x.db", "a database may lie elsewhere");
    is_text(c.handoff_secret, "with#a=\"sign\"",
            "a '#' within a value is of the value");
    is_text(c.webhook_secret[0], "whsec_of_the_operator",
            "the operator's secret goes before ours");
    c = loaded(conf, NULL, 0);
    is_int(c.port, 9100, "without the environment the file counts");
    is_text(c.database, arena_format(&arena, "sqlite:%s/other db.sqlite", home),
            "a database's path is within the home");
}

/* ---------------------------------------------------------- who may read */

static const struct {
    const char *name;
    const char *conf;
    mode_t conf_mode, secrets_mode;
    bool fine;
} modes[] = {
    { "both for the owner alone", LIVE "\n" WHSEC "\n", 0600, 0600, true },
    { "an open file without a secret", "SCRIP_PORT=80\n", 0644, 0600, true },
    { "an open file with a key", LIVE "\n" WHSEC "\n", 0644, 0600, false },
    { "a file with a key for the group", LIVE "\n" WHSEC "\n", 0640, 0600,
      false },
    { "a file with a key that anybody may write", LIVE "\n" WHSEC "\n", 0602,
      0600, false },
    { "an open file with a webhook secret", WHSEC "\n", 0604, 0600, false },
    { "an open file with a hand-off secret", "SCRIP_HANDOFF_SECRET=abc\n", 0644,
      0600, false },
    { "open secrets", NULL, 0600, 0644, false },
    { "secrets for the group", NULL, 0600, 0640, false },
    { "secrets that are read-only", NULL, 0600, 0400, true },
};

static void
readers(void)
{
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct config config;
        const char *why = "";

        write_file("scrip.conf", modes[i].conf, modes[i].conf_mode);
        write_file("secrets.conf", MADE, modes[i].secrets_mode);
        surround(NULL, 0);
        is_int(config_load(&config, &arena, &why), modes[i].fine, "%s: %s",
               modes[i].name, modes[i].fine ? "fine" : "refused");
        if (!modes[i].fine)
            ok(strstr(why, "chmod 600 ") != NULL, "with the remedy");
    }
}

int
main(void)
{
    world_begin();
    start_or_not();
    defaults();
    provider();
    precedence();
    readers();
    world_end();
    return done();
}
