/*
 * Reading what the platform's features ask of meter: what is charged for,
 * its references, and the same as text for fingerprints. Faults go to the
 * request, each with its pointer.
 */
#ifndef SCRIP_METER_READ_H
#define SCRIP_METER_READ_H

#include "hold.h"
#include "http.h"
#include "idem.h"
#include "price.h"

/* What is charged for, as it was asked: by activity, or by the caller's own
 * feature and credits. */
struct meter_charge {
    const char *activity; /* NULL: by feature */
    const char *quality;  /* or NULL */
    const char *feature;
    int64_t amount; /* of the activity's units, or credits */
    struct refs refs;
};

/* {activity, quantity, quality? | feature, credits, …refs} */
void meter_read_charge(struct json_reader *reader, struct meter_charge *charge);
void meter_print_charge(struct fingerprint *print,
                        const struct meter_charge *charge);

/* The charge at the book's price (NULL: no book is in force); a fault at /activity or /quality where the
 * book does not know it. P_NONE, P_INVALID_REQUEST or P_UNAVAILABLE. */
enum problem meter_price(struct req *req, struct json_reader *reader,
                         const struct price_book *book,
                         const struct meter_charge *ask, struct charge *charge);

#endif
