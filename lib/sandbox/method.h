/*
 * Payment methods: what a payer or a caller hands in, and what is kept of it
 * for charges with nobody there. Each step in the caller's writing
 * transaction, each telling its events.
 */
#ifndef SANDBOX_METHOD_H
#define SANDBOX_METHOD_H

#include "card.h"
#include "store_method.h"

/* What the payer handed in, checked. */
struct payment_ask {
    const struct card *card; /* NULL: by direct debit */
    int64_t month;           /* of the card's end */
    int64_t year;
    const char *account; /* of a direct debit, 8 digits */
};

/* With an id of its own, kept by nobody yet. */
struct store_method method_of(const struct box *box,
                              const struct payment_ask *ask);

/* Keeps a card that a payer used on a page: for the customer where `customer`
 * is given, else only to be looked at. */
void method_keep(struct box *box, const struct store_method *method,
                 const char *customer, const char *email);
/* "pm_1..." that is kept, or a new one of "pm_card_visa" and its like. False:
 * there is no such method. */
MUST_USE bool method_find(struct box *box, const char *id,
                          struct store_saved *saved);
/* Belongs to the customer from now on; to nobody, and of no more use. */
void method_attach(struct box *box, struct store_saved *saved,
                   const char *customer);
void method_detach(struct box *box, struct store_saved *saved);

/* The customer who pays a session, made where there is none yet. */
void method_customer(struct box *box, struct store_session *session);

#endif
