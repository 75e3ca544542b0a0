/*
 * Cursors of lists: where the next page begins, signed and bound to the
 * Space, the list and its filters, so that nobody can make one up, move it
 * to another Space or to another question. Opaque to callers.
 */
#ifndef SCRIP_CURSOR_H
#define SCRIP_CURSOR_H

#include "http.h"

/* The cursor for what comes after `position` (a seq or number). `list` names
 * the list and its filters, in one text. In the arena. */
const char *cursor_make(struct req *req, const char *list, int64_t position);

/* Reads ?limit= and ?before=. Absent: LIMIT_PAGE_DEFAULT, and 0. P_NONE,
 * P_INVALID_REQUEST (a limit that is none) or P_INVALID_CURSOR. */
enum problem cursor_read(struct req *req, const char *list, int *limit,
                         int64_t *before);

/* The same where a position is a text, of CURSOR_TEXT bytes at most; what
 * cursor_read_text() gives is NULL where there is no ?before=. */
#define CURSOR_TEXT 1000
const char *cursor_make_text(struct req *req, const char *list,
                             const char *position);
enum problem cursor_read_text(struct req *req, const char *list, int *limit,
                              const char **position);

/* Refuses query parameters that the list does not know; `known` is a NULL-
 * terminated list beside limit and before. */
enum problem cursor_only(struct req *req, const char *const *known);

/* Says what is wrong with a parameter: P_INVALID_REQUEST. */
enum problem cursor_refuse(struct req *req, const char *name,
                           const char *detail);

#endif
