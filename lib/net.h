/*
 * One bounded HTTP call to a fixed address: the only file that sees curl.
 * TLS verified, no redirects, no proxy from anywhere, a connection time-out,
 * a total one, and a ceiling on the reply. Safe in several threads at once.
 * An address that is neither https nor on the loopback is NET_BROKEN, and
 * nothing is sent, unless the call says `plain`.
 */
#ifndef SCRIP_NET_H
#define SCRIP_NET_H

#include <stdatomic.h>

#include "buf.h"

enum net_result {
    NET_OK = 0,
    NET_REFUSED, /* no connection was made: nothing was sent */
    NET_TIMEOUT, /* sent perhaps, not answered in time */
    NET_TOO_LARGE,
    NET_BROKEN /* TLS, a reply that is no HTTP, anything else */
};

struct net_call {
    const char *method;         /* "GET"; or "POST", "PUT", with a body */
    const char *url;            /* https, or http on a loopback address */
    const char *const *headers; /* "Name: value", NULL at the end */
    const char *body;           /* NULL: none */
    size_t body_length;
    int64_t timeout_ms;
    size_t reply_max;
    bool plain;          /* http to any host: the sandbox of a site that has
                            no https, and nothing that is worth money */
    atomic_bool *cancel; /* or NULL; set by another thread, the call ends
                            within a second as NET_BROKEN */
};

struct net_reply {
    int status;
    const char *body; /* NUL-terminated, in the arena */
    size_t body_length;
    /* Headers that somebody reads; NULL where absent. */
    const char *retry_after;
    const char *stripe_should_retry;
    const char *request_id;
    const char *set_cookie; /* the last one, whole */
};

MUST_USE enum net_result net_call(struct arena *arena,
                                  const struct net_call *call,
                                  struct net_reply *reply);
/* Each thread keeps its last connection for the next call. Ends this
 * thread's; one that ends by itself needs no such call. */
void net_close(void);

#endif
