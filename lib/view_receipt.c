/*
 * Receipts as HTML: see view_receipt.h. What people wrote goes through
 * html_text() and stands in <bdi>, so a name can neither be markup nor turn
 * the line around it.
 */
#include "view_receipt.h"

#include "clock.h"
#include "html.h"
#include "text.h"
#include "words.h"

const char *
view_receipt_path(struct req *req, const struct order *order)
{
    if (!order_was_paid(order->status))
        return NULL;
    return arena_format(req->arena, "%s/api/v1/spaces/%s/orders/%s/receipt",
                        req->config->base_path, req->space.slug, order->id);
}

static void
put(struct req *req, const char *markup)
{
    buf_text(&req->reply.body, markup);
}

static void
put_text(struct req *req, const char *text)
{
    html_text(&req->reply.body, text);
}

/* What somebody wrote. */
static void
put_name(struct req *req, const char *name)
{
    put(req, "<bdi>");
    put_text(req, name);
    put(req, "</bdi>");
}

static const char *
number_text(struct req *req, const struct receipt *receipt)
{
    return arena_format(req->arena, "%s-%04lld", req->space.slug,
                        (long long)receipt->number);
}

static void
put_sheet(struct req *req, const char *name)
{
    put(req, "<link rel=\"stylesheet\" href=\"");
    put_text(req, req->config->base_path);
    put(req, name);
    put(req, "\">\n");
}

