/*
 * Markup of the payment page. Every field has a label, every error stands
 * next to its field and is named by it, and the first thing that is wrong
 * has the focus. A card number is shown again after an error, a security
 * code never.
 */
#include "pay_page.h"

#include "clock.h"
#include "page.h"

static void
put_lines(struct req *req, struct box *box, const struct store_session *session)
{
    int count;
    struct store_line *lines = store_lines(box, session->id, &count);

    page_markup(req, "<ul class=\"lines\">\n");
    for (int i = 0; i < count; i++) {
        const struct store_line *line = &lines[i];

        page_markup(req, "<li><span>");
        page_text(req, line->name);
        if (line->quantity > 1)
            buf_format(&req->reply.body, " × %lld", (long long)line->quantity);
        page_markup(req, "</span> <span>");
        page_text(req, box_money(box, line->unit_amount * line->quantity,
                                 session->currency));
        page_markup(req, "</span></li>\n");
    }
    page_markup(req, "</ul>\n");
}

static bool
only_keeps(const struct store_session *session)
{
    return strcmp(session->mode, "setup") == 0;
}

static bool
subscribes(const struct store_session *session)
{
    return strcmp(session->mode, "subscription") == 0;
}

/* " a month", " every 3 months". */
static void
put_interval(struct req *req, const struct store_line *line)
{
    if (line->interval_count == 1)
        buf_format(&req->reply.body, " a %s", line->interval);
    else
        buf_format(&req->reply.body, " every %lld %ss",
                   (long long)line->interval_count, line->interval);
}

/* How it goes on. */
static void
put_renewal(struct req *req, struct box *box,
            const struct store_session *session)
{
    int count;
    struct store_line *lines = store_lines(box, session->id, &count);

    if (count == 0)
        return;
    page_markup(req, "<p class=\"quiet\" data-testid=\"renewal\">Renews by "
                     "itself at ");
    page_text(req, box_money(box, session->amount, session->currency));
    put_interval(req, &lines[0]);
    page_markup(req, " until you cancel. The card is kept for "
                     "that.</p>\n");
}

/* What is bought, or that nothing is. */
static void
put_order(struct req *req, struct box *box, const struct store_session *session)
{
    if (only_keeps(session)) {
        page_markup(req, "<h1>Save a card</h1>\n<p>Nothing is paid now. The "
                         "card is kept, and may be charged later without "
                         "you, as you agreed with the shop.</p>\n");
        return;
    }
    page_markup(req, subscribes(session) ? "<h1>Subscribe</h1>\n"
                                         : "<h1>Pay</h1>\n");
    page_markup(req, "<p class=\"total\" data-testid=\"amount\">");
    page_text(req, box_money(box, session->amount, session->currency));
    page_markup(req, "</p>\n");
    put_lines(req, box, session);
    if (subscribes(session))
        put_renewal(req, box, session);
    else if (session->future_usage != NULL)
        page_markup(req, "<p class=\"quiet\">The card is kept, and may be "
                         "charged later without you, as you agreed with the "
                         "shop.</p>\n");
}

static void
put_summary(struct req *req, struct box *box,
            const struct store_session *session)
{
    page_markup(req, "<section aria-label=\"Your order\">\n");
    put_order(req, box, session);
    if (session->cancel_url != NULL) {
        page_markup(req, "<p><a data-testid=\"cancel\" href=\"");
        page_text(req, session->cancel_url);
        page_markup(req, "\">Cancel and go back</a></p>\n");
    }
    page_markup(req,
                "<dl class=\"cards\">\n"
                "<dt>Pays</dt><dd><code>4242 4242 4242 4242</code></dd>\n"
                "<dt>Declined</dt><dd><code>4000 0000 0000 0002</code></dd>\n"
                "<dt>No funds</dt><dd><code>4000 0000 0000 9995</code></dd>\n"
                "<dt>Asks you</dt><dd><code>4000 0025 0000 3155</code></dd>\n"
                "<dt>Declined later</dt>"
                "<dd><code>4000 0000 0000 0341</code></dd>\n"
                "</dl>\n<p class=\"quiet\">Any date to come, any three "
                "digits.</p>\n</section>\n");
}

