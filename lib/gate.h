/*
 * What has to be so before a handler runs: who is calling, whether they may
 * see the Space, whether they may do this to it, and whether the request is
 * of a form to be read at all. In this order, whatever is wrong besides.
 */
#ifndef SCRIP_GATE_H
#define SCRIP_GATE_H

#include "route.h"

/* What is known of a request's form before its handler reads it. */
enum form_state {
    FORM_OK = 0,
    FORM_MALFORMED, /* the query cannot be decoded */
    FORM_SHORT,     /* fewer bytes, or more, than Content-Length said */
    FORM_TOO_LARGE
};

/* P_NONE when the handler may run: req->caller, req->space, req->session and
 * req->key are then as the route's gates say. */
enum problem gate_check(struct req *req, const struct route *route,
                        enum form_state form);

#endif
