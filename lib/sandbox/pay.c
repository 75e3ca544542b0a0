/*
 * Handlers of the payment page. A form that is sent twice finds the session
 * complete the second time and leads to the same place; nothing here decides
 * whether money moves (payment.h does, in one transaction).
 */
#include "pay.h"

#include "clock.h"
#include "form.h"
#include "limits.h"
#include "log.h"
#include "page.h"
#include "pay_page.h"
#include "payment.h"

/* The account that arrives, shown until the payer types another. */
#define ACCOUNT "00012345"

static struct box
box_of(struct req *req)
{
    return (struct box){ .db = req->db,
                         .arena = req->arena,
                         .config = req->config,
                         .now_ms = clock_system_ms() };
}

static enum problem
broken(struct req *req)
{
    log_error("the sandbox's database: %s", db_why(req->db));
    return P_UNAVAILABLE;
}

static void
say_unknown(struct req *req)
{
    page_say(req, 404, "There is no such payment",
             "The address is not complete, or the payment is of another "
             "sandbox.",
             NULL, NULL);
}

/* Where the site wants its buyer back, with the session's id filled in. */
static const char *
success_url(struct req *req, const struct store_session *session)
{
    static const char mark[] = "{CHECKOUT_SESSION_ID}";
    struct buf url;
    const char *at = session->success_url;
    const char *found;

    buf_init(&url, req->arena, LIMIT_BODY);
    while ((found = strstr(at, mark)) != NULL) {
        buf_put(&url, at, (size_t)(found - at));
        buf_text(&url, session->id);
        at = found + strlen(mark);
    }
    buf_text(&url, at);
    return url.bytes;
}

static void
say_over(struct req *req, const struct store_session *session, int status)
{
    page_say(req, status, "This payment has expired",
             "It was not paid in time, and nothing was charged. Go back and "
             "begin again.",
             session->cancel_url, "Go back");
}

/* What is left to say about a session that is not open. */
static void
say_ended(struct req *req, const struct store_session *session, int status)
{
    if (strcmp(session->status, "expired") == 0) {
        say_over(req, session, status);
        return;
    }
    if (strcmp(session->payment_status, "no_payment_required") == 0)
        page_say(req, 200, "This is done", "Thank you. You can go back now.",
                 success_url(req, session), "Go back");
    else if (strcmp(session->payment_status, "paid") == 0)
        page_say(req, 200, "This is paid", "Thank you. You can go back now.",
                 success_url(req, session), "Go back");
    else
        page_say(req, 200, "This payment is on its way",
                 "A Bacs Direct Debit takes a while. You can go back now.",
                 success_url(req, session), "Go back");
}

enum problem
pay_show(struct req *req)
{
    struct box box = box_of(req);
    struct pay_form form = { .account = ACCOUNT };
    struct store_session session;

    if (!store_session_get(&box, req->parameter[0], &session)) {
        if (box.broken)
            return broken(req);
        say_unknown(req);
        return P_NONE;
    }
    form.debit = !store_session_takes(&session, "card");
    if (strcmp(session.status, "open") == 0)
        pay_page_form(req, &box, 200, &session, &form);
    else
        say_ended(req, &session, 410);
    return P_NONE;
}

/* --- What was typed ----------------------------------------------------- */

static bool
is_digits(const char *text, size_t least, size_t most)
{
    size_t length = text == NULL ? 0 : strlen(text);

    return length >= least && length <= most &&
           strspn(text, "0123456789") == length;
}

static bool
is_past(int64_t month, int64_t year, int64_t now_ms)
{
    struct civil today = clock_civil(now_ms / DAY_MS);

    return year < today.year || (year == today.year && month < today.month);
}

static void
read_card(const struct form *sent, int64_t now_ms, struct pay_form *form,
          struct payment_ask *ask)
{
    char digits[CARD_DIGITS_MAX + 1];

    form->number = form_value(sent, "card_number");
    form->expiry = form_value(sent, "expiry");
    if (form->number == NULL || form->number[0] == '\0')
        form->number_wrong = "Please enter your card number.";
    else if (!card_digits(digits, form->number))
        form->number_wrong = "This is not a card number. Please check it.";
    else
        ask->card = card_find(digits);
    if (!card_expiry(form->expiry, &ask->month, &ask->year))
        form->expiry_wrong = "Please enter month and year, as in 12/34.";
    else if (is_past(ask->month, ask->year, now_ms))
        form->expiry_wrong = "Your card has expired.";
    if (!is_digits(form_value(sent, "cvc"), 3, 4))
        form->cvc_wrong = "Please enter the three or four digits.";
}

static void
read_account(const struct form *sent, struct pay_form *form,
             struct payment_ask *ask)
{
    const char *account = form_value(sent, "account_number");

    form->account = account == NULL || account[0] == '\0' ? ACCOUNT : account;
    if (is_digits(form->account, 8, 8))
        ask->account = form->account;
    else
        form->account_wrong = "An account number has eight digits.";
}

