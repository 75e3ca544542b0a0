/*
 * The levers of a call to /control (control.h lists them).
 */
#ifndef SANDBOX_LEVER_H
#define SANDBOX_LEVER_H

#include "box.h"
#include "json.h"

/* Reads and pulls all of them, in the caller's writing transaction, which is
 * to be committed only if json_done(in) holds afterwards. */
void lever_pull(struct json_reader *in, struct box *box);

#endif
