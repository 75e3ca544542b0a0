/*
 * The wire's objects as JSON, with the members of the pinned version: what
 * the sandbox has no use for is there too, as null or empty. Members stand in
 * the order and with the names of the provider's reference, and an object
 * never says anything that is not stored. Only writes; each kind of object
 * has a file, object_*.c.
 */
#ifndef SANDBOX_OBJECT_H
#define SANDBOX_OBJECT_H

#include "json.h"
#include "store_billing.h"
#include "store_method.h"
#include "store_reversal.h"

/* What expand[] asked for: a list ",a,a.b," and where in it we are. */
struct expand {
    const char *list;   /* NULL: nothing */
    const char *prefix; /* "" or "payment_intent." */
};
extern const struct expand expand_nothing;

void object_customer(struct json_out *out, const char *name,
                     const struct store_customer *customer);
void object_session(struct json_out *out, const char *name, struct box *box,
                    const struct store_session *session,
                    const struct expand *expand);
void object_line(struct json_out *out, const struct store_session *session,
                 const struct store_line *line);
void object_intent(struct json_out *out, const char *name, struct box *box,
                   const struct store_intent *intent,
                   const struct expand *expand);
void object_charge(struct json_out *out, const char *name, struct box *box,
                   const struct store_charge *charge,
                   const struct expand *expand);
/* A payment method. */
void object_saved(struct json_out *out, const char *name,
                  const struct store_saved *saved);
void object_setup(struct json_out *out, const char *name, struct box *box,
                  const struct store_setup *setup, const struct expand *expand);
void object_refund(struct json_out *out, const char *name, struct box *box,
                   const struct store_refund *refund,
                   const struct expand *expand);
void object_dispute(struct json_out *out, const char *name, struct box *box,
                    const struct store_dispute *dispute,
                    const struct expand *expand);
void object_product(struct json_out *out, const char *name,
                    const struct store_product *product);
void object_price(struct json_out *out, const char *name, struct box *box,
                  const struct store_price *price, const struct expand *expand);
void object_subscription(struct json_out *out, const char *name,
                         struct box *box,
                         const struct store_subscription *subscription,
                         const struct expand *expand);
void object_invoice(struct json_out *out, const char *name, struct box *box,
                    const struct store_invoice *invoice,
                    const struct expand *expand);
void object_invoice_line(struct json_out *out, struct box *box,
                         const struct store_invoice *invoice,
                         const struct store_subscription *subscription,
                         const struct store_invoice_line *line);
/* What paid an invoice; it has an intent. */
void object_invoice_payment(struct json_out *out,
                            const struct store_invoice *invoice);
void object_movement(struct json_out *out, const char *name,
                     const struct store_movement *movement);

/* A list: between the two stand its `data`. */
void object_open_list(struct json_out *out, const char *name);
void object_close_list(struct json_out *out, bool more, const char *url);

#endif
