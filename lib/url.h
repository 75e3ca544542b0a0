/*
 * Addresses that an operator sets: http and https, a host, a port, a plain
 * path. Far fewer than all URLs, on purpose: they go into cookies, into
 * nginx's configuration and into an origin that is compared byte by byte.
 */
#ifndef SCRIP_URL_H
#define SCRIP_URL_H

#include "arena.h"

struct url {
    bool https;
    const char *host;   /* lower case; an IPv6 address in its brackets */
    int port;           /* the scheme's own where none was said */
    const char *path;   /* "" or "/a/b", without a slash at its end */
    const char *origin; /* scheme, host, and the port if not the scheme's */
    const char *text;   /* origin and path */
};

/* Strings lie in the arena. Scheme and host in any case; a path of letters,
 * digits and "-._~", no empty, "." or ".." segment; no user, query or
 * fragment. False for anything else. */
MUST_USE bool url_parse(struct url *url, struct arena *arena, const char *text);

/* 127.0.0.0/8, ::1 (in brackets or not), localhost. Never by asking a name
 * server: what merely resolves to one of them is none. */
bool url_is_loopback(const char *host);

/* An IPv4 address of four numbers, or an IPv6 address in brackets. */
bool url_is_address(const char *host);

#endif
