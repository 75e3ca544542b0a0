/*
 * The settings, each checked here once so that nobody else has to. A start
 * that is refused costs a minute; a payment secret that is quietly empty, or
 * a test key where a live one was meant, costs the books. Never puts a value
 * that may be secret into words.
 */
#include "config.h"

#include "settings.h"
#include "text.h"
#include "url.h"

#define WEBHOOK_SECRET_MIN 16
#define CURSOR_SECRET_MIN  32

/* What may be set. The secret ones make a readable scrip.conf an error, and
 * being blank does not mean for them that they are not set. */
static const struct known {
    const char *key;
    bool secret;
} known[] = {
    { "SCRIP_PORT", false },
    { "SCRIP_SANDBOX_PORT", false },
    { "SCRIP_LISTEN", false },
    { "SCRIP_BASE_URL", false },
    { "SCRIP_DATABASE", false },
    { "SCRIP_STRIPE_API_BASE", false },
    { "SCRIP_STRIPE_SECRET_KEY", true },
    { "SCRIP_STRIPE_WEBHOOK_SECRET", true },
    { "SCRIP_SANDBOX_SECRET_KEY", true },
    { "SCRIP_HANDOFF_SECRET", true },
    { "SCRIP_CURSOR_SECRET", true },
};

struct source {
    struct arena *arena;
    const char **why;
    struct settings conf;    /* scrip.conf, the operator's */
    struct settings secrets; /* secrets.conf, made by us */
};

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *
trimmed(struct arena *arena, const char *text)
{
    size_t length;

    while (is_space(*text))
        text++;
    length = strlen(text);
    while (length > 0 && is_space(text[length - 1]))
        length--;
    return arena_copy(arena, text, length);
}

/* What the operator says, trimmed and perhaps empty; NULL where nothing. */
static const char *
given(const struct source *source, const char *key)
{
    const char *value = getenv(key);

    if (value == NULL)
        value = settings_value(&source->conf, key);
    return value == NULL ? NULL : trimmed(source->arena, value);
}

/* The same for what is no secret: empty is not set. */
static const char *
plain(const struct source *source, const char *key)
{
    const char *value = getenv(key);

    if (value != NULL && *trimmed(source->arena, value) == '\0')
        value = NULL;
    if (value == NULL)
        value = settings_value(&source->conf, key);
    if (value == NULL || *trimmed(source->arena, value) == '\0')
        return NULL;
    return trimmed(source->arena, value);
}

/* ------------------------------------------------------------ the files */

static const struct known *
known_find(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (strcmp(known[i].key, key) == 0)
            return &known[i];
    }
    return NULL;
}

static bool
file_check(const struct source *source, const struct settings *file)
{
    for (int i = 0; i < file->count; i++) {
        const struct setting *one = &file->list[i];
        const struct known *which = known_find(one->key);

        if (which == NULL && text_begins(one->key, "SCRIP_")) {
            *source->why =
                arena_format(source->arena, "%s, line %d: no setting %s",
                             file->path, one->line, one->key);
            return false;
        }
        if (which != NULL && which->secret && file->exposed) {
            *source->why = arena_format(
                source->arena,
                "%s holds a secret and others may read it: chmod 600 %s",
                file->path, file->path);
            return false;
        }
    }
    return true;
}

static bool
file_read(struct source *source, struct settings *file, const char *home,
          const char *name)
{
    const char *path = arena_format(source->arena, "%s/%s", home, name);

    return settings_read(file, source->arena, path, source->why) &&
           file_check(source, file);
}

/* ------------------------------------------------- addresses and ports */

static bool
port_load(const struct source *source, const char *key, int otherwise,
          int *port)
{
    const char *text = plain(source, key);
    int64_t value = otherwise;

    if ((text != NULL && !text_int(text, 1, 65535, &value)) || value > 65535) {
        *source->why =
            arena_format(source->arena, "%s must be 1 to 65535", key);
        return false;
    }
    *port = (int)value;
    return true;
}

