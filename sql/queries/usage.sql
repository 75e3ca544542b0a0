-- Grouped usage. Dimensions are 0 livestream, 1 order, 2 campaign,
-- 3 feature, 4 member; the empty key stands for what has no such reference.
-- Readers add the events behind the folded ones, so figures are always whole.

-- The events to be folded.
-- name: usage_events
SELECT seq, kind, credits, at, day, livestream, order_ref, campaign, feature,
       member
FROM event WHERE space = ?1 AND seq > ?2
ORDER BY seq LIMIT ?3;

-- name: usage_rollup_add
INSERT INTO rollup (space, dim, day, key, captured, refunded, events,
                    first_at, last_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (space, dim, day, key) DO UPDATE
SET captured = rollup.captured + excluded.captured,
    refunded = rollup.refunded + excluded.refunded,
    events = rollup.events + excluded.events,
    last_at = excluded.last_at;

-- name: usage_block_insert
INSERT INTO event_block (space, dim, key, block) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO NOTHING;

-- The days of a range that have rollups, found by leaps.
-- name: usage_days_there
WITH RECURSIVE there (day) AS (
  SELECT min(day) FROM rollup WHERE space = ?1 AND dim = ?2 AND day >= ?3
  UNION ALL
  SELECT (SELECT min(r.day) FROM rollup AS r
          WHERE r.space = ?1 AND r.dim = ?2 AND r.day > t.day)
  FROM there AS t WHERE t.day <= ?4)
SELECT day FROM there WHERE day <= ?4;

-- A day's groups by their keys: from the first, and behind one.
-- name: usage_day_first
SELECT key, captured, refunded, events, first_at, last_at
FROM rollup WHERE space = ?1 AND dim = ?2 AND day = ?3
ORDER BY key LIMIT ?4;

-- name: usage_day_next
SELECT key, captured, refunded, events, first_at, last_at
FROM rollup WHERE space = ?1 AND dim = ?2 AND day = ?3 AND key > ?4
ORDER BY key LIMIT ?5;

-- Groups by their keys of the events that are not folded and count, and of
-- those that are folded and do not.
-- name: usage_tail
SELECT coalesce(CASE ?2 WHEN 0 THEN livestream WHEN 1 THEN order_ref
                        WHEN 2 THEN campaign WHEN 3 THEN feature
                        ELSE member END, '') AS reference,
       sum(CASE kind WHEN 3 THEN -credits ELSE 0 END),
       sum(CASE kind WHEN 4 THEN credits ELSE 0 END), count(*), min(at), max(at)
FROM event
WHERE space = ?1 AND kind IN (3, 4) AND day BETWEEN ?3 AND ?4
  AND seq > (SELECT folded FROM wallet WHERE space = ?1) AND seq <= ?5
GROUP BY reference ORDER BY reference;

-- name: usage_behind
SELECT coalesce(CASE ?2 WHEN 0 THEN livestream WHEN 1 THEN order_ref
                        WHEN 2 THEN campaign WHEN 3 THEN feature
                        ELSE member END, '') AS reference,
       sum(CASE kind WHEN 3 THEN -credits ELSE 0 END),
       sum(CASE kind WHEN 4 THEN credits ELSE 0 END), count(*), min(at), max(at)
FROM event
WHERE space = ?1 AND kind IN (3, 4) AND day BETWEEN ?3 AND ?4
  AND seq > ?5 AND seq <= (SELECT folded FROM wallet WHERE space = ?1)
GROUP BY reference ORDER BY reference;

-- These count what is folded and what is behind it, and take back what is
-- folded behind the last event that is to count.

-- name: usage_days
SELECT day, sum(captured), sum(refunded), sum(events)
FROM (
  SELECT day, captured, refunded, events
  FROM rollup WHERE space = ?1 AND dim = 3 AND day BETWEEN ?2 AND ?3
  UNION ALL
  SELECT day,
         CASE kind WHEN 3 THEN -credits ELSE 0 END,
         CASE kind WHEN 4 THEN credits ELSE 0 END, 1
  FROM event
  WHERE space = ?1 AND kind IN (3, 4) AND day BETWEEN ?2 AND ?3
    AND seq > (SELECT folded FROM wallet WHERE space = ?1) AND seq <= ?4
  UNION ALL
  SELECT day,
         CASE kind WHEN 3 THEN credits ELSE 0 END,
         CASE kind WHEN 4 THEN -credits ELSE 0 END, -1
  FROM event
  WHERE space = ?1 AND kind IN (3, 4) AND day BETWEEN ?2 AND ?3
    AND seq > ?4 AND seq <= (SELECT folded FROM wallet WHERE space = ?1)) AS usage
GROUP BY day HAVING sum(events) > 0 ORDER BY day;

-- One group's sums in a range of days.
-- name: usage_of_key
SELECT coalesce(sum(captured), 0), coalesce(sum(refunded), 0),
       coalesce(sum(events), 0)
FROM (
  SELECT captured, refunded, events
  FROM rollup
  WHERE space = ?1 AND dim = ?2 AND day BETWEEN ?4 AND ?5 AND key = ?3
  UNION ALL
  SELECT CASE kind WHEN 3 THEN -credits ELSE 0 END,
         CASE kind WHEN 4 THEN credits ELSE 0 END, 1
  FROM event
  WHERE space = ?1 AND kind IN (3, 4) AND day BETWEEN ?4 AND ?5
    AND coalesce(CASE ?2 WHEN 0 THEN livestream WHEN 1 THEN order_ref
                         WHEN 2 THEN campaign WHEN 3 THEN feature
                         ELSE member END, '') = ?3
    AND seq > (SELECT folded FROM wallet WHERE space = ?1) AND seq <= ?6
  UNION ALL
  SELECT CASE kind WHEN 3 THEN credits ELSE 0 END,
         CASE kind WHEN 4 THEN -credits ELSE 0 END, -1
  FROM event
  WHERE space = ?1 AND kind IN (3, 4) AND day BETWEEN ?4 AND ?5
    AND coalesce(CASE ?2 WHEN 0 THEN livestream WHEN 1 THEN order_ref
                         WHEN 2 THEN campaign WHEN 3 THEN feature
                         ELSE member END, '') = ?3
    AND seq > ?6 AND seq <= (SELECT folded FROM wallet WHERE space = ?1)) AS usage;

-- The newest runs of events that have a reference, below a run.
-- name: usage_blocks
SELECT block FROM event_block
WHERE space = ?1 AND dim = ?2 AND key = ?3 AND block < ?4
ORDER BY block DESC LIMIT ?5;
