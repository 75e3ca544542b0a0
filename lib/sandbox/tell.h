/*
 * Events: what happened, as it was then, and the messages that say so to the
 * site. Recorded in the transaction of the deed, so that neither is ever
 * without the other; carried later, by the messenger.
 */
#ifndef SANDBOX_TELL_H
#define SANDBOX_TELL_H

#include "json.h"
#include "store.h"

/* An event of `type` about `object` (JSON). How it is delivered is what the
 * lever "webhooks" says at this moment. */
void tell(struct box *box, const char *type, const char *object);

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
