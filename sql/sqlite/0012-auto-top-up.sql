-- Auto top-up: what an owner has agreed to, the saved card, and one charge
-- for each time that the balance falls below what was agreed. The fall writes
-- the charge in its own transaction; `scrip tick` does it afterwards.

-- Below how many available credits to top up; null: not now. And whether the
-- balance has been below since it was last at or above that.
ALTER TABLE wallet ADD COLUMN top_up_below INTEGER
  CHECK (top_up_below BETWEEN 1 AND 1000000000000);
ALTER TABLE wallet ADD COLUMN below INTEGER NOT NULL DEFAULT 0
  CHECK (below IN (0, 1));

-- What was agreed, in words, by whom and when; each agreement is kept.
CREATE TABLE auto_agreement (
  space INTEGER NOT NULL REFERENCES space (number),
  agreement INTEGER NOT NULL CHECK (agreement >= 1), -- 1, 2, 3...
  tier TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), -- of the tier, then
  currency TEXT NOT NULL,
  threshold INTEGER NOT NULL CHECK (threshold BETWEEN 1 AND 1000000000000),
  monthly_max INTEGER NOT NULL,
  member INTEGER NOT NULL REFERENCES member (number),
  agreed_at INTEGER NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (space, agreement),
  CHECK (monthly_max BETWEEN amount AND 9007199254740991)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER auto_agreement_no_update BEFORE UPDATE ON auto_agreement
BEGIN SELECT raise(ABORT, 'what was agreed is never changed'); END;
CREATE TRIGGER auto_agreement_no_delete BEFORE DELETE ON auto_agreement
BEGIN SELECT raise(ABORT, 'what was agreed is kept'); END;

CREATE TABLE auto_top_up (
  space INTEGER PRIMARY KEY REFERENCES space (number),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  agreement INTEGER NOT NULL, -- the one in force, or the last
  paused TEXT,                -- why, where it is
  -- The saved card, by the provider's names; null: there is none.
  customer TEXT,
  method TEXT,
  brand TEXT,
  last4 TEXT,
  card_order INTEGER,         -- the order whose payment saved it
  FOREIGN KEY (space, agreement) REFERENCES auto_agreement (space, agreement),
  CHECK ((method IS NULL) = (customer IS NULL)),
  CHECK ((method IS NULL) = (card_order IS NULL))
) STRICT;

-- An order may be placed without anybody, and may save the card that pays it.
ALTER TABLE checkout_order ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0
  CHECK (automatic IN (0, 1));
ALTER TABLE checkout_order ADD COLUMN save_card INTEGER NOT NULL DEFAULT 0
  CHECK (save_card IN (0, 1));

CREATE TABLE auto_charge (
  space INTEGER NOT NULL REFERENCES space (number),
  charge INTEGER NOT NULL CHECK (charge >= 1), -- 1, 2, 3...
  open INTEGER CHECK (open = 1), -- null: it is over
  came_to TEXT,                  -- paid, not_needed, turned_off, paused, ended
  crossed_at INTEGER NOT NULL,   -- business clock, as next_at
  next_at INTEGER NOT NULL,      -- when to try, or try again
  waits TEXT CHECK (waits IN ('decline', 'ceiling', 'confirmation',
                              'processing')),
  attempts INTEGER NOT NULL CHECK (attempts BETWEEN 0 AND 5),
  ord INTEGER,                   -- null: nothing has been sent yet
  -- An attempt that was sent, until its outcome is known: it is asked about
  -- with the same words and key, never sent anew.
  in_flight INTEGER NOT NULL CHECK (in_flight IN (0, 1)),
  customer TEXT,
  method TEXT,
  sent_at INTEGER,               -- the system's clock, as the lease
  leased_until INTEGER NOT NULL,
  why TEXT,                      -- the last attempt's words
  PRIMARY KEY (space, charge),
  FOREIGN KEY (space, ord) REFERENCES checkout_order (space, ord),
  CHECK ((open IS NULL) = (came_to IS NOT NULL)),
  CHECK (in_flight = 0 OR (ord IS NOT NULL AND attempts > 0
                           AND method IS NOT NULL AND sent_at IS NOT NULL)),
  CHECK ((attempts = 0) = (ord IS NULL))
) STRICT, WITHOUT ROWID;
-- One at a time.
CREATE UNIQUE INDEX auto_charge_open ON auto_charge (space) WHERE open = 1;
CREATE UNIQUE INDEX auto_charge_order ON auto_charge (space, ord)
  WHERE ord IS NOT NULL;
CREATE INDEX auto_charge_due ON auto_charge (next_at) WHERE open = 1;
