/*
 * The credit planner: what things cost, what has changed of that and what
 * will, and what some work comes to. Only reads. The arithmetic is
 * lib/planner.c's alone.
 */
#include "cursor.h"
#include "planner_ask.h"
#include "serve.h"
#include "view_planner.h"

/* Price books to come that are told of. */
enum { UPCOMING_SHOWN = 10 };

/* --- The price book. ------------------------------------------------------ */

/* What a book changes; nothing where it is the first. */
static void
put_changes(struct req *req, struct json_out *out,
            const struct price_book *before, const struct price_book *book)
{
    struct price_change *changes = NULL;
    int count = 0;

    if (before->version != 0)
        price_changes(req->arena, before, book, &changes, &count);
    view_price_changes(out, "changes", changes, count);
}

static void
put_book(struct json_out *out, const struct price_book *book)
{
    json_put_integer(out, "version", book->version);
    json_put_time(out, "effective_from", book->effective_from);
}

static enum problem
get_planner(struct req *req)
{
    struct planner_moment moment;
    struct price_book before = { .version = 0 }, *coming;
    struct json_out out;
    enum price_result found;
    int count;
    enum problem refused = cursor_only(req, NULL);

    if (refused != P_NONE)
        return refused;
    if (!planner_look(req, &moment))
        return P_UNAVAILABLE;
    found = price_book_at(req->db, req->arena, moment.book.effective_from - 1,
                          &before);
    if ((found != PRICE_OK && found != PRICE_NONE) ||
        price_upcoming(req->db, req->arena, moment.now, UPCOMING_SHOWN, &coming,
                       &count) != PRICE_OK)
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    json_open_object(&out, "price_book");
    put_book(&out, &moment.book);
    json_close_object(&out);
    view_price_sections(&out, "sections", &moment.book);
    put_changes(req, &out, &before, &moment.book);
    json_open_array(&out, "upcoming");
    for (int i = 0; i < count; i++) {
        json_open_object(&out, NULL);
        put_book(&out, &coming[i]);
        put_changes(req, &out, i == 0 ? &moment.book : &coming[i - 1],
                    &coming[i]);
        json_close_object(&out);
    }
    json_close_array(&out);
    json_close_object(&out);
    http_etag(req);
    return P_NONE;
}

/* --- Estimates. ----------------------------------------------------------- */

static bool
estimate(struct req *req, const struct planner_moment *moment, int64_t total,
         struct planner_estimate *made)
{
    struct planner_means means = {
        .available = wallet_available(&moment->wallet),
        .currency = req->space.currency,
    };
    struct tier *tiers;
    struct plan membership;

    if (plan_find(req->db, req->arena, req->space.plan, &membership) !=
            PLAN_OK ||
        tier_list(req->db, req->arena, means.currency, &tiers,
                  &means.tier_count) != PLAN_OK)
        return false;
    means.tiers = tiers;
    means.rate = membership.rate;
    planner_estimate(total, &means, made);
    return true;
}

static enum problem
post_estimate(struct req *req)
{
    struct json_reader reader;
    struct planner_items items;
    struct planner_moment moment;
    struct planner_line *lines;
    struct planner_estimate made;
    struct json_out out;
    enum problem refused;

    if (!http_read(req, &reader))
        return P_INVALID_REQUEST;
    planner_read_items(req, &reader, true, &items);
    if (!json_done(&reader))
        return P_INVALID_REQUEST;
    if (!planner_look(req, &moment))
        return P_UNAVAILABLE;
    refused = planner_price_items(req, &moment.book, &items, &lines);
    if (refused != P_NONE)
        return refused;
    if (!estimate(req, &moment, planner_total(lines, items.count), &made))
        return P_UNAVAILABLE;
    http_json(req, 200, &out);
    json_open_object(&out, NULL);
    view_planner_lines(&out, "lines", req->arena, lines, items.count);
    view_planner_estimate(&out, req->arena, &made, req->space.currency);
    json_open_object(&out, "price_book");
    json_put_integer(&out, "version", moment.book.version);
    json_close_object(&out);
    json_close_object(&out);
    return P_NONE;
}

/* --- Routes --------------------------------------------------------------- */

int
main(void)
{
    static const struct route routes[] = {
        { HTTP_GET, "/api/v1/spaces/{}/planner",
          GATE_MEMBER | GATE_KEY | GATE_SPACE, SCOPE_METER | SCOPE_READ,
          get_planner },
        { HTTP_POST, "/api/v1/spaces/{}/planner",
          GATE_MEMBER | GATE_KEY | GATE_SPACE | GATE_CSRF | GATE_JSON,
          SCOPE_METER | SCOPE_READ, post_estimate },
        { .pattern = NULL },
    };
    static const struct program program = { .name = "planner",
                                            .routes = routes };

    return serve(&program);
}
