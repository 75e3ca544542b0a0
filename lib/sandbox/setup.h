/*
 * Setup intents: a page keeps a payment method for later, and nothing is
 * paid.
 */
#ifndef SANDBOX_SETUP_H
#define SANDBOX_SETUP_H

#include "payment.h"
#include "store_method.h"

/* A new one for a session; its id. */
const char *setup_add(struct box *box, const struct store_session *session);
/* As payment_try() and payment_confirm(), of a session that is open. */
enum payment_result setup_try(struct box *box, struct store_session *session,
                              const struct payment_ask *ask,
                              const char **words);
enum payment_result setup_confirm(struct box *box,
                                  struct store_session *session, bool approved,
                                  const char **words);

#endif
