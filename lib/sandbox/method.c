/*
 * Keeping payment methods. A number is gone once it was read: what is kept
 * of a card is its brand, its last four digits and its end.
 */
#include "method.h"

#include "clock.h"
#include "tell.h"

struct store_method
method_of(const struct box *box, const struct payment_ask *ask)
{
    const struct card *card = ask->card;

    if (card == NULL)
        return (struct store_method){
            .id = box_id(box, "pm_", 24),
            .type = "bacs_debit",
            .last4 = ask->account + strlen(ask->account) - 4,
        };
    return (struct store_method){
        .id = box_id(box, "pm_", 24),
        .type = "card",
        .brand = card->brand,
        .last4 = card->number[0] == '\0'
                     ? "0000"
                     : card->number + strlen(card->number) - 4,
        .month = ask->month,
        .year = ask->year,
    };
}

void
method_keep(struct box *box, const struct store_method *method,
            const char *customer, const char *email)
{
    struct store_saved saved = {
        .method = *method,
        .created_s = box_now_s(box),
        .customer = customer,
        .email = email,
        .metadata = "{}",
        .agreed = true,
        .over = customer == NULL,
    };

    if (strcmp(method->type, "card") != 0)
        return;
    store_saved_add(box, &saved);
    if (customer != NULL)
        tell_method(box, "payment_method.attached", &saved);
}

bool
method_find(struct box *box, const char *id, struct store_saved *saved)
{
    struct payment_ask ask = { .card = card_alias(id), .month = 12 };

    if (ask.card == NULL)
        return store_saved_get(box, id, saved);
    ask.year = clock_civil(box->now_ms / DAY_MS).year + 4;
    *saved = (struct store_saved){
        .method = method_of(box, &ask),
        .created_s = box_now_s(box),
        .metadata = "{}",
    };
    store_saved_add(box, saved);
    return !box->broken;
}

void
method_attach(struct box *box, struct store_saved *saved, const char *customer)
{
    saved->customer = customer;
    store_saved_set(box, saved);
    tell_method(box, "payment_method.attached", saved);
}

void
method_detach(struct box *box, struct store_saved *saved)
{
    saved->customer = NULL;
    saved->over = true;
    store_saved_set(box, saved);
    tell_method(box, "payment_method.detached", saved);
}

void
method_customer(struct box *box, struct store_session *session)
{
    struct store_customer customer = {
        .id = box_id(box, "cus_", 14),
        .created_s = box_now_s(box),
        .email = session->email,
        .metadata = "{}",
    };

    if (session->customer != NULL)
        return;
    store_customer_add(box, &customer);
    tell_customer(box, "customer.created", &customer);
    session->customer = customer.id;
    (void)box_run(box, NULL, SQ_SESSION_CUSTOMER, TEXT(session->id),
                  TEXT(customer.id));
}
