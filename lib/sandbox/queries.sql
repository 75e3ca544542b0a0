-- Every query of the sandbox, by name. A session that is open past its end
-- reads as expired at once, whoever has yet to say so.

-- Customers ------------------------------------------------------------------

-- name: customer_add
INSERT INTO customer (id, created_s, email, name, description, metadata)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: customer_get
SELECT id, created_s, email, name, description, metadata, method, balance
FROM customer WHERE id = ?1;

-- name: customer_set
UPDATE customer SET email = ?2, name = ?3, description = ?4, metadata = ?5,
  method = ?6
WHERE id = ?1;

-- name: customer_number
SELECT number FROM customer WHERE id = ?1;

-- name: customer_list
SELECT id FROM customer
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR email = ?3)
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?4;

-- Checkout sessions ----------------------------------------------------------

-- name: session_add
INSERT INTO session (id, created_s, expires_s, status, currency, amount,
  reference, metadata, intent_metadata, methods, customer, email, success_url,
  cancel_url, mode, payment_status, future_usage, setup)
VALUES (?1, ?2, ?3, 'open', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
  ?15, ?16, ?17);

-- name: session_get
SELECT id, created_s, expires_s,
  CASE WHEN status = 'open' AND expires_s <= ?2 THEN 'expired' ELSE status END,
  payment_status, currency, amount, reference, metadata, intent_metadata,
  methods, customer, email, success_url, cancel_url, intent, mode,
  future_usage, setup, subscription, invoice
FROM session WHERE id = ?1;

-- name: session_number
SELECT number FROM session WHERE id = ?1;

-- name: session_list
SELECT id FROM session
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR intent = ?3)
  AND (?4 IS NULL OR customer = ?4)
  AND (?5 IS NULL OR ?5 = CASE WHEN status = 'open' AND expires_s <= ?6
    THEN 'expired' ELSE status END)
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?7;

-- name: session_try
UPDATE session SET intent = ?2 WHERE id = ?1;

-- name: session_complete
UPDATE session SET status = 'complete', payment_status = ?2
WHERE id = ?1 AND status = 'open' AND expires_s > ?3;

-- name: session_customer
UPDATE session SET customer = ?2 WHERE id = ?1;

-- name: session_paid
UPDATE session SET payment_status = 'paid'
WHERE id = ?1 AND status = 'complete';

-- name: session_expire
UPDATE session SET status = 'expired' WHERE id = ?1 AND status = 'open';

-- name: session_over
SELECT id FROM session WHERE status = 'open' AND expires_s <= ?1
ORDER BY expires_s LIMIT 20;

-- name: session_tamper
UPDATE session SET amount = ?2, currency = ?3 WHERE id = ?1;

-- name: line_add
INSERT INTO line (session, position, id, price, product, name, description,
  unit_amount, quantity, interval, interval_count)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: line_list
SELECT position, id, price, product, name, description, unit_amount, quantity,
  interval, interval_count
FROM line WHERE session = ?1 ORDER BY position;

-- Payments -------------------------------------------------------------------

-- name: intent_add
INSERT INTO intent (id, created_s, session, amount, currency, status,
  metadata, customer, email, description, future_usage)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: intent_get
SELECT id, created_s, session, amount, currency, status, metadata, customer,
  email, method_id, method, brand, last4, expiry_month, expiry_year,
  error_code, error_decline, error_message, charge, settle_ms, settle_well,
  description, future_usage, canceled_s, cancel_reason
FROM intent WHERE id = ?1;

-- name: intent_set
UPDATE intent SET status = ?2, amount = ?3, currency = ?4, method_id = ?5,
  method = ?6, brand = ?7, last4 = ?8, expiry_month = ?9, expiry_year = ?10,
  error_code = ?11, error_decline = ?12, error_message = ?13, charge = ?14,
  settle_ms = ?15, settle_well = ?16, metadata = ?17, customer = ?18,
  description = ?19, cancel_reason = ?20, canceled_s = ?21
WHERE id = ?1;

-- name: intent_number
SELECT number FROM intent WHERE id = ?1;

-- name: intent_list
SELECT id FROM intent
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR customer = ?3)
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?4;

-- name: intent_due
SELECT id FROM intent WHERE status = 'processing' AND settle_ms <= ?1
ORDER BY settle_ms LIMIT 20;

-- name: charge_add
INSERT INTO charge (id, created_s, intent, amount, currency, status,
  metadata, customer, email, method_id, method, brand, last4, expiry_month,
  expiry_year, failure_code, failure_decline, failure_message)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
  ?16, ?17, ?18);

