/*
 * A receipt as a page: HTML for the screen and for paper, with no script.
 */
#ifndef SCRIP_VIEW_RECEIPT_H
#define SCRIP_VIEW_RECEIPT_H

#include "http.h"
#include "receipt.h"

/* Where the receipt of an order is, as a path of this site; NULL where the
 * order was never paid. The order is of req->space. */
const char *view_receipt_path(struct req *req, const struct order *order);

/* The reply: the receipt of an order of req->space, with what became of its
 * money. */
void view_receipt(struct req *req, const struct order *order,
                  const struct receipt *receipt,
                  const struct receipt_change *changes, int count);

#endif
