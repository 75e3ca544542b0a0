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
LEFT JOIN (SELECT space, ord, sum(credits) AS credits FROM event
           WHERE kind = 0 AND kind <> 3 GROUP BY space, ord) AS t
  ON t.space = o.space AND t.ord = o.ord
WHERE (o.status IN (2, 5, 6, 7)) <> (p.payment IS NOT NULL)
   OR (p.payment IS NOT NULL
       AND o.credits + o.bonus <> coalesce(t.credits, 0));

-- name: verify_top_up_paid
-- rule: every top-up was paid, once
SELECT t.space, 'event ' || t.seq
FROM (SELECT space, ord, count(*) AS n, max(seq) AS seq FROM event
      WHERE kind = 0 AND kind <> 3 GROUP BY space, ord) AS t
LEFT JOIN payment AS p ON p.space = t.space AND p.ord = t.ord
WHERE t.ord IS NULL OR p.payment IS NULL OR t.n > 1;

-- name: verify_receipt
-- rule: every top-up has a receipt, and every receipt a top-up
SELECT t.space, 'event ' || t.seq
FROM event AS t LEFT JOIN receipt AS r ON r.space = t.space AND r.ord = t.ord
WHERE t.kind = 0 AND t.kind <> 3 AND r.number IS NULL
UNION ALL
SELECT r.space, 'receipt ' || r.number
FROM receipt AS r LEFT JOIN event AS t
  ON t.space = r.space AND t.kind = 0 AND t.kind <> 3 AND t.ord = r.ord
WHERE t.seq IS NULL;

-- name: verify_facts
-- rule: what has gone back of an order is what its refunds and disputes say
SELECT o.space, 'order ' || o.ord
FROM checkout_order AS o
LEFT JOIN payment AS p ON p.space = o.space AND p.ord = o.ord
LEFT JOIN (
  SELECT f.space, f.ord, sum(f.amount) AS gone,
         sum(CASE f.kind WHEN 0 THEN f.amount ELSE 0 END) AS refunded,
         max(f.kind) AS disputed
  FROM payment_fact AS f
  JOIN payment AS q ON q.space = f.space AND q.ord = f.ord
    AND q.currency = f.currency
  WHERE f.state = 1 GROUP BY f.space, f.ord) AS f
  ON f.space = o.space AND f.ord = o.ord
WHERE o.refunded_amount <>
      CASE WHEN p.payment IS NULL OR f.gone IS NULL THEN 0
           WHEN f.gone < p.amount THEN f.gone ELSE p.amount END
   OR o.refunded_credits <>
      CASE WHEN p.payment IS NULL OR o.refunded_amount = 0 THEN 0
           ELSE (o.credits + o.bonus) / p.amount * o.refunded_amount
              + (o.credits + o.bonus) % p.amount * o.refunded_amount / p.amount
      END
   OR (p.payment IS NOT NULL AND o.status <>
       CASE WHEN f.disputed = 1 THEN 7 WHEN coalesce(f.refunded, 0) = 0 THEN 2
            WHEN f.refunded < p.amount THEN 5 ELSE 6 END);

-- name: verify_facts_tied
-- rule: a refund or dispute of a payment that is known is its order's
SELECT p.space, 'order ' || p.ord
FROM payment_fact AS f
JOIN payment AS p ON p.provider = f.provider AND p.live = f.live
  AND p.payment = f.payment
WHERE f.ord IS NULL OR f.space <> p.space OR f.ord <> p.ord;

-- name: verify_taken
-- rule: what is taken of an order is what its events and its takings say
SELECT o.space, 'order ' || o.ord
FROM checkout_order AS o
LEFT JOIN (SELECT space, ord, sum(credits) AS credits FROM taken
           GROUP BY space, ord) AS t ON t.space = o.space AND t.ord = o.ord
LEFT JOIN (SELECT space, ord, -sum(credits) AS credits FROM event
           WHERE kind IN (5, 6, 7) AND kind <> 3
           GROUP BY space, ord) AS e ON e.space = o.space AND e.ord = o.ord
WHERE o.refunded_credits <> coalesce(t.credits, 0)
   OR o.refunded_credits <> coalesce(e.credits, 0);

