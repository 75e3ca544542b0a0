/*
 * Platform keys. What is looked up is the hash of what the caller sent, so
 * neither the table nor the time of a look-up tells anything of a key.
 */
#include "key.h"

#include "ledger_sql.h"
#include "limits.h"
#include "sign.h"
#include "text.h"

#define KEY_BYTES   32
#define KEY_LENGTH  46 /* "sk_" and 43 characters of base64url */
#define SCOPE_COUNT 4

static const char *const scope_words[SCOPE_COUNT] = { "meter", "grant",
                                                      "provision", "read" };

enum key_result
key_add(struct db *db, struct arena *arena, struct key *key, int64_t now,
        const char **secret)
{
    uint8_t random[KEY_BYTES], hash[SIGN_SIZE];
    char text[KEY_LENGTH + 1] = "sk_";
    struct rows rows;

    if (key->name == NULL ||
        !text_fits(key->name, strlen(key->name), 1, LIMIT_TEXT) ||
        key->scopes == 0 || key->scopes >= 1U << SCOPE_COUNT)
        return KEY_INVALID;
    sign_random(random, sizeof(random));
    sign_base64url(text + 3, random, sizeof(random));
    sign_sha256(hash, text, KEY_LENGTH);
    if (db_run(db, arena, &rows, Q_KEY_INSERT, BLOB(hash, SIGN_SIZE),
               TEXT(key->name), key->space == 0 ? NIL : INT(key->space),
               INT(key->scopes), INT(now)) != DB_OK ||
        rows.n != 1)
        return KEY_BROKEN;
    key->number = rows_int(&rows, 0, 0);
    *secret = arena_text(arena, text);
    return KEY_OK;
}

enum key_result
key_find(struct db *db, struct arena *arena, const char *secret,
         struct key *key)
{
    uint8_t hash[SIGN_SIZE];
    struct rows rows;

    if (strlen(secret) != KEY_LENGTH || !text_begins(secret, "sk_"))
        return KEY_UNKNOWN;
    sign_sha256(hash, secret, KEY_LENGTH);
    if (db_run(db, arena, &rows, Q_KEY_BY_HASH, BLOB(hash, SIGN_SIZE)) != DB_OK)
        return KEY_BROKEN;
    if (rows.n == 0)
        return KEY_UNKNOWN;
    *key = (struct key){ .number = rows_int(&rows, 0, 0),
                         .name = rows_text(&rows, 0, 1),
                         .space = rows_int(&rows, 0, 2),
                         .scopes = (unsigned)rows_int(&rows, 0, 3) };
    return KEY_OK;
}

static unsigned
scope_of(const char *word, size_t length)
{
    for (int i = 0; i < SCOPE_COUNT; i++)
        if (strlen(scope_words[i]) == length &&
            memcmp(scope_words[i], word, length) == 0)
            return 1U << i;
    return 0;
}

unsigned
key_scopes_of(const char *text)
{
    unsigned scopes = 0;

    for (;;) {
        size_t length = strcspn(text, ",");
        unsigned scope = scope_of(text, length);
        if (scope == 0)
            return 0;
        scopes |= scope;
        if (text[length] == '\0')
            return scopes;
        text += length + 1;
    }
}
