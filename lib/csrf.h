/*
 * Whether a browser's request comes from a page of ours. A session's writes
 * need a token that only our pages can read, and a header that the browser
 * itself sets and no page can. Keys of platforms are not asked: browsers do
 * not send those by themselves.
 */
#ifndef SCRIP_CSRF_H
#define SCRIP_CSRF_H

#include "http.h"
#include "sign.h"

/* The token of a session, in hex. */
void csrf_token(char out[SIGN_HEX_SIZE], const char *session);
/* Origin and Sec-Fetch-Site, where they are there, say that it is our own
 * page. With `need` at least one of them has to be there. */
bool csrf_own_page(const struct req *req, bool need);
/* Our own page, and the token of the request's session. */
bool csrf_passes(const struct req *req);

#endif
