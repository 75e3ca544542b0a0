/*
 * The write turn: one writer at a time, over all programs, in fair order and
 * without polling. A robust process-shared mutex in a small mapped file next
 * to the database; a file lock (flock) where the system cannot do that. Who
 * dies holding it gives it up. Every write transaction and every checkpoint
 * is made under it: SQLite before 3.51.3 can corrupt a WAL database when a
 * checkpoint and a write of two processes race.
 */
#ifndef SCRIP_TURN_H
#define SCRIP_TURN_H

#include "base.h"

struct turn;

/* The turn of the file at `path` (made with mode 600 if missing); NULL when
 * that cannot be. errno tells why. */
struct turn *turn_open(const char *path);
void turn_close(struct turn *turn);

/* Waits at most `wait_ms`. Not recursive: one thread of a process at a time
 * holds a `struct turn`. */
MUST_USE bool turn_take(struct turn *turn, int64_t wait_ms);
void turn_give(struct turn *turn);

#endif