-- name: verify_reversal
-- rule: an event of a refund or dispute has its money, and no other has any
SELECT e.space, 'event ' || e.seq
FROM event AS e
LEFT JOIN reversal AS r ON r.space = e.space AND r.seq = e.seq
WHERE e.kind IN (5, 6, 7) AND e.kind <> 3
  AND (r.seq IS NULL OR e.ord IS NULL OR r.ord <> e.ord OR r.amount = 0
       OR (r.amount > 0) <> (e.credits > 0))
UNION ALL
SELECT r.space, 'event ' || r.seq
FROM reversal AS r
LEFT JOIN event AS e ON e.space = r.space AND e.seq = r.seq
WHERE e.seq IS NULL OR e.kind NOT IN (5, 6, 7);

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

-- name: verify_hold_lots
-- rule: what a lot has reserved is what open holds reserve of it
SELECT l.space, 'lot ' || l.lot
FROM lot AS l LEFT JOIN (
  SELECT space, lot, sum(reserved) AS reserved FROM hold_lot
  GROUP BY space, lot) AS h ON h.space = l.space AND h.lot = l.lot
WHERE l.reserved <> coalesce(h.reserved, 0);

-- name: verify_hold_open
-- rule: an open hold reserves its credits - captured, and no other does
SELECT h.space, 'hold ' || h.hold
FROM hold AS h LEFT JOIN (
  SELECT space, hold, sum(reserved) AS reserved FROM hold_lot
  GROUP BY space, hold) AS l ON l.space = h.space AND l.hold = h.hold
WHERE coalesce(l.reserved, 0) <>
      CASE h.state WHEN 0 THEN h.credits - h.captured ELSE 0 END
UNION ALL
SELECT l.space, 'hold ' || l.hold
FROM hold_lot AS l
LEFT JOIN hold AS h ON h.space = l.space AND h.hold = l.hold
WHERE h.hold IS NULL OR h.state <> 0;

-- name: verify_hold_held
-- rule: a wallet's held is what its open holds have not captured
SELECT w.space, 'wallet'
FROM wallet AS w LEFT JOIN (
  SELECT space, sum(CASE state WHEN 0 THEN credits - captured ELSE 0 END)
           AS held,
         sum(CASE WHEN state = 0 AND plan IS NOT NULL THEN 1 ELSE 0 END)
           AS plans,
         min(CASE state WHEN 0 THEN expires_at END) AS first_end,
         max(hold) AS last, count(*) AS n
  FROM hold GROUP BY space) AS h ON h.space = w.space
WHERE w.held <> coalesce(h.held, 0) OR w.plan_holds <> coalesce(h.plans, 0)
   OR w.due_at > coalesce(h.first_end, 4611686018427387904)
   OR w.holds <> coalesce(h.last, 0) OR w.holds <> coalesce(h.n, 0);

-- name: verify_hold_events
-- rule: a hold has captured what its events say
SELECT h.space, 'hold ' || h.hold
FROM hold AS h LEFT JOIN (
  SELECT space, hold, sum(credits) AS credits, sum(quantity) AS quantity
  FROM event WHERE kind = 3 AND hold IS NOT NULL
  GROUP BY space, hold) AS e ON e.space = h.space AND e.hold = h.hold
WHERE h.captured <> -coalesce(e.credits, 0)
   OR h.quantity_captured <> CASE WHEN h.book IS NULL THEN h.captured
                             ELSE coalesce(e.quantity, 0) END
UNION ALL
SELECT e.space, 'event ' || e.seq
FROM event AS e
LEFT JOIN hold AS h ON h.space = e.space AND h.hold = e.hold
WHERE e.hold IS NOT NULL AND (h.hold IS NULL OR e.kind NOT IN (3, 4));

-- name: verify_hold_drawn
-- rule: a hold draws on a plan's hold, and has drawn no more than it holds
SELECT h.space, 'hold ' || h.hold
FROM hold AS h
LEFT JOIN hold AS p ON p.space = h.space AND p.hold = h.draws_on
WHERE (h.draws_on IS NOT NULL AND (p.hold IS NULL OR p.plan IS NULL))
   OR (h.draws_on IS NULL AND h.drawn <> 0)
   OR (h.plan IS NOT NULL AND h.captured <> 0);

