-- Spaces.

-- name: space_by_slug
SELECT number, slug, name, currency, time_zone, plan, status, period_start,
       period_end, low_threshold, created_at
FROM space WHERE slug = ?1;

-- name: space_by_number
SELECT number, slug, name, currency, time_zone, plan, status, period_start,
       period_end, low_threshold, created_at
FROM space WHERE number = ?1;

-- name: space_insert
INSERT INTO space (slug, name, currency, time_zone, plan, status,
                   period_start, period_end, low_threshold, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, NULL, ?8)
RETURNING number;

-- The business clock's distance from the system's; sandbox only.

-- name: site_clock_read
SELECT offset_ms FROM site_clock WHERE id = 1;

-- name: site_clock_write
INSERT INTO site_clock (id, offset_ms) VALUES (1, ?1)
ON CONFLICT (id) DO UPDATE SET offset_ms = excluded.offset_ms;

-- name: space_set_period
UPDATE space SET period_start = ?2, period_end = ?3 WHERE number = ?1;

-- name: space_update
UPDATE space
SET name = ?2, currency = ?3, time_zone = ?4, plan = ?5, status = ?6,
    zone_after = CASE time_zone WHEN ?4 THEN zone_after ELSE (
      SELECT seq FROM wallet WHERE wallet.space = space.number) END
WHERE number = ?1;

-- name: space_set_membership
UPDATE space SET plan = ?2, status = ?3, period_start = ?4, period_end = ?5
WHERE number = ?1;

-- name: space_set_low_threshold
UPDATE space SET low_threshold = ?2 WHERE number = ?1;

-- name: space_has_orders
SELECT EXISTS (SELECT 1 FROM checkout_order WHERE space = ?1);
