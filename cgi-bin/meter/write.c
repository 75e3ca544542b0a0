/*
 * What every write of the meter goes through: see write.h.
 */
#include "write.h"

#include "limits.h"

void
write_begin(struct write *write, struct req *req, enum idem_operation operation)
{
    *write = (struct write){ .req = req };
    write->idem.key = req->key;
    write->idem.space = req->space.number;
    write->idem.operation = operation;
    fingerprint_begin(&write->print, req->arena);
}

enum problem
write_enter(struct write *write, const struct space *space, bool *replayed)
{
    struct req *req = write->req;

    *replayed = false;
    write->at = meter_space(req, space);
    if (write->at == NULL)
        return P_UNAVAILABLE;
    fingerprint_end(&write->print, &write->idem);
    switch (idem_find(req->db, req->arena, &write->idem)) {
    case IDEM_NEW: return P_NONE;
    case IDEM_REPLAYED: break;
    case IDEM_KEY_REUSED: return P_IDEMPOTENCY_KEY_REUSED;
    case IDEM_BROKEN: return P_UNAVAILABLE;
    }
    *replayed = true;
    return meter_answer_read(&write->idem, &write->answer) ? P_NONE
                                                           : P_UNAVAILABLE;
}

enum problem
write_keep(struct write *write)
{
    struct req *req = write->req;

    wallet_settle(&write->at->wallet, write->at->now);
    meter_answer_balance(&write->answer, &write->at->wallet);
    meter_answer_keep(req->arena, &write->answer, &write->idem);
    return idem_keep(req->db, req->arena, &write->idem) == IDEM_NEW
               ? P_NONE
               : P_UNAVAILABLE;
}

enum problem
write_reply(struct write *write, bool replayed)
{
    if (replayed)
        http_header(write->req, "Idempotency-Replayed", "true");
    return meter_reply(write->req, write->at, &write->answer);
}

enum problem
write_finish(struct write *write, int status)
{
    enum problem kept;

    write->answer.status = status;
    kept = write_keep(write);
    return kept == P_NONE ? write_reply(write, false) : kept;
}

enum problem
write_price(struct write *write, struct json_reader *reader,
            const struct meter_charge *ask, struct charge *charge)
{
    struct req *req = write->req;
    struct wallet *wallet = &write->at->wallet;
    const char *feature = ask->activity != NULL ? ask->activity : ask->feature;
    const struct price_book *book = NULL;
    const struct hold *plan;

    if (ledger_plan_holds(req->db, wallet->arena, wallet, ask->refs.campaign,
                          feature) != LEDGER_OK)
        return P_UNAVAILABLE;
    plan = ask->activity == NULL ? NULL
                                 : hold_of_plan(wallet, ask->refs.campaign,
                                                feature, ask->quality);
    if (plan != NULL) {
        *charge = plan->charge;
        return P_NONE;
    }
    if (ask->activity != NULL &&
        meter_book(req, write->at->now, &book) == PRICE_BROKEN)
        return P_UNAVAILABLE;
    return meter_price(req, reader, book, ask, charge);
}

void
write_refuse_amount(struct json_reader *reader,
                    const struct meter_charge *charge)
{
    json_refuse(reader, charge->activity != NULL ? "quantity" : "credits",
                "comes to too many credits");
}
