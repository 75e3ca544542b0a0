-- History by filters: see history.h. Kinds are bits, 1 << kind; references
-- that are null are not asked for, and an empty one stands for none.

-- name: history_at
SELECT at FROM event WHERE space = ?1 AND seq = ?2;

-- A run of seqs, the newest first.
-- name: history_run_newest
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event
WHERE space = ?1 AND seq BETWEEN ?2 AND ?3 AND day BETWEEN ?4 AND ?5
  AND (?6 IS NULL OR coalesce(livestream, '') = ?6)
  AND (?7 IS NULL OR coalesce(order_ref, '') = ?7)
  AND (?8 IS NULL OR coalesce(campaign, '') = ?8)
  AND (?9 IS NULL OR coalesce(feature, '') = ?9)
  AND (?10 IS NULL OR coalesce(member, '') = ?10)
  AND ((1 << kind) & ?11) <> 0
ORDER BY seq DESC LIMIT ?12;

-- The same of one kind, by the index of all but captured usage (3).
-- name: history_kind_newest
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event
WHERE space = ?1 AND seq BETWEEN ?2 AND ?3 AND day BETWEEN ?4 AND ?5
  AND (?6 IS NULL OR coalesce(livestream, '') = ?6)
  AND (?7 IS NULL OR coalesce(order_ref, '') = ?7)
  AND (?8 IS NULL OR coalesce(campaign, '') = ?8)
  AND (?9 IS NULL OR coalesce(feature, '') = ?9)
  AND (?10 IS NULL OR coalesce(member, '') = ?10)
  AND kind = ?11 AND kind <> 3
ORDER BY seq DESC LIMIT ?12;

-- Runs that have one reference (dimension ?2, key ?3) and all the others.
-- name: history_blocks_newest
SELECT block
FROM event_block AS one
WHERE space = ?1 AND dim = ?2 AND key = ?3 AND block BETWEEN ?4 AND ?5
  AND (?6 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 0 AND other.key = ?6
      AND other.block = one.block))
  AND (?7 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 1 AND other.key = ?7
      AND other.block = one.block))
  AND (?8 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 2 AND other.key = ?8
      AND other.block = one.block))
  AND (?9 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 3 AND other.key = ?9
      AND other.block = one.block))
  AND (?10 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 4 AND other.key = ?10
      AND other.block = one.block))
ORDER BY block DESC LIMIT ?11;

-- A run of seqs, the oldest first.
-- name: history_run_oldest
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event
WHERE space = ?1 AND seq BETWEEN ?2 AND ?3 AND day BETWEEN ?4 AND ?5
  AND (?6 IS NULL OR coalesce(livestream, '') = ?6)
  AND (?7 IS NULL OR coalesce(order_ref, '') = ?7)
  AND (?8 IS NULL OR coalesce(campaign, '') = ?8)
  AND (?9 IS NULL OR coalesce(feature, '') = ?9)
  AND (?10 IS NULL OR coalesce(member, '') = ?10)
  AND ((1 << kind) & ?11) <> 0
ORDER BY seq LIMIT ?12;

-- The same of one kind, by the index of all but captured usage (3).
-- name: history_kind_oldest
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event
WHERE space = ?1 AND seq BETWEEN ?2 AND ?3 AND day BETWEEN ?4 AND ?5
  AND (?6 IS NULL OR coalesce(livestream, '') = ?6)
  AND (?7 IS NULL OR coalesce(order_ref, '') = ?7)
  AND (?8 IS NULL OR coalesce(campaign, '') = ?8)
  AND (?9 IS NULL OR coalesce(feature, '') = ?9)
  AND (?10 IS NULL OR coalesce(member, '') = ?10)
  AND kind = ?11 AND kind <> 3
ORDER BY seq LIMIT ?12;

-- Runs that have one reference (dimension ?2, key ?3) and all the others.
-- name: history_blocks_oldest
SELECT block
FROM event_block AS one
WHERE space = ?1 AND dim = ?2 AND key = ?3 AND block BETWEEN ?4 AND ?5
  AND (?6 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 0 AND other.key = ?6
      AND other.block = one.block))
  AND (?7 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 1 AND other.key = ?7
      AND other.block = one.block))
  AND (?8 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 2 AND other.key = ?8
      AND other.block = one.block))
  AND (?9 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 3 AND other.key = ?9
      AND other.block = one.block))
  AND (?10 IS NULL OR EXISTS (
    SELECT 1 FROM event_block AS other
    WHERE other.space = ?1 AND other.dim = 4 AND other.key = ?10
      AND other.block = one.block))
ORDER BY block LIMIT ?11;

-- What was given back of one event.
-- name: history_refunds
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event WHERE space = ?1 AND refund_of = ?2
ORDER BY seq LIMIT ?3;

-- Events of a checkout order behind seq ?3: kinds are bits, at least so many
-- credits.
-- name: history_of_order
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event
WHERE space = ?1 AND ord = ?2 AND ord IS NOT NULL AND seq > ?3
  AND ((1 << kind) & ?4) <> 0 AND credits >= ?5
ORDER BY seq LIMIT ?6;
