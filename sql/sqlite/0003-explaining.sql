-- Explaining credits: whether a balance counts as low, since when events
-- have their days from the zone that the Space has now, and the way from a
-- usage event to what was refunded of it.

-- 1 from the moment that less was available than the Space wants to be
-- warned of, until a tenth more than that is available again.
ALTER TABLE wallet ADD COLUMN low INTEGER NOT NULL DEFAULT 0
  CHECK (low IN (0, 1));
UPDATE wallet SET low = coalesce(
  (SELECT total - held < s.low_threshold FROM space AS s
   WHERE s.number = wallet.space), 0);

-- An event keeps the day that it was written with, so a change of the zone
-- moves none; those up to this seq may have days of an older zone.
ALTER TABLE space ADD COLUMN zone_after INTEGER NOT NULL DEFAULT 0
  CHECK (zone_after >= 0);
UPDATE space SET zone_after = coalesce(
  (SELECT w.seq FROM wallet AS w WHERE w.space = space.number), 0);

CREATE INDEX event_refund ON event (space, refund_of, seq)
  WHERE refund_of IS NOT NULL;

-- The empty key leads to the usage that has no such reference.
INSERT INTO event_block (space, dim, key, block)
SELECT DISTINCT e.space, d.dim, '', (e.seq - 1) / 1024
FROM event AS e JOIN wallet AS w ON w.space = e.space AND e.seq <= w.folded
CROSS JOIN (SELECT 0 AS dim UNION ALL SELECT 1 UNION ALL SELECT 2
            UNION ALL SELECT 3 UNION ALL SELECT 4) AS d
WHERE e.kind IN (3, 4)
  AND CASE d.dim WHEN 0 THEN e.livestream WHEN 1 THEN e.order_ref
                 WHEN 2 THEN e.campaign WHEN 3 THEN e.feature
                 ELSE e.member END IS NULL;
