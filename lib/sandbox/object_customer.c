/*
 * Customers.
 */
#include "object_inside.h"

void
object_customer(struct json_out *out, const char *name,
                const struct store_customer *customer)
{
    json_open_object(out, name);
    json_put_text(out, "id", customer->id);
    json_put_text(out, "object", "customer");
    json_put_null(out, "address");
    json_put_integer(out, "balance", customer->balance);
    json_put_integer(out, "created", customer->created_s);
    PUT_NULLS(out, "currency", "default_source");
    json_put_boolean(out, "delinquent", false);
    json_put_text(out, "description", customer->description);
    json_put_null(out, "discount");
    json_put_text(out, "email", customer->email);
    json_put_text(out, "invoice_prefix", customer->id + strlen("cus_"));
    json_open_object(out, "invoice_settings");
    json_put_null(out, "custom_fields");
    json_put_text(out, "default_payment_method", customer->method);
    PUT_NULLS(out, "footer", "rendering_options");
    json_close_object(out);
    json_put_boolean(out, "livemode", false);
    json_put_raw(out, "metadata", customer->metadata);
    json_put_text(out, "name", customer->name);
    json_put_integer(out, "next_invoice_sequence", 1);
    json_put_null(out, "phone");
    json_open_array(out, "preferred_locales");
    json_close_array(out);
    json_put_null(out, "shipping");
    json_put_text(out, "tax_exempt", "none");
    json_put_null(out, "test_clock");
    json_close_object(out);
}

/* An id, or the customer itself. */
void
object_put_customer(struct json_out *out, struct box *box, const char *id,
                    const struct expand *expand)
{
    struct store_customer customer;

    if (id != NULL && object_expands(box, expand, "customer") &&
        store_customer_get(box, id, &customer))
        object_customer(out, "customer", &customer);
    else
        json_put_text(out, "customer", id);
}
