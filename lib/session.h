/*
 * Sessions of browsers: a random token in a cookie, of which only the hash is
 * stored. They end after half an hour without a request, after a day in any
 * case, and with signing out. All times are the system's, never the
 * business clock's.
 */
#ifndef SCRIP_SESSION_H
#define SCRIP_SESSION_H

#include "http.h"

enum session_result {
    SESSION_OK = 0,
    SESSION_NONE, /* no such session, or it has ended */
    SESSION_BROKEN
};

/* Makes a session of a member and gives its token; the one that the request
 * came with, if any, is no more (nobody can plant a token that survives a
 * sign-in). Inside a transaction. */
enum session_result session_start(struct db *db, struct arena *arena,
                                  int64_t member, const char *replaces,
                                  int64_t now_ms, const char **token);
/* Whose session this is. *stale: more than a minute since it was last seen,
 * so that session_touch() is due. */
enum session_result session_find(struct db *db, struct arena *arena,
                                 const char *token, int64_t now_ms,
                                 struct member *member, bool *stale);
/* Notes that it was seen; either inside a transaction. */
enum session_result session_touch(struct db *db, struct arena *arena,
                                  const char *token, int64_t now_ms);
enum session_result session_end(struct db *db, struct arena *arena,
                                const char *token);

/* The token that the request's cookie has, or NULL. */
const char *session_token(const struct req *req);
/* The Set-Cookie that gives the browser a token; NULL takes it away. */
void session_set_cookie(struct req *req, const char *token);

#endif
