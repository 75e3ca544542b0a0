/*
 * Receipts: a paid order as a page that can be printed. Whoever may read the
 * order may read it.
 */
#include "serve.h"
#include "view_receipt.h"

static enum problem
get_receipt(struct req *req)
{
    struct order order;
    struct receipt receipt;
    struct receipt_change *changes;
    int count;
    enum order_result found;

    if (!db_begin_read(req->db))
        return P_UNAVAILABLE;
    found = order_by_id(req->db, req->arena, req->space.number,
                        req->parameter[1], &order);
    if (found == ORDER_OK)
        found = receipt_find(req->db, req->arena, &order, &receipt);
    if (found == ORDER_OK)
        found = receipt_changes(req->db, req->arena, &order, &changes, &count);
    if (found == ORDER_UNKNOWN)
        return P_NOT_FOUND;
    if (found != ORDER_OK)
        return P_UNAVAILABLE;
    view_receipt(req, &order, &receipt, changes, count);
    return P_NONE;
}

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/orders/{}/receipt",
          GATE_MEMBER | GATE_KEY | GATE_SPACE | GATE_PAGE, SCOPE_READ,
          get_receipt },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "receipt",
                                            .routes = routes };

    return serve(&program);
}
