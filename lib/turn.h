/*
 * The write turn: one writer at a time, over all programs, in the order of
 * coming and without polling. Robust process-shared mutexes in a small mapped
 * file next to the database; a file lock (flock) where the system cannot do
 * that. Who dies holding it gives it up. Every write transaction and every
 * checkpoint is made under it: SQLite before 3.51.3 can corrupt a WAL
 * database when a checkpoint and a write of two processes race.
 *
 * The file's content means nothing while nobody has it open: it may be
 * copied, damaged or deleted then, and the first to open it makes it anew.
 */
#ifndef SCRIP_TURN_H
#define SCRIP_TURN_H

#include "base.h"

struct turn;

enum turn_kind {
    TURN_MEMORY, /* mutexes; falls back to TURN_FILE where that cannot be */
    TURN_FILE    /* flock, as network file systems need it: polls, unordered */
};

/* The turn of the file at `path` (made with mode 600 if missing); NULL when
 * that cannot be, and errno tells why: EPROTO where it is in use and not
 * ours (damaged, or another build's layout). Those who open one file as
 * different kinds keep each other out, and so may wait for ever. */
struct turn *turn_open(const char *path, enum turn_kind kind);
/* NULL is allowed. Not while holding it. */
void turn_close(struct turn *turn);

enum turn_kind turn_kind(const struct turn *turn);

/* Waits at most `wait_ms`. False with errno: ETIMEDOUT; EROFS where the file
 * system is read-only now; EPROTO where the file was damaged under us. Not
 * recursive: one thread of a process at a time holds a `struct turn`, and the
 * thread that took it gives it. */
MUST_USE bool turn_take(struct turn *turn, int64_t wait_ms);
void turn_give(struct turn *turn);

#endif
