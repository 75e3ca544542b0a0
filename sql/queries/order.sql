-- Checkout orders, their payments, and what the provider reported.

-- name: order_insert
INSERT INTO checkout_order (space, ord, member, tier, amount, currency, rate,
                            credits, bonus, status, created_at, placed_at,
                            session_expires_at, asked_at, automatic,
                            save_card)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, 0, ?13, ?14);

-- name: order_one
SELECT o.space, o.ord, o.member, m.name, o.tier, o.amount, o.currency,
       o.rate, o.credits, o.bonus, o.status, o.created_at, o.paid_at,
       o.placed_at, o.session_expires_at, o.asked_at, o.session, o.payment,
       o.payment_url, o.receipt_url, o.why, o.automatic, o.save_card,
       o.charge, o.refunded_amount, o.refunded_credits, o.paid_amount,
       o.paid_currency
FROM checkout_order AS o JOIN member AS m ON m.number = o.member
WHERE o.space = ?1 AND o.ord = ?2;

-- name: order_page
SELECT o.space, o.ord, o.member, m.name, o.tier, o.amount, o.currency,
       o.rate, o.credits, o.bonus, o.status, o.created_at, o.paid_at,
       o.placed_at, o.session_expires_at, o.asked_at, o.session, o.payment,
       o.payment_url, o.receipt_url, o.why, o.automatic, o.save_card,
       o.charge, o.refunded_amount, o.refunded_credits, o.paid_amount,
       o.paid_currency
FROM checkout_order AS o JOIN member AS m ON m.number = o.member
WHERE o.space = ?1 AND o.ord < ?2
ORDER BY o.ord DESC LIMIT ?3;

-- name: order_unfinished
SELECT o.space, o.ord, o.member, m.name, o.tier, o.amount, o.currency,
       o.rate, o.credits, o.bonus, o.status, o.created_at, o.paid_at,
       o.placed_at, o.session_expires_at, o.asked_at, o.session, o.payment,
       o.payment_url, o.receipt_url, o.why, o.automatic, o.save_card,
       o.charge, o.refunded_amount, o.refunded_credits, o.paid_amount,
       o.paid_currency
FROM checkout_order AS o JOIN member AS m ON m.number = o.member
WHERE o.space = ?1 AND o.status IN (0, 1, 8)
ORDER BY o.ord DESC LIMIT ?2;

-- name: order_to_ask
SELECT o.space, o.ord, o.member, m.name, o.tier, o.amount, o.currency,
       o.rate, o.credits, o.bonus, o.status, o.created_at, o.paid_at,
       o.placed_at, o.session_expires_at, o.asked_at, o.session, o.payment,
       o.payment_url, o.receipt_url, o.why, o.automatic, o.save_card,
       o.charge, o.refunded_amount, o.refunded_credits, o.paid_amount,
       o.paid_currency
FROM checkout_order AS o JOIN member AS m ON m.number = o.member
WHERE o.status IN (0, 1) AND o.asked_at < ?1 AND o.placed_at < ?1
ORDER BY o.asked_at, o.space, o.ord LIMIT ?2;

-- name: order_unpaid_count
SELECT count(*), min(placed_at)
FROM checkout_order
WHERE member = ?1 AND placed_at > ?2 AND status IN (0, 1, 3, 4)
  AND automatic = 0;

-- name: order_set_session
UPDATE checkout_order SET session = ?3, payment_url = ?4
WHERE space = ?1 AND ord = ?2 AND session IS NULL;

-- name: order_set_asked
UPDATE checkout_order SET asked_at = ?3
WHERE space = ?1 AND ord = ?2 AND asked_at <= ?4;

-- name: order_set_status
UPDATE checkout_order
SET status = ?3, why = ?4, payment = coalesce(?5, payment),
    receipt_url = coalesce(?6, receipt_url), paid_amount = ?7,
    paid_currency = ?8
WHERE space = ?1 AND ord = ?2;

-- name: order_set_charge
UPDATE checkout_order
SET charge = coalesce(charge, ?3), receipt_url = coalesce(receipt_url, ?4)
WHERE space = ?1 AND ord = ?2;

-- name: order_set_paid
UPDATE checkout_order
SET status = 2, paid_at = ?3, payment = ?4,
    receipt_url = coalesce(?5, receipt_url), why = NULL
WHERE space = ?1 AND ord = ?2;

-- name: payment_insert
INSERT INTO payment (provider, live, payment, space, ord, amount, currency,
                     credited_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO NOTHING;

-- name: payment_find
SELECT space, ord FROM payment
WHERE provider = ?1 AND live = ?2 AND payment = ?3;

-- name: provider_event_insert
INSERT INTO provider_event (provider, live, id, type, created_at,
                            received_at, space, ord, came_to)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL, 'seen')
ON CONFLICT DO NOTHING;

-- name: provider_event_came_to
UPDATE provider_event SET space = ?4, ord = ?5, came_to = ?6
WHERE provider = ?1 AND live = ?2 AND id = ?3;
