/*
 * How the payment page looks: what is bought, the form with what was typed
 * and what is wrong with it. Decides nothing.
 */
#ifndef SANDBOX_PAY_PAGE_H
#define SANDBOX_PAY_PAGE_H

#include "http.h"
#include "store.h"

/* What the payer typed, and what is wrong with it: NULL where nothing is. */
struct pay_form {
    bool debit;
    const char *number;
    const char *expiry;
    const char *account;
    const char *alert; /* about all of it: the bank's refusal */
    const char *number_wrong;
    const char *expiry_wrong;
    const char *cvc_wrong;
    const char *account_wrong;
};

void pay_page_form(struct req *req, struct box *box, int status,
                   const struct store_session *session,
                   const struct pay_form *form);
void pay_page_question(struct req *req, struct box *box,
                       const struct store_session *session);
/* `session` is NULL where the payment had no page. */
void pay_page_receipt(struct req *req, struct box *box,
                      const struct store_charge *charge,
                      const struct store_intent *intent,
                      const struct store_session *session);

#endif
