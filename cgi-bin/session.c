/*
 * Signing in, who is signed in, and signing out:
 *
 *     POST   /api/v1/session   {email, password}: the session and its cookie
 *     GET    /api/v1/session   the same answer, or 401
 *     DELETE /api/v1/session   204
 *
 * Never tells whether an email is known: not by words, not by status, not by
 * time, and not by who is refused after too many attempts.
 */
#include "session.h"
#include "attempt.h"
#include "clock.h"
#include "csrf.h"
#include "limits.h"
#include "secret.h"
#include "serve.h"

/* The session of req->session, which is req->caller.member's. */
static enum problem
reply_session(struct req *req)
{
    const struct member *member = &req->caller.member;
    struct member_space *spaces;
    char token[SIGN_HEX_SIZE];
    struct json_out out;
    int count;

    if (member_spaces(req->db, req->arena, member->number, &spaces, &count) !=
        MEMBER_OK)
        return P_UNAVAILABLE;
    csrf_token(token, req->session);
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_object(&out, "member");
    json_put_text(&out, "id", member->id);
    json_put_text(&out, "name", member->name);
    json_put_text(&out, "email", member->email);
    json_close_object(&out);
    json_open_array(&out, "spaces");
    for (int i = 0; i < count; i++) {
        json_open_object(&out, NULL);
        json_put_text(&out, "id", spaces[i].space.id);
        json_put_text(&out, "slug", spaces[i].space.slug);
        json_put_text(&out, "name", spaces[i].space.name);
        json_put_text(&out, "role", member_role_text(spaces[i].role));
        json_close_object(&out);
    }
    json_close_array(&out);
    json_put_text(&out, "csrf_token", token);
    json_close_object(&out);
    return P_NONE;
}

struct sign_in {
    const char *email; /* as it is counted and compared */
    const char *password;
    int64_t now_ms; /* the system's */
    struct attempt attempt;
};

static bool
read_sign_in(struct req *req, struct sign_in *in)
{
    struct json_reader reader;
    const char *email;

    if (!http_read(req, &reader))
        return false;
    email = json_need_text(&reader, "email", LIMIT_TEXT);
    in->password = json_need_text(&reader, "password", SECRET_MAX);
    if (in->password != NULL && strlen(in->password) > SECRET_MAX)
        json_refuse(&reader, "password", "is too long");
    if (!json_done(&reader))
        return false;
    in->email = member_email(req->arena, email);
    if (in->email == NULL)
        in->email = email; /* nobody's; counted and compared all the same */
    in->now_ms = clock_system_ms();
    return true;
}

/* Counts the attempt, durably, before the password is looked at. */
static enum problem
count_attempt(struct req *req, struct sign_in *in)
{
    if (!db_begin(req->db))
        return P_UNAVAILABLE;
    switch (attempt_count(req->db, req->arena, ATTEMPT_SIGN_IN, in->email,
                          req->remote_address, in->now_ms, &in->attempt,
                          &req->details.retry_after_s)) {
    case ATTEMPT_OK: break;
    case ATTEMPT_TOO_MANY:
        req->details.detail = "Too many sign-ins failed. Wait a while.";
        return P_TOO_MANY_ATTEMPTS;
    case ATTEMPT_BROKEN: return P_UNAVAILABLE;
    }
    return db_commit(req->db) ? P_NONE : P_UNAVAILABLE;
}

/* As long for an email that nobody has, or who has no password. */
static enum problem
check_password(struct req *req, const struct sign_in *in)
{
    enum member_result found =
        member_find(req->db, req->arena, in->email, &req->caller.member);
    const char *hash = NULL;

    if (found == MEMBER_BROKEN)
        return P_UNAVAILABLE;
    if (found == MEMBER_OK)
        hash = req->caller.member.password_hash;
    return secret_matches(hash, in->password) ? P_NONE : P_WRONG_CREDENTIALS;
}

static enum problem
start_session(struct req *req, const struct sign_in *in)
{
    const struct member *member = &req->caller.member;

    if (!db_begin(req->db))
        return P_UNAVAILABLE;
    if (attempt_forget(req->db, req->arena, &in->attempt) != ATTEMPT_OK ||
        session_start(req->db, req->arena, member->number, session_token(req),
                      in->now_ms, &req->session) != SESSION_OK ||
        !db_commit(req->db))
        return P_UNAVAILABLE;
    req->caller.kind = CALLER_MEMBER;
    return P_NONE;
}

static enum problem
sign_in(struct req *req)
{
    struct sign_in in;
    enum problem problem;

    if (!read_sign_in(req, &in))
        return P_INVALID_REQUEST;
    problem = count_attempt(req, &in);
    if (problem == P_NONE)
        problem = check_password(req, &in);
    if (problem == P_NONE)
        problem = start_session(req, &in);
    if (problem == P_NONE)
        problem = reply_session(req);
    if (problem == P_NONE)
        session_set_cookie(req, req->session);
    return problem;
}

static enum problem
show(struct req *req)
{
    return reply_session(req);
}

static enum problem
sign_out(struct req *req)
{
    if (!db_begin(req->db))
        return P_UNAVAILABLE;
    if (session_end(req->db, req->arena, req->session) != SESSION_OK ||
        !db_commit(req->db))
        return P_UNAVAILABLE;
    session_set_cookie(req, NULL);
    req->reply.status = 204;
    return P_NONE;
}

static const struct route routes[] = {
    { HTTP_POST, "/api/v1/session", GATE_OWN_PAGE | GATE_JSON, 0, sign_in },
    { HTTP_GET, "/api/v1/session", GATE_MEMBER, 0, show },
    { HTTP_DELETE, "/api/v1/session", GATE_MEMBER | GATE_CSRF, 0, sign_out },
    { .pattern = NULL },
};

int
main(void)
{
    static const struct program program = { .name = "session",
                                            .routes = routes };

    return serve(&program);
}
