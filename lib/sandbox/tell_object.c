/*
 * Events about objects: each says its object as the API would at this moment,
 * with nothing expanded.
 */
#include "object.h"
#include "tell.h"

/* The largest object: an invoice with all its lines. */
#define OBJECT_MAX (256 * 1024)

/* An object that is being written. */
struct draft {
    struct buf buf;
    struct json_out out;
};

static struct json_out *
draft_open(struct draft *draft, struct box *box)
{
    buf_init(&draft->buf, box->arena, OBJECT_MAX);
    json_begin(&draft->out, &draft->buf);
    return &draft->out;
}

static void
draft_tell(const struct draft *draft, struct box *box, const char *type)
{
    assert(!draft->buf.over);
    tell(box, type, draft->buf.bytes);
}

void
tell_customer(struct box *box, const char *type,
              const struct store_customer *customer)
{
    struct draft draft;

    object_customer(draft_open(&draft, box), NULL, customer);
    draft_tell(&draft, box, type);
}

void
tell_session(struct box *box, const char *type,
             const struct store_session *session)
{
    struct draft draft;

    object_session(draft_open(&draft, box), NULL, box, session,
                   &expand_nothing);
    draft_tell(&draft, box, type);
}

void
tell_intent(struct box *box, const char *type,
            const struct store_intent *intent)
{
    struct draft draft;

    object_intent(draft_open(&draft, box), NULL, box, intent, &expand_nothing);
    draft_tell(&draft, box, type);
}

void
tell_charge(struct box *box, const char *type,
            const struct store_charge *charge)
{
    struct draft draft;

    object_charge(draft_open(&draft, box), NULL, box, charge, &expand_nothing);
    draft_tell(&draft, box, type);
}

void
tell_method(struct box *box, const char *type, const struct store_saved *saved)
{
    struct draft draft;

    object_saved(draft_open(&draft, box), NULL, saved);
    draft_tell(&draft, box, type);
}

void
tell_setup(struct box *box, const char *type, const struct store_setup *setup)
{
    struct draft draft;

    object_setup(draft_open(&draft, box), NULL, box, setup, &expand_nothing);
    draft_tell(&draft, box, type);
}

void
tell_subscription(struct box *box, const char *type,
                  const struct store_subscription *subscription)
{
    struct draft draft;

    object_subscription(draft_open(&draft, box), NULL, box, subscription,
                        &expand_nothing);
    draft_tell(&draft, box, type);
}

void
tell_invoice(struct box *box, const char *type,
             const struct store_invoice *invoice)
{
    struct draft draft;

    object_invoice(draft_open(&draft, box), NULL, box, invoice,
                   &expand_nothing);
    draft_tell(&draft, box, type);
}

void
tell_refund(struct box *box, const char *type,
            const struct store_refund *refund)
{
    struct draft draft;

    object_refund(draft_open(&draft, box), NULL, box, refund, &expand_nothing);
    draft_tell(&draft, box, type);
}

void
tell_dispute(struct box *box, const char *type,
             const struct store_dispute *dispute)
{
    struct draft draft;

    object_dispute(draft_open(&draft, box), NULL, box, dispute,
                   &expand_nothing);
    draft_tell(&draft, box, type);
}
