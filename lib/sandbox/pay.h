/*
 * The payment page, the bank's question, and the receipt: what a payer sees.
 * Works with forms alone. Who has a session's id may pay it, as with Stripe;
 * it is long, random, and given to nobody but the buyer.
 */
#ifndef SANDBOX_PAY_H
#define SANDBOX_PAY_H

#include "http.h"

enum problem pay_show(struct req *req);    /* GET /pay/{} */
enum problem pay_take(struct req *req);    /* POST /pay/{} */
enum problem pay_ask(struct req *req);     /* GET /pay/{}/confirm */
enum problem pay_confirm(struct req *req); /* POST /pay/{}/confirm */
enum problem pay_receipt(struct req *req); /* GET /receipts/{} */

#endif