static void
put_head(struct req *req, const struct receipt *receipt)
{
    put(req, "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n"
             "<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" "
             "content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n"
             "<meta name=\"robots\" content=\"noindex\">\n<title>Receipt ");
    put_text(req, number_text(req, receipt));
    put(req, "</title>\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"");
    put_text(req, req->config->base_path);
    put(req, "/favicon.svg\">\n");
    put_sheet(req, "/css/tokens.css");
    put_sheet(req, "/css/base.css");
    put_sheet(req, "/css/receipt.css");
    put(req, "</head>\n");
}

static void
put_day(struct req *req, int64_t day)
{
    static const char *const months[] = {
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December",
    };
    struct civil civil = clock_civil(day);
    char date[11];

    clock_format_date(date, day);
    put(req, "<time datetime=\"");
    put(req, date);
    put(req, "\">");
    buf_format(&req->reply.body, "%d %s %d", civil.day, months[civil.month - 1],
               civil.year);
    put(req, "</time>");
}

static void
open_fact(struct req *req, const char *term)
{
    put(req, "<div><dt>");
    put(req, term);
    put(req, "</dt><dd>");
}

static void
close_fact(struct req *req)
{
    put(req, "</dd></div>\n");
}

static void
put_seller(struct req *req, const struct seller *seller)
{
    if (seller->name == NULL)
        return;
    open_fact(req, "Sold by");
    put_name(req, seller->name);
    if (seller->address != NULL) {
        put(req, "<span class=\"lines\">");
        put_name(req, seller->address);
        put(req, "</span>");
    }
    if (seller->vat_number != NULL) {
        put(req, "<span>VAT number ");
        put_name(req, seller->vat_number);
        put(req, "</span>");
    }
    close_fact(req);
}

static void
put_facts(struct req *req, const struct receipt *receipt)
{
    put(req, "<dl class=\"facts\">\n");
    open_fact(req, "Number");
    put_text(req, number_text(req, receipt));
    close_fact(req);
    open_fact(req, "Date");
    put_day(req, receipt->day);
    close_fact(req);
    open_fact(req, "Space");
    put_name(req, receipt->space_name);
    close_fact(req);
    open_fact(req, "Bought by");
    put_name(req, receipt->buyer);
    close_fact(req);
    put_seller(req, &receipt->seller);
    put(req, "</dl>\n");
}

/* One line of the sum. */
static void
put_line(struct req *req, const char *kind, const char *words, int64_t amount,
         const char *currency)
{
    put(req, "<tr class=\"");
    put(req, kind);
    put(req, "\"><th scope=\"row\">");
    put_text(req, words);
    put(req, "</th><td>");
    put_text(req, money_text_exact(req->arena, amount, currency));
    put(req, "</td></tr>\n");
}

/* Net and VAT of what is paid, where its seller is registered for it. */
static void
put_vat(struct req *req, const struct seller *seller, int64_t amount,
        const char *currency)
{
    struct receipt_parts parts;

    if (seller->vat_rate == SELLER_NO_VAT || seller->name == NULL)
        return;
    parts = receipt_split(amount, seller->vat_rate);
    put_line(req, "part", "Net", parts.net, currency);
    put_line(req, "part",
             arena_format(req->arena, "VAT at %s%%",
                          seller_rate_text(req->arena, seller->vat_rate)),
             parts.vat, currency);
}

static const char *
change_words(const struct receipt_change *change)
{
    bool back = change->amount > 0;

    switch (change->kind) {
    case EVENT_DISPUTE: return "Disputed on ";
    case EVENT_DISPUTE_REVERSAL: return "Dispute won on ";
    default: return back ? "Refund came back on " : "Refunded on ";
    }
}

/* What became of the money, and what remains of it. */
static void
put_changes(struct req *req, const struct order *order,
            const struct seller *seller, const struct receipt_change *changes,
            int count)
{
    int64_t left = order->amount;

    for (int i = 0; i < count; i++) {
        left += changes[i].amount;
        put(req, "<tr class=\"rule\"><th scope=\"row\">");
        put(req, change_words(&changes[i]));
        put_day(req, changes[i].day);
        put(req, "</th><td>");
        put_text(req, money_text_exact(req->arena, changes[i].amount,
                                       order->currency));
        put(req, "</td></tr>\n");
    }
    if (count == 0)
        return;
    put_vat(req, seller, left, order->currency);
    put_line(req, "total", "Remaining", left, order->currency);
}

static void
put_sum(struct req *req, const struct order *order,
        const struct receipt *receipt, const struct receipt_change *changes,
        int count)
{
    const char *currency = order->currency;

    put(req, "<table>\n<caption class=\"visually-hidden\">What was bought"
             "</caption>\n<thead><tr><th scope=\"col\">Bought</th>"
             "<th scope=\"col\">Amount</th></tr></thead>\n<tbody>\n"
             "<tr><th scope=\"row\">");
    put_text(req, words_credits(req->arena, order->credits));
    put(req, " <small>at ");
    put_text(req, words_credits(req->arena, order->rate));
    put(req, " per ");
    put_text(req, money_text(req->arena, money_unit(currency), currency));
    put(req, "</small></th><td>");
    put_text(req, money_text_exact(req->arena, order->amount, currency));
    put(req, "</td></tr>\n");
    if (order->bonus > 0)
        put_line(req, "bonus",
                 arena_format(req->arena, "%s as a bonus",
                              words_credits(req->arena, order->bonus)),
                 0, currency);
    put(req, "</tbody>\n<tfoot>\n");
    put_vat(req, &receipt->seller, order->amount, currency);
    put_line(req, "total", "Paid", order->amount, currency);
    put_changes(req, order, &receipt->seller, changes, count);
    put(req, "</tfoot>\n</table>\n");
}

/* The provider's own words of the payment, to compare with. */
static void
put_payment(struct req *req, const struct order *order)
{
    const char *url = order->receipt_url;

    put(req, "<dl class=\"facts references\">\n");
    open_fact(req, "Order");
    put(req, "<code>");
    put_text(req, order->id);
    put(req, "</code>");
    close_fact(req);
    if (order->payment != NULL) {
        open_fact(req, "Payment");
        put(req, "<code>");
        put_text(req, order->payment);
        put(req, "</code>");
        close_fact(req);
    }
    put(req, "</dl>\n");
    if (url == NULL ||
        (!text_begins(url, "https://") && !text_begins(url, "http://")))
        return;
    put(req, "<p class=\"screen\"><a rel=\"noopener noreferrer\" href=\"");
    put_text(req, url);
    put(req, "\">The payment provider\xe2\x80\x99s own receipt</a></p>\n");
}

void
view_receipt(struct req *req, const struct order *order,
             const struct receipt *receipt,
             const struct receipt_change *changes, int count)
{
    req->reply.content_type = "text/html; charset=utf-8";
    http_header(req, "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; img-src 'self'; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    put_head(req, receipt);
    put(req, "<body>\n<main class=\"receipt\">\n"
             "<p class=\"screen\"><a href=\"");
    put_text(req, req->config->base_path);
    put(req, "/settings/account/credits?space=");
    put_text(req, req->space.slug);
    put(req, "\">Back to Credits</a></p>\n<h1>Receipt</h1>\n");
    put_facts(req, receipt);
    put_sum(req, order, receipt, changes, count);
    put_payment(req, order);
    put(req, "</main>\n</body>\n</html>\n");
    http_etag(req);
}
