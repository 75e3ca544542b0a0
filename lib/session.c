/*
 * Sessions in the database and in the cookie. The token is 256 random bits;
 * who reads the database cannot make a cookie of what is there. Under https
 * at the root the cookie's name begins with __Host-, which no other host and
 * no other path can set; a cookie of any other name is not looked at.
 */
#include "session.h"

#include "ledger_sql.h"
#include "limits.h"
#include "sign.h"
#include "text.h"

#define TOKEN_BYTES  32
#define TOKEN_LENGTH 43 /* of base64url */
#define STALE_MS     MINUTE_MS

/* False where this cannot be a token of ours; spares the database. */
static bool
hash_token(uint8_t hash[SIGN_SIZE], const char *token)
{
    uint8_t bytes[TOKEN_BYTES];

    if (strlen(token) != TOKEN_LENGTH ||
        sign_unbase64url(bytes, sizeof(bytes), token) != TOKEN_BYTES)
        return false;
    sign_sha256(hash, token, TOKEN_LENGTH);
    return true;
}

static enum session_result
remove_one(struct db *db, struct arena *arena, const char *token)
{
    uint8_t hash[SIGN_SIZE];

    if (!hash_token(hash, token))
        return SESSION_NONE;
    if (db_run(db, arena, NULL, Q_SESSION_DELETE, BLOB(hash, SIGN_SIZE)) !=
        DB_OK)
        return SESSION_BROKEN;
    return SESSION_OK;
}

enum session_result
session_start(struct db *db, struct arena *arena, int64_t member,
              const char *replaces, int64_t now_ms, const char **token)
{
    uint8_t random[TOKEN_BYTES], hash[SIGN_SIZE];
    char text[TOKEN_LENGTH + 1];

    if (replaces != NULL && remove_one(db, arena, replaces) == SESSION_BROKEN)
        return SESSION_BROKEN;
    /* What has ended is never found again; here it is cleared away. One
     * that is over a day old is not seen any more, and so ends up here. */
    if (db_run(db, arena, NULL, Q_SESSION_DELETE_IDLE,
               INT(now_ms - LIMIT_SESSION_IDLE_MS)) != DB_OK)
        return SESSION_BROKEN;
    sign_random(random, sizeof(random));
    sign_base64url(text, random, sizeof(random));
    sign_sha256(hash, text, TOKEN_LENGTH);
    if (db_run(db, arena, NULL, Q_SESSION_INSERT, BLOB(hash, SIGN_SIZE),
               INT(member), INT(now_ms)) != DB_OK)
        return SESSION_BROKEN;
    *token = arena_text(arena, text);
    return SESSION_OK;
}

enum session_result
session_find(struct db *db, struct arena *arena, const char *token,
             int64_t now_ms, struct member *member, bool *stale)
{
    uint8_t hash[SIGN_SIZE];
    struct rows rows;
    int64_t created_at, seen_at;

    if (!hash_token(hash, token))
        return SESSION_NONE;
    if (db_run(db, arena, &rows, Q_SESSION_FIND, BLOB(hash, SIGN_SIZE)) !=
        DB_OK)
        return SESSION_BROKEN;
    if (rows.n == 0)
        return SESSION_NONE;
    created_at = rows_int(&rows, 0, 0);
    seen_at = rows_int(&rows, 0, 1);
    if (now_ms - seen_at >= LIMIT_SESSION_IDLE_MS ||
        now_ms - created_at >= LIMIT_SESSION_MS)
        return SESSION_NONE;
    *stale = now_ms - seen_at >= STALE_MS;
    *member = (struct member){ .number = rows_int(&rows, 0, 2),
                               .email = rows_text(&rows, 0, 3),
                               .name = rows_text(&rows, 0, 4) };
    id_format(member->id, "mem", rows_int(&rows, 0, 5), 0, member->number);
    return SESSION_OK;
}

enum session_result
session_touch(struct db *db, struct arena *arena, const char *token,
              int64_t now_ms)
{
    uint8_t hash[SIGN_SIZE];

    if (!hash_token(hash, token))
        return SESSION_NONE;
    if (db_run(db, arena, NULL, Q_SESSION_SEEN, BLOB(hash, SIGN_SIZE),
               INT(now_ms)) != DB_OK)
        return SESSION_BROKEN;
    return SESSION_OK;
}

enum session_result
session_end(struct db *db, struct arena *arena, const char *token)
{
    return remove_one(db, arena, token);
}

/* --- The cookie --------------------------------------------------------- */

static bool
over_https(const struct req *req)
{
    return req->https || text_begins(req->config->base_url, "https://");
}

static const char *
cookie_name(const struct req *req)
{
    return over_https(req) && req->config->base_path[0] == '\0'
               ? "__Host-scrip_session"
               : "scrip_session";
}

const char *
session_token(const struct req *req)
{
    return http_cookie(req, cookie_name(req));
}

void
session_set_cookie(struct req *req, const char *token)
{
    const char *path = req->config->base_path;

    http_header(req, "Set-Cookie",
                arena_format(req->arena,
                             "%s=%s; Path=%s; HttpOnly; SameSite=Lax%s%s",
                             cookie_name(req), token == NULL ? "" : token,
                             path[0] == '\0' ? "/" : path,
                             over_https(req) ? "; Secure" : "",
                             token == NULL ? "; Max-Age=0" : ""));
}
