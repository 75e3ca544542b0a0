-- Memberships: changes that owners asked for, and what the provider said.

-- name: membership_change_insert
INSERT INTO membership_change (space, change, member, plan, amount, currency,
  interval, begins, state, effective_at, created_at, placed_at, expires_at,
  asked_at, attempts, subscription, at_once)
SELECT ?1, coalesce(max(change), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9,
       ?10, ?11, 0, 1, ?12, ?13
FROM membership_change WHERE space = ?1
RETURNING change;

-- name: membership_change_one
SELECT space, change, member, plan, amount, currency, interval, begins, state,
       effective_at, created_at, placed_at, expires_at, asked_at, attempts,
       session, subscription, payment_url, at_once
FROM membership_change WHERE space = ?1 AND change = ?2;

-- name: membership_change_open
SELECT space, change, member, plan, amount, currency, interval, begins, state,
       effective_at, created_at, placed_at, expires_at, asked_at, attempts,
       session, subscription, payment_url, at_once
FROM membership_change WHERE space = ?1 AND state = 0;

-- name: membership_change_last_begun
SELECT space, change, member, plan, amount, currency, interval, begins, state,
       effective_at, created_at, placed_at, expires_at, asked_at, attempts,
       session, subscription, payment_url, at_once
FROM membership_change WHERE space = ?1 AND begins = 1
ORDER BY change DESC LIMIT 1;

-- name: membership_change_to_ask
SELECT space, change, member, plan, amount, currency, interval, begins, state,
       effective_at, created_at, placed_at, expires_at, asked_at, attempts,
       session, subscription, payment_url, at_once
FROM membership_change WHERE state = 0 AND asked_at < ?1 AND placed_at < ?1
ORDER BY asked_at, space LIMIT ?2;

-- name: membership_change_set_session
UPDATE membership_change SET session = ?3, payment_url = ?4
WHERE space = ?1 AND change = ?2 AND session IS NULL;

-- name: membership_change_set_asked
UPDATE membership_change SET asked_at = ?3
WHERE space = ?1 AND change = ?2 AND asked_at <= ?4;

-- Whatever it was taken for, the provider has done it.
-- name: membership_change_done
UPDATE membership_change SET state = 1, subscription = ?3
WHERE space = ?1 AND change = ?2 AND state <> 1;

-- name: membership_change_close
UPDATE membership_change SET state = ?3
WHERE space = ?1 AND change = ?2 AND state = 0;

-- name: membership_change_again
UPDATE membership_change
SET state = 0, attempts = attempts + 1, effective_at = ?3, placed_at = ?4
WHERE space = ?1 AND change = ?2 AND state = 3;

-- The plans that a subscription had and will have, in the order asked for.
-- name: membership_change_terms
SELECT change, plan, amount, currency, interval, effective_at
FROM membership_change
WHERE space = ?1 AND subscription = ?2 AND state = 1
ORDER BY change DESC LIMIT ?3;

-- name: subscription_note
INSERT INTO subscription (provider, live, subscription, space, change, status,
  item, product, period_start, period_end, cancel_at, ended_at, as_of, doubt,
  asked_at, surplus)
VALUES (?1, ?2, ?3, NULL, NULL, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 0)
ON CONFLICT (provider, live, subscription) DO UPDATE
SET status = excluded.status, item = coalesce(excluded.item, item),
    product = coalesce(excluded.product, product),
    period_start = excluded.period_start, period_end = excluded.period_end,
    cancel_at = excluded.cancel_at, ended_at = excluded.ended_at,
    as_of = excluded.as_of, doubt = excluded.as_of = as_of,
    surplus = max(surplus, excluded.status IN (0, 2, 3, 4)
      AND EXISTS (SELECT 1 FROM subscription AS o
        WHERE o.space = subscription.space AND o.surplus = 0
          AND o.status IN (0, 2, 3, 4)
          AND o.subscription <> subscription.subscription))
WHERE subscription.status <> 5
  AND (excluded.status = 5 OR excluded.as_of >= subscription.as_of);

-- A subscription of which an invoice or a session is all that we have.
-- name: subscription_mention
INSERT INTO subscription (provider, live, subscription, space, change, status,
  item, product, period_start, period_end, cancel_at, ended_at, as_of, doubt,
  asked_at, surplus)
VALUES (?1, ?2, ?3, NULL, NULL, 0, NULL, NULL, 4611686018427387904,
        4611686018427387904, 4611686018427387904, 4611686018427387904, 0, 1,
        0, 0)
ON CONFLICT DO NOTHING;

-- Once a Space's, it stays that Space's.
-- name: subscription_tie
UPDATE subscription
SET space = ?4,
    surplus = max(surplus, status IN (0, 2, 3, 4)
      AND EXISTS (SELECT 1 FROM subscription AS o
        WHERE o.space = ?4 AND o.surplus = 0 AND o.status IN (0, 2, 3, 4)
          AND o.subscription <> subscription.subscription))
WHERE provider = ?1 AND live = ?2 AND subscription = ?3 AND space IS NULL;

-- name: subscription_set_change
UPDATE subscription SET change = max(coalesce(change, 0), ?5)
WHERE provider = ?1 AND live = ?2 AND subscription = ?3 AND space = ?4;

-- name: subscription_one
SELECT provider, live, subscription, space, change, status, item, product,
       period_start, period_end, cancel_at, ended_at, as_of, doubt, asked_at,
       surplus
FROM subscription WHERE provider = ?1 AND live = ?2 AND subscription = ?3;

-- The one that makes a Space's membership: that which lives, else the last.
-- name: subscription_of_space
SELECT provider, live, subscription, space, change, status, item, product,
       period_start, period_end, cancel_at, ended_at, as_of, doubt, asked_at,
       surplus
FROM subscription AS s
WHERE space = ?1 AND surplus = 0
  AND (status <> 1 OR EXISTS (SELECT 1 FROM invoice AS i
    WHERE i.subscription = s.subscription AND i.paid_at < 4611686018427387904))
ORDER BY status = 5, as_of DESC, subscription LIMIT 1;

-- Live ones of all Spaces that were not asked about since, and are in doubt,
-- surplus, or at the end of what we know of them; or all that live.
-- name: subscription_to_ask
SELECT provider, live, subscription, space, change, status, item, product,
       period_start, period_end, cancel_at, ended_at, as_of, doubt, asked_at,
       surplus
FROM subscription
WHERE space IS NOT NULL AND status <> 5 AND asked_at < ?1
  AND (?2 OR doubt = 1 OR surplus = 1 OR status = 3 OR period_end <= ?3
       OR cancel_at <= ?3)
ORDER BY asked_at, subscription LIMIT ?4;

-- name: subscription_set_asked
UPDATE subscription SET asked_at = ?4
WHERE provider = ?1 AND live = ?2 AND subscription = ?3 AND asked_at <= ?5;

-- name: invoice_note
INSERT INTO invoice (provider, live, invoice, subscription, change, renewal,
  amount, less, paid, currency, period_start, period_end, paid_at, failed_at,
  retries_at, pay_url, came_to)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
        0)
