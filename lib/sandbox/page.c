/*
 * HTML, written by hand: small pages, escaped by html.h. The content
 * security policy allows the page its own style sheet and its own form, and
 * where that form leads: Chromium checks a form's redirects too.
 */
#include "page.h"

#include "html.h"
#include "style.h"

void
page_markup(struct req *req, const char *markup)
{
    buf_text(&req->reply.body, markup);
}

void
page_text(struct req *req, const char *text)
{
    html_text(&req->reply.body, text);
}

/* " https://host:port" of an address, or "". What was stored as one holds
 * no character that ends a source in a policy. */
static const char *
origin_of(struct req *req, const char *address)
{
    const char *host = address == NULL ? NULL : strstr(address, "://");
    size_t length;

    if (host == NULL)
        return "";
    length = (size_t)(host + 3 - address) + strcspn(host + 3, "/?#");
    return arena_format(req->arena, " %.*s", (int)length, address);
}

void
page_open(struct req *req, int status, const char *title, const char *go_to)
{
    req->reply.status = status;
    req->reply.content_type = "text/html; charset=utf-8";
    buf_clear(&req->reply.body);
    http_header(req, "Content-Security-Policy",
                arena_format(req->arena,
                             "default-src 'none'; style-src 'self'; "
                             "img-src data:; base-uri 'none'; "
                             "frame-ancestors 'none'; form-action 'self'%s",
                             origin_of(req, go_to)));
    page_markup(req, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                     "<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" "
                     "content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<meta name=\"robots\" content=\"noindex\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n"
                     "<link rel=\"stylesheet\" href=\"");
    page_text(req, req->base);
    page_markup(req, "/sandbox.css\">\n<title>");
    page_text(req, title);
    page_markup(req, " – SANDBOX</title>\n</head>\n<body>\n"
                     "<header class=\"bar\"><strong>SANDBOX</strong> "
                     "<span>No real money moves here.</span></header>\n"
                     "<main>\n");
}

void
page_close(struct req *req)
{
    page_markup(req, "</main>\n</body>\n</html>\n");
}

void
page_say(struct req *req, int status, const char *heading, const char *sentence,
         const char *link, const char *label)
{
    page_open(req, status, heading, NULL);
    page_markup(req,
                "<section class=\"card say\" data-testid=\"state\">\n<h1>");
    page_text(req, heading);
    page_markup(req, "</h1>\n<p>");
    page_text(req, sentence);
    page_markup(req, "</p>\n");
    if (link != NULL) {
        page_markup(req, "<p><a class=\"button\" data-testid=\"back\" href=\"");
        page_text(req, link);
        page_markup(req, "\">");
        page_text(req, label);
        page_markup(req, "</a></p>\n");
    }
    page_markup(req, "</section>\n");
    page_close(req);
}

enum problem
page_style(struct req *req)
{
    req->reply.content_type = "text/css; charset=utf-8";
    for (size_t i = 0; i < style_count; i++)
        page_markup(req, style_lines[i]);
    return P_NONE;
}

enum problem
page_home(struct req *req)
{
    page_say(req, 200, "A payment provider's double",
             "This origin stands in for the payment provider while a site "
             "is being tried out: it has its programming interface under "
             "/v1, payment pages and webhooks. Cards are test cards, and "
             "nothing is ever charged.",
             NULL, NULL);
    return P_NONE;
}
