/*
 * The token is an HMAC under the session's own token, so nothing is stored
 * and it ends with the session. Our origin is SCRIP_BASE_URL's; where that is
 * not set, the three names by which one's own machine is called, at our port.
 */
#include "csrf.h"

#include "text.h"

void
csrf_token(char out[SIGN_HEX_SIZE], const char *session)
{
    static const char purpose[] = "csrf";
    uint8_t hmac[SIGN_SIZE];

    sign_hmac(hmac, session, strlen(session), purpose, sizeof(purpose) - 1);
    sign_hex(out, hmac, sizeof(hmac));
}

/* "http://localhost:8080", of these parts; a port of 80 goes without. */
static bool
is_loopback_origin(const struct req *req, const char *origin)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
    int port = req->config->port;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *own =
            port == 80
                ? arena_format(req->arena, "http://%s", names[i])
                : arena_format(req->arena, "http://%s:%d", names[i], port);
        if (strcmp(origin, own) == 0)
            return true;
    }
    return false;
}

static bool
is_own_origin(const struct req *req, const char *origin)
{
    const struct config *config = req->config;
    size_t length = strlen(config->base_url) - strlen(config->base_path);

    if (strlen(origin) == length &&
        memcmp(origin, config->base_url, length) == 0)
        return true;
    return !config->base_url_set && is_loopback_origin(req, origin);
}

bool
csrf_own_page(const struct req *req, bool need)
{
    if (req->origin != NULL && !is_own_origin(req, req->origin))
        return false;
    if (req->sec_fetch_site != NULL &&
        strcmp(req->sec_fetch_site, "same-origin") != 0)
        return false;
    return !need || req->origin != NULL || req->sec_fetch_site != NULL;
}

bool
csrf_passes(const struct req *req)
{
    char token[SIGN_HEX_SIZE];

    if (!csrf_own_page(req, true) || req->session == NULL ||
        req->csrf_token == NULL)
        return false;
    csrf_token(token, req->session);
    return strlen(req->csrf_token) == SIGN_HEX_SIZE - 1 &&
           sign_equal(req->csrf_token, token, SIGN_HEX_SIZE - 1);
}
