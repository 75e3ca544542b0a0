/*
 * The payment provider's double: an HTTP server that speaks Stripe's API
 * well enough for Stripe's own clients, shows a payment page, and sends
 * signed webhooks. With its own database, sandbox.db in SCRIP_HOME.
 *
 *     /v1/...         the API (api.h)      /pay/{session}   the page (pay.h)
 *     /receipts/{ch}  receipts             /control         levers (control.h)
 *
 * Never together with a real provider: it does not start where a key of one
 * is set. Never holds money, cards or anything that is worth stealing.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "config.h"

/* Before the first request: brings the database up to date and starts the
 * messenger. False, with a line in the log, when it may not or cannot. */
bool sandbox_start(const struct config *config);
/* After the last one. */
void sandbox_stop(void);

#endif