/* False when something is wrong with it; `form` says what. */
static bool
read_form(struct req *req, const struct store_session *session,
          struct pay_form *form, struct payment_ask *ask)
{
    struct form sent;
    const char *method;

    *form = (struct pay_form){ .account = ACCOUNT };
    *ask = (struct payment_ask){ .card = NULL };
    if (!form_decode(&sent, req->arena, req->body, req->body_length)) {
        form->alert = "The form did not arrive whole. Please try again.";
        return false;
    }
    method = form_value(&sent, "method");
    if (method == NULL)
        method = "card";
    if (!store_session_takes(session, method)) {
        form->alert = "This cannot be paid in that way.";
        return false;
    }
    form->debit = strcmp(method, "bacs_debit") == 0;
    if (form->debit)
        read_account(&sent, form, ask);
    else
        read_card(&sent, clock_system_ms(), form, ask);
    return form->number_wrong == NULL && form->expiry_wrong == NULL &&
           form->cvc_wrong == NULL && form->account_wrong == NULL;
}

/* --- Taking it ---------------------------------------------------------- */

/* Says how it ended; the transaction is over. */
static void
say_result(struct req *req, struct box *box, enum payment_result result,
           const struct store_session *session, struct pay_form *form,
           const char *words)
{
    switch (result) {
    case PAYMENT_ALREADY:
    case PAYMENT_STARTED:
    case PAYMENT_DONE: http_redirect(req, success_url(req, session)); break;
    case PAYMENT_ASKS:
        http_redirect(req, arena_format(req->arena, "%s/confirm",
                                        box_url(box, "/pay/", session->id)));
        break;
    case PAYMENT_DECLINED:
        form->alert = words;
        pay_page_form(req, box, 402, session, form);
        break;
    case PAYMENT_OVER: say_over(req, session, 410); break;
    }
}

enum problem
pay_take(struct req *req)
{
    struct box box = box_of(req);
    struct store_session session;
    enum payment_result result;
    struct payment_ask ask = { .card = NULL };
    struct pay_form form = { .account = ACCOUNT };
    const char *words = NULL;

    if (!box_begin(&box))
        return broken(req);
    if (!store_session_get(&box, req->parameter[0], &session)) {
        if (box.broken)
            return broken(req);
        say_unknown(req);
        return P_NONE;
    }
    if (strcmp(session.status, "open") == 0 &&
        !read_form(req, &session, &form, &ask)) {
        pay_page_form(req, &box, 422, &session, &form);
        return P_NONE;
    }
    result = payment_try(&box, &session, &ask, &words);
    if (!box_commit(&box))
        return broken(req);
    say_result(req, &box, result, &session, &form, words);
    return P_NONE;
}

enum problem
pay_ask(struct req *req)
{
    struct box box = box_of(req);
    struct store_session session;

    if (!store_session_get(&box, req->parameter[0], &session)) {
        if (box.broken)
            return broken(req);
        say_unknown(req);
    } else if (strcmp(session.status, "open") != 0) {
        say_ended(req, &session, 410);
    } else if (payment_asks(&box, &session)) {
        pay_page_question(req, &box, &session);
    } else {
        http_redirect(req, box_url(&box, "/pay/", session.id));
    }
    return box.broken ? broken(req) : P_NONE;
}

enum problem
pay_confirm(struct req *req)
{
    struct box box = box_of(req);
    struct pay_form form = { .account = ACCOUNT };
    struct store_session session;
    enum payment_result result;
    const char *words = NULL;
    struct form sent;
    const char *answer = NULL;

    if (form_decode(&sent, req->arena, req->body, req->body_length))
        answer = form_value(&sent, "answer");
    if (!box_begin(&box))
        return broken(req);
    if (!store_session_get(&box, req->parameter[0], &session)) {
        if (box.broken)
            return broken(req);
        say_unknown(req);
        return P_NONE;
    }
    result = payment_confirm(&box, &session,
                             answer != NULL && strcmp(answer, "approve") == 0,
                             &words);
    if (!box_commit(&box))
        return broken(req);
    say_result(req, &box, result, &session, &form, words);
    return P_NONE;
}

enum problem
pay_receipt(struct req *req)
{
    struct box box = box_of(req);
    struct store_session session;
    struct store_charge charge;
    struct store_intent intent;
    bool on_page;

    if (!store_charge_get(&box, req->parameter[0], &charge) ||
        strcmp(charge.status, "failed") == 0 ||
        !store_intent_get(&box, charge.intent, &intent)) {
        if (box.broken)
            return broken(req);
        say_unknown(req);
        return P_NONE;
    }
    on_page = intent.session != NULL &&
              store_session_get(&box, intent.session, &session);
    pay_page_receipt(req, &box, &charge, &intent, on_page ? &session : NULL);
    return box.broken ? broken(req) : P_NONE;
}
