-- Receipts: who sells credits, and what stands on paper of a paid order
-- whatever is renamed, set or taxed otherwise later.

-- A seller is set anew, never changed: the newest row counts, and receipts
-- keep the row of their day.
CREATE TABLE seller (
  number INTEGER PRIMARY KEY,
  space INTEGER REFERENCES space (number), -- null: where it has none of its own
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  address TEXT CHECK (length(address) BETWEEN 1 AND 200),
  vat_number TEXT CHECK (length(vat_number) BETWEEN 1 AND 32),
  vat_rate INTEGER CHECK (vat_rate BETWEEN 0 AND 10000), -- 2000 is 20 %
  set_at INTEGER NOT NULL,
  CHECK ((vat_number IS NULL) = (vat_rate IS NULL))
) STRICT;
CREATE INDEX seller_space ON seller (space, number);
CREATE TRIGGER seller_no_update BEFORE UPDATE ON seller
BEGIN SELECT raise(ABORT, 'sellers are set anew, not changed'); END;
CREATE TRIGGER seller_no_delete BEFORE DELETE ON seller
BEGIN SELECT raise(ABORT, 'receipts name their seller for ever'); END;

CREATE TABLE receipt (
  space INTEGER NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1), -- 1, 2, 3... in its Space
  ord INTEGER NOT NULL,
  seller INTEGER REFERENCES seller (number),
  space_name TEXT NOT NULL,
  buyer TEXT NOT NULL,
  day INTEGER NOT NULL, -- the Space's day when paid; never computed again
  PRIMARY KEY (space, number),
  UNIQUE (space, ord),
  FOREIGN KEY (space, ord) REFERENCES checkout_order (space, ord)
) STRICT, WITHOUT ROWID;

INSERT INTO receipt (space, number, ord, seller, space_name, buyer, day)
SELECT o.space,
       row_number() OVER (PARTITION BY o.space ORDER BY o.paid_at, o.ord),
       o.ord, NULL, s.name, m.name, e.day
FROM checkout_order AS o
JOIN space AS s ON s.number = o.space
JOIN member AS m ON m.number = o.member
JOIN event AS e ON e.space = o.space AND e.kind = 0 AND e.kind <> 3
               AND e.ord = o.ord;

CREATE TRIGGER receipt_next BEFORE INSERT ON receipt
WHEN new.number <> 1 + coalesce(
  (SELECT max(number) FROM receipt WHERE space = new.space), 0)
BEGIN SELECT raise(ABORT, 'receipts are numbered without a gap'); END;
CREATE TRIGGER receipt_no_update BEFORE UPDATE ON receipt
BEGIN SELECT raise(ABORT, 'receipts are never changed'); END;
CREATE TRIGGER receipt_no_delete BEFORE DELETE ON receipt
BEGIN SELECT raise(ABORT, 'receipts are never changed'); END;
