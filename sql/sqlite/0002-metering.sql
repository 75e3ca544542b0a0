-- Metering: holds, prices, caps, what was given back, and the rollups behind
-- grouped usage. Wallets learn how many plans' holds and caps they have, so
-- that a Space without any pays nothing for them.

ALTER TABLE wallet ADD COLUMN plan_holds INTEGER NOT NULL DEFAULT 0
  CHECK (plan_holds >= 0); -- open holds of started plans
ALTER TABLE wallet ADD COLUMN caps INTEGER NOT NULL DEFAULT 0
  CHECK (caps >= 0);

-- A reservation. In units of its price; in credits where that is the
-- caller's own (book is null then).
CREATE TABLE hold (
  space INTEGER NOT NULL,
  hold INTEGER NOT NULL CHECK (hold >= 1),
  state INTEGER NOT NULL, -- 0 held, 1 captured, 2 released, 3 expired
  credits INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  quantity_captured INTEGER NOT NULL,
  feature TEXT NOT NULL,
  book INTEGER,
  quality TEXT,
  price INTEGER,
  per INTEGER,
  livestream TEXT,
  order_ref TEXT,
  campaign TEXT,
  member TEXT,
  note TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,   -- null while it is open
  plan INTEGER,       -- a started plan's hold, for its item
  item INTEGER,
  draws_on INTEGER,   -- the plan's hold that it draws on
  drawn INTEGER NOT NULL, -- what it has left of that
  captured_at INTEGER NOT NULL, -- of it, last; at first when it was made
  PRIMARY KEY (space, hold),
  CHECK (state BETWEEN 0 AND 3),
  CHECK (0 <= captured AND captured <= credits),
  CHECK (0 <= quantity_captured AND quantity_captured <= quantity),
  CHECK (0 <= drawn AND drawn <= credits - captured),
  CHECK ((state = 0) = (ended_at IS NULL)),
  CHECK (expires_at - created_at <= 2592000000),
  CHECK ((book IS NULL) = (price IS NULL)),
  CHECK ((price IS NULL) = (per IS NULL)),
  CHECK (price >= 1 AND per >= 1),
  CHECK ((plan IS NULL) = (item IS NULL)),
  CHECK (plan IS NULL OR draws_on IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_open ON hold (space, expires_at) WHERE state = 0;
CREATE INDEX hold_plan ON hold (space, campaign, feature)
  WHERE state = 0 AND plan IS NOT NULL;
CREATE INDEX hold_rare ON hold (space, state, hold) WHERE state >= 2;

-- What open holds reserve of which lots; a hold's rows go when it ends.
CREATE TABLE hold_lot (
  space INTEGER NOT NULL,
  hold INTEGER NOT NULL,
  lot INTEGER NOT NULL,
  reserved INTEGER NOT NULL CHECK (reserved > 0),
  PRIMARY KEY (space, hold, lot)
) STRICT, WITHOUT ROWID;

-- What has been given back of a usage event.
CREATE TABLE refunded (
  space INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  credits INTEGER NOT NULL,
  captured INTEGER NOT NULL, -- by the event
  PRIMARY KEY (space, seq),
  CHECK (credits BETWEEN 1 AND captured)
) STRICT, WITHOUT ROWID;

-- What a Space lets be spent on something; its figures go by the events.
CREATE TABLE cap (
  space INTEGER NOT NULL,
  cap INTEGER NOT NULL CHECK (cap >= 1),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
    -- 0 member, 1 feature, 2 campaign, 3 livestream
  value TEXT NOT NULL,
  credits INTEGER NOT NULL CHECK (credits >= 0),
  per INTEGER NOT NULL CHECK (per BETWEEN 0 AND 2), -- 0 day, 1 month, 2 total
  used INTEGER NOT NULL CHECK (used >= 0), -- in the window that begins on
  day INTEGER NOT NULL,                    -- this day; 0 for total
  held INTEGER NOT NULL CHECK (held >= 0), -- by matching open holds
  PRIMARY KEY (space, cap),
  UNIQUE (space, kind, value, per)
) STRICT, WITHOUT ROWID;

-- Price books: dated versions, never changed.
CREATE TABLE price_book (
  version INTEGER PRIMARY KEY CHECK (version >= 1),
  effective_from INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX price_book_from ON price_book (effective_from, version);

CREATE TABLE price (
  version INTEGER NOT NULL REFERENCES price_book (version),
  place INTEGER NOT NULL, -- 1, 2, 3... in the order of the book
  section TEXT NOT NULL,
  section_label TEXT NOT NULL,
  activity TEXT NOT NULL,
  label TEXT NOT NULL,
  unit TEXT NOT NULL,
  quality TEXT CHECK (quality IN ('fast', 'balanced', 'premium')),
  credits INTEGER NOT NULL CHECK (credits BETWEEN 1 AND 1000000000000),
  per INTEGER NOT NULL CHECK (per BETWEEN 1 AND 1000000000000),
  PRIMARY KEY (version, place),
  UNIQUE (version, activity, quality)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER price_no_update BEFORE UPDATE ON price
BEGIN SELECT raise(ABORT, 'price books are never changed'); END;
CREATE TRIGGER price_no_delete BEFORE DELETE ON price
BEGIN SELECT raise(ABORT, 'price books are never changed'); END;

-- Usage of a day by a reference, exact for the events up to wallet.folded.
-- What has no such reference is under the empty key.
CREATE TABLE rollup (
  space INTEGER NOT NULL,
  dim INTEGER NOT NULL CHECK (dim BETWEEN 0 AND 4),
    -- 0 livestream, 1 order, 2 campaign, 3 feature, 4 member
  day INTEGER NOT NULL,
  key TEXT NOT NULL,
  captured INTEGER NOT NULL CHECK (captured >= 0),
  refunded INTEGER NOT NULL CHECK (refunded >= 0),
  events INTEGER NOT NULL CHECK (events > 0),
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL CHECK (last_at >= first_at),
  PRIMARY KEY (space, dim, day, key)
) STRICT, WITHOUT ROWID;

-- Which runs of 1,024 events have a reference: history's filters read those
-- alone. Run n holds the events 1,024 n + 1 to 1,024 (n + 1).
CREATE TABLE event_block (
  space INTEGER NOT NULL,
  dim INTEGER NOT NULL CHECK (dim BETWEEN 0 AND 4),
  key TEXT NOT NULL,
  block INTEGER NOT NULL,
  PRIMARY KEY (space, dim, key, block)
) STRICT, WITHOUT ROWID;
