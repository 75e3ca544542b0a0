-- Payment methods that are kept, and payments without a checkout session.
-- `session` and `intent` are made anew, since their rules change; the tables
-- that refer to them are emptied and filled again meanwhile.

CREATE TABLE kept_session AS SELECT * FROM session;
CREATE TABLE kept_line AS SELECT * FROM line;
CREATE TABLE kept_intent AS SELECT * FROM intent;
CREATE TABLE kept_charge AS SELECT * FROM charge;
CREATE TABLE kept_refund AS SELECT * FROM refund;
CREATE TABLE kept_dispute AS SELECT * FROM dispute;
DELETE FROM dispute;
DELETE FROM refund;
DELETE FROM charge;
DELETE FROM line;
DROP TABLE intent;
DROP TABLE session;

CREATE TABLE session (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  expires_s INTEGER NOT NULL CHECK (expires_s > created_s),
  mode TEXT NOT NULL CHECK (mode IN ('payment', 'setup', 'subscription')),
  status TEXT NOT NULL CHECK (status IN ('open', 'complete', 'expired')),
  payment_status TEXT NOT NULL CHECK (payment_status IN ('paid', 'unpaid',
    'no_payment_required')),
  currency TEXT CHECK (length(currency) = 3),
  amount INTEGER NOT NULL CHECK (amount >= 0),
  reference TEXT,
  metadata TEXT NOT NULL,
  intent_metadata TEXT NOT NULL,       -- of what it makes
  future_usage TEXT CHECK (future_usage IN ('on_session', 'off_session')),
  methods TEXT NOT NULL,               -- "card" or "card,bacs_debit"
  customer TEXT REFERENCES customer (id),
  email TEXT,
  success_url TEXT NOT NULL,
  cancel_url TEXT,
  intent TEXT,                         -- once somebody has tried to pay
  setup TEXT,                          -- in mode setup, from the beginning
  subscription TEXT,                   -- in mode subscription, at its end
  invoice TEXT,
  CHECK (payment_status <> 'paid' OR status = 'complete'),
  CHECK (status <> 'complete'
    OR coalesce(intent, setup, subscription) IS NOT NULL),
  CHECK (mode <> 'payment' OR (amount > 0 AND currency IS NOT NULL)),
  CHECK ((mode = 'setup') = (setup IS NOT NULL))
) STRICT;
CREATE INDEX session_open ON session (expires_s) WHERE status = 'open';
CREATE INDEX session_intent ON session (intent);

CREATE TABLE intent (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  session TEXT UNIQUE REFERENCES session (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('requires_payment_method',
    'requires_confirmation', 'requires_action', 'processing', 'succeeded',
    'canceled')),
  metadata TEXT NOT NULL,
  description TEXT,
  future_usage TEXT,
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
  settle_well INTEGER CHECK (settle_well IN (0, 1)),
  canceled_s INTEGER,
  cancel_reason TEXT
) STRICT;
CREATE INDEX intent_settle ON intent (settle_ms) WHERE status = 'processing';
CREATE TRIGGER intent_ends BEFORE UPDATE OF status ON intent
WHEN OLD.status IN ('succeeded', 'canceled') AND NEW.status <> OLD.status
BEGIN SELECT raise(ABORT, 'a payment that is over stays so'); END;

INSERT INTO session (number, id, created_s, expires_s, mode, status,
  payment_status, currency, amount, reference, metadata, intent_metadata,
  methods, customer, email, success_url, cancel_url, intent)
SELECT number, id, created_s, expires_s, 'payment', status, payment_status,
  currency, amount, reference, metadata, intent_metadata, methods, customer,
  email, success_url, cancel_url, intent FROM kept_session ORDER BY number;
INSERT INTO line SELECT * FROM kept_line;
INSERT INTO intent (number, id, created_s, session, amount, currency, status,
  metadata, customer, email, method_id, method, brand, last4, expiry_month,
  expiry_year, error_code, error_decline, error_message, charge, settle_ms,
  settle_well)
SELECT number, id, created_s, session, amount, currency, status, metadata,
  customer, email, method_id, method, brand, last4, expiry_month, expiry_year,
  error_code, error_decline, error_message, charge, settle_ms, settle_well
FROM kept_intent ORDER BY number;
INSERT INTO charge SELECT * FROM kept_charge ORDER BY number;
INSERT INTO refund SELECT * FROM kept_refund ORDER BY number;
INSERT INTO dispute SELECT * FROM kept_dispute ORDER BY number;
DROP TABLE kept_session;
DROP TABLE kept_line;
DROP TABLE kept_intent;
DROP TABLE kept_charge;
DROP TABLE kept_refund;
DROP TABLE kept_dispute;

-- What may be charged with nobody there, while it belongs to a customer.
CREATE TABLE method (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  customer TEXT REFERENCES customer (id),
  brand TEXT NOT NULL,
  last4 TEXT NOT NULL CHECK (length(last4) = 4),
  expiry_month INTEGER NOT NULL CHECK (expiry_month BETWEEN 1 AND 12),
  expiry_year INTEGER NOT NULL,
  email TEXT,
  metadata TEXT NOT NULL,
  agreed INTEGER NOT NULL CHECK (agreed IN (0, 1)), -- its bank, to such charges
  over INTEGER NOT NULL CHECK (over IN (0, 1))      -- detached; for good
) STRICT;
CREATE INDEX method_customer ON method (customer);
CREATE TRIGGER method_ends BEFORE UPDATE ON method
WHEN OLD.over = 1 AND (NEW.over = 0 OR NEW.customer IS NOT NULL)
BEGIN SELECT raise(ABORT, 'a method that is detached stays so'); END;

ALTER TABLE customer ADD COLUMN method TEXT; -- invoices are paid with it

CREATE TABLE setup (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_s INTEGER NOT NULL,
  session TEXT,
  customer TEXT,
  status TEXT NOT NULL CHECK (status IN ('requires_payment_method',
    'requires_action', 'succeeded', 'canceled')),
  metadata TEXT NOT NULL,
  method_id TEXT,
  method TEXT,
  brand TEXT,
  last4 TEXT,
  expiry_month INTEGER,
  expiry_year INTEGER,
  error_code TEXT,
  error_decline TEXT,
  error_message TEXT
) STRICT;

-- An outcome that is kept may be a refusal: a declined card.
ALTER TABLE answer ADD COLUMN status INTEGER NOT NULL DEFAULT 200;
