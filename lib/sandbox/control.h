/*
 * /control: the levers by which a test makes this provider misbehave, and
 * what became of every webhook. JSON, with the secret key of the API.
 *
 *     webhooks         "deliver", "drop", "duplicate", "delay:MS", "reverse":
 *                      how events from now on are sent
 *     api              "ok", a status ("500"), "hang", "slow", "lost" (done,
 *                      but the answer never comes), "bad_json", "empty",
 *                      "large", "redirect", "other", "no_retry": how calls of
 *                      /v1 are answered, `times` of them (all if not said)
 *     settle, fail     a session or payment intent: a delayed payment
 *                      arrives, or does not; settle also a pending refund
 *     settle_after_ms  how long delayed payments take from now on
 *     expire           a session ends
 *     decline, times   why cards that were kept are declined ("lost_card"),
 *                      so many times (always if not said)
 *     refund, amount   a session, payment intent or charge gives back (all
 *                      that is left if `amount` is not said)
 *     fail_refund      a refund, or the latest one of such a payment, comes
 *                      back
 *     dispute, amount  the payer's bank disputes such a payment
 *     win, lose        the dispute, or that of such a payment, is decided
 *     renew            a subscription, or that of a session, begins its next
 *                      period
 *     pay              an open invoice, or a subscription's latest, is paid
 *     clock_offset_ms  how far the clock that bills is ahead of the system's;
 *                      what is due by it is renewed at once
 *     resend           an event is sent again
 *     tamper_amount    the next payment is of so much instead
 *     tamper_currency  ... or of this currency
 *     reset            true: all levers back
 */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "http.h"

enum problem control_show(struct req *req); /* GET */
enum problem control_pull(struct req *req); /* POST */

#endif
