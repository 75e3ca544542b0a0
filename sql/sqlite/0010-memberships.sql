-- Memberships that are paid through the provider: what owners asked for, and
-- what the provider has said of subscriptions and their invoices. Facts are
-- stored as they come, also before the Space is known; a membership's state
-- is a function of them. Moments that never come are 4611686018427387904.

-- A change of membership that an owner asked for, stored before the provider
-- is called: a subscription to begin, or another plan for the one there is.
-- Its price is fixed here, whatever the plan costs later.
CREATE TABLE membership_change (
  space INTEGER NOT NULL REFERENCES space (number),
  change INTEGER NOT NULL CHECK (change >= 1),
  member INTEGER NOT NULL REFERENCES member (number),
  plan TEXT NOT NULL REFERENCES plan (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  interval TEXT NOT NULL CHECK (interval IN ('month', 'year')),
  begins INTEGER NOT NULL CHECK (begins IN (0, 1)), -- a subscription
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    -- 0 open, 1 done, 2 expired, 3 refused
  at_once INTEGER NOT NULL CHECK (at_once IN (0, 1)), -- its price is paid
  effective_at INTEGER NOT NULL, -- from when its plan counts
  created_at INTEGER NOT NULL,
  -- by the system's clock, which the provider shares
  placed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,   -- of its checkout session
  asked_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts >= 1), -- refused ones and this
  session TEXT,                  -- the provider's ids
  subscription TEXT,
  payment_url TEXT,
  PRIMARY KEY (space, change)
) STRICT, WITHOUT ROWID;
-- One at a time, so that no two pages to pay at are open at once.
CREATE UNIQUE INDEX membership_change_open ON membership_change (space)
  WHERE state = 0;
CREATE UNIQUE INDEX membership_change_session ON membership_change (session)
  WHERE session IS NOT NULL;
CREATE INDEX membership_change_asked ON membership_change (asked_at)
  WHERE state = 0;

-- A subscription as the provider last described it.
CREATE TABLE subscription (
  provider TEXT NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  subscription TEXT NOT NULL,
  space INTEGER REFERENCES space (number), -- null: nobody's that we know yet
  change INTEGER,      -- the last change that its metadata named
  status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 5),
    -- 0 unknown, 1 incomplete, 2 active, 3 past due, 4 unpaid, 5 ended
  item TEXT,
  product TEXT,
  period_start INTEGER NOT NULL,
  period_end INTEGER NOT NULL,
  cancel_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  as_of INTEGER NOT NULL,    -- when the provider said so
  doubt INTEGER NOT NULL CHECK (doubt IN (0, 1)), -- two said so at once
  asked_at INTEGER NOT NULL, -- when we asked; the system's clock
  surplus INTEGER NOT NULL CHECK (surplus IN (0, 1)),
    -- another was there already: it must end
  PRIMARY KEY (provider, live, subscription),
  CHECK ((status = 5) = (ended_at <> 4611686018427387904))
) STRICT, WITHOUT ROWID;
-- One live subscription for a Space.
CREATE UNIQUE INDEX subscription_one ON subscription (space)
  WHERE space IS NOT NULL AND surplus = 0 AND status IN (0, 2, 3, 4);
CREATE INDEX subscription_space ON subscription (space)
  WHERE space IS NOT NULL;
CREATE INDEX subscription_asked ON subscription (asked_at)
  WHERE space IS NOT NULL AND status <> 5;

-- Invoices of subscriptions. That one was paid is never undone.
CREATE TABLE invoice (
  provider TEXT NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  invoice TEXT NOT NULL,
  subscription TEXT NOT NULL,
  change TEXT,                   -- that its metadata names, as it came
  renewal INTEGER NOT NULL CHECK (renewal IN (0, 1)),
  amount INTEGER NOT NULL,       -- of the period's own line
  less INTEGER NOT NULL,         -- discounts and credit that count as paid
  paid INTEGER NOT NULL,         -- what was paid
  currency TEXT NOT NULL,
  period_start INTEGER NOT NULL, -- of the period's own line; never: none
  period_end INTEGER NOT NULL,
  paid_at INTEGER NOT NULL,      -- never: not yet
  failed_at INTEGER NOT NULL,    -- the first failure; never: none
  retries_at INTEGER NOT NULL,
  pay_url TEXT,
  came_to INTEGER NOT NULL CHECK (came_to BETWEEN 0 AND 3),
    -- 0 waits, 1 allocated, 2 brings no credits, 3 an operator must look
  PRIMARY KEY (provider, live, invoice)
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_subscription ON invoice (subscription, period_start);
