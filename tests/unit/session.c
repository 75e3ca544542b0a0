/*
 * Sessions: when they end, what of them is stored, what the browser is told;
 * how often one may try to sign in; and the token of our own pages.
 */
#include "people.h"

#include "attempt.h"
#include "csrf.h"
#include "db_inside.h"

static const char *
start(const char *replaces, int64_t at_ms)
{
    const char *token = NULL;

    people_need(db_begin(people.db));
    people_need(session_start(people.db, &people.arena, people.owner.number,
                              replaces, at_ms, &token) == SESSION_OK);
    people_need(db_commit(people.db));
    return token;
}

static enum session_result
find(const char *token, int64_t at_ms)
{
    struct member member;
    bool stale;

    return session_find(people.db, &people.arena, token, at_ms, &member,
                        &stale);
}

static void
touch(const char *token, int64_t at_ms)
{
    people_need(db_begin(people.db));
    people_need(session_touch(people.db, &people.arena, token, at_ms) ==
                SESSION_OK);
    people_need(db_commit(people.db));
}

static void
try_life(void)
{
    const int64_t t = people.now;
    const char *token = start(NULL, t);
    struct member member;
    bool stale;

    is_int((int64_t)strlen(token), 43, "a token is 256 bits in base64url");
    is_int(session_find(people.db, &people.arena, token, t, &member, &stale),
           SESSION_OK, "a session is found");
    is_text(member.id, people.owner.id, "  and whose it is");
    ok(member.password_hash == NULL, "  without the password's hash");
    ok(!stale, "  just seen");
    people_need(session_find(people.db, &people.arena, token, t + MINUTE_MS,
                             &member, &stale) == SESSION_OK);
    ok(stale, "a minute later that has to be noted anew");
    is_int(find(token, t + LIMIT_SESSION_IDLE_MS - 1), SESSION_OK,
           "it lives for half an hour");
    is_int(find(token, t + LIMIT_SESSION_IDLE_MS), SESSION_NONE,
           "and no longer");
    touch(token, t + 20 * MINUTE_MS);
    is_int(find(token, t + 49 * MINUTE_MS), SESSION_OK,
           "a request gives it half an hour more");
    touch(token, t + 10 * MINUTE_MS);
    is_int(find(token, t + 49 * MINUTE_MS), SESSION_OK,
           "an earlier one takes nothing of it");
    for (int64_t at = t; at < t + LIMIT_SESSION_MS; at += 20 * MINUTE_MS)
        touch(token, at);
    is_int(find(token, t + LIMIT_SESSION_MS - 1), SESSION_OK,
           "in use, it lives for a day");
    is_int(find(token, t + LIMIT_SESSION_MS), SESSION_NONE, "and no longer");
    is_int(find(token, t - DAY_MS), SESSION_OK,
           "a clock that was set back ends nothing");
}

static int64_t
session_count(void)
{
    struct rows rows;

    people_need(db_run_sql(people.db, &people.arena, &rows,
                           "SELECT count(*) FROM session", NULL, 0) == DB_OK);
    return rows_int(&rows, 0, 0);
}

static void
try_replacing(void)
{
    const int64_t t = people.now;
    const char *first = start(NULL, t);
    const char *second = start(first, t);
    const char *planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    ok(strcmp(first, second) != 0, "signing in gives another token");
    is_int(find(first, t), SESSION_NONE, "  and the one before is no more");
    is_int(find(second, t), SESSION_OK, "  the new one is");
    ok(strcmp(start(planted, t), planted) != 0, "a planted token is not kept");
    is_int(find(planted, t), SESSION_NONE, "  nor made a session");
    people_need(db_begin(people.db));
    is_int(session_end(people.db, &people.arena, second), SESSION_OK,
           "signing out");
    people_need(db_commit(people.db));
    is_int(find(second, t), SESSION_NONE, "  ends it here, not in the browser");
    start(NULL, t + LIMIT_SESSION_IDLE_MS + DAY_MS);
    is_int(session_count(), 1, "what has ended is cleared away");
    is_int(find("", t), SESSION_NONE, "an empty token");
    is_int(find("short", t), SESSION_NONE, "a short one");
    is_int(find("????????????????????????????????????????????", t),
           SESSION_NONE, "one of other characters");
}

/* --- What the browser is told -------------------------------------------- */

struct cookie {
    const char *name;
    const char *base_url;
    const char *base_path;
    bool https;
    const char *text; /* of the token "T" */
};

