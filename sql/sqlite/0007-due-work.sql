-- Work that a transaction leaves to be done after it, once: by `scrip tick`,
-- one at a time. Times are the system's clock. Who takes it moves due_at
-- ahead, which is its lease; who has done it deletes the row, unless it was
-- asked for again meanwhile.

CREATE TABLE due_work (
  work INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  space INTEGER NOT NULL,      -- 0: of no Space
  reference TEXT NOT NULL,     -- what it is about, as its kind says
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  asked INTEGER NOT NULL CHECK (asked >= 1), -- how often it was asked for
  why TEXT,                    -- words for the last attempt that failed
  UNIQUE (kind, space, reference)
) STRICT;
CREATE INDEX due_work_due ON due_work (due_at);

-- A Space is one customer of the provider. `made` counts the customers that
-- we have asked for, one after another was deleted there; it makes the
-- request's idempotency key.
CREATE TABLE provider_customer (
  provider TEXT NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  space INTEGER NOT NULL REFERENCES space (number),
  customer TEXT,               -- null: being asked for
  made INTEGER NOT NULL CHECK (made >= 1),
  PRIMARY KEY (provider, live, space)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX provider_customer_customer
  ON provider_customer (provider, live, customer) WHERE customer IS NOT NULL;