/* With a key of the real provider there is no sandbox, and no port of it. */
static bool
ports_load(struct config *config, const struct source *source)
{
    if (!port_load(source, "SCRIP_PORT", 8080, &config->port))
        return false;
    if (config->stripe_key != NULL)
        return true;
    if (!port_load(source, "SCRIP_SANDBOX_PORT", config->port + 1,
                   &config->sandbox_port))
        return false;
    if (config->port == config->sandbox_port) {
        *source->why = "SCRIP_PORT and SCRIP_SANDBOX_PORT are the same";
        return false;
    }
    return true;
}

static bool
listen_load(struct config *config, const struct source *source)
{
    const char *text = plain(source, "SCRIP_LISTEN");

    config->listen = text == NULL ? "127.0.0.1" : text;
    if (strcmp(config->listen, "*") == 0 ||
        strcmp(config->listen, "localhost") == 0 ||
        url_is_address(config->listen))
        return true;
    *source->why = "SCRIP_LISTEN must be an address: 127.0.0.1, [::1], *";
    return false;
}

static bool
base_load(struct config *config, const struct source *source)
{
    const char *text = plain(source, "SCRIP_BASE_URL");
    struct url url;

    config->base_url_set = text != NULL;
    if (text == NULL)
        text = arena_format(source->arena, "http://127.0.0.1:%d", config->port);
    if (!url_parse(&url, source->arena, text)) {
        *source->why = "SCRIP_BASE_URL must be http:// or https://, a host, "
                       "perhaps a port and a plain path";
        return false;
    }
    config->base_url = url.text;
    config->base_path = url.path;
    return true;
}

static bool
database_load(struct config *config, const struct source *source)
{
    const char *text = plain(source, "SCRIP_DATABASE");
    const char *path;

    if (text == NULL)
        text = "sqlite:scrip.db";
    path = text + strlen("sqlite:");
    if (!text_begins(text, "sqlite:") || *path == '\0') {
        *source->why = "SCRIP_DATABASE must be sqlite: and a path";
        return false;
    }
    config->database =
        *path == '/'
            ? text
            : arena_format(source->arena, "sqlite:%s/%s", config->home, path);
    return true;
}

/* -------------------------------------------------------------- secrets */

/* One line of visible ASCII; anything else is a slip of the pasting. */
static bool
is_token(const char *text)
{
    return *text != '\0' && text_printable_ascii(text) &&
           strchr(text, ' ') == NULL;
}

/* A secret that the operator may give: NULL where not, false where bad. */
static bool
secret_given(const struct source *source, const char *key, const char **value)
{
    *value = given(source, key);
    if (*value == NULL || is_token(*value))
        return true;
    *source->why =
        arena_format(source->arena,
                     **value == '\0' ? "%s is set but empty"
                                     : "%s holds a space or an odd character",
                     key);
    return false;
}

/* A secret that the operator may give and we make otherwise. */
static bool
secret_made(const struct source *source, const char *key, size_t min,
            const char **value)
{
    if (!secret_given(source, key, value))
        return false;
    if (*value == NULL)
        *value = settings_value(&source->secrets, key);
    if (*value == NULL) {
        *source->why =
            arena_format(source->arena, "%s has no %s yet: run scrip init",
                         source->secrets.path, key);
        return false;
    }
    if (!is_token(*value) || strlen(*value) < min) {
        *source->why =
            arena_format(source->arena, "%s is empty or too short", key);
        return false;
    }
    return true;
}

/* One secret or two with a comma between, each of `min` characters. */
static bool
webhook_split(struct config *config, const struct source *source,
              const char *text, size_t min)
{
    const char *comma = strchr(text, ',');

    config->webhook_secret[0] = text;
    config->webhook_secret[1] = NULL;
    if (comma != NULL) {
        config->webhook_secret[0] =
            trimmed(source->arena,
                    arena_copy(source->arena, text, (size_t)(comma - text)));
        config->webhook_secret[1] = trimmed(source->arena, comma + 1);
    }
    for (int i = 0; i < (comma == NULL ? 1 : 2); i++) {
        const char *one = config->webhook_secret[i];

        if (!is_token(one) || strchr(one, ',') != NULL || strlen(one) < min) {
            *source->why =
                arena_format(source->arena,
                             "SCRIP_STRIPE_WEBHOOK_SECRET must be one secret "
                             "of at least %zu visible characters, or two "
                             "with a comma between",
                             min);
            return false;
        }
    }
    return true;
}

