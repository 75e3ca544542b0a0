-- Refunds, disputes, and movements of the merchant's balance.

-- Refunds --------------------------------------------------------------------

-- name: refund_add
INSERT INTO refund (id, created_s, charge, amount, currency, status, reason,
  metadata, settle_ms, settle_well)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: refund_get
SELECT r.id, r.created_s, r.charge, c.intent, r.amount, r.currency, r.status,
  r.reason, r.failure_reason, r.metadata, r.settle_ms, r.settle_well,
  c.method,
  (SELECT m.id FROM movement m WHERE m.source = r.id
    AND m.category = 'refund'),
  (SELECT m.id FROM movement m WHERE m.source = r.id
    AND m.category = 'refund_failure')
FROM refund r JOIN charge c ON c.id = r.charge WHERE r.id = ?1;

-- name: refund_set
UPDATE refund SET status = ?2, failure_reason = ?3, metadata = ?4,
  settle_ms = ?5
WHERE id = ?1;

-- name: refund_number
SELECT number FROM refund WHERE id = ?1;

-- name: refund_list
SELECT r.id FROM refund r JOIN charge c ON c.id = r.charge
WHERE r.number < ?1 AND r.number > ?2 AND (?3 IS NULL OR r.charge = ?3)
  AND (?4 IS NULL OR c.intent = ?4) AND r.created_s BETWEEN ?5 AND ?6
ORDER BY CASE WHEN ?2 > 0 THEN r.number ELSE -r.number END LIMIT ?7;

-- The refund that a lever means, of a charge: the latest that is not over.
-- name: refund_of_charge
SELECT id FROM refund
WHERE charge = ?1 AND status IN ('pending', 'succeeded')
ORDER BY number DESC LIMIT 1;

-- name: refund_due
SELECT id FROM refund WHERE settle_ms <= ?1 ORDER BY settle_ms LIMIT 20;

-- Disputes -------------------------------------------------------------------

-- name: dispute_add
INSERT INTO dispute (id, created_s, charge, amount, currency, reason, status,
  submissions, due_s, metadata)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9);

-- name: dispute_get
SELECT d.id, d.created_s, d.charge, c.intent, d.amount, d.currency, d.reason,
  d.status, d.evidence, d.submissions, d.due_s, d.metadata, c.brand
FROM dispute d JOIN charge c ON c.id = d.charge WHERE d.id = ?1;

-- name: dispute_set
UPDATE dispute SET status = ?2, evidence = ?3, submissions = ?4, metadata = ?5
WHERE id = ?1;

-- name: dispute_number
SELECT number FROM dispute WHERE id = ?1;

-- name: dispute_of_charge
SELECT id FROM dispute WHERE charge = ?1;

-- name: dispute_list
SELECT d.id FROM dispute d JOIN charge c ON c.id = d.charge
WHERE d.number < ?1 AND d.number > ?2 AND (?3 IS NULL OR d.charge = ?3)
  AND (?4 IS NULL OR c.intent = ?4) AND d.created_s BETWEEN ?5 AND ?6
ORDER BY CASE WHEN ?2 > 0 THEN d.number ELSE -d.number END LIMIT ?7;

-- Movements ------------------------------------------------------------------

-- name: movement_add
INSERT INTO movement (id, created_s, category, source, amount, currency)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: movement_get
SELECT id, created_s, category, source, amount, currency FROM movement
WHERE id = ?1;

-- name: movement_of
SELECT id FROM movement WHERE source = ?1 AND category = ?2;

-- name: movement_number
SELECT number FROM movement WHERE id = ?1;

-- name: movement_list
SELECT id FROM movement
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR source = ?3)
  AND created_s BETWEEN ?4 AND ?5
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?6;
