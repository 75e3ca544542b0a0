/*
 * What hold.c does for hold_capture.c alone.
 */
#ifndef SCRIP_HOLD_INSIDE_H
#define SCRIP_HOLD_INSIDE_H

#include "hold.h"

/* Whether `more` credits may be reserved for a hold, `drawn` of which the
 * plan's hold already has. Changes nothing. */
enum hold_result hold_admit(const struct wallet *wallet,
                            const struct hold *hold, const struct hold *of_plan,
                            int64_t more, int64_t drawn, int64_t now,
                            struct hold_refusal *refusal);

/* A hold as it was asked for, priced and admitted, and the plan's hold that
 * it draws on; nothing is reserved yet. */
enum hold_result hold_prepare(struct wallet *wallet, const struct hold_ask *ask,
                              int64_t now, struct hold *hold,
                              struct hold **of_plan,
                              struct hold_refusal *refusal);

/* Reserves what was admitted: of the plan's hold first, then free credits. */
void hold_reserve(struct wallet *wallet, struct hold *hold,
                  struct hold *of_plan, int64_t credits);

#endif
