/*
 * The loop around every program: main() is `return serve(&program);`. It
 * reads the settings, opens the database, checks its schema, and answers
 * requests, as FastCGI or as plain CGI, until SIGTERM; the request in hand is
 * answered then. Around each handler: routing, the gates that the route
 * names (route.h), a ceiling on the body, roll back of what was not
 * committed, one log line, and the arena's reset.
 *
 * A handler runs once: db_begin() itself waits, in fair order, for as long as
 * we wait at all. Without a database whose schema fits, every request is
 * answered 503, until there is one.
 *
 * A request is refused in this order: 405, 401, 404 for the Space, 403
 * (csrf, scope, role), 413, 415, 400 for the Idempotency-Key; the rest is
 * the handler's.
 */
#ifndef SCRIP_SERVE_H
#define SCRIP_SERVE_H

#include "route.h"

/*
 * Group commit, for a program that writes much: requests that arrive while a
 * commit is syncing share the next transaction. Handlers of routes with
 * GATE_GROUP run one after another inside it, and neither begin nor commit;
 * what they load and change in memory lies in `shared` (in the group's arena,
 * not the request's, where later requests use it) and is saved once, at the
 * end. A handler that refuses has written nothing; P_UNAVAILABLE means that
 * the database failed, and undoes the whole transaction, whose requests are
 * then run one by one. Replies are sent after the commit.
 */
struct group {
    size_t size; /* of what is shared; zeroed for each transaction */
    void (*begin)(void *shared, struct db *db, struct arena *arena);
    bool (*save)(void *shared);
};

struct program {
    const char *name;
    const struct route *routes; /* ends with a NULL pattern */
    const struct db_set *set;   /* NULL: the ledger's. Others have no members
                                   and keys, and req->now is the system's */
    const char *database;       /* file under SCRIP_HOME; NULL: the ledger's */
    bool (*start)(const struct config *config); /* once, before the database
                                                   is opened; may be NULL;
                                                   false: do not start */
    bool provider; /* it stands at the provider's address (the sandbox's
                      config->sandbox_path), not below the site's base */
    int threads;   /* that accept requests; 0: one */
    const struct group *group; /* NULL: none */
};

int serve(const struct program *program);

#endif
