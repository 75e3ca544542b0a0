/*
 * What the API shows of Spaces, orders, holds, balances and events, as JSON.
 * Where a value of the core becomes members of an answer, and nowhere else,
 * so that two programs cannot show the same thing differently.
 */
#ifndef SCRIP_VIEW_H
#define SCRIP_VIEW_H

#include "cap.h"
#include "json.h"
#include "ledger.h"
#include "member.h"
#include "order.h"
#include "price.h"

/* Where what is shown looks up what it names. One for a whole list: price
 * books and orders are read once. */
struct view {
    struct db *db;
    struct arena *arena;
    int64_t space;
    /* What is decided but not saved yet is found here; NULL: nothing is. */
    struct wallet *wallet;
    struct view_book *books; /* read so far, as the next two are */
    struct view_lots *lots;
    struct view_last_hold *hold;
};

void view_space(struct json_out *out, const char *name,
                const struct space *space);
void view_balance(struct json_out *out, const char *name,
                  const struct balance *balance);
/* available, held and total alone. */
void view_balance_short(struct json_out *out, const char *name, int64_t held,
                        int64_t total);
/* `receipt`: where its receipt is, or NULL (view_receipt_path()). */
void view_order(struct json_out *out, const char *name,
                const struct order *order, const char *receipt);
/* As it was in the first answer, which a replay shows again. */
void view_order_first(struct json_out *out, const char *name,
                      const struct order *order);
/* `lasts_until` is shown where it is not 0; NEVER_MS shows null. */
void view_hold(struct json_out *out, const char *name, int64_t space,
               const struct hold *hold, int64_t lasts_until);
void view_cap(struct json_out *out, const char *name, const struct cap *cap,
              int64_t used);

/* One event, with what it names looked up; false: the database failed. */
MUST_USE bool view_event(struct view *view, struct json_out *out,
                         const char *name, const struct event *event);

/* The same as CSV: the line of names, and one event's line, appended. */
void view_events_csv(struct buf *buf);
MUST_USE bool view_event_csv(struct view *view, struct buf *buf,
                             const struct event *event);

/* hld_ and its ULID. */
void view_hold_id(char id[ID_SIZE], int64_t space, const struct hold *hold);

#endif