/* One labelled field; `rest` are more attributes. What is wrong with it
 * takes the focus, unless a field before it has. */
static void
put_field(struct req *req, const char *name, const char *label,
          const char *value, const char *rest, const char *wrong)
{
    struct buf *body = &req->reply.body;

    buf_format(body,
               "<div class=\"field\"><label for=\"%s\">%s</label>\n"
               "<input id=\"%s\" name=\"%s\" type=\"text\" %s value=\"",
               name, label, name, name, rest);
    page_text(req, value == NULL ? "" : value);
    page_markup(req, "\"");
    if (wrong != NULL)
        buf_format(body,
                   " aria-invalid=\"true\" aria-describedby=\"%s-wrong\""
                   " autofocus",
                   name);
    page_markup(req, ">");
    if (wrong != NULL) {
        buf_format(body, "\n<span class=\"wrong\" id=\"%s-wrong\">", name);
        page_text(req, wrong);
        page_markup(req, "</span>");
    }
    page_markup(req, "</div>\n");
}

static void
put_method(struct req *req, const char *value, const char *label, bool checked)
{
    buf_format(&req->reply.body,
               "<div class=\"choice\"><input type=\"radio\" name=\"method\" "
               "id=\"method-%s\" value=\"%s\"%s> "
               "<label for=\"method-%s\">%s</label></div>\n",
               value, value, checked ? " checked" : "", value, label);
}

static void
put_methods(struct req *req, const struct store_session *session, bool debit)
{
    page_markup(req, "<fieldset><legend>Pay by</legend>\n");
    if (store_session_takes(session, "card"))
        put_method(req, "card", "Card", !debit);
    if (store_session_takes(session, "bacs_debit"))
        put_method(req, "bacs_debit",
                   "Bacs Direct Debit (arrives a little later)", debit);
    page_markup(req, "</fieldset>\n");
}

static void
put_card(struct req *req, const struct pay_form *form)
{
    page_markup(req, "<div class=\"bycard\">\n");
    put_field(req, "card_number", "Card number", form->number,
              "inputmode=\"numeric\" autocomplete=\"cc-number\" "
              "maxlength=\"30\" spellcheck=\"false\"",
              form->number_wrong);
    page_markup(req, "<div class=\"pair\">\n");
    put_field(req, "expiry", "Expires (MM/YY)", form->expiry,
              "inputmode=\"numeric\" autocomplete=\"cc-exp\" "
              "maxlength=\"9\" spellcheck=\"false\"",
              form->expiry_wrong);
    put_field(req, "cvc", "Security code", NULL,
              "inputmode=\"numeric\" autocomplete=\"cc-csc\" "
              "maxlength=\"4\" spellcheck=\"false\"",
              form->cvc_wrong);
    page_markup(req, "</div>\n</div>\n");
}

static void
put_bank(struct req *req, const struct pay_form *form)
{
    page_markup(req, "<div class=\"bank\">\n");
    put_field(req, "account_number", "Account number (sort code 10-88-00)",
              form->account,
              "inputmode=\"numeric\" autocomplete=\"off\" maxlength=\"12\" "
              "spellcheck=\"false\"",
              form->account_wrong);
    page_markup(req, "<p class=\"quiet\"><code>00012345</code> arrives, "
                     "<code>33333335</code> fails.</p>\n</div>\n");
}

