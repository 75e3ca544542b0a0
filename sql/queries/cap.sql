-- Caps of a Space, and what they count.

-- name: cap_all
SELECT cap, kind, value, credits, per, used, day, held
FROM cap WHERE space = ?1 ORDER BY cap;

-- name: cap_insert
INSERT INTO cap (space, cap, kind, value, credits, per, used, day, held)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- name: cap_update
UPDATE cap SET credits = ?3, used = ?4, day = ?5, held = ?6
WHERE space = ?1 AND cap = ?2;

-- name: cap_delete_all
DELETE FROM cap WHERE space = ?1;

-- All open holds, to count a new cap.
-- name: cap_open_holds
SELECT hold, feature, livestream, order_ref, campaign, member,
       credits - captured
FROM hold WHERE space = ?1 AND state = 0 AND credits > captured;

-- name: cap_event_at
SELECT at FROM event WHERE space = ?1 AND seq = ?2;

-- Usage from a day on, or of all time, oldest first.
-- name: cap_usage
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event
WHERE space = ?1 AND seq > ?2 AND day >= ?3 AND kind IN (3, 4)
ORDER BY seq LIMIT ?4;