-- name: verify_usage_price
-- rule: what was charged by a price book was charged at its price
SELECT e.space, 'event ' || e.seq
FROM event AS e
LEFT JOIN price AS p ON p.version = e.book AND p.activity = e.feature
  AND coalesce(p.quality, '') = coalesce(e.quality, '')
WHERE e.book IS NOT NULL
  AND (p.version IS NULL OR p.credits <> e.price OR p.per <> e.per)
UNION ALL
SELECT h.space, 'hold ' || h.hold
FROM hold AS h
LEFT JOIN price AS p ON p.version = h.book AND p.activity = h.feature
  AND coalesce(p.quality, '') = coalesce(h.quality, '')
WHERE h.book IS NOT NULL
  AND (p.version IS NULL OR p.credits <> h.price OR p.per <> h.per);

-- name: verify_refunded
-- rule: usage is given back once at most, and what was is written down
SELECT e.space, 'event ' || e.seq
FROM event AS e
LEFT JOIN refunded AS r ON r.space = e.space AND r.seq = e.seq
LEFT JOIN (
  SELECT space, refund_of, sum(credits) AS credits FROM event
  WHERE kind = 4 GROUP BY space, refund_of) AS b
  ON b.space = e.space AND b.refund_of = e.seq
WHERE coalesce(r.credits, 0) <> coalesce(b.credits, 0)
   OR r.captured <> -e.credits
   OR (b.credits IS NOT NULL AND (e.kind <> 3 OR b.credits > -e.credits))
UNION ALL
SELECT e.space, 'event ' || e.seq
FROM event AS e
LEFT JOIN event AS c ON c.space = e.space AND c.seq = e.refund_of
WHERE (e.kind = 4) <> (e.refund_of IS NOT NULL)
   OR (e.kind = 4 AND (c.seq IS NULL OR c.seq >= e.seq OR e.credits < 1))
UNION ALL
SELECT r.space, 'event ' || r.seq
FROM refunded AS r
LEFT JOIN event AS e ON e.space = r.space AND e.seq = r.seq
WHERE e.seq IS NULL;

-- name: verify_refund_references
-- rule: a refund carries the references of what it refunds
SELECT e.space, 'event ' || e.seq
FROM event AS e JOIN event AS c ON c.space = e.space AND c.seq = e.refund_of
WHERE coalesce(e.feature, '') <> coalesce(c.feature, '')
   OR coalesce(e.quality, '') <> coalesce(c.quality, '')
   OR coalesce(e.livestream, '') <> coalesce(c.livestream, '')
   OR coalesce(e.order_ref, '') <> coalesce(c.order_ref, '')
   OR coalesce(e.campaign, '') <> coalesce(c.campaign, '')
   OR coalesce(e.member, '') <> coalesce(c.member, '')
   OR coalesce(e.hold, 0) <> coalesce(c.hold, 0);

-- name: verify_cap_held
-- rule: a cap counts what matching open holds hold
SELECT c.space, 'cap ' || c.cap
FROM cap AS c
WHERE c.held <> coalesce((
  SELECT sum(h.credits - h.captured) FROM hold AS h
  WHERE h.space = c.space AND h.state = 0
    AND CASE c.kind WHEN 0 THEN h.member WHEN 1 THEN h.feature
                    WHEN 2 THEN h.campaign ELSE h.livestream END = c.value), 0)
UNION ALL
SELECT w.space, 'wallet'
FROM wallet AS w
WHERE w.caps <> (SELECT count(*) FROM cap AS c WHERE c.space = w.space);

-- name: verify_price_books
-- rule: price books are numbered without a gap, and none is empty
SELECT 0, 'price book ' || b.version
FROM price_book AS b
WHERE b.version > (SELECT count(*) FROM price_book)
   OR NOT EXISTS (SELECT 1 FROM price AS p WHERE p.version = b.version);

-- name: verify_folded
-- rule: rollups hold whole runs of 1,024 events, up to the last that is full
SELECT space, 'wallet' FROM wallet
WHERE folded % 1024 <> 0 OR seq - folded >= 1024;