void
pay_page_form(struct req *req, struct box *box, int status,
              const struct store_session *session, const struct pay_form *form)
{
    bool keeps = only_keeps(session);

    page_open(req, status, keeps ? "Save a card" : "Pay", session->success_url);
    put_summary(req, box, session);
    page_markup(req, "<section class=\"card\" aria-label=\"Payment\">\n"
                     "<form method=\"post\" action=\"");
    page_text(req, req->base);
    page_markup(req, "/pay/");
    page_text(req, session->id);
    page_markup(req, "\" autocomplete=\"on\">\n");
    if (form->alert != NULL) {
        page_markup(req, "<p class=\"alert\" role=\"alert\" "
                         "data-testid=\"error\">");
        page_text(req, form->alert);
        page_markup(req, "</p>\n");
    }
    if (session->email != NULL) {
        page_markup(req, "<p class=\"quiet\">For ");
        page_text(req, session->email);
        page_markup(req, "</p>\n");
    }
    put_methods(req, session, form->debit);
    if (store_session_takes(session, "card"))
        put_card(req, form);
    if (store_session_takes(session, "bacs_debit"))
        put_bank(req, form);
    page_markup(req, "<button type=\"submit\" data-testid=\"pay\">");
    page_text(req,
              keeps ? "Save card"
                    : arena_format(
                          box->arena, "%s %s",
                          subscribes(session) ? "Subscribe for" : "Pay",
                          box_money(box, session->amount, session->currency)));
    page_markup(req, "</button>\n</form>\n</section>\n");
    page_close(req);
}

void
pay_page_question(struct req *req, struct box *box,
                  const struct store_session *session)
{
    bool keeps = only_keeps(session);

    page_open(req, 200, keeps ? "Confirm your card" : "Confirm the payment",
              session->success_url);
    page_markup(req, "<section class=\"card say\">\n"
                     "<h1>Your bank asks</h1>\n<p>");
    if (keeps) {
        page_markup(req, "Do you want to keep this card for later payments?");
    } else {
        page_markup(req, "Do you want to pay <strong>");
        page_text(req, box_money(box, session->amount, session->currency));
        page_markup(req, "</strong>?");
    }
    page_markup(req, " This is where a bank would check that it is "
                     "you.</p>\n<form method=\"post\" action=\"");
    page_text(req, req->base);
    page_markup(req, "/pay/");
    page_text(req, session->id);
    page_markup(req,
                "/confirm\">\n"
                "<button type=\"submit\" name=\"answer\" value=\"approve\" "
                "data-testid=\"approve\">Yes, it is me</button>\n"
                "<button type=\"submit\" name=\"answer\" value=\"refuse\" "
                "class=\"other\" data-testid=\"refuse\">No, refuse"
                "</button>\n</form>\n</section>\n");
    page_close(req);
}

static void
put_entry(struct req *req, const char *term, const char *value)
{
    page_markup(req, "<dt>");
    page_text(req, term);
    page_markup(req, "</dt><dd>");
    page_text(req, value == NULL ? "–" : value);
    page_markup(req, "</dd>\n");
}

void
pay_page_receipt(struct req *req, struct box *box,
                 const struct store_charge *charge,
                 const struct store_intent *intent,
                 const struct store_session *session)
{
    char when[CLOCK_TEXT_SIZE];
    bool paid = strcmp(charge->status, "succeeded") == 0;

    clock_format(when, charge->created_s * SECOND_MS);
    page_open(req, 200, "Receipt", NULL);
    page_markup(req, "<section class=\"card say\">\n<h1>Receipt</h1>\n"
                     "<p class=\"total\" data-testid=\"amount\">");
    page_text(req, box_money(box, charge->amount, charge->currency));
    page_markup(req, "</p>\n");
    if (session != NULL)
        put_lines(req, box, session);
    if (intent->description != NULL) {
        page_markup(req, "<p>");
        page_text(req, intent->description);
        page_markup(req, "</p>\n");
    }
    page_markup(req, "<dl>\n");
    put_entry(req, "State", paid ? "Paid" : "On its way");
    put_entry(req, "Date",
              arena_format(box->arena, "%.10s %.5s UTC", when, when + 11));
    put_entry(req, "Paid by",
              arena_format(box->arena, "%s ending in %s",
                           charge->method.brand == NULL
                               ? "Bacs Direct Debit, account"
                               : charge->method.brand,
                           charge->method.last4));
    put_entry(req, "For", charge->email);
    if (charge->refunded > 0)
        put_entry(req, "Refunded",
                  box_money(box, charge->refunded, charge->currency));
    put_entry(req, "Number", charge->id);
    page_markup(req, "</dl>\n<p class=\"quiet\">This is a sandbox: no money "
                     "was taken.</p>\n</section>\n");
    page_close(req);
}
