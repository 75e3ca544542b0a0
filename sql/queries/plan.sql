-- Plans and tiers: what an operator offers.

-- name: plan_one
SELECT id, name, paid, amount, currency, interval, included, rollover, rate
FROM plan WHERE id = ?1;

-- name: plan_all
SELECT id, name, paid, amount, currency, interval, included, rollover, rate
FROM plan ORDER BY paid, amount, id;

-- name: plan_set
INSERT INTO plan (id, name, paid, amount, currency, interval, included,
                  rollover, rate)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, paid = excluded.paid, amount = excluded.amount,
    currency = excluded.currency, interval = excluded.interval,
    included = excluded.included, rollover = excluded.rollover,
    rate = excluded.rate;

-- name: tier_all
SELECT id, amount, currency, bonus FROM tier
WHERE currency = ?1 ORDER BY amount, id;

-- name: tier_one
SELECT id, amount, currency, bonus FROM tier WHERE id = ?1 AND currency = ?2;

-- name: tier_set
INSERT INTO tier (id, amount, currency, bonus) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (id) DO UPDATE
SET amount = excluded.amount, currency = excluded.currency,
    bonus = excluded.bonus;