-- name: verify_rollup
-- rule: rollups say what the events say, by day and reference
SELECT u.space, 'usage of day ' || u.day || ' by dimension ' || u.dim
FROM (
  SELECT space, dim, day, key, sum(captured) AS captured,
         sum(refunded) AS refunded, count(*) AS events,
         min(at) AS first_at, max(at) AS last_at
  FROM (
    SELECT e.space, d.dim, e.day, e.at,
           coalesce(CASE d.dim WHEN 0 THEN e.livestream
                               WHEN 1 THEN e.order_ref
                               WHEN 2 THEN e.campaign
                               WHEN 3 THEN e.feature
                               ELSE e.member END, '') AS key,
           CASE e.kind WHEN 3 THEN -e.credits ELSE 0 END AS captured,
           CASE e.kind WHEN 4 THEN e.credits ELSE 0 END AS refunded
    FROM event AS e
    JOIN wallet AS w ON w.space = e.space AND e.seq <= w.folded
    CROSS JOIN (SELECT 0 AS dim UNION ALL SELECT 1 UNION ALL SELECT 2
                UNION ALL SELECT 3 UNION ALL SELECT 4) AS d
    WHERE e.kind IN (3, 4)) AS part
  GROUP BY space, dim, day, key) AS u
LEFT JOIN rollup AS r ON r.space = u.space AND r.dim = u.dim
  AND r.day = u.day AND r.key = u.key
WHERE r.space IS NULL OR r.captured <> u.captured
   OR r.refunded <> u.refunded OR r.events <> u.events
   OR r.first_at <> u.first_at OR r.last_at <> u.last_at;

-- name: verify_rollup_events
-- rule: rollups hold every usage event up to the folded one, and no other
SELECT w.space, 'usage by dimension ' || d.dim
FROM wallet AS w
CROSS JOIN (SELECT 0 AS dim UNION ALL SELECT 1 UNION ALL SELECT 2
            UNION ALL SELECT 3 UNION ALL SELECT 4) AS d
WHERE coalesce((SELECT sum(r.events) FROM rollup AS r
                WHERE r.space = w.space AND r.dim = d.dim), 0)
   <> (SELECT count(*) FROM event AS e
       WHERE e.space = w.space AND e.kind IN (3, 4) AND e.seq <= w.folded);

-- name: verify_blocks
-- rule: runs of events are listed under each reference that they have
SELECT e.space, 'event ' || e.seq
FROM (SELECT 0 AS dim UNION ALL SELECT 1 UNION ALL SELECT 2
      UNION ALL SELECT 3 UNION ALL SELECT 4) AS d
CROSS JOIN event AS e
JOIN wallet AS w ON w.space = e.space AND e.seq <= w.folded
LEFT JOIN event_block AS b ON b.space = e.space AND b.dim = d.dim
  AND b.key = coalesce(CASE d.dim WHEN 0 THEN e.livestream
                                  WHEN 1 THEN e.order_ref
                                  WHEN 2 THEN e.campaign WHEN 3 THEN e.feature
                                  ELSE e.member END, '')
  AND b.block = (e.seq - 1) / 1024
WHERE b.block IS NULL
  AND (e.kind IN (3, 4)
       OR CASE d.dim WHEN 0 THEN e.livestream WHEN 1 THEN e.order_ref
                     WHEN 2 THEN e.campaign WHEN 3 THEN e.feature
                     ELSE e.member END IS NOT NULL);

-- name: verify_low
-- rule: a balance counts as low below the threshold, and not at a tenth more
SELECT w.space, 'wallet'
FROM wallet AS w JOIN space AS s ON s.number = w.space
WHERE w.low <> CASE
  WHEN s.low_threshold IS NULL THEN 0
  WHEN w.total - w.held < s.low_threshold THEN 1
  WHEN w.total - w.held >= s.low_threshold + (s.low_threshold + 9) / 10 THEN 0
  ELSE w.low END;

-- name: verify_warning
-- rule: a balance warns of what it is: below zero, empty, low
SELECT w.space, 'wallet'
FROM wallet AS w
WHERE w.version > 0 AND w.warning <> CASE
  WHEN w.total - w.held < 0 THEN 3 WHEN w.total = w.held THEN 2
  ELSE w.low END;

