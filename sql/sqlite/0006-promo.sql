-- Promo and gift codes: bonus credits for whoever says the word, once in a
-- Space and no more often than the code may be used.

CREATE TABLE promo_code (
  number INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE -- as it is compared: no case, spaces or dashes
    CHECK (length(code) BETWEEN 4 AND 40 AND NOT code GLOB '*[^A-Z0-9]*'),
  shown TEXT NOT NULL,      -- as the operator wrote it
  credits INTEGER NOT NULL CHECK (credits BETWEEN 1 AND 1000000000000),
  uses INTEGER NOT NULL CHECK (uses BETWEEN 1 AND 1000000000),
  claimed INTEGER NOT NULL, -- of those
  ends_at INTEGER NOT NULL,
  -- When the credits end: at this time, or so many days after the claim.
  lot_expires_at INTEGER NOT NULL,
  lot_days INTEGER CHECK (lot_days BETWEEN 1 AND 36500),
  created_at INTEGER NOT NULL,
  CHECK (claimed BETWEEN 0 AND uses),
  CHECK (ends_at <= lot_expires_at),
  CHECK (lot_days IS NULL OR lot_expires_at = 4611686018427387904)
) STRICT;

CREATE TABLE promo_claim (
  space INTEGER NOT NULL REFERENCES space (number),
  code INTEGER NOT NULL REFERENCES promo_code (number),
  seq INTEGER NOT NULL, -- of its bonus event
  member INTEGER NOT NULL REFERENCES member (number),
  claimed_at INTEGER NOT NULL,
  PRIMARY KEY (space, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX promo_claim_code ON promo_claim (code);
CREATE TRIGGER promo_claim_no_update BEFORE UPDATE ON promo_claim
BEGIN SELECT raise(ABORT, 'claims are append-only'); END;
CREATE TRIGGER promo_claim_no_delete BEFORE DELETE ON promo_claim
BEGIN SELECT raise(ABORT, 'claims are append-only'); END;
