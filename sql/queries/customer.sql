-- The provider's customers that our Spaces are.

-- name: customer_begin
INSERT INTO provider_customer (provider, live, space, customer, made)
VALUES (?1, ?2, ?3, NULL, 1)
ON CONFLICT DO NOTHING;

-- name: customer_one
SELECT customer, made FROM provider_customer
WHERE provider = ?1 AND live = ?2 AND space = ?3;

-- name: customer_keep
UPDATE provider_customer SET customer = ?4
WHERE provider = ?1 AND live = ?2 AND space = ?3 AND made = ?5
  AND customer IS NULL;

-- The provider does not know it any more, or refused to make it.
-- name: customer_forget
UPDATE provider_customer SET customer = NULL, made = made + 1
WHERE provider = ?1 AND live = ?2 AND space = ?3 AND made = ?4;

-- name: customer_space
SELECT space FROM provider_customer
WHERE provider = ?1 AND live = ?2 AND customer = ?3;
