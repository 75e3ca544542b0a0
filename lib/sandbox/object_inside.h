/*
 * What the writers of objects share.
 */
#ifndef SANDBOX_OBJECT_INSIDE_H
#define SANDBOX_OBJECT_INSIDE_H

#include "object.h"

/* Whether `member` is to be an object here, not an id. */
bool object_expands(const struct box *box, const struct expand *expand,
                    const char *member);
/* What was asked for inside `member`. */
struct expand object_deeper(const struct box *box, const struct expand *expand,
                            const char *member);

void object_put_nulls(struct json_out *out, const char *const *names,
                      size_t count);
#define PUT_NULLS(out, ...)                                       \
    object_put_nulls((out), (const char *const[]){ __VA_ARGS__ }, \
                     COUNT_OF(((const char *const[]){ __VA_ARGS__ })))

/* "address" with nothing in it. */
void object_put_address(struct json_out *out);
/* {"enabled": false} */
void object_put_disabled(struct json_out *out, const char *name);

/* "recurring" and "type" of a price; `interval` is NULL for one that is paid
 * once. */
void object_put_recurring(struct json_out *out, const char *interval,
                          int64_t interval_count);

/* "customer": an id, or the customer itself. */
void object_put_customer(struct json_out *out, struct box *box, const char *id,
                         const struct expand *expand);

/* "payment_method": an id, or the method itself. */
void object_put_method(struct json_out *out, struct box *box,
                       const char *member, const char *id,
                       const struct expand *expand);

/* "next_action": the page where the payer is asked. */
void object_put_question(struct json_out *out, struct box *box,
                         const char *session);

/* "balance_transaction" and its like: an id, or the movement itself. */
void object_put_movement(struct json_out *out, struct box *box,
                         const char *member, const char *id,
                         const struct expand *expand);

#endif
