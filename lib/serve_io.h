/*
 * One request as the web server in front hands it over, and the answer's way
 * back: FastCGI and plain CGI look the same from here on. serve's alone.
 */
#ifndef SCRIP_SERVE_IO_H
#define SCRIP_SERVE_IO_H

#include "gate.h"

/* A peer that says nothing for so long is given up. */
#define SERVE_READ_S 5
/* A peer that takes nothing for so long. */
#define SERVE_WRITE_S 30
/* A request id: "req_" and a ULID, or up to 64 characters of the server in
 * front, and a NUL. */
#define SERVE_ID_SIZE 65

struct serve_io {
    /* A CGI variable, or NULL. */
    const char *(*variable)(struct serve_io *io, const char *name);
    /* Up to `room` bytes of the body; 0 at its end, -1 when it broke off. */
    ptrdiff_t (*read)(struct serve_io *io, char *bytes, size_t room);
    /* False when nobody listens any more. */
    bool (*write)(struct serve_io *io, const char *bytes, size_t length);
    /* Makes the answer an incomplete one, where the protocol can say so. */
    void (*cut)(struct serve_io *io);
};

/* What is done with each request. */
struct serve_handler {
    void (*answer)(struct serve_io *io, void *context);
    void *context;
};

/* Whether we were started with a FastCGI socket as standard input. From here
 * on SIGTERM, SIGINT and SIGUSR1 wait until they are looked for. */
bool serve_is_fastcgi(void);
/* Answers one request after the other until SIGTERM, SIGINT or SIGUSR1, those
 * in hand to their end; one thread for each of `count` handlers. `ready` runs
 * before any thread is made; false: give up.
 * Returns what main() returns. */
int serve_fastcgi(const struct serve_handler *handlers, int count,
                  bool (*ready)(void *context), void *context);
/* Answers the one request of a plain CGI process. */
int serve_cgi(const struct serve_handler *handler);

/* --- serve_request.c ----------------------------------------------------- */

/* Fills `req` from the variables: method, path, query, headers; *is_head
 * where it is a GET without a body. `id` is where req->id lies. False:
 * nothing that could be routed. */
bool serve_request(struct req *req, struct serve_io *io, char id[SERVE_ID_SIZE],
                   bool *is_head, enum form_state *form);
/* Reads the body to its end, keeping at most `max` bytes. */
void serve_body(struct req *req, struct serve_io *io, size_t max,
                enum form_state *form);

/* --- serve_reply.c ------------------------------------------------------- */

/* An empty 200, into which a handler writes. */
void serve_begin_reply(struct req *req);

struct serve_sent {
    int status;
    size_t bytes; /* of the body */
    bool whole;   /* all of it went out */
};

/* Sends req->reply, or the problem in its place. `route` is NULL where none
 * was found. */
void serve_reply(struct req *req, struct serve_io *io,
                 const struct route *route, enum problem problem, bool is_head,
                 struct arena *pieces, struct serve_sent *sent);

#endif
