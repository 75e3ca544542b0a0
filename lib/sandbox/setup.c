/*
 * Keeping a card on a page. A card that would be declined is not kept, but
 * for the one that is made to be kept and to be declined later.
 */
#include "setup.h"

#include "payment_inside.h"
#include "tell.h"

#define NOT_YOU                                                  \
    "We are unable to authenticate your payment method. Please " \
    "choose a different payment method and try again."

const char *
setup_add(struct box *box, const struct store_session *session)
{
    struct store_setup setup = {
        .id = box_id(box, "seti_", 24),
        .created_s = box_now_s(box),
        .session = session->id,
        .customer = session->customer,
        .status = "requires_payment_method",
        .metadata = session->intent_metadata,
    };

    store_setup_add(box, &setup);
    tell_setup(box, "setup_intent.created", &setup);
    return setup.id;
}

static enum payment_result
refuse(struct box *box, struct store_setup *setup, const char **words)
{
    setup->status = "requires_payment_method";
    *words = setup->error.message;
    store_setup_set(box, setup);
    tell_setup(box, "setup_intent.setup_failed", setup);
    return PAYMENT_DECLINED;
}

static enum payment_result
keep(struct box *box, struct store_session *session, struct store_setup *setup,
     const char **words)
{
    if (setup->error.code != NULL)
        return refuse(box, setup, words);
    if (!payment_complete(box, session, "no_payment_required"))
        return PAYMENT_OVER;
    method_customer(box, session);
    setup->customer = session->customer;
    setup->status = "succeeded";
    store_setup_set(box, setup);
    method_keep(box, &setup->method, session->customer, session->email);
    tell_setup(box, "setup_intent.succeeded", setup);
    tell_session(box, "checkout.session.completed", session);
    return PAYMENT_DONE;
}

enum payment_result
setup_try(struct box *box, struct store_session *session,
          const struct payment_ask *ask, const char **words)
{
    struct store_setup setup;

    if (ask->card == NULL || !store_setup_get(box, session->setup, &setup))
        return PAYMENT_OVER;
    setup.method = method_of(box, ask);
    setup.error = payment_answer(ask->card);
    if (!ask->card->asks)
        return keep(box, session, &setup, words);
    setup.status = "requires_action";
    store_setup_set(box, &setup);
    tell_setup(box, "setup_intent.requires_action", &setup);
    return PAYMENT_ASKS;
}

enum payment_result
setup_confirm(struct box *box, struct store_session *session, bool approved,
              const char **words)
{
    struct store_setup setup;

    if (!store_setup_get(box, session->setup, &setup))
        return PAYMENT_OVER;
    if (strcmp(setup.status, "requires_action") != 0) {
        *words = PAYMENT_NOTHING_ASKED;
        return PAYMENT_DECLINED;
    }
    if (approved)
        return keep(box, session, &setup, words);
    setup.error = (struct store_error){
        .code = "setup_intent_authentication_failure",
        .message = NOT_YOU,
    };
    return refuse(box, &setup, words);
}
