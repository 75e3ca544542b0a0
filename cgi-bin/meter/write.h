/*
 * What every write of the meter goes through: write_begin() with the input,
 * write_enter() for the key, the decision, write_finish(). In that order; a
 * refusal has written nothing.
 */
#ifndef METER_WRITE_H
#define METER_WRITE_H

#include "meter_group.h"
#include "meter_read.h"
#include "meter_reply.h"

enum { METER_HOLD_LIFE_DEFAULT_S = 900, METER_HOLD_LIFE_MAX_S = 604800 };

struct write {
    struct req *req;
    struct meter_space *at;
    struct idem idem;
    struct fingerprint print;
    struct meter_answer answer;
};

/* The caller then puts what was asked into write->print. */
void write_begin(struct write *write, struct req *req,
                 enum idem_operation operation);
/* Loads the Space and looks the key up. *replayed: the answer is the first
 * one's again. */
enum problem write_enter(struct write *write, const struct space *space,
                         bool *replayed);
/* The charge priced, and the holds of a started plan loaded that it may draw
 * on: such a request is charged at that hold's price. */
enum problem write_price(struct write *write, struct json_reader *reader,
                         const struct meter_charge *ask, struct charge *charge);
/* Where the credits come to more than an operation may have. */
void write_refuse_amount(struct json_reader *reader,
                         const struct meter_charge *charge);
/* After the decision: what ended with it, the balance, the key's row. */
enum problem write_keep(struct write *write);
enum problem write_reply(struct write *write, bool replayed);
/* Both, for a first answer. */
enum problem write_finish(struct write *write, int status);

#endif
