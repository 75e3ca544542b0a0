/*
 * Who carries the sandbox's webhooks: a thread in each of its processes,
 * with a database handle and memory of its own. It claims what is due with
 * a lease, so that several processes never carry one message at once; tries
 * again after 1, 2, 4 ... 60 seconds for three days; and does what happens by
 * itself (sessions end, delayed payments settle). A message may arrive twice,
 * as everywhere; it is never lost.
 */
#ifndef SANDBOX_MESSENGER_H
#define SANDBOX_MESSENGER_H

#include "config.h"

/* Starts the thread where the program stays (FastCGI); under plain CGI only
 * remembers its settings. Copies what it needs of `config`. */
MUST_USE bool messenger_start(const struct config *config);
/* Where webhooks go: SCRIP_SANDBOX_WEBHOOK_URL, or the site's own. */
const char *messenger_url(void);
/* There is something new. From any thread; does nothing without one. */
void messenger_wake(void);
/* Ends the thread, a call in hand included; what it was carrying is carried
 * again later. Under plain CGI: carries what is due now, once, with the
 * caller's answer already sent and its standard streams closed. */
void messenger_stop(void);

#endif
