/*
 * The API under /v1: who may call, what a call is, and how lists and objects
 * are answered. An endpoint reads its parameters, asks params_done(), does
 * its work in the transaction that stands around it, and writes into `out`;
 * an error recorded in `params` undoes all of it.
 */
#ifndef SANDBOX_API_H
#define SANDBOX_API_H

#include "http.h"
#include "object.h"
#include "params.h"

struct api {
    struct req *req;
    struct box box;
    struct params params;
    const char *id; /* what the path's {} stood for, or NULL */
    struct expand expand;
    struct json_out out;
    bool stands; /* the error is an outcome: what was done is not undone */
};

struct api_endpoint {
    enum http_method method;
    const char *path; /* "/v1/customers/{}" */
    void (*answer)(struct api *api);
    const char *expands; /* ",customer,payment_intent," or NULL */
};

/* One table for each kind of object; ends with a NULL path. */
extern const struct api_endpoint api_sessions[];
extern const struct api_endpoint api_intents[];
extern const struct api_endpoint api_charges[];
extern const struct api_endpoint api_methods[];
extern const struct api_endpoint api_prices[];
extern const struct api_endpoint api_subscriptions[];
extern const struct api_endpoint api_invoices[];
extern const struct api_endpoint api_refunds[];
extern const struct api_endpoint api_disputes[];
extern const struct api_endpoint api_movements[];
extern const struct api_endpoint api_customers[];
extern const struct api_endpoint api_events[];

/* POST /v1/checkout/sessions */
void session_create(struct api *api);

/* prefix[interval] and prefix[interval_count] of a price; without them it is
 * paid once, unless that is an error (`needed`). */
void api_read_recurring(struct api *api, const char *prefix, bool needed,
                        struct store_price *price);

/* The route's handler. */
enum problem api_serve(struct req *req);

/* Whether the request bears the sandbox's secret key, as Bearer or Basic. */
bool api_authorized(const struct req *req);
/* An error in Stripe's form. */
void api_error(struct req *req, const struct params_error *error);

/* 404 resource_missing: "No such customer: 'cus_1'". */
void api_missing(struct api *api, const char *kind, const char *param,
                 const char *id, int status);

/* 402, a declined card: an outcome, which stands. */
void api_declined(struct api *api, const struct store_intent *intent);

/* --- Lists -------------------------------------------------------------- */

struct api_page {
    int64_t below; /* numbers of rows, exclusive */
    int64_t above;
    int limit;
    int64_t fetch; /* one more than the limit */
};

/* limit, starting_after, ending_before; `number` is the query that finds an
 * id's place. */
struct api_page api_page(struct api *api, int number, const char *kind);
/* created=, created[gt]=, [gte], [lt], [lte]: seconds, both inclusive. */
void api_created(struct api *api, int64_t *from, int64_t *to);
/* Writes the list of these ids. */
void api_list(struct api *api, const struct api_page *page,
              const struct rows *ids,
              void (*put)(struct api *api, const char *id));

#endif
