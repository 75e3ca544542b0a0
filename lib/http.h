/*
 * A request as a value, and its reply as another. A handler reads the one,
 * fills the other and returns P_NONE, or returns a problem. Nothing is sent
 * before the handler has returned, so nobody is told of what did not happen.
 */
#ifndef SCRIP_HTTP_H
#define SCRIP_HTTP_H

#include "account.h"
#include "config.h"
#include "db.h"
#include "form.h"
#include "problem.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OTHER };

/* The word as HTTP spells it. */
const char *http_method_text(enum http_method method);

#define HTTP_PARAMETERS_MAX 4
#define HTTP_HEADERS_MAX    8

struct req;

struct http_header {
    const char *name;
    const char *value;
};

/* A body too long for memory is made piece by piece while it is sent. */
enum http_stream {
    HTTP_MORE,  /* there is a piece, and perhaps another */
    HTTP_END,   /* that was the last; the piece may be empty */
    HTTP_BROKEN /* the reply is cut off, so that nobody takes it for whole */
};

struct reply {
    int status;               /* 200 unless set */
    const char *content_type; /* application/json unless set */
    struct buf body;
    struct http_header headers[HTTP_HEADERS_MAX];
    int header_count;
    const char *etag;   /* without quotes; If-None-Match is then honoured */
    bool private_cache; /* Cache-Control: private, no-cache */
    /* Where set: the body is what this puts into `piece`, called until it
     * says HTTP_END, after the headers are sent. Reads in its own short
     * transactions; `piece->arena` and all in it last for one call. */
    enum http_stream (*stream)(struct req *req, void *state, struct buf *piece);
    void *stream_state;
};

struct req {
    struct arena *arena;
    struct db *db;
    const struct config *config;
    const char *id; /* the request id, also in the log */

    enum http_method method;
    const char *base; /* what stands before `path` in our addresses */
    const char *path; /* below that, still percent-encoded */
    struct form query;
    /* What the route's {} matched, decoded: parameter[0] is the Space. */
    const char *parameter[HTTP_PARAMETERS_MAX];
    const char *body;
    size_t body_length;

    /* Headers, NULL where absent. */
    const char *content_type;
    const char *authorization;
    const char *cookie;
    const char *origin;
    const char *sec_fetch_site;
    const char *csrf_token;
    const char *if_none_match;
    const char *accept;
    const char *stripe_signature;
    const char *remote_address;
    const char *idempotency_key; /* as it was sent */
    const char *key;             /* the same, checked: GATE_IDEMPOTENT */
    bool https;

    /* Found by the gates before the handler runs. */
    struct caller caller;
    const char *session; /* CALLER_MEMBER: the token of the session */
    struct space space;

    int64_t now;  /* business time of this request, ms */
    void *shared; /* GATE_GROUP: what its transaction's requests share */
    struct reply reply;
    struct problem_details details;
};

/* The value of a cookie, or NULL where there is none, or several of that
 * name (one was planted then). */
const char *http_cookie(const struct req *req, const char *name);
/* Whether the header Content-Type is application/json in UTF-8. */
bool http_is_json(const char *content_type);
/* Whether If-None-Match (a list, or "*") has this entity-tag, by the weak
 * comparison of RFC 9110. */
bool http_matches(const char *if_none_match, const char *etag);
/* A reply header; values with CR or LF stop the program. */
void http_header(struct req *req, const char *name, const char *value);
/* Begins a JSON reply into the reply's body. */
void http_json(struct req *req, int status, struct json_out *out);
/* Parses the body as a JSON object (JSON_STRICT) and begins reading it; the
 * faults go to req->details. False: return P_INVALID_REQUEST. */
MUST_USE bool http_read(struct req *req, struct json_reader *reader);
/* The same in another mode. */
MUST_USE bool http_read_as(struct req *req, enum json_mode mode,
                           struct json_reader *reader);
/* Gives the reply the entity-tag of its body, once that is whole: right
 * whatever the body was made from. */
void http_etag(struct req *req);
/* 303 to a path or address. */
void http_redirect(struct req *req, const char *location);

#endif
