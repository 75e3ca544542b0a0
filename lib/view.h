/*
 * What the API shows of Spaces, orders, balances and events, as JSON. Where
 * a value of the core becomes members of an answer, and nowhere else, so that
 * two programs cannot show the same thing differently.
 */
#ifndef SCRIP_VIEW_H
#define SCRIP_VIEW_H

#include "json.h"
#include "ledger.h"
#include "member.h"
#include "order.h"

void view_space(struct json_out *out, const char *name,
                const struct space *space);
void view_balance(struct json_out *out, const char *name,
                  const struct balance *balance);
/* `status` stands in place of the order's own: a replay shows the first
 * answer again. */
void view_order_as(struct json_out *out, const char *name,
                   const struct order *order, enum order_status status);
void view_order(struct json_out *out, const char *name,
                const struct order *order);

/* One event, with what it names looked up; false: the database failed. */
MUST_USE bool view_event(struct json_out *out, const char *name, struct db *db,
                         struct arena *arena, int64_t space,
                         const struct event *event);

#endif
