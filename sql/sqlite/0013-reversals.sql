-- What happens to a payment's money afterwards. A refund and a dispute are
-- each one fact, stored as it comes, also before the payment is known; facts
-- only move forward. What an order has given back follows from its facts.

CREATE TABLE payment_fact (
  provider TEXT NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  fact TEXT NOT NULL,      -- the refund's or dispute's id
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),  -- refund dispute
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2), -- pending out back
  payment TEXT,            -- whose money it is: the payment, or the charge
  charge TEXT,
  space INTEGER,           -- null: of no order that we know as yet
  ord INTEGER,
  amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 9007199254740991),
  currency TEXT NOT NULL,  -- upper case
  reason TEXT,             -- the provider's word
  received_at INTEGER NOT NULL, -- by the system's clock
  PRIMARY KEY (provider, live, fact),
  CHECK (payment IS NOT NULL OR charge IS NOT NULL),
  CHECK ((space IS NULL) = (ord IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_fact_payment ON payment_fact (provider, live, payment)
  WHERE ord IS NULL;
CREATE INDEX payment_fact_charge ON payment_fact (provider, live, charge)
  WHERE ord IS NULL;
CREATE INDEX payment_fact_order ON payment_fact (space, ord)
  WHERE ord IS NOT NULL;
CREATE TRIGGER payment_fact_forward BEFORE UPDATE ON payment_fact
WHEN new.state < old.state OR new.amount <> old.amount OR new.kind <> old.kind
  OR new.currency <> old.currency
  OR (old.ord IS NOT NULL
      AND (new.space IS NOT old.space OR new.ord IS NOT old.ord))
BEGIN SELECT raise(ABORT, 'facts only move forward'); END;
CREATE TRIGGER payment_fact_no_delete BEFORE DELETE ON payment_fact
BEGIN SELECT raise(ABORT, 'facts stay'); END;

-- What an order's reversals have taken, a stack: what comes back goes where
-- the last was taken from.
CREATE TABLE taken (
  space INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  part INTEGER NOT NULL CHECK (part >= 1),
  lot INTEGER NOT NULL CHECK (lot >= 0), -- 0: became debt
  credits INTEGER NOT NULL CHECK (credits >= 0),
  PRIMARY KEY (space, ord, part),
  FOREIGN KEY (space, ord) REFERENCES checkout_order (space, ord)
) STRICT, WITHOUT ROWID;

-- The money behind an event that took an order's credits back (below zero),
-- or gave them back.
CREATE TABLE reversal (
  space INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (space, seq),
  FOREIGN KEY (space, ord) REFERENCES checkout_order (space, ord)
) STRICT, WITHOUT ROWID;
CREATE INDEX reversal_order ON reversal (space, ord);
CREATE TRIGGER reversal_no_update BEFORE UPDATE ON reversal
BEGIN SELECT raise(ABORT, 'reversals are append-only'); END;
CREATE TRIGGER reversal_no_delete BEFORE DELETE ON reversal
BEGIN SELECT raise(ABORT, 'reversals are append-only'); END;

-- What has gone back of an order, in money and in credits.
ALTER TABLE checkout_order ADD COLUMN refunded_amount INTEGER NOT NULL
  DEFAULT 0 CHECK (refunded_amount >= 0);
ALTER TABLE checkout_order ADD COLUMN refunded_credits INTEGER NOT NULL
  DEFAULT 0 CHECK (refunded_credits BETWEEN 0 AND credits + bonus);
-- What was really paid, where that put the order under review.
ALTER TABLE checkout_order ADD COLUMN paid_amount INTEGER;
ALTER TABLE checkout_order ADD COLUMN paid_currency TEXT;
CREATE INDEX checkout_order_charge ON checkout_order (charge)
  WHERE charge IS NOT NULL;
