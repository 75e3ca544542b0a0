/*
 * The loop around every program: main() is `return serve(&program);`. It
 * reads the settings, opens the database, checks its schema, and answers
 * requests, as FastCGI or as plain CGI, until SIGTERM; the request in hand is
 * answered then. Around each handler: routing, the gates that the route
 * names (route.h), a ceiling on the body, roll back of what was not
 * committed, one log line, and the arena's reset.
 *
 * A handler that came to P_UNAVAILABLE because the database was busy is run
 * again from its beginning while LIMIT_TURN_MS last: nothing outside has
 * happened, unless its route says GATE_ONCE. Without a database whose schema
 * fits, every request is answered 503, until there is one.
 *
 * A request is refused in this order: 405, 401, 404 for the Space, 403
 * (csrf, scope, role), 413, 415, 400 for the Idempotency-Key; the rest is
 * the handler's.
 */
#ifndef SCRIP_SERVE_H
#define SCRIP_SERVE_H

#include "route.h"

struct program {
    const char *name;
    const struct route *routes; /* ends with a NULL pattern */
    const struct db_set *set;   /* NULL: the ledger's. Others have no members
                                   and keys, and req->now is the system's */
    const char *database;       /* file under SCRIP_HOME; NULL: the ledger's */
    bool (*start)(const struct config *config); /* once, before the database
                                                   is opened; may be NULL;
                                                   false: do not start */
};

int serve(const struct program *program);

#endif