static const struct cookie cookies[] = {
    { "http at the root", "http://127.0.0.1:8080", "", false,
      "scrip_session=T; Path=/; HttpOnly; SameSite=Lax" },
    { "https at the root", "https://x.test", "", false,
      "__Host-scrip_session=T; Path=/; HttpOnly; SameSite=Lax; Secure" },
    { "https in front, told by the server", "http://127.0.0.1:8080", "", true,
      "__Host-scrip_session=T; Path=/; HttpOnly; SameSite=Lax; Secure" },
    { "https below a path", "https://x.test/~me/c", "/~me/c", false,
      "scrip_session=T; Path=/~me/c; HttpOnly; SameSite=Lax; Secure" },
    { "http below a path", "http://x.test/c", "/c", false,
      "scrip_session=T; Path=/c; HttpOnly; SameSite=Lax" },
};

static void
try_cookies(void)
{
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        struct config config = { .base_url = cookies[i].base_url,
                                 .base_path = cookies[i].base_path };
        struct req req = { .arena = &people.arena,
                           .config = &config,
                           .https = cookies[i].https };
        session_set_cookie(&req, "T");
        is_text(req.reply.headers[0].value, cookies[i].text, "%s",
                cookies[i].name);
        session_set_cookie(&req, NULL);
        ok(strstr(req.reply.headers[1].value, "=; Path=") != NULL &&
               strstr(req.reply.headers[1].value, "; Max-Age=0") != NULL,
           "  and taken away again");
        req.cookie = "scrip_session=plain; __Host-scrip_session=host";
        is_text(session_token(&req),
                cookies[i].text[0] == '_' ? "host" : "plain",
                "  only the name that we set is read");
    }
}

/* --- Our own pages ------------------------------------------------------- */

struct page {
    const char *origin;
    const char *site;
    bool with;    /* passes with SCRIP_BASE_URL=https://x.test:444/c */
    bool without; /* and without, at port 8080 */
};

static const struct page pages[] = {
    { NULL, NULL, false, false },
    { NULL, "same-origin", true, true },
    { NULL, "same-site", false, false },
    { NULL, "none", false, false },
    { NULL, "cross-site", false, false },
    { "https://x.test:444", NULL, true, false },
    { "https://x.test:444", "same-origin", true, false },
    { "https://x.test:444", "cross-site", false, false },
    { "https://x.test:444/", NULL, false, false },
    { "https://x.test:444/c", NULL, false, false },
    { "https://x.test", NULL, false, false },
    { "http://x.test:444", NULL, false, false },
    { "https://x.test:4444", NULL, false, false },
    { "https://evil.x.test:444", NULL, false, false },
    { "http://127.0.0.1:8080", NULL, false, true },
    { "http://localhost:8080", "same-origin", false, true },
    { "http://[::1]:8080", NULL, false, true },
    { "http://localhost", NULL, false, false },
    { "http://localhost:80800", NULL, false, false },
    { "http://localhost.evil.test:8080", NULL, false, false },
    { "https://localhost:8080", NULL, false, false },
    { "http://0.0.0.0:8080", NULL, false, false },
    { "null", "same-origin", false, false },
    { "", NULL, false, false },
};

static void
try_pages(void)
{
    static const struct config with = { .base_url = "https://x.test:444/c",
                                        .base_path = "/c",
                                        .base_url_set = true,
                                        .port = 8080 };
    static const struct config without = { .base_url = "http://127.0.0.1:8080",
                                           .base_path = "",
                                           .port = 8080 };
    char token[SIGN_HEX_SIZE];
    struct req req = { .arena = &people.arena, .session = "s" };

    csrf_token(token, "s");
    req.csrf_token = token;
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        req.origin = pages[i].origin;
        req.sec_fetch_site = pages[i].site;
        req.config = &with;
        ok(csrf_passes(&req) == pages[i].with, "Origin %s, site %s: %s",
           pages[i].origin, pages[i].site, pages[i].with ? "ours" : "not");
        req.config = &without;
        ok(csrf_passes(&req) == pages[i].without,
           "  and without a base address: %s",
           pages[i].without ? "ours" : "not");
    }
    req.origin = "http://localhost:8080";
    req.sec_fetch_site = NULL;
    req.session = "t";
    ok(!csrf_passes(&req), "the token of another session does not pass");
    req.session = NULL;
    ok(!csrf_passes(&req), "nor does any without a session");
}

/* --- How often ----------------------------------------------------------- */

