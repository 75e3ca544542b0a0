-- The sandbox's own books: what a payment provider keeps about its
-- customers, payments and deliveries. Never in the same file as the ledger.
-- Times are milliseconds since 1970 (_ms) or seconds (_s), as the wire has
-- them. `number` orders a list; ids are what callers see.

CREATE TABLE customer (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  email TEXT,
  name TEXT,
  description TEXT,
  metadata TEXT NOT NULL
) STRICT;

CREATE TABLE session (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  expires_s INTEGER NOT NULL CHECK (expires_s > created_s),
  status TEXT NOT NULL CHECK (status IN ('open', 'complete', 'expired')),
  payment_status TEXT NOT NULL CHECK (payment_status IN ('paid', 'unpaid')),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  amount INTEGER NOT NULL CHECK (amount > 0),
  reference TEXT,
  metadata TEXT NOT NULL,
  intent_metadata TEXT NOT NULL,
  methods TEXT NOT NULL,               -- "card" or "card,bacs_debit"
  customer TEXT REFERENCES customer (id),
  email TEXT,
  success_url TEXT NOT NULL,
  cancel_url TEXT,
  intent TEXT,                         -- once somebody has tried to pay
  CHECK (payment_status = 'unpaid' OR status = 'complete'),
  CHECK (status <> 'complete' OR intent IS NOT NULL)
) STRICT;
CREATE INDEX session_open ON session (expires_s) WHERE status = 'open';
CREATE INDEX session_intent ON session (intent);

CREATE TABLE line (
  session TEXT NOT NULL REFERENCES session (id),
  position INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  price TEXT NOT NULL,
  product TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  unit_amount INTEGER NOT NULL CHECK (unit_amount >= 0),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (session, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE intent (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  session TEXT NOT NULL UNIQUE REFERENCES session (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('requires_payment_method',
    'requires_action', 'processing', 'succeeded')),
  metadata TEXT NOT NULL,
  customer TEXT,
  email TEXT,
  method_id TEXT,                      -- pm_..., what it is being paid with
  method TEXT,                         -- "card", "bacs_debit"
  brand TEXT,
  last4 TEXT,
  expiry_month INTEGER,
  expiry_year INTEGER,
  error_code TEXT,                     -- of the last try
  error_decline TEXT,
  error_message TEXT,
  charge TEXT,                         -- the latest one
  settle_ms INTEGER,                   -- when a delayed method settles
  settle_well INTEGER CHECK (settle_well IN (0, 1))
) STRICT;
CREATE INDEX intent_settle ON intent (settle_ms) WHERE status = 'processing';

CREATE TABLE charge (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  intent TEXT NOT NULL REFERENCES intent (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('succeeded', 'pending', 'failed')),
  metadata TEXT NOT NULL,
  customer TEXT,
  email TEXT,
  method_id TEXT NOT NULL,
  method TEXT NOT NULL,
  brand TEXT,
  last4 TEXT NOT NULL,
  expiry_month INTEGER,
  expiry_year INTEGER,
  failure_code TEXT,
  failure_decline TEXT,
  failure_message TEXT
) STRICT;
CREATE INDEX charge_intent ON charge (intent);
-- Money is taken once for an intent, whatever the code above believes.
CREATE UNIQUE INDEX charge_once ON charge (intent)
  WHERE status IN ('succeeded', 'pending');

CREATE TABLE event (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  type TEXT NOT NULL,
  request TEXT,                        -- the call that caused it, if one did
  request_key TEXT,
  object TEXT NOT NULL                 -- as it was then, JSON
) STRICT;
CREATE TRIGGER event_stays BEFORE UPDATE ON event
BEGIN SELECT raise(ABORT, 'an event does not change'); END;

-- One row for each message that has to arrive; one for each try at it.
CREATE TABLE delivery (
  number INTEGER PRIMARY KEY,
  event INTEGER NOT NULL REFERENCES event (number),
  state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed',
    'dropped')),
  created_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  backwards INTEGER NOT NULL CHECK (backwards IN (0, 1)),
  lease_ms INTEGER NOT NULL,           -- somebody is at it until then
  tries INTEGER NOT NULL
) STRICT;
CREATE INDEX delivery_due ON delivery (due_ms) WHERE state = 'pending';
CREATE INDEX delivery_event ON delivery (event);

CREATE TABLE attempt (
  delivery INTEGER NOT NULL REFERENCES delivery (number),
  try INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  took_ms INTEGER NOT NULL,
  status INTEGER NOT NULL,             -- 0: no answer
  words TEXT NOT NULL,
  PRIMARY KEY (delivery, try)
) STRICT, WITHOUT ROWID;

-- The first answer to a POST with an Idempotency-Key.
CREATE TABLE answer (
  key TEXT PRIMARY KEY,
  path TEXT NOT NULL,
  hash BLOB NOT NULL,                  -- of its parameters
  request TEXT NOT NULL,
  body TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How /control makes it misbehave.
CREATE TABLE lever (
  name TEXT PRIMARY KEY,
  word TEXT,
  amount INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