static bool
is_live(const char *key)
{
    return text_begins(key, "sk_live_") || text_begins(key, "rk_live_");
}

static bool
is_test(const char *key)
{
    return text_begins(key, "sk_test_") || text_begins(key, "rk_test_");
}

/* Nothing of the real provider is set: the sandbox, with secrets of ours. */
static bool
sandbox_load(struct config *config, const struct source *source)
{
    const char *secret = given(source, "SCRIP_STRIPE_WEBHOOK_SECRET");

    config->sandbox = true;
    if (!secret_made(source, "SCRIP_SANDBOX_SECRET_KEY", strlen("sk_test_") + 1,
                     &config->stripe_key))
        return false;
    if (!text_begins(config->stripe_key, "sk_test_")) {
        *source->why = "SCRIP_SANDBOX_SECRET_KEY must begin with sk_test_";
        return false;
    }
    if (secret == NULL && !secret_made(source, "SCRIP_STRIPE_WEBHOOK_SECRET",
                                       WEBHOOK_SECRET_MIN, &secret))
        return false;
    return webhook_split(config, source, secret, 1);
}

/* The secret that we made for the sandbox is no answer here: events signed
 * by the provider would all be refused, and anybody who reads our files
 * could sign. */
static bool
provider_load(struct config *config, const struct source *source)
{
    const char *secret = given(source, "SCRIP_STRIPE_WEBHOOK_SECRET");

    config->livemode = is_live(config->stripe_key);
    if ((!config->livemode && !is_test(config->stripe_key)) ||
        config->stripe_key[strlen("sk_test_")] == '\0') {
        *source->why = "SCRIP_STRIPE_SECRET_KEY must begin with sk_live_, "
                       "rk_live_, sk_test_ or rk_test_";
        return false;
    }
    if (secret == NULL) {
        *source->why = "SCRIP_STRIPE_SECRET_KEY is set without "
                       "SCRIP_STRIPE_WEBHOOK_SECRET";
        return false;
    }
    return webhook_split(config, source, secret, WEBHOOK_SECRET_MIN);
}

/* A host with one origin has its sandbox there, http or not. */
static bool
is_own_sandbox(const struct config *config, const char *text)
{
    size_t length = strlen(config->base_url);

    return config->sandbox && config->base_url_set &&
           text_begins(text, config->base_url) &&
           strcmp(text + length, "/sandbox") == 0;
}

static bool
stripe_base_load(struct config *config, const struct source *source)
{
    const char *text = plain(source, "SCRIP_STRIPE_API_BASE");
    struct url url;

    if (text == NULL && !config->sandbox)
        text = "https://api.stripe.com";
    if (text == NULL)
        text = arena_format(source->arena, "http://127.0.0.1:%d",
                            config->sandbox_port);
    if (!url_parse(&url, source->arena, text) ||
        (!url.https && !url_is_loopback(url.host) &&
         !is_own_sandbox(config, url.text))) {
        *source->why = "SCRIP_STRIPE_API_BASE must be https:// and a host "
                       "(http:// only for a loopback address)";
        return false;
    }
    config->stripe_base = url.text;
    config->sandbox_path = config->sandbox ? url.path : "";
    return true;
}

bool
config_load(struct config *config, struct arena *arena, const char **why)
{
    struct source source = { .arena = arena, .why = why };

    *config = (struct config){ .home = config_home(arena, why) };
    if (config->home == NULL ||
        !file_read(&source, &source.conf, config->home, "scrip.conf") ||
        !file_read(&source, &source.secrets, config->home, "secrets.conf"))
        return false;
    if (!secret_given(&source, "SCRIP_STRIPE_SECRET_KEY",
                      &config->stripe_key) ||
        !ports_load(config, &source) || !listen_load(config, &source) ||
        !base_load(config, &source) || !database_load(config, &source) ||
        !secret_given(&source, "SCRIP_HANDOFF_SECRET",
                      &config->handoff_secret) ||
        !secret_made(&source, "SCRIP_CURSOR_SECRET", CURSOR_SECRET_MIN,
                     &config->cursor_secret))
        return false;
    if (config->stripe_key == NULL ? !sandbox_load(config, &source)
                                   : !provider_load(config, &source))
        return false;
    return stripe_base_load(config, &source);
}
