-- Auto top-up: agreements, the saved card, and charges.

-- name: auto_one
SELECT t.enabled, t.agreement, a.tier, a.amount, a.currency, a.threshold,
       a.monthly_max, a.member, m.name, a.agreed_at, a.words, t.paused,
       t.customer, t.method, t.brand, t.last4, t.card_order
FROM auto_top_up AS t
JOIN auto_agreement AS a ON a.space = t.space AND a.agreement = t.agreement
JOIN member AS m ON m.number = a.member
WHERE t.space = ?1;

-- name: auto_agree
INSERT INTO auto_agreement (space, agreement, tier, amount, currency,
                            threshold, monthly_max, member, agreed_at, words)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: auto_turn_on
INSERT INTO auto_top_up (space, enabled, agreement)
VALUES (?1, 1, ?2)
ON CONFLICT (space) DO UPDATE
SET enabled = 1, agreement = excluded.agreement, paused = NULL;

-- name: auto_turn_off
UPDATE auto_top_up SET enabled = 0, paused = NULL WHERE space = ?1;

-- name: auto_pause
UPDATE auto_top_up SET paused = ?2 WHERE space = ?1 AND enabled = 1;

-- name: auto_set_card
UPDATE auto_top_up
SET customer = ?2, method = ?3, brand = ?4, last4 = ?5, card_order = ?6,
    paused = NULL
WHERE space = ?1 AND coalesce(card_order, 0) < ?6;

-- name: auto_lose_card
UPDATE auto_top_up
SET customer = NULL, method = NULL, brand = NULL, last4 = NULL,
    card_order = NULL
WHERE space = ?1 AND method = ?2;

-- The fall of a balance, once until it is over: the index says so.
-- name: auto_charge_insert
INSERT INTO auto_charge (space, charge, open, crossed_at, next_at, attempts,
                         in_flight, leased_until)
SELECT ?1, coalesce(max(charge), 0) + 1, 1, ?2, ?2, 0, 0, 0
FROM auto_charge WHERE space = ?1
ON CONFLICT DO NOTHING;

-- name: auto_charge_open
SELECT charge, crossed_at, next_at, waits, attempts, ord, in_flight, customer,
       method, sent_at, leased_until, why, asked_at
FROM auto_charge WHERE space = ?1 AND open = 1;

-- name: auto_charge_due
SELECT space FROM auto_charge
WHERE open = 1 AND (next_at <= ?1 OR in_flight = 1) AND leased_until <= ?2
ORDER BY leased_until, next_at LIMIT ?3;

-- An attempt is about to be sent, or asked about again.
-- name: auto_charge_send
UPDATE auto_charge
SET attempts = ?3, ord = ?4, in_flight = 1, customer = ?5, method = ?6,
    sent_at = ?7, asked_at = ?8, leased_until = ?9, waits = NULL
WHERE space = ?1 AND charge = ?2;

-- It is looked for, without being sent.
-- name: auto_charge_look
UPDATE auto_charge SET leased_until = ?3 WHERE space = ?1 AND charge = ?2;

-- Its outcome is known, or it was put off.
-- name: auto_charge_wait
UPDATE auto_charge
SET in_flight = 0, next_at = ?3, waits = ?4, why = ?5, leased_until = 0
WHERE space = ?1 AND charge = ?2 AND open = 1;

-- name: auto_charge_end
UPDATE auto_charge
SET open = NULL, came_to = ?3, in_flight = 0, why = coalesce(?4, why)
WHERE space = ?1 AND charge = ?2 AND open = 1;

-- name: auto_charge_of_order
SELECT charge FROM auto_charge WHERE space = ?1 AND ord = ?2 AND open = 1;

-- What automatic orders take of a month: those paid in it, and those that
-- may still be paid.
-- name: auto_spent
SELECT coalesce(sum(amount), 0) FROM checkout_order
WHERE space = ?1 AND automatic = 1 AND ord <> ?2
  AND (status IN (0, 1, 8) OR paid_at >= ?3);

-- name: auto_charge_paid
UPDATE auto_charge SET open = NULL, came_to = 'paid', in_flight = 0
WHERE space = ?1 AND ord = ?2;

-- The provider is still working on what was sent: it is asked again later.
-- name: auto_charge_processing
UPDATE auto_charge
SET in_flight = 0, waits = 'processing', next_at = ?3, leased_until = 0
WHERE space = ?1 AND ord = ?2 AND open = 1 AND in_flight = 1;

-- There is a new card: what waited after a decline is tried with it.
-- name: auto_charge_hurry
UPDATE auto_charge SET next_at = crossed_at, waits = NULL
WHERE space = ?1 AND open = 1 AND in_flight = 0 AND waits = 'decline';

-- No answer came: whoever is next asks again, after those not asked yet.
-- name: auto_charge_unknown
UPDATE auto_charge SET leased_until = ?3
WHERE space = ?1 AND charge = ?2 AND in_flight = 1;
