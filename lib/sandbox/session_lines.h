/*
 * What is bought in a checkout session, as a call asks for it.
 */
#ifndef SANDBOX_SESSION_LINES_H
#define SANDBOX_SESSION_LINES_H

#include "api.h"

/* line_items[]: their currency and sum go into the session. A price of a
 * subscription is made if it is given in the call. In the arena. */
struct store_line *
session_lines_read(struct api *api, struct store_session *session, int *count);

#endif
