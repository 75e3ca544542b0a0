-- Promo and gift codes, and who claimed them.

-- name: promo_insert
INSERT INTO promo_code (code, shown, credits, uses, claimed, ends_at,
                        lot_expires_at, lot_days, created_at)
VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8)
ON CONFLICT DO NOTHING;

-- name: promo_by_code
SELECT number, shown, credits, uses, claimed, ends_at, lot_expires_at,
       lot_days, created_at
FROM promo_code WHERE code = ?1;

-- name: promo_page
SELECT number, shown, credits, uses, claimed, ends_at, lot_expires_at,
       lot_days, created_at
FROM promo_code WHERE number < ?1
ORDER BY number DESC LIMIT ?2;

-- The Space's one claim of the code.
-- name: promo_claim_insert
INSERT INTO promo_claim (space, code, seq, member, claimed_at)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT DO NOTHING;

-- name: promo_use
UPDATE promo_code SET claimed = claimed + 1
WHERE number = ?1 AND claimed < uses;
