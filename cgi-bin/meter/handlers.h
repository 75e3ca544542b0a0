/*
 * The meter's actions, each the handler of a route in meter.c. Those that
 * write decide on the Space's wallet in memory and leave the saving to the
 * group (lib/serve.h).
 */
#ifndef METER_HANDLERS_H
#define METER_HANDLERS_H

#include "hold.h"
#include "meter_group.h"

/* hold.c */
enum problem meter_post_hold(struct req *req);
enum problem meter_post_release(struct req *req);
/* The number of the hold that the path names; 0 where it is none of this
 * Space's. */
int64_t meter_hold_number(const struct req *req);
/* Loads the hold into the Space's wallet. HOLD_OK, UNKNOWN or BROKEN. An id
 * with another time is not one that we gave. */
enum hold_result meter_load_hold(struct req *req, struct meter_space *at,
                                 int64_t number);

/* capture.c: of what a hold reserves. direct.c: without one, and in batches. */
enum problem meter_post_capture_of_hold(struct req *req);
enum problem meter_post_capture(struct req *req);
enum problem meter_post_batch(struct req *req);

/* refund.c, grant.c */
enum problem meter_post_refund(struct req *req);
enum problem meter_post_grant(struct req *req);

/* read.c */
enum problem meter_get_holds(struct req *req);
enum problem meter_get_hold(struct req *req);
enum problem meter_get_balance(struct req *req);

#endif
