/*
 * The API's misbehaviour, one call at a time, as the lever "api" has it.
 */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include "box.h"
#include "http.h"

/* Whether `word` is a way to misbehave, or "ok". */
bool fault_known(const char *word);
/* Takes the fault that is due, or NULL: behave. */
const char *fault_take(struct box *box);
/* The answer instead of the call's. False: the call goes on, after whatever
 * wait the fault is. */
MUST_USE bool fault_before(struct box *box, struct req *req, const char *word);
/* When the call is done and its answer stands. */
void fault_after(struct box *box, const char *word);

#endif