-- name: verify_plan_items
-- rule: a saved plan has items, each with a price in the plan's book
SELECT p.space, 'plan ' || p.plan
FROM campaign_plan AS p LEFT JOIN (
  SELECT i.space, i.plan, count(*) AS n, max(i.item) AS last,
         count(x.version) AS priced
  FROM campaign_plan_item AS i
  JOIN campaign_plan AS q ON q.space = i.space AND q.plan = i.plan
  LEFT JOIN price AS x ON x.version = q.book AND x.activity = i.activity
    AND coalesce(x.quality, '') = coalesce(i.quality, '')
  GROUP BY i.space, i.plan) AS i ON i.space = p.space AND i.plan = p.plan
WHERE i.n IS NULL OR i.last <> i.n OR i.priced <> i.n;

-- name: verify_plan_holds
-- rule: a started plan holds for each item what was quoted, until it is over
SELECT p.space, 'plan ' || p.plan || ' item ' || i.item
FROM campaign_plan AS p
JOIN campaign_plan_item AS i ON i.space = p.space AND i.plan = p.plan
LEFT JOIN (
  SELECT space, plan, item, count(*) AS n, min(state) AS state,
         max(book) AS book, max(feature) AS feature, max(quality) AS quality,
         max(quantity) AS quantity, max(campaign) AS campaign,
         max(created_at) AS created_at, max(expires_at) AS expires_at
  FROM hold WHERE plan IS NOT NULL
  GROUP BY space, plan, item) AS h
  ON h.space = i.space AND h.plan = i.plan AND h.item = i.item
  AND h.campaign = p.campaign
WHERE (p.started_at IS NULL) <> (h.n IS NULL) OR h.n <> 1
   OR h.book <> p.book OR h.feature <> i.activity
   OR (h.n = 1 AND coalesce(h.quality, '') <> coalesce(i.quality, ''))
   OR h.quantity <> i.quantity OR h.created_at <> p.started_at
   OR h.expires_at <> p.expires_at
   OR (p.finished_at IS NOT NULL AND h.state = 0);

-- name: verify_promo
-- rule: a code was used as often as it was claimed, each time for its credits
SELECT 0, 'code ' || p.shown
FROM promo_code AS p
WHERE p.claimed <> (SELECT count(*) FROM promo_claim AS c
                    WHERE c.code = p.number)
UNION ALL
SELECT c.space, 'code ' || p.shown
FROM promo_claim AS c JOIN promo_code AS p ON p.number = c.code
LEFT JOIN event AS e ON e.space = c.space AND e.seq = c.seq
WHERE e.seq IS NULL OR e.kind <> 2 OR e.credits <> p.credits;

-- name: verify_auto_charge
-- rule: an automatic order is one charge's, and a paid charge is a paid order
SELECT o.space, 'order ' || o.ord
FROM checkout_order AS o
LEFT JOIN auto_charge AS c ON c.space = o.space AND c.ord = o.ord
WHERE o.automatic <> (c.charge IS NOT NULL)
   OR (c.came_to = 'paid') <> (c.charge IS NOT NULL AND o.paid_at IS NOT NULL
                               AND c.open IS NULL)
UNION ALL
SELECT c.space, 'automatic charge ' || c.charge
FROM auto_charge AS c
JOIN checkout_order AS o ON o.space = c.space AND o.ord = c.ord
WHERE c.open = 1 AND o.paid_at IS NOT NULL;

-- name: verify_auto_below
-- rule: a balance is below its auto top-up's threshold or it is not
SELECT w.space, 'wallet'
FROM wallet AS w LEFT JOIN auto_top_up AS t ON t.space = w.space
LEFT JOIN auto_agreement AS a
  ON a.space = t.space AND a.agreement = t.agreement
WHERE w.top_up_below IS NOT CASE
        WHEN t.enabled = 1 AND t.paused IS NULL AND t.method IS NOT NULL
        THEN a.threshold END
   OR w.below <> (w.top_up_below IS NOT NULL
                  AND w.total - w.held < w.top_up_below);
