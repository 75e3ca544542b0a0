-- Idempotency keys: what each made, for ever.

-- name: idem_insert
INSERT INTO idem (key, space, scope, operation, fingerprint, ref, answer)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT DO NOTHING;

-- name: idem_find
SELECT fingerprint, ref, answer FROM idem
WHERE key = ?1 AND space = ?2 AND scope = ?3 AND operation = ?4;