-- name: charge_get
SELECT c.id, c.created_s, c.intent, c.amount, c.currency, c.status, c.metadata,
  c.customer, c.email, c.method_id, c.method, c.brand, c.last4, c.expiry_month,
  c.expiry_year, c.failure_code, c.failure_decline, c.failure_message,
  (SELECT coalesce(sum(r.amount), 0) FROM refund r WHERE r.charge = c.id
    AND r.status NOT IN ('failed', 'canceled')),
  EXISTS (SELECT 1 FROM dispute d WHERE d.charge = c.id),
  (SELECT m.id FROM movement m WHERE m.source = c.id
    AND m.category = 'charge')
FROM charge c WHERE c.id = ?1;

-- name: charge_settle
UPDATE charge SET status = ?2, failure_code = ?3, failure_decline = ?4,
  failure_message = ?5
WHERE id = ?1 AND status = 'pending';

-- name: charge_number
SELECT number FROM charge WHERE id = ?1;

-- name: charge_list
SELECT id FROM charge
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR intent = ?3)
  AND (?4 IS NULL OR customer = ?4)
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?5;

-- Events and their deliveries ------------------------------------------------

-- name: event_add
INSERT INTO event (id, created_s, type, request, request_key, object)
VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING number;

-- name: event_get
SELECT e.id, e.created_s, e.type, e.request, e.request_key, e.object,
  (SELECT count(*) FROM delivery d
    WHERE d.event = e.number AND d.state = 'pending')
FROM event e WHERE e.id = ?1;

-- name: event_number
SELECT number FROM event WHERE id = ?1;

-- types: ",a,b," or NULL; a type may end with ".*": up to its first dot, or
-- its last.
-- name: event_list
SELECT id FROM event
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL
    OR instr(?3, ',' || type || ',')
    OR instr(?3, ',' || substr(type, 1, instr(type, '.')) || '*,')
    OR instr(?3, ',' || rtrim(type, replace(type, '.', '')) || '*,'))
  AND created_s BETWEEN ?4 AND ?5
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?6;

-- name: delivery_add
INSERT INTO delivery (event, state, created_ms, due_ms, backwards, lease_ms,
  tries)
VALUES (?1, ?2, ?3, ?4, ?5, 0, 0);

-- name: delivery_hold_back
UPDATE delivery SET due_ms = ?1 WHERE state = 'pending' AND backwards = 1
  AND tries = 0;

-- The next that is due and that nobody is at. Those told to go backwards
-- take the newest first, one after the other.
-- name: delivery_next
SELECT number FROM delivery
WHERE state = 'pending' AND due_ms <= ?1 AND lease_ms <= ?1
  AND (backwards = 0 OR NOT EXISTS (SELECT 1 FROM delivery b
    WHERE b.state = 'pending' AND b.backwards = 1 AND b.lease_ms > ?1))
ORDER BY backwards DESC, CASE WHEN backwards = 1 THEN -event ELSE due_ms END,
  number
LIMIT 1;

-- Unless another process has carried it since it was looked for.
-- name: delivery_claim
UPDATE delivery SET lease_ms = ?2, tries = tries + 1
WHERE number = ?1 AND state = 'pending' AND due_ms <= ?3 AND lease_ms <= ?3;

-- name: delivery_get
SELECT d.number, d.tries, d.created_ms, e.id, e.created_s, e.type, e.request,
  e.request_key, e.object
FROM delivery d JOIN event e ON e.number = d.event WHERE d.number = ?1;

-- name: delivery_end
UPDATE delivery SET state = ?2, due_ms = ?3, lease_ms = 0
WHERE number = ?1 AND state = 'pending';

-- name: delivery_when
SELECT min(max(due_ms, lease_ms)) FROM delivery WHERE state = 'pending';

-- name: delivery_list
SELECT d.number, e.id, e.type, d.state, d.created_ms, d.due_ms, d.tries
FROM delivery d JOIN event e ON e.number = d.event
ORDER BY d.number DESC LIMIT ?1;

-- name: attempt_add
INSERT INTO attempt (delivery, try, at_ms, took_ms, status, words)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: attempt_list
SELECT try, at_ms, took_ms, status, words FROM attempt WHERE delivery = ?1
ORDER BY try DESC LIMIT 20;

-- Answers by key, and levers -------------------------------------------------

-- name: answer_get
SELECT path, hash, request, body, status FROM answer WHERE key = ?1;

-- name: answer_add
INSERT INTO answer (key, path, hash, request, body, created_ms, status)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

-- name: answer_forget
DELETE FROM answer WHERE created_ms < ?1;

-- name: lever_get
SELECT word, amount FROM lever WHERE name = ?1;

-- name: lever_set
INSERT INTO lever (name, word, amount) VALUES (?1, ?2, ?3)
ON CONFLICT (name) DO UPDATE SET word = excluded.word,
  amount = excluded.amount;

-- name: lever_take
UPDATE lever SET amount = amount - 1 WHERE name = ?1 AND amount > 0;

-- name: lever_list
SELECT name, word, amount FROM lever ORDER BY name;

-- name: lever_reset
DELETE FROM lever;
