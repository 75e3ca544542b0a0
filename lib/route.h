/*
 * The routes of a program: which method and path goes to which handler, and
 * what has to be so before it runs. A handler never begins with a permission
 * check; it says what it needs in its row.
 */
#ifndef SCRIP_ROUTE_H
#define SCRIP_ROUTE_H

#include "http.h"

enum gate {
    GATE_MEMBER = 1,       /* a browser's session */
    GATE_KEY = 2,          /* a platform key; with GATE_MEMBER: either */
    GATE_SPACE = 4,        /* parameter[0] is a Space that the caller may see */
    GATE_CSRF = 8,         /* a browser caller shows that it is our page */
    GATE_BUY = 16,         /* role owner or admin (a key is let through) */
    GATE_OWNER = 32,       /* role owner (a key is let through) */
    GATE_JSON = 64,        /* Content-Type application/json */
    GATE_IDEMPOTENT = 128, /* an Idempotency-Key has to be there */
    GATE_LARGE = 256,      /* the body may have LIMIT_BODY_LARGE */
    GATE_ANY_BODY = 512,   /* no Content-Type is asked for (webhooks, forms) */
    GATE_OWN_PAGE = 1024,  /* Origin and Sec-Fetch-Site, where there, are our
                              own: for those without a session as yet */
    GATE_ALL_SPACES = 4096, /* a key for one Space alone is refused */
    GATE_PAGE = 8192,       /* its answer is a page: a browser that is shown
                              one is led to a page where it is refused */
    GATE_GROUP = 2048       /* run by the program's writer, inside a transaction
                              that several requests share (serve.h) */
};

struct route {
    enum http_method method;
    const char *pattern; /* "/api/v1/spaces/{}/credits"; {} matches one
                            segment, "*" at the end the rest as it was sent,
                            slashes too. Both become parameter[]. */
    unsigned gates;
    unsigned scopes; /* scopes one of which a key needs, enum key_scope */
    enum problem (*handle)(struct req *req);
};

/* The first route that fits method and path (req->path, below the base);
 * fills req->parameter. NULL: *problem is P_METHOD_NOT_ALLOWED, and the
 * reply has its Allow, or P_NOT_FOUND. */
const struct route *route_find(struct req *req, const struct route *routes,
                               enum problem *problem);

#endif
