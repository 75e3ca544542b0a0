-- Refunds and disputes as facts, and what they took of an order.

-- Changes a row only forward: rows.changes is 0 where nothing was new.
-- name: fact_keep
INSERT INTO payment_fact (provider, live, fact, kind, state, payment, charge,
                          space, ord, amount, currency, reason, received_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL, ?8, ?9, ?10, ?11)
ON CONFLICT (provider, live, fact) DO UPDATE
SET state = excluded.state,
    payment = coalesce(payment_fact.payment, excluded.payment),
    charge = coalesce(payment_fact.charge, excluded.charge),
    reason = coalesce(payment_fact.reason, excluded.reason)
WHERE excluded.state > payment_fact.state
  AND excluded.kind = payment_fact.kind;

-- name: fact_order
SELECT space, ord FROM payment
WHERE provider = ?1 AND live = ?2 AND payment = ?3
UNION
SELECT p.space, p.ord
FROM checkout_order AS o JOIN payment AS p ON p.space = o.space AND p.ord = o.ord
WHERE o.charge = ?4 AND p.provider = ?1 AND p.live = ?2;

-- What was told of a payment before it was known belongs to its order.
-- name: fact_tie_payment
UPDATE payment_fact SET space = ?4, ord = ?5
WHERE provider = ?1 AND live = ?2 AND payment = ?3 AND ord IS NULL;

-- name: fact_tie_charge
UPDATE payment_fact SET space = ?4, ord = ?5
WHERE provider = ?1 AND live = ?2 AND charge = ?3 AND ord IS NULL;

-- name: fact_of_order
SELECT fact, kind, state, amount, currency, reason
FROM payment_fact WHERE space = ?1 AND ord = ?2
ORDER BY received_at, fact;

-- name: fact_payment
SELECT provider, live, payment, amount, currency
FROM payment WHERE space = ?1 AND ord = ?2;

-- name: taken_of_order
SELECT part, lot, credits FROM taken
WHERE space = ?1 AND ord = ?2 ORDER BY part;

-- name: taken_keep
INSERT INTO taken (space, ord, part, lot, credits)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (space, ord, part) DO UPDATE SET credits = excluded.credits;

-- name: reversal_insert
INSERT INTO reversal (space, seq, ord, amount) VALUES (?1, ?2, ?3, ?4);

-- name: reversal_sum
SELECT coalesce(sum(amount), 0) FROM reversal WHERE space = ?1 AND ord = ?2;

-- name: reversal_one
SELECT amount FROM reversal WHERE space = ?1 AND seq = ?2;

-- name: order_set_reversed
UPDATE checkout_order
SET status = ?3, refunded_amount = ?4, refunded_credits = ?5
WHERE space = ?1 AND ord = ?2;
