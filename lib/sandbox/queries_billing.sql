-- Products, prices, subscriptions, invoices, and the clock that bills them.

-- The clock ------------------------------------------------------------------

-- name: clock_get
SELECT offset_ms FROM business_clock;

-- name: clock_set
UPDATE business_clock SET offset_ms = ?1;

-- Products and prices --------------------------------------------------------

-- name: product_add
INSERT INTO product (id, created_s, name, description, active, metadata)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: product_get
SELECT id, created_s, name, description, active, metadata FROM product
WHERE id = ?1;

-- name: product_set
UPDATE product SET name = ?2, description = ?3, active = ?4, metadata = ?5
WHERE id = ?1;

-- name: product_number
SELECT number FROM product WHERE id = ?1;

-- name: product_list
SELECT id FROM product
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR active = ?3)
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?4;

-- name: price_add
INSERT INTO price (id, created_s, product, currency, unit_amount, interval,
  interval_count, active, nickname, metadata)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: price_get
SELECT p.id, p.created_s, p.product, p.currency, p.unit_amount, p.interval,
  p.interval_count, p.active, p.nickname, p.metadata, o.name
FROM price p JOIN product o ON o.id = p.product WHERE p.id = ?1;

-- name: price_set
UPDATE price SET active = ?2, nickname = ?3, metadata = ?4 WHERE id = ?1;

-- name: price_number
SELECT number FROM price WHERE id = ?1;

-- name: price_list
SELECT id FROM price
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR product = ?3)
  AND (?4 IS NULL OR active = ?4)
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?5;

-- Subscriptions --------------------------------------------------------------

-- name: subscription_add
INSERT INTO subscription (id, created_s, customer, status, currency, metadata,
  description, method, item, price, quantity, anchor_s, period_start_s,
  period_end_s, cancel_at_end)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);

-- name: subscription_get
SELECT id, created_s, customer, status, currency, metadata, description,
  method, item, price, quantity, anchor_s, period_start_s, period_end_s,
  cancel_at_end, canceled_s, ended_s, latest_invoice
FROM subscription WHERE id = ?1;

-- name: subscription_set
UPDATE subscription SET status = ?2, metadata = ?3, description = ?4,
  method = ?5, price = ?6, quantity = ?7, anchor_s = ?8, period_start_s = ?9,
  period_end_s = ?10, cancel_at_end = ?11, canceled_s = ?12, ended_s = ?13,
  latest_invoice = ?14
WHERE id = ?1;

-- name: subscription_number
SELECT number FROM subscription WHERE id = ?1;

-- Without a status: all but those that are canceled.
-- name: subscription_list
SELECT id FROM subscription
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR customer = ?3)
  AND (?4 IS NULL OR price = ?4)
  AND CASE coalesce(?5, '') WHEN 'all' THEN 1
    WHEN '' THEN status <> 'canceled' ELSE status = ?5 END
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?6;

-- name: subscription_is_due
SELECT id FROM subscription
WHERE status IN ('active', 'past_due') AND period_end_s <= ?1
ORDER BY period_end_s LIMIT 1;

-- name: session_subscription
UPDATE session SET subscription = ?2, invoice = ?3 WHERE id = ?1;

-- Invoices -------------------------------------------------------------------

-- name: invoice_add
INSERT INTO invoice (id, created_s, customer, subscription, reason, cycle_s,
  currency, status, total, balance_before, balance_after, due, paid, attempts,
  period_start_s, period_end_s)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'draft', 0, ?8, ?8, 0, 0, 0, ?9, ?10);

-- name: invoice_get
SELECT id, created_s, customer, subscription, reason, cycle_s, currency,
  status, total, balance_before, balance_after, due, paid, attempts,
  period_start_s, period_end_s, finalized_s, paid_s, voided_s, intent, number
FROM invoice WHERE id = ?1;

-- name: invoice_set
UPDATE invoice SET status = ?2, total = ?3, balance_after = ?4, due = ?5,
  paid = ?6, attempts = ?7, finalized_s = ?8, paid_s = ?9, voided_s = ?10,
  intent = ?11
WHERE id = ?1;

-- name: invoice_number
SELECT number FROM invoice WHERE id = ?1;

-- name: invoice_list
SELECT id FROM invoice
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR customer = ?3)
  AND (?4 IS NULL OR subscription = ?4) AND (?5 IS NULL OR status = ?5)
  AND (?6 IS NULL OR intent = ?6) AND created_s BETWEEN ?7 AND ?8
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?9;

-- name: invoice_line_add
INSERT INTO invoice_line (id, subscription, invoice, amount, description,
  proration, start_s, end_s, price, quantity)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: invoice_line_gather
UPDATE invoice_line SET invoice = ?2
WHERE subscription = ?1 AND invoice IS NULL;

-- name: invoice_line_list
SELECT id, amount, description, proration, start_s, end_s, price, quantity
FROM invoice_line WHERE invoice = ?1 ORDER BY number;

-- name: invoice_line_sum
SELECT coalesce(sum(amount), 0) FROM invoice_line WHERE invoice = ?1;

-- name: customer_balance
SELECT balance FROM customer WHERE id = ?1;

-- name: customer_owe
UPDATE customer SET balance = ?2 WHERE id = ?1;
