-- The ledger's rules as queries that must find nothing. A row is a fault;
-- its first column is the Space, its second says where (or is null).
-- `scrip verify` runs them all, and recomputes each Space's chain besides.

-- name: verify_event_balance
-- rule: the balance after an event is the one before it plus its credits
SELECT e.space, 'event ' || e.seq
FROM event AS e LEFT JOIN event AS p ON p.space = e.space AND p.seq = e.seq - 1
WHERE e.balance_after <> coalesce(p.balance_after, 0) + e.credits
   OR (e.seq > 1 AND p.seq IS NULL) OR e.seq < 1;

-- name: verify_event_time
-- rule: events are dated in their order
SELECT e.space, 'event ' || e.seq
FROM event AS e JOIN event AS p ON p.space = e.space AND p.seq = e.seq - 1
WHERE e.at < p.at;

-- name: verify_wallet_events
-- rule: a wallet's total, seq and time are those of its last event
SELECT w.space, 'wallet'
FROM wallet AS w
LEFT JOIN event AS e ON e.space = w.space AND e.seq = w.seq
WHERE (w.seq > 0 AND e.seq IS NULL)
   OR w.total <> coalesce(e.balance_after, 0)
   OR w.at <> coalesce(e.at, 0)
   OR (e.seq IS NOT NULL AND w.hash <> e.hash)
   OR w.seq <> (SELECT count(*) FROM event AS c WHERE c.space = w.space);

-- name: verify_wallet_lots
-- rule: total = sum of lots' remaining - debt, and held = sum of reserved
SELECT w.space, 'wallet'
FROM wallet AS w LEFT JOIN (
  SELECT space, sum(remaining) AS remaining, sum(reserved) AS reserved,
         max(lot) AS lots
  FROM lot GROUP BY space) AS l ON l.space = w.space
WHERE w.total <> coalesce(l.remaining, 0) - w.debt
   OR w.held <> coalesce(l.reserved, 0)
   OR w.lots < coalesce(l.lots, 0);

-- name: verify_lot_bounds
-- rule: 0 <= reserved <= remaining <= granted for every lot
SELECT space, 'lot ' || lot
FROM lot
WHERE NOT (0 <= reserved AND reserved <= remaining AND remaining <= granted)
   OR (live IS NULL) = (remaining > 0)
   OR (kind = 2 AND expires_at <> 4611686018427387904);

-- name: verify_debt
-- rule: where there is debt no lot has free credits
SELECT w.space, 'lot ' || l.lot
FROM wallet AS w JOIN lot AS l ON l.space = w.space AND l.live = 1
WHERE w.debt > 0 AND l.remaining > l.reserved;

-- name: verify_due
-- rule: due_at is not after the next end of a lot
SELECT w.space, 'lot ' || l.lot
FROM wallet AS w JOIN lot AS l ON l.space = w.space AND l.live = 1
WHERE l.expires_at < w.due_at AND l.remaining > l.reserved;

-- name: verify_orphan
-- rule: every row of the ledger belongs to a Space's wallet
SELECT e.space, 'events' FROM (
  SELECT space FROM event UNION SELECT space FROM lot
  UNION SELECT space FROM checkout_order UNION SELECT space FROM payment
  UNION SELECT space FROM allocation UNION SELECT number FROM space) AS e
WHERE e.space NOT IN (SELECT space FROM wallet);

-- name: verify_paid_once
-- rule: a paid order has one payment and one top-up of its credits
SELECT o.space, 'order ' || o.ord
FROM checkout_order AS o
LEFT JOIN payment AS p ON p.space = o.space AND p.ord = o.ord
WHERE (o.status IN (2, 5, 6, 7)) <> (p.payment IS NOT NULL)
   OR (p.payment IS NOT NULL AND o.credits + o.bonus <> coalesce(
        (SELECT sum(e.credits) FROM event AS e
         WHERE e.space = o.space AND e.kind = 0 AND e.ord = o.ord), 0));

-- name: verify_top_up_paid
-- rule: every top-up was paid, once
SELECT e.space, 'event ' || e.seq
FROM event AS e
WHERE e.kind = 0 AND (
  e.ord IS NULL
  OR NOT EXISTS (SELECT 1 FROM payment AS p
                 WHERE p.space = e.space AND p.ord = e.ord)
  OR EXISTS (SELECT 1 FROM event AS d
             WHERE d.space = e.space AND d.kind = 0 AND d.ord = e.ord
               AND d.seq < e.seq));

-- name: verify_allocation
-- rule: an allocated period has its event, and such an event its period
SELECT a.space, 'period ' || a.period_start
FROM allocation AS a
LEFT JOIN event AS e ON e.space = a.space AND e.seq = a.seq
WHERE (a.seq IS NULL) <> (a.credits = 0)
   OR (a.seq IS NOT NULL
       AND (e.seq IS NULL OR e.kind <> 1 OR e.credits <> a.credits))
UNION ALL
SELECT e.space, 'event ' || e.seq
FROM event AS e
WHERE e.kind = 1
  AND NOT EXISTS (SELECT 1 FROM allocation AS a
                  WHERE a.space = e.space AND a.seq = e.seq);
