/*
 * The page that TURN_MEMORY's programs share: two robust process-shared
 * mutexes behind a header that tells one build's page from another's. Knows
 * nothing of how programs agree on who makes it; that is turn.c's.
 */
#ifndef SCRIP_TURN_PAGE_H
#define SCRIP_TURN_PAGE_H

#include "base.h"

struct turn_page;

/* Maps the open file: as its only user, who makes the page without a
 * history, or as one more. NULL with errno; EPROTO where it is no page of
 * ours. */
struct turn_page *turn_page_make(int file);
struct turn_page *turn_page_join(int file);
/* NULL is allowed. */
void turn_page_leave(struct turn_page *page);

/* Whether `file` is still whole and writable, so that touching the page does
 * not end the program by SIGBUS, and the page still ours. False: errno. */
MUST_USE bool turn_page_check(const struct turn_page *page, int file);

/* Waits until a moment of the monotonic clock. False with errno: ETIMEDOUT,
 * EPROTO. The thread that took it gives it. */
MUST_USE bool turn_page_take(struct turn_page *page, int64_t until_ms);
void turn_page_give(struct turn_page *page);

#endif
