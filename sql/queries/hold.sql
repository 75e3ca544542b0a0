-- Holds, what they reserve, and what was given back of usage.

-- name: hold_insert
INSERT INTO hold (space, hold, state, credits, captured, quantity,
                  quantity_captured, feature, book, quality, price, per,
                  livestream, order_ref, campaign, member, note, created_at,
                  expires_at, ended_at, plan, item, draws_on, drawn,
                  captured_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
        ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25);

-- name: hold_update
UPDATE hold
SET state = ?3, credits = ?4, captured = ?5, quantity = ?6,
    quantity_captured = ?7, expires_at = ?8, ended_at = ?9, drawn = ?10,
    captured_at = ?11
WHERE space = ?1 AND hold = ?2;

-- name: hold_one
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold WHERE space = ?1 AND hold = ?2;

-- Open ones that have ended, which only the next write will note.
-- name: hold_due
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold WHERE space = ?1 AND state = 0 AND expires_at <= ?2
ORDER BY expires_at, hold;

-- name: hold_next_end
SELECT min(expires_at) FROM hold
WHERE space = ?1 AND state = 0 AND expires_at > ?2;

-- name: hold_plans
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold
WHERE space = ?1 AND state = 0 AND plan IS NOT NULL AND campaign = ?2
  AND feature = ?3
ORDER BY hold;

-- name: hold_of_plan
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold
WHERE space = ?1 AND state = 0 AND plan IS NOT NULL AND plan = ?2
ORDER BY hold;

-- Open ones that have not ended, the newest first.
-- name: hold_page_open
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold
WHERE space = ?1 AND state = 0 AND expires_at > ?3 AND hold < ?2
ORDER BY hold DESC LIMIT ?4;

-- name: hold_page_state
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold
WHERE space = ?1 AND state = ?3 AND hold < ?2
ORDER BY hold DESC LIMIT ?4;

-- Of the rarer states: released.
-- name: hold_page_rare
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold
WHERE space = ?1 AND state >= 2 AND state = ?3 AND hold < ?2
ORDER BY hold DESC LIMIT ?4;

-- Ended ones, noted or not.
-- name: hold_page_expired
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold
WHERE space = ?1 AND hold < ?2
  AND ((state >= 2 AND state = 3) OR (state = 0 AND expires_at <= ?3))
ORDER BY hold DESC LIMIT ?4;

-- name: hold_page
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold
WHERE space = ?1 AND hold < ?2
ORDER BY hold DESC LIMIT ?3;

-- name: hold_from
SELECT hold, state, credits, captured, quantity, quantity_captured, feature,
       book, quality, price, per, livestream, order_ref, campaign, member,
       note, created_at, expires_at, ended_at, plan, item, draws_on, drawn,
       captured_at
FROM hold
WHERE space = ?1 AND hold > ?2
ORDER BY hold LIMIT ?3;

-- name: hold_lots
SELECT lot, reserved FROM hold_lot WHERE space = ?1 AND hold = ?2;

-- name: hold_lot_set
INSERT INTO hold_lot (space, hold, lot, reserved) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (space, hold, lot) DO UPDATE SET reserved = excluded.reserved;

-- name: hold_lot_delete
DELETE FROM hold_lot WHERE space = ?1 AND hold = ?2 AND lot = ?3;

-- name: hold_lots_delete
DELETE FROM hold_lot WHERE space = ?1 AND hold = ?2;

-- name: refunded_one
SELECT credits FROM refunded WHERE space = ?1 AND seq = ?2;

-- name: refunded_set
INSERT INTO refunded (space, seq, credits, captured) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (space, seq) DO UPDATE SET credits = excluded.credits;
