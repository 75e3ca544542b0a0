-- The ledger: wallets, lots, holds and events. Every query of a Space names
-- the Space first. Times, kinds and states as in the schema.

-- name: wallet_insert
INSERT INTO wallet (space, total, held, debt, seq, at, due_at, version,
                    folded, lots, holds, orders, hash)
VALUES (?1, 0, 0, 0, 0, 0, ?2, 0, 0, 0, 0, 0, ?3);

-- Begins every write of a Space. The transaction already holds the write
-- turn here; an engine with row locks takes the row's.
-- name: wallet_lock
SELECT total, held, debt, seq, at, due_at, version, folded, lots, holds,
       orders, hash, plan_holds, caps, low, time_zone, low_threshold, zone_after,
       warning, warned_at, top_up_below, below
FROM wallet JOIN space ON number = space WHERE space = ?1;

-- name: wallet_read
SELECT total, held, debt, seq, at, due_at, version, folded, lots, holds,
       orders, hash, plan_holds, caps, low, time_zone, low_threshold, zone_after,
       warning, warned_at, top_up_below, below
FROM wallet JOIN space ON number = space WHERE space = ?1;

-- name: wallet_update
UPDATE wallet
SET total = ?2, held = ?3, debt = ?4, seq = ?5, at = ?6, due_at = ?7,
    version = version + 1, folded = ?8, lots = ?9, holds = ?10, orders = ?11,
    hash = ?12, plan_holds = ?13, caps = ?14, low = ?15,
    warning = ?16, warned_at = ?17,
    top_up_below = ?18, below = ?19
WHERE space = ?1;

-- name: lot_live
SELECT lot, kind, granted, remaining, reserved, expires_at, created_at, ord
FROM lot WHERE space = ?1 AND live = 1;

-- name: lot_one
SELECT lot, kind, granted, remaining, reserved, expires_at, created_at, ord
FROM lot WHERE space = ?1 AND lot = ?2;

-- name: lot_insert
INSERT INTO lot (space, lot, kind, granted, remaining, reserved, expires_at,
                 created_at, ord, live)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: lot_update
UPDATE lot SET remaining = ?3, reserved = ?4, live = ?5
WHERE space = ?1 AND lot = ?2;

-- name: event_insert
INSERT INTO event (space, seq, kind, credits, balance_after, at, day, hold,
                   refund_of, ord, feature, book, quality, quantity, price,
                   per, livestream, order_ref, campaign, member, note, lots,
                   hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
        ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23);

-- name: event_page
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event WHERE space = ?1 AND seq < ?2
ORDER BY seq DESC LIMIT ?3;

-- name: event_one
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event WHERE space = ?1 AND seq = ?2;

-- Oldest first, for proving the chain.
-- name: event_from
SELECT seq, kind, credits, balance_after, at, day, hold, refund_of, ord,
       feature, book, quality, quantity, price, per, livestream, order_ref,
       campaign, member, note, lots, hash
FROM event WHERE space = ?1 AND seq >= ?2
ORDER BY seq LIMIT ?3;

-- name: lot_all
SELECT lot, kind, granted, remaining, reserved, expires_at, created_at, ord
FROM lot WHERE space = ?1 AND lot > ?2
ORDER BY lot LIMIT ?3;

-- name: wallet_spaces
SELECT space FROM wallet ORDER BY space;

-- name: wallet_due
SELECT space FROM wallet WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2;

-- Locks a Space whose wallet itself stays as it is, and moves its version.
-- name: wallet_touch
UPDATE wallet SET version = version + 1 WHERE space = ?1;

-- name: wallet_last_event
SELECT coalesce(max(at), 0) FROM wallet;