ON CONFLICT (provider, live, invoice) DO UPDATE
SET change = coalesce(excluded.change, change),
    renewal = max(renewal, excluded.renewal),
    amount = excluded.amount, less = excluded.less, paid = excluded.paid,
    currency = excluded.currency, period_start = excluded.period_start,
    period_end = excluded.period_end,
    paid_at = min(paid_at, excluded.paid_at),
    failed_at = min(failed_at, excluded.failed_at),
    retries_at = CASE WHEN excluded.failed_at < 4611686018427387904
                      THEN excluded.retries_at ELSE retries_at END,
    pay_url = coalesce(excluded.pay_url, pay_url)
WHERE invoice.paid_at = 4611686018427387904;

-- name: invoice_paid_waiting
SELECT provider, live, invoice, subscription, change, renewal, amount, less,
       paid, currency, period_start, period_end, paid_at, failed_at,
       retries_at, pay_url, came_to
FROM invoice
WHERE subscription = ?1 AND paid_at < 4611686018427387904 AND came_to = 0
ORDER BY period_start, invoice;

-- name: invoice_last_paid
SELECT provider, live, invoice, subscription, change, renewal, amount, less,
       paid, currency, period_start, period_end, paid_at, failed_at,
       retries_at, pay_url, came_to
FROM invoice
WHERE subscription = ?1 AND came_to = 1 AND period_start < 4611686018427387904
ORDER BY period_start DESC, invoice LIMIT 1;

-- name: invoice_last_failed
SELECT provider, live, invoice, subscription, change, renewal, amount, less,
       paid, currency, period_start, period_end, paid_at, failed_at,
       retries_at, pay_url, came_to
FROM invoice
WHERE subscription = ?1 AND paid_at = 4611686018427387904
  AND failed_at < 4611686018427387904 AND renewal = 1
ORDER BY period_start DESC, invoice LIMIT 1;

-- name: invoice_came_to
UPDATE invoice SET came_to = ?4
WHERE provider = ?1 AND live = ?2 AND invoice = ?3;
