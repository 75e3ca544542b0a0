-- Scrip's first schema. Times are milliseconds since 1970 in UTC; a time
-- that never comes is 4611686018427387904. Credits and money are integers,
-- money in minor units. Every table of a Space has the Space in its key.
-- Triggers and CHECKs say again what the C code keeps, because money is lost
-- in the one place that forgot.

-- Offers: plans and tiers. ---------------------------------------------------

CREATE TABLE plan (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 63),
  name TEXT NOT NULL,
  paid INTEGER NOT NULL CHECK (paid IN (0, 1)),
  amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 9007199254740991),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  interval TEXT NOT NULL CHECK (interval IN ('month', 'year')),
  included INTEGER NOT NULL CHECK (included BETWEEN 0 AND 1000000000000),
  rollover INTEGER NOT NULL CHECK (rollover IN (0, 1)),
  rate INTEGER NOT NULL CHECK (rate BETWEEN 1 AND 1000000000)
) STRICT, WITHOUT ROWID;

CREATE TABLE tier (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 63),
  amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  bonus INTEGER NOT NULL CHECK (bonus BETWEEN 0 AND 1000000000000)
) STRICT, WITHOUT ROWID;
CREATE INDEX tier_offer ON tier (currency, amount);

-- Who: Spaces, members, sessions, platform keys. -----------------------------

