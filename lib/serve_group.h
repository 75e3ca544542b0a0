/*
 * Group commit: requests that arrive while a commit is syncing share the next
 * transaction, and all are answered after its commit. One writer thread runs
 * their handlers, one after another, inside the open transaction; the threads
 * that accepted them wait, and send. Where anything of the database fails,
 * the transaction is undone and its requests are run one by one. req->now is
 * the transaction's.
 *
 * Nobody is told of anything before the commit has returned. serve's alone.
 */
#ifndef SCRIP_SERVE_GROUP_H
#define SCRIP_SERVE_GROUP_H

#include "serve.h"
#include "serve_slot.h"

struct writer;

/* Starts the writer thread of a program with a group, on a handle of its own
 * like `slot`; `threaded` false: as plain CGI, the caller's own thread does
 * it, on `slot` itself. NULL: there is no thread to be had. */
struct writer *writer_start(const struct group *group, struct slot *slot,
                            bool threaded);
/* Runs one request in some transaction, and returns once that is durable or
 * undone; jumps to req->arena->exhausted where it was undone because the
 * request needs more memory than it may have. The caller holds no slot. */
enum problem writer_run(struct writer *writer, struct req *req,
                        const struct route *route);
/* After the last writer_run(). NULL is allowed. */
void writer_stop(struct writer *writer);

#endif
