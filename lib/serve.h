/*
 * The loop around every program: main() is `return serve(&program);`. It
 * reads the settings, opens the database, checks its schema, and answers
 * requests, as FastCGI or as plain CGI, until SIGTERM; the request in hand is
 * answered then. Around each handler: routing, the gates that the route
 * names, a ceiling on the body, roll back of what was not committed, one log
 * line, and the arena's reset. The only file that sees fcgiapp.h.
 *
 * A request is refused in this order: 405, 401, 404 for the Space, 403
 * (csrf, scope, role), 413, 415, 400 for the Idempotency-Key; the rest is
 * the handler's.
 */
#ifndef SCRIP_SERVE_H
#define SCRIP_SERVE_H

#include "http.h"

enum gate {
    GATE_MEMBER = 1,      /* a browser's session */
    GATE_KEY = 2,         /* a platform key; with GATE_MEMBER: either */
    GATE_SPACE = 4,       /* parameter[0] is a Space that the caller may see */
    GATE_CSRF = 8,        /* a browser caller shows that it is our page */
    GATE_BUY = 16,        /* role owner or admin (a key is let through) */
    GATE_OWNER = 32,      /* role owner */
    GATE_JSON = 64,       /* Content-Type application/json */
    GATE_IDEMPOTENT = 128, /* an Idempotency-Key has to be there */
    GATE_LARGE = 256,     /* the body may have LIMIT_BODY_LARGE */
    GATE_ANY_BODY = 512   /* no Content-Type is asked for (webhooks, forms) */
};

struct route {
    enum http_method method;
    const char *pattern; /* "/api/v1/spaces/{}/credits"; "*" at the end
                            matches the rest, slashes too */
    unsigned gates;
    unsigned scopes;     /* scopes one of which a key needs, enum key_scope */
    enum problem (*handle)(struct req *req);
};

struct program {
    const char *name;
    const struct route *routes; /* ends with a NULL pattern */
    const struct db_set *set;   /* NULL: the ledger's */
    const char *database;       /* file under SCRIP_HOME; NULL: the ledger's */
    bool (*start)(const struct config *config); /* once, may be NULL;
                                                   false: do not start */
};

int serve(const struct program *program);

#endif
