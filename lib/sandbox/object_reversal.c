/*
 * Refunds, disputes, and the movements of the merchant's balance.
 */
#include "object_inside.h"

void
object_put_movement(struct json_out *out, struct box *box, const char *member,
                    const char *id, const struct expand *expand)
{
    struct store_movement movement;

    if (id != NULL && object_expands(box, expand, member) &&
        store_movement_get(box, id, &movement))
        object_movement(out, member, &movement);
    else
        json_put_text(out, member, id);
}

/* "charge" and "payment_intent": ids, or the objects themselves. */
static void
put_paid(struct json_out *out, struct box *box, const char *charge_id,
         const char *intent_id, const struct expand *expand)
{
    struct store_charge charge;
    struct store_intent intent;
    struct expand inside;

    if (object_expands(box, expand, "charge") &&
        store_charge_get(box, charge_id, &charge)) {
        inside = object_deeper(box, expand, "charge");
        object_charge(out, "charge", box, &charge, &inside);
    } else {
        json_put_text(out, "charge", charge_id);
    }
    if (object_expands(box, expand, "payment_intent") &&
        store_intent_get(box, intent_id, &intent)) {
        inside = object_deeper(box, expand, "payment_intent");
        object_intent(out, "payment_intent", box, &intent, &inside);
    } else {
        json_put_text(out, "payment_intent", intent_id);
    }
}

/* How the money goes back; a card's bank has a number for it. */
static void
put_destination(struct json_out *out, const struct store_refund *refund)
{
    bool by_card = strcmp(refund->method, "card") == 0;

    json_open_object(out, "destination_details");
    if (by_card) {
        json_open_object(out, "card");
        json_put_text(out, "reference_status", "pending");
        json_put_text(out, "reference_type", "acquirer_reference_number");
        json_put_text(out, "type", "refund");
        json_close_object(out);
    } else {
        json_put_raw(out, "bacs_debit", "{}");
    }
    json_put_text(out, "type", by_card ? "card" : "bacs_debit");
    json_close_object(out);
}

void
object_refund(struct json_out *out, const char *name, struct box *box,
              const struct store_refund *refund, const struct expand *expand)
{
    json_open_object(out, name);
    json_put_text(out, "id", refund->id);
    json_put_text(out, "object", "refund");
    json_put_integer(out, "amount", refund->amount);
    object_put_movement(out, box, "balance_transaction", refund->movement,
                        expand);
    json_put_integer(out, "created", refund->created_s);
    json_put_text(out, "currency", refund->currency);
    put_destination(out, refund);
    if (refund->failure_reason != NULL)
        json_put_text(out, "failure_reason", refund->failure_reason);
    if (refund->failure_movement != NULL)
        object_put_movement(out, box, "failure_balance_transaction",
                            refund->failure_movement, expand);
    json_put_raw(out, "metadata", refund->metadata);
    put_paid(out, box, refund->charge, refund->intent, expand);
    json_put_text(out, "reason", refund->reason);
    PUT_NULLS(out, "receipt_number", "source_transfer_reversal");
    json_put_text(out, "status", refund->status);
    json_put_null(out, "transfer_reversal");
    json_close_object(out);
}

static void
put_evidence(struct json_out *out, const struct store_dispute *dispute)
{
    json_open_object(out, "evidence");
    PUT_NULLS(out, "access_activity_log", "billing_address",
              "cancellation_policy", "cancellation_policy_disclosure",
              "cancellation_rebuttal", "customer_communication",
              "customer_email_address", "customer_name", "customer_purchase_ip",
              "customer_signature", "duplicate_charge_documentation",
              "duplicate_charge_explanation", "duplicate_charge_id");
    json_put_raw(out, "enhanced_evidence", "{}");
    PUT_NULLS(out, "product_description", "receipt", "refund_policy",
              "refund_policy_disclosure", "refund_refusal_explanation",
              "service_date", "service_documentation", "shipping_address",
              "shipping_carrier", "shipping_date", "shipping_documentation",
              "shipping_tracking_number", "uncategorized_file");
    json_put_text(out, "uncategorized_text", dispute->evidence);
    json_close_object(out);
    json_open_object(out, "evidence_details");
    json_put_integer(out, "due_by", dispute->due_s);
    json_put_raw(out, "enhanced_eligibility", "{}");
    json_put_boolean(out, "has_evidence", dispute->evidence != NULL);
    json_put_boolean(out, "past_due", false);
    json_put_integer(out, "submission_count", dispute->submissions);
    json_close_object(out);
}

