/*
 * Platform keys: sk_ and 43 characters, shown once, stored as a hash. For
 * one Space or for all, with scopes.
 */
#ifndef SCRIP_KEY_H
#define SCRIP_KEY_H

#include "db.h"

enum key_scope {
    SCOPE_METER = 1,
    SCOPE_GRANT = 2,
    SCOPE_PROVISION = 4,
    SCOPE_READ = 8
};

struct key {
    int64_t number;
    int64_t space; /* 0: all Spaces */
    unsigned scopes;
    const char *name;
};

enum key_result { KEY_OK = 0, KEY_UNKNOWN, KEY_INVALID, KEY_BROKEN };

/* Makes one and gives its secret, which is kept nowhere. In a transaction. */
enum key_result key_add(struct db *db, struct arena *arena, struct key *key,
                        int64_t now, const char **secret);
enum key_result key_find(struct db *db, struct arena *arena, const char *secret,
                         struct key *key);
/* "meter,grant" to a set; 0 when any word is none of ours. */
unsigned key_scopes_of(const char *text);

#endif
