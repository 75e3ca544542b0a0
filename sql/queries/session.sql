-- Sessions and sign-ins; all times here are the system's.

-- name: session_insert
INSERT INTO session (token_hash, member, created_at, seen_at)
VALUES (?1, ?2, ?3, ?3);

-- name: session_find
SELECT s.created_at, s.seen_at, m.number, m.email, m.name, m.created_at
FROM session AS s JOIN member AS m ON m.number = s.member
WHERE s.token_hash = ?1;

-- name: session_seen
UPDATE session SET seen_at = ?2 WHERE token_hash = ?1 AND seen_at < ?2;

-- name: session_delete
DELETE FROM session WHERE token_hash = ?1;

-- name: session_delete_idle
DELETE FROM session WHERE seen_at <= ?1;

-- An attempt, of a sign-in or a promo code, is written before the answer is
-- looked up, and taken back when it was right: what is left are failures.

-- name: attempt_insert
INSERT INTO sign_in_failure (subject, at, n) VALUES (?1, ?2, ?3);

-- name: attempt_delete
DELETE FROM sign_in_failure WHERE subject = ?1 AND at = ?2 AND n = ?3;

-- name: attempt_recent
SELECT at FROM sign_in_failure WHERE subject = ?1 AND at > ?2 AND at < ?3
ORDER BY at DESC, n LIMIT ?4;

-- name: attempt_delete_old
DELETE FROM sign_in_failure WHERE at <= ?1;
