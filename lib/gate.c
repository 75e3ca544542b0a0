/*
 * The gates, in the order in which a request is refused. A Space that the
 * caller may not see is not there: both ways end in the same line.
 */
#include "gate.h"

#include <strings.h>

#include "clock.h"
#include "csrf.h"
#include "limits.h"
#include "session.h"
#include "text.h"

/* --- Who: 401 ------------------------------------------------------------ */

/* A session is noted as seen once a minute; where that cannot be written the
 * request goes on, for it may be one that only reads. */
static void
touch(struct req *req, int64_t now_ms)
{
    if (db_begin(req->db) &&
        session_touch(req->db, req->arena, req->session, now_ms) ==
            SESSION_OK &&
        db_commit(req->db))
        return;
    db_rollback(req->db);
}

static enum problem
who_by_session(struct req *req)
{
    const char *token = session_token(req);
    int64_t now_ms = clock_system_ms();
    enum session_result found;
    bool stale;

    if (token == NULL)
        return P_UNAUTHENTICATED;
    found = session_find(req->db, req->arena, token, now_ms,
                         &req->caller.member, &stale);
    if (found != SESSION_OK)
        return found == SESSION_NONE ? P_UNAUTHENTICATED : P_UNAVAILABLE;
    req->caller.kind = CALLER_MEMBER;
    req->session = token;
    if (stale)
        touch(req, now_ms);
    return P_NONE;
}

static enum problem
who_by_key(struct req *req)
{
    const char *at = req->authorization;
    enum key_result found;

    if (strncasecmp(at, "Bearer ", 7) != 0) {
        req->details.detail = "Send the key as Authorization: Bearer sk_...";
        return P_UNAUTHENTICATED;
    }
    at += 7 + strspn(at + 7, " ");
    found = key_find(req->db, req->arena, at, &req->caller.key);
    if (found != KEY_OK) {
        req->details.detail = "There is no such key.";
        return found == KEY_BROKEN ? P_UNAVAILABLE : P_UNAUTHENTICATED;
    }
    req->caller.kind = CALLER_KEY;
    return P_NONE;
}

static enum problem
check_who(struct req *req, const struct route *route)
{
    if ((route->gates & GATE_KEY) && req->authorization != NULL)
        return who_by_key(req);
    if (route->gates & GATE_MEMBER)
        return who_by_session(req);
    if (route->gates & GATE_KEY) {
        req->details.detail = "Send the key as Authorization: Bearer sk_...";
        return P_UNAUTHENTICATED;
    }
    return P_NONE;
}

/* --- Where: 404 ---------------------------------------------------------- */

static enum problem
check_space(struct req *req, const struct route *route)
{
    struct caller *caller = &req->caller;
    enum space_result found;
    bool seen = false;

    if (!(route->gates & GATE_SPACE))
        return P_NONE;
    found = space_find(req->db, req->arena, req->parameter[0], &req->space);
    if (found == SPACE_BROKEN)
        return P_UNAVAILABLE;
    if (found == SPACE_OK && caller->kind == CALLER_MEMBER) {
        if (member_role_in(req->db, req->arena, caller->member.number,
                           req->space.number, &caller->role) != MEMBER_OK)
            return P_UNAVAILABLE;
        seen = caller->role != ROLE_NONE;
    }
    if (found == SPACE_OK && caller->kind == CALLER_KEY)
        seen = caller->key.space == 0 || caller->key.space == req->space.number;
    if (seen)
        return P_NONE;
    req->details.detail = "There is no such Space.";
    return P_NOT_FOUND;
}

/* --- Whether: 403 -------------------------------------------------------- */

static enum problem
check_may(struct req *req, const struct route *route)
{
    const struct caller *caller = &req->caller;
    enum member_role need = ROLE_NONE;

    if ((route->gates & GATE_OWN_PAGE) && !csrf_own_page(req, false)) {
        req->details.detail = "Sign in on a page of this site.";
        return P_CSRF;
    }
    if ((route->gates & GATE_CSRF) && caller->kind == CALLER_MEMBER &&
        !csrf_passes(req))
        return P_CSRF;
    if (caller->kind == CALLER_KEY && (route->gates & GATE_ALL_SPACES) &&
        caller->key.space != 0) {
        req->details.detail = "This needs a key for all Spaces.";
        return P_SCOPE;
    }
    if (caller->kind == CALLER_KEY)
        return route->scopes == 0 || (route->scopes & caller->key.scopes)
                   ? P_NONE
                   : P_SCOPE;
    if (route->gates & GATE_BUY)
        need = ROLE_ADMIN;
    if (route->gates & GATE_OWNER)
        need = ROLE_OWNER;
    if (caller->role >= need)
        return P_NONE;
    req->details.detail = need == ROLE_OWNER
                              ? "Only the Space's owner may do that."
                              : "Only owners and admins may do that.";
    return P_ROLE;
}

/* --- What: 413, 415, 400 ------------------------------------------------- */

static bool
is_type_right(const struct req *req, const struct route *route)
{
    if (route->gates & GATE_ANY_BODY)
        return true;
    if (req->body_length == 0 &&
        (req->content_type == NULL || !(route->gates & GATE_JSON)))
        return true; /* an empty body is told of by who reads it */
    return http_is_json(req->content_type);
}

static enum problem
check_form(struct req *req, const struct route *route, enum form_state form)
{
    if (form == FORM_TOO_LARGE) {
        req->details.detail =
            arena_format(req->arena, "A body may have %d bytes here.",
                         route->gates & GATE_LARGE ? LIMIT_BODY_LARGE
                                                   : LIMIT_BODY);
        return P_PAYLOAD_TOO_LARGE;
    }
    if (!is_type_right(req, route))
        return P_UNSUPPORTED_MEDIA_TYPE;
    if (form == FORM_SHORT) {
        req->details.detail = "The body is not as long as Content-Length says.";
        return P_INVALID_REQUEST;
    }
    if (form == FORM_MALFORMED) {
        req->details.detail = "The query is not valid percent-encoded UTF-8.";
        return P_INVALID_REQUEST;
    }
    return P_NONE;
}

static enum problem
check_key(struct req *req, const struct route *route)
{
    const char *key = req->idempotency_key;

    if (!(route->gates & GATE_IDEMPOTENT))
        return P_NONE;
    if (key == NULL || key[0] == '\0')
        return P_IDEMPOTENCY_KEY_REQUIRED;
    if (strlen(key) > LIMIT_KEY || !text_printable_ascii(key)) {
        req->details.detail =
            "An Idempotency-Key has 1 to 255 printable ASCII characters.";
        return P_INVALID_REQUEST;
    }
    req->key = key;
    return P_NONE;
}

enum problem
gate_check(struct req *req, const struct route *route, enum form_state form)
{
    enum problem problem = check_who(req, route);

    if (problem == P_NONE)
        problem = check_space(req, route);
    if (problem == P_NONE)
        problem = check_may(req, route);
    if (problem == P_NONE)
        problem = check_form(req, route, form);
    if (problem == P_NONE)
        problem = check_key(req, route);
    return problem;
}