static enum attempt_result
attempt(const char *email, const char *address, int64_t at_ms, bool right,
        int *retry_s)
{
    enum attempt_result result;
    struct attempt one;

    people_need(db_begin(people.db));
    result = attempt_count(people.db, &people.arena, ATTEMPT_SIGN_IN, email,
                           address, at_ms, &one, retry_s);
    people_need(db_commit(people.db));
    if (result == ATTEMPT_OK && right) {
        people_need(db_begin(people.db));
        people_need(attempt_forget(people.db, &people.arena, &one) ==
                    ATTEMPT_OK);
        people_need(db_commit(people.db));
    }
    return result;
}

static void
try_attempts(void)
{
    const int64_t t = people.now;
    int retry_s = 0;

    for (int i = 0; i < 50; i++)
        people_need(attempt("a@x", "192.0.2.1", t, true, &retry_s) ==
                    ATTEMPT_OK);
    ok(true, "fifty right ones are no failures");
    for (int i = 0; i < 10; i++)
        is_int(attempt("a@x", arena_format(&people.arena, "192.0.2.%d", i),
                       t + i * SECOND_MS, false, &retry_s),
               ATTEMPT_OK, "wrong one %d of an email", i + 1);
    is_int(attempt("a@x", "198.51.100.1", t + 10 * SECOND_MS, true, &retry_s),
           ATTEMPT_TOO_MANY, "the next is too many, from wherever");
    is_int(retry_s, 15 * 60 - 10, "  until the first is fifteen minutes old");
    is_int(attempt("a@x", "198.51.100.1", t + LIMIT_FAILURES_MS - 1, true,
                   &retry_s),
           ATTEMPT_TOO_MANY, "  to the millisecond");
    is_int(retry_s, 1, "  never told to come at once");
    is_int(attempt("a@x", "198.51.100.1", t + LIMIT_FAILURES_MS, false,
                   &retry_s),
           ATTEMPT_OK, "  and then one more");
    is_int(attempt("a@x", "198.51.100.1", t + LIMIT_FAILURES_MS, false,
                   &retry_s),
           ATTEMPT_TOO_MANY, "  but one only");
    is_int(attempt("b@x", "192.0.2.1", t, false, &retry_s), ATTEMPT_OK,
           "another email is another matter");
}

static void
try_addresses(void)
{
    static const char *const same[] = { "2001:db8:1:2::1",
                                        "2001:db8:1:2:ffff::9",
                                        "2001:0db8:0001:0002:0:0:0:5" };
    const int64_t t = people.now + DAY_MS;
    int retry_s;

    for (int i = 0; i < 10; i++)
        people_need(attempt(arena_format(&people.arena, "e%d@x", i),
                            same[i % 3], t, false, &retry_s) == ATTEMPT_OK);
    is_int(attempt("new@x", "2001:db8:1:2:3:4:5:6", t, true, &retry_s),
           ATTEMPT_TOO_MANY, "a network of IPv6 is one address");
    is_int(attempt("new@x", "2001:db8:1:3::1", t, true, &retry_s), ATTEMPT_OK,
           "the next network is another");
    for (int i = 0; i < 10; i++)
        people_need(attempt(arena_format(&people.arena, "f%d@x", i),
                            i % 2 ? "203.0.113.7" : "::ffff:203.0.113.7", t,
                            false, &retry_s) == ATTEMPT_OK);
    is_int(attempt("new@x", "203.0.113.7", t, true, &retry_s), ATTEMPT_TOO_MANY,
           "an address of IPv4 is one, however written");
    is_int(attempt("new@x", "203.0.113.8", t, true, &retry_s), ATTEMPT_OK,
           "the next is another");
    is_int(attempt("new@x", NULL, t, true, &retry_s), ATTEMPT_OK,
           "no address is one too");
    is_int(attempt("new@x", "unix:", t, true, &retry_s), ATTEMPT_OK,
           "and so is what is none");
    is_int(attempt("new@x", "203.0.113.7", t - DAY_MS, true, &retry_s),
           ATTEMPT_OK, "a clock that was set back locks nobody out");
    is_int(attempt("new@x", "203.0.113.7", t - SECOND_MS, true, &retry_s),
           ATTEMPT_TOO_MANY, "one that is a second behind lets nobody in");
}

int
main(void)
{
    people_begin();
    try_life();
    try_replacing();
    try_cookies();
    try_pages();
    try_attempts();
    try_addresses();
    people_end();
    return done();
}