static void
put_dispute_movements(struct json_out *out, struct box *box,
                      const struct store_dispute *dispute)
{
    struct store_movement movement;

    json_open_array(out, "balance_transactions");
    if (store_movement_of(box, dispute->id, "dispute", &movement))
        object_movement(out, NULL, &movement);
    if (store_movement_of(box, dispute->id, "dispute_reversal", &movement))
        object_movement(out, NULL, &movement);
    json_close_array(out);
}

static void
put_dispute_method(struct json_out *out, const struct store_dispute *dispute)
{
    json_open_object(out, "payment_method_details");
    if (dispute->brand != NULL) {
        json_open_object(out, "card");
        json_put_text(out, "brand", dispute->brand);
        json_put_text(out, "case_type", "chargeback");
        json_put_text(out, "network_reason_code", "10.4");
        json_close_object(out);
        json_put_text(out, "type", "card");
    } else {
        json_put_text(out, "type", "bacs_debit");
    }
    json_close_object(out);
}

void
object_dispute(struct json_out *out, const char *name, struct box *box,
               const struct store_dispute *dispute, const struct expand *expand)
{
    json_open_object(out, name);
    json_put_text(out, "id", dispute->id);
    json_put_text(out, "object", "dispute");
    json_put_integer(out, "amount", dispute->amount);
    put_dispute_movements(out, box, dispute);
    json_put_integer(out, "created", dispute->created_s);
    json_put_text(out, "currency", dispute->currency);
    json_put_raw(out, "enhanced_eligibility_types", "[]");
    put_evidence(out, dispute);
    json_put_boolean(out, "is_charge_refundable", false);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", dispute->metadata);
    put_paid(out, box, dispute->charge, dispute->intent, expand);
    put_dispute_method(out, dispute);
    json_put_text(out, "reason", dispute->reason);
    json_put_text(out, "status", dispute->status);
    json_close_object(out);
}

void
object_movement(struct json_out *out, const char *name,
                const struct store_movement *movement)
{
    static const struct {
        const char *category, *type, *words;
    } kinds[] = {
        { "charge", "charge", NULL },
        { "refund", "refund", "REFUND FOR CHARGE" },
        { "refund_failure", "refund_failure", "REFUND FAILURE" },
        { "dispute", "adjustment", "Chargeback withdrawal" },
        { "dispute_reversal", "adjustment", "Chargeback reversal" },
    };
    size_t i = 0;

    while (i < COUNT_OF(kinds) - 1 &&
           strcmp(kinds[i].category, movement->category) != 0)
        i++;
    json_open_object(out, name);
    json_put_text(out, "id", movement->id);
    json_put_text(out, "object", "balance_transaction");
    json_put_integer(out, "amount", movement->amount);
    json_put_integer(out, "available_on", movement->created_s);
    json_put_text(out, "balance_type", "payments");
    json_put_integer(out, "created", movement->created_s);
    json_put_text(out, "currency", movement->currency);
    json_put_text(out, "description", kinds[i].words);
    json_put_null(out, "exchange_rate");
    json_put_integer(out, "fee", 0);
    json_put_raw(out, "fee_details", "[]");
    json_put_integer(out, "net", movement->amount);
    json_put_text(out, "reporting_category", movement->category);
    json_put_text(out, "source", movement->source);
    json_put_text(out, "status", "available");
    json_put_text(out, "type", kinds[i].type);
    json_close_object(out);
}
