/*
 * Payment methods that are kept, and setup intents, by which a page keeps
 * one without a payment. As store.h: loading and saving, no rules.
 */
#ifndef SANDBOX_STORE_METHOD_H
#define SANDBOX_STORE_METHOD_H

#include "store.h"

struct store_saved {
    struct store_method method; /* a card */
    int64_t created_s;
    const char *customer; /* NULL: nobody's */
    const char *email;
    const char *metadata;
    bool agreed; /* its bank agreed to charges with nobody there */
    bool over;   /* detached, or paid once: of no more use */
};

struct store_setup {
    const char *id;
    int64_t created_s;
    const char *session;
    const char *customer;
    const char *status;
    const char *metadata;
    struct store_method method;
    struct store_error error;
};

/* False when there is none (or the box is broken). */
MUST_USE bool store_saved_get(struct box *box, const char *id,
                              struct store_saved *saved);
MUST_USE bool store_setup_get(struct box *box, const char *id,
                              struct store_setup *setup);

void store_saved_add(struct box *box, const struct store_saved *saved);
/* Its customer, metadata, agreed and over. */
void store_saved_set(struct box *box, const struct store_saved *saved);
void store_setup_add(struct box *box, const struct store_setup *setup);
void store_setup_set(struct box *box, const struct store_setup *setup);

#endif
