/*
 * Events: what happened, as it was then, and the messages that say so to the
 * site. Recorded in the transaction of the deed, so that neither is ever
 * without the other; carried later, by the messenger.
 */
#ifndef SANDBOX_TELL_H
#define SANDBOX_TELL_H

#include "json.h"
#include "store_billing.h"
#include "store_method.h"
#include "store_reversal.h"

/* An event of `type` about `object` (JSON). How it is delivered is what the
 * lever "webhooks" says at this moment. */
void tell(struct box *box, const char *type, const char *object);

/* The same, of an object as it is now. */
void tell_customer(struct box *box, const char *type,
                   const struct store_customer *customer);
void tell_session(struct box *box, const char *type,
                  const struct store_session *session);
void tell_intent(struct box *box, const char *type,
                 const struct store_intent *intent);
void tell_charge(struct box *box, const char *type,
                 const struct store_charge *charge);
void tell_method(struct box *box, const char *type,
                 const struct store_saved *saved);
void tell_setup(struct box *box, const char *type,
                const struct store_setup *setup);
void tell_subscription(struct box *box, const char *type,
                       const struct store_subscription *subscription);
void tell_invoice(struct box *box, const char *type,
                  const struct store_invoice *invoice);
void tell_refund(struct box *box, const char *type,
                 const struct store_refund *refund);
void tell_dispute(struct box *box, const char *type,
                  const struct store_dispute *dispute);

/* An event, as it is retrieved and as it is sent. */
struct told {
    const char *id;
    int64_t created_s;
    const char *type;
    const char *request;
    const char *request_key;
    const char *object;
    int64_t pending; /* messages that have not arrived */
};

MUST_USE bool told_get(struct box *box, const char *id, struct told *told);
void told_write(struct json_out *out, const char *name,
                const struct told *told);
/* Sends it again, now. False when there is no such event. */
bool told_again(struct box *box, const char *id);

#endif
