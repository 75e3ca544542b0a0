-- Subscriptions: products, prices, what is billed for them, and the clock of
-- the business, which bills by months that a test need not wait for.

CREATE TABLE product (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  metadata TEXT NOT NULL
) STRICT;

CREATE TABLE price (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  product TEXT NOT NULL REFERENCES product (id),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  unit_amount INTEGER NOT NULL CHECK (unit_amount >= 0),
  interval TEXT CHECK (interval IN ('day', 'week', 'month', 'year')),
  interval_count INTEGER NOT NULL CHECK (interval_count > 0),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  nickname TEXT,
  metadata TEXT NOT NULL
) STRICT;

ALTER TABLE line ADD COLUMN interval TEXT; -- NULL: it is paid once
ALTER TABLE line ADD COLUMN interval_count INTEGER NOT NULL DEFAULT 1;

-- Below zero: the merchant owes it to the customer.
ALTER TABLE customer ADD COLUMN balance INTEGER NOT NULL DEFAULT 0;

CREATE TABLE subscription (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  customer TEXT NOT NULL REFERENCES customer (id),
  status TEXT NOT NULL CHECK (status IN ('incomplete', 'active', 'past_due',
    'canceled')),
  currency TEXT NOT NULL,
  metadata TEXT NOT NULL,
  description TEXT,
  method TEXT,
  item TEXT NOT NULL UNIQUE,
  price TEXT NOT NULL REFERENCES price (id),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  anchor_s INTEGER NOT NULL,           -- periods end on its day of the month
  period_start_s INTEGER NOT NULL,
  period_end_s INTEGER NOT NULL CHECK (period_end_s > period_start_s),
  cancel_at_end INTEGER NOT NULL CHECK (cancel_at_end IN (0, 1)),
  canceled_s INTEGER,                  -- when that was asked for
  ended_s INTEGER,
  latest_invoice TEXT,
  CHECK ((status = 'canceled') = (ended_s IS NOT NULL))
) STRICT;
CREATE INDEX subscription_due ON subscription (period_end_s)
  WHERE status IN ('active', 'past_due');
CREATE TRIGGER subscription_ends BEFORE UPDATE ON subscription
WHEN OLD.status = 'canceled' AND NEW.status <> 'canceled'
BEGIN SELECT raise(ABORT, 'a subscription that is over stays so'); END;

CREATE TABLE invoice (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  customer TEXT NOT NULL REFERENCES customer (id),
  subscription TEXT NOT NULL REFERENCES subscription (id),
  reason TEXT NOT NULL CHECK (reason IN ('subscription_create',
    'subscription_cycle', 'subscription_update')),
  cycle_s INTEGER NOT NULL,            -- the beginning of what it bills
  currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void')),
  total INTEGER NOT NULL,
  balance_before INTEGER NOT NULL,
  balance_after INTEGER NOT NULL,
  due INTEGER NOT NULL CHECK (due >= 0),
  paid INTEGER NOT NULL CHECK (paid IN (0, due)),
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  period_start_s INTEGER NOT NULL,
  period_end_s INTEGER NOT NULL,
  finalized_s INTEGER,
  paid_s INTEGER,
  voided_s INTEGER,
  intent TEXT,
  CHECK ((status = 'paid') = (paid_s IS NOT NULL))
) STRICT;
CREATE INDEX invoice_subscription ON invoice (subscription);
CREATE INDEX invoice_intent ON invoice (intent);
-- A period is billed once, whatever the code above believes.
CREATE UNIQUE INDEX invoice_cycle ON invoice (subscription, cycle_s)
  WHERE reason = 'subscription_cycle';
CREATE TRIGGER invoice_ends BEFORE UPDATE OF status ON invoice
WHEN OLD.status IN ('paid', 'void') AND NEW.status <> OLD.status
BEGIN SELECT raise(ABORT, 'an invoice that is over stays so'); END;

CREATE TABLE invoice_line (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  subscription TEXT NOT NULL REFERENCES subscription (id),
  invoice TEXT REFERENCES invoice (id), -- NULL: it waits for the next one
  amount INTEGER NOT NULL,
  description TEXT NOT NULL,
  proration INTEGER NOT NULL CHECK (proration IN (0, 1)),
  start_s INTEGER NOT NULL,
  end_s INTEGER NOT NULL,
  price TEXT NOT NULL REFERENCES price (id),
  quantity INTEGER NOT NULL
) STRICT;
CREATE INDEX invoice_line_invoice ON invoice_line (invoice);
CREATE INDEX invoice_line_waiting ON invoice_line (subscription)
  WHERE invoice IS NULL;

-- How far the clock of the business is ahead of the system's.
CREATE TABLE business_clock (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  offset_ms INTEGER NOT NULL
) STRICT;
INSERT INTO business_clock (one, offset_ms) VALUES (1, 0);
