/*
 * Platform keys: shown once, found by what they hash to, and nothing else.
 */
#include "people.h"

struct scopes {
    const char *text;
    unsigned set;
};

static const struct scopes scopes[] = {
    { "meter", 1 },
    { "grant", 2 },
    { "provision", 4 },
    { "read", 8 },
    { "read,meter", 9 },
    { "meter,grant,provision,read", 15 },
    { "meter,meter", 1 },
    { "", 0 },
    { ",", 0 },
    { "meter,", 0 },
    { ",meter", 0 },
    { "Meter", 0 },
    { "meter, grant", 0 },
    { "meters", 0 },
    { "mete", 0 },
    { "meter,write", 0 },
};

static void
try_making(void)
{
    struct key key = { .name = "shop",
                       .space = people.demo.number,
                       .scopes = SCOPE_READ | SCOPE_GRANT };
    struct key found, bad = { .name = "", .scopes = 1 };
    const char *secret = NULL, *other = NULL;
    char changed[64];

    people_need(db_begin(people.db));
    is_int(key_add(people.db, &people.arena, &key, people.now, &secret), KEY_OK,
           "a key is made");
    is_int(key_add(people.db, &people.arena, &key, people.now, &other), KEY_OK,
           "and another of the same name");
    is_int(key_add(people.db, &people.arena, &bad, people.now, &other),
           KEY_INVALID, "one without a name is not");
    bad = (struct key){ .name = "x" };
    is_int(key_add(people.db, &people.arena, &bad, people.now, &other),
           KEY_INVALID, "nor one without a scope");
    bad.scopes = 16;
    is_int(key_add(people.db, &people.arena, &bad, people.now, &other),
           KEY_INVALID, "nor one of a scope that is none");
    people_need(db_commit(people.db));
    ok(strlen(secret) == 46 && strncmp(secret, "sk_", 3) == 0,
       "a key is sk_ and 43 characters");
    ok(strcmp(secret, other) != 0, "no two are the same");
    is_int(key_find(people.db, &people.arena, secret, &found), KEY_OK,
           "it is found");
    ok(found.space == people.demo.number && found.scopes == 10 &&
           strcmp(found.name, "shop") == 0,
       "with its Space, scopes and name");
    is_int(key_find(people.db, &people.arena, people.key_all, &found), KEY_OK,
           "a key of all Spaces is found");
    is_int(found.space, 0, "  and has none of its own");
    for (size_t i = 0; i <= strlen(secret); i++) {
        snprintf(changed, sizeof(changed), "%s", secret);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        changed[i + 1 > 46 ? 47 : 46] = '\0';
        if (key_find(people.db, &people.arena, changed, &found) != KEY_UNKNOWN)
            ok(false, "a key changed at %zu is still one", i);
    }
    is_int(key_find(people.db, &people.arena, "", &found), KEY_UNKNOWN,
           "nothing is no key");
}

/* What lies in the database cannot be used as a key. */
static void
try_storage(void)
{
    struct rows rows;
    char hash[SIGN_HEX_SIZE];
    uint8_t bytes[SIGN_SIZE];

    sign_sha256(bytes, people.key_all, strlen(people.key_all));
    sign_hex(hash, bytes, sizeof(bytes));
    people_need(db_run(people.db, &people.arena, &rows, Q_KEY_BY_HASH,
                       BLOB(bytes, SIGN_SIZE)) == DB_OK);
    is_int(rows.n, 1, "what is kept is the hash");
    for (int i = 0; i < rows.columns; i++) {
        const struct db_value *value = rows_at(&rows, 0, i);
        ok(value->type != DB_TEXT ||
               strstr(value->bytes, people.key_all + 3) == NULL,
           "  and the key itself is nowhere");
    }
}

int
main(void)
{
    people_begin();
    for (size_t i = 0; i < COUNT_OF(scopes); i++)
        is_int(key_scopes_of(scopes[i].text), scopes[i].set,
               "the scopes of \"%s\"", scopes[i].text);
    try_making();
    try_storage();
    people_end();
    return done();
}