CREATE TABLE space (
  number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 4294967295),
  slug TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 1 AND 63),
  name TEXT NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  time_zone TEXT NOT NULL,
  plan TEXT NOT NULL REFERENCES plan (id),
  status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
  period_start INTEGER NOT NULL,
  period_end INTEGER NOT NULL CHECK (period_end >= period_start),
  low_threshold INTEGER CHECK (low_threshold BETWEEN 0 AND 1000000000000),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
  number INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE space_member (
  space INTEGER NOT NULL REFERENCES space (number),
  member INTEGER NOT NULL REFERENCES member (number),
  role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3), -- member admin owner
  PRIMARY KEY (space, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX space_member_member ON space_member (member);

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  member INTEGER NOT NULL REFERENCES member (number),
  created_at INTEGER NOT NULL, -- the system's clock, as all of this table
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_seen ON session (seen_at);

CREATE TABLE sign_in_failure (
  subject BLOB NOT NULL CHECK (length(subject) = 32), -- email or address
  at INTEGER NOT NULL,   -- the system's clock
  n INTEGER NOT NULL,    -- at random: several may come in a millisecond
  PRIMARY KEY (subject, at, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_failure_at ON sign_in_failure (at);

CREATE TABLE platform_key (
  number INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  name TEXT NOT NULL,
  space INTEGER REFERENCES space (number), -- null: all Spaces
  scopes INTEGER NOT NULL CHECK (scopes BETWEEN 1 AND 15),
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;

-- The sandbox's business clock; no row: it is the system's.
CREATE TABLE site_clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  offset_ms INTEGER NOT NULL
) STRICT;

-- The ledger. ----------------------------------------------------------------

-- A Space's lock, balance and head of its chain.
CREATE TABLE wallet (
  space INTEGER PRIMARY KEY REFERENCES space (number),
  total INTEGER NOT NULL,
  held INTEGER NOT NULL CHECK (held >= 0),
  debt INTEGER NOT NULL CHECK (debt >= 0),
  seq INTEGER NOT NULL CHECK (seq >= 0),
  at INTEGER NOT NULL,       -- of the last event
  due_at INTEGER NOT NULL,   -- never later than the next end of a lot or hold
  version INTEGER NOT NULL,  -- +1 with every write: the ETag's base
  folded INTEGER NOT NULL,   -- rollups hold the events up to this seq
  lots INTEGER NOT NULL,     -- numbers given out so far
  holds INTEGER NOT NULL,
  orders INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  CHECK (total BETWEEN -1000000000000000 AND 1000000000000000),
  CHECK (folded BETWEEN 0 AND seq)
) STRICT;

CREATE TABLE lot (
  space INTEGER NOT NULL,
  lot INTEGER NOT NULL CHECK (lot >= 1),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2), -- included bonus top-up
  granted INTEGER NOT NULL,
  remaining INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  ord INTEGER,  -- the checkout order that brought it
  live INTEGER, -- 1 while something remains, else null
  PRIMARY KEY (space, lot),
  CHECK (0 <= reserved AND reserved <= remaining AND remaining <= granted),
  CHECK (kind <> 2 OR expires_at = 4611686018427387904),
  CHECK (live IS (CASE WHEN remaining > 0 THEN 1 END))
) STRICT, WITHOUT ROWID;
CREATE INDEX lot_live ON lot (space) WHERE live = 1;
CREATE INDEX lot_ord ON lot (space, ord) WHERE ord IS NOT NULL;

-- Events lie in the order written, all Spaces together: appends share pages.
CREATE TABLE event (
  n INTEGER PRIMARY KEY,
  space INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 9),
  credits INTEGER NOT NULL,
  balance_after INTEGER NOT NULL,
  at INTEGER NOT NULL,
  day INTEGER NOT NULL, -- the Space's day when written; never computed again
  hold INTEGER,
  refund_of INTEGER,
  ord INTEGER,
  feature TEXT,
  book INTEGER,     -- price book version; null: the caller's own price
  quality TEXT,
  quantity INTEGER,
  price INTEGER,
  per INTEGER,
  livestream TEXT,
  order_ref TEXT,
  campaign TEXT,
  member TEXT,
  note TEXT,
  lots TEXT NOT NULL, -- [[lot,credits],...], lot 0 is debt; their sum: credits
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE UNIQUE INDEX event_seq ON event (space, seq);
CREATE INDEX event_rare ON event (space, kind, seq) WHERE kind <> 3;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT raise(ABORT, 'events are append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT raise(ABORT, 'events are append-only'); END;

-- One use of an Idempotency-Key. The key's own bytes go first: keys that
-- grow with time then stay on one page. `scope` keeps apart the platform (0)
-- and each member, `operation` what the key was used for.
CREATE TABLE idem (
  key BLOB NOT NULL,
  space INTEGER NOT NULL,
  scope INTEGER NOT NULL,
  operation INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  ref INTEGER NOT NULL,  -- what it made: an order's, event's or hold's number
  answer BLOB NOT NULL,  -- what the reply had beyond that
  PRIMARY KEY (key, space, scope, operation)
) STRICT, WITHOUT ROWID;

-- A period of a Space is allocated once.
CREATE TABLE allocation (
  space INTEGER NOT NULL,
  period_start INTEGER NOT NULL,
  credits INTEGER NOT NULL CHECK (credits >= 0),
  seq INTEGER, -- its event; null: the period had ended, 0 credits
  PRIMARY KEY (space, period_start)
) STRICT, WITHOUT ROWID;

-- Buying: checkout orders and payments. --------------------------------------

CREATE TABLE checkout_order (
  space INTEGER NOT NULL REFERENCES space (number),
  ord INTEGER NOT NULL CHECK (ord >= 1),
  member INTEGER NOT NULL REFERENCES member (number),
  tier TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  rate INTEGER NOT NULL CHECK (rate > 0),
  credits INTEGER NOT NULL CHECK (credits BETWEEN 1 AND 1000000000000),
  bonus INTEGER NOT NULL CHECK (bonus BETWEEN 0 AND 1000000000000),
  status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 8),
  created_at INTEGER NOT NULL,
  paid_at INTEGER,
  -- by the system's clock, which the provider shares
  placed_at INTEGER NOT NULL,
  session_expires_at INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,   -- when the provider was last asked
  session TEXT,                -- the provider's ids
  payment TEXT,                -- that paid it, or came under review
  charge TEXT,
  payment_url TEXT,
  receipt_url TEXT,
  why TEXT,                    -- words for `failed` and `review`
  PRIMARY KEY (space, ord)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX checkout_order_session ON checkout_order (session)
  WHERE session IS NOT NULL;
CREATE INDEX checkout_order_open ON checkout_order (asked_at)
  WHERE status IN (0, 1);
CREATE INDEX checkout_order_member ON checkout_order (member, placed_at);

-- One payment credits once, for ever.
CREATE TABLE payment (
  provider TEXT NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  payment TEXT NOT NULL,
  space INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  credited_at INTEGER NOT NULL,
  PRIMARY KEY (provider, live, payment),
  UNIQUE (space, ord)
) STRICT, WITHOUT ROWID;

-- What the provider reported, each once. Not what makes a payment credit
-- once (payment does), but what says `duplicate` and what an operator reads.
CREATE TABLE provider_event (
  provider TEXT NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  space INTEGER,
  ord INTEGER,
  came_to TEXT NOT NULL,
  PRIMARY KEY (provider, live, id)
) STRICT, WITHOUT ROWID;
