-- Platform keys.

-- name: key_insert
INSERT INTO platform_key (hash, name, space, scopes, created_at, revoked_at)
VALUES (?1, ?2, ?3, ?4, ?5, NULL)
RETURNING number;

-- name: key_by_hash
SELECT number, name, space, scopes FROM platform_key
WHERE hash = ?1 AND revoked_at IS NULL;
