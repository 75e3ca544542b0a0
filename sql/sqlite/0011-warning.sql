-- What a balance warns of, and since when: 0 nothing, 1 low, 2 empty, 3 below
-- zero. Of those that warn already nobody knows since when.
ALTER TABLE wallet ADD COLUMN warning INTEGER NOT NULL DEFAULT 0
  CHECK (warning BETWEEN 0 AND 3);
ALTER TABLE wallet ADD COLUMN warned_at INTEGER NOT NULL DEFAULT 0;
UPDATE wallet SET warning = CASE WHEN total - held < 0 THEN 3
                                 WHEN total = held THEN 2 ELSE low END;
