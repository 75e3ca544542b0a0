-- Payment methods that are kept, and setup intents.

-- Payment methods ------------------------------------------------------------

-- name: method_add
INSERT INTO method (id, created_s, customer, brand, last4, expiry_month,
  expiry_year, email, metadata, agreed, over)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: method_get
SELECT id, 'card', brand, last4, expiry_month, expiry_year, created_s,
  customer, email, metadata, agreed, over
FROM method WHERE id = ?1;

-- name: method_set
UPDATE method SET customer = ?2, metadata = ?3, agreed = ?4, over = ?5
WHERE id = ?1;

-- name: method_number
SELECT number FROM method WHERE id = ?1;

-- name: method_list
SELECT id FROM method
WHERE number < ?1 AND number > ?2 AND customer = ?3
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?4;

-- Setup intents --------------------------------------------------------------

-- name: setup_add
INSERT INTO setup (id, created_s, session, customer, status, metadata)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: setup_get
SELECT id, created_s, session, customer, status, metadata, method_id, method,
  brand, last4, expiry_month, expiry_year, error_code, error_decline,
  error_message
FROM setup WHERE id = ?1;

-- name: setup_set
UPDATE setup SET customer = ?2, status = ?3, method_id = ?4, method = ?5,
  brand = ?6, last4 = ?7, expiry_month = ?8, expiry_year = ?9,
  error_code = ?10, error_decline = ?11, error_message = ?12
WHERE id = ?1;

-- name: setup_number
SELECT number FROM setup WHERE id = ?1;

-- name: setup_list
SELECT id FROM setup
WHERE number < ?1 AND number > ?2 AND (?3 IS NULL OR customer = ?3)
ORDER BY CASE WHEN ?2 > 0 THEN number ELSE -number END LIMIT ?4;
