-- Money that goes back: refunds, disputes, and what each of them and each
-- charge did to the merchant's balance.

CREATE TABLE refund (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  charge TEXT NOT NULL REFERENCES charge (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed',
    'canceled')),
  reason TEXT,
  failure_reason TEXT,
  metadata TEXT NOT NULL,
  settle_ms INTEGER,                   -- when it changes by itself
  settle_well INTEGER NOT NULL CHECK (settle_well IN (0, 1)),
  CHECK ((status = 'failed') = (failure_reason IS NOT NULL))
) STRICT;
CREATE INDEX refund_charge ON refund (charge);
CREATE INDEX refund_settle ON refund (settle_ms)
  WHERE settle_ms IS NOT NULL;

-- No charge gives back more than it took, whatever the code above believes.
CREATE TRIGGER refund_fits AFTER INSERT ON refund
WHEN (SELECT sum(amount) FROM refund WHERE charge = NEW.charge
    AND status NOT IN ('failed', 'canceled'))
  > (SELECT amount FROM charge WHERE id = NEW.charge AND status = 'succeeded')
  OR NOT EXISTS (SELECT 1 FROM charge
    WHERE id = NEW.charge AND status = 'succeeded')
BEGIN SELECT raise(ABORT, 'more than the charge'); END;
-- What is out never comes in again as something else.
CREATE TRIGGER refund_ends BEFORE UPDATE OF status ON refund
WHEN OLD.status IN ('failed', 'canceled') AND NEW.status <> OLD.status
BEGIN SELECT raise(ABORT, 'a refund that is over stays so'); END;

CREATE TABLE dispute (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  charge TEXT NOT NULL UNIQUE REFERENCES charge (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('needs_response', 'under_review',
    'won', 'lost')),
  evidence TEXT,
  submissions INTEGER NOT NULL CHECK (submissions >= 0),
  due_s INTEGER NOT NULL,
  metadata TEXT NOT NULL
) STRICT;
CREATE TRIGGER dispute_ends BEFORE UPDATE OF status ON dispute
WHEN OLD.status IN ('won', 'lost') AND NEW.status <> OLD.status
BEGIN SELECT raise(ABORT, 'a dispute that is over stays so'); END;

-- The merchant's balance: "balance transactions" on the wire.
CREATE TABLE movement (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  category TEXT NOT NULL CHECK (category IN ('charge', 'refund',
    'refund_failure', 'dispute', 'dispute_reversal')),
  source TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount <> 0),
  currency TEXT NOT NULL,
  UNIQUE (source, category)
) STRICT;
CREATE TRIGGER movement_stays BEFORE UPDATE ON movement
BEGIN SELECT raise(ABORT, 'a movement does not change'); END;

-- What was charged before there were movements.
INSERT INTO movement (id, created_s, category, source, amount, currency)
SELECT 'txn_' || substr(id, 4), created_s, 'charge', id, amount, currency
FROM charge WHERE status = 'succeeded' ORDER BY number;
