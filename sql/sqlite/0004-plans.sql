-- Saved plans: what members mean to do, quoted at a price book, and once
-- started held for. What was really used is in the events of the plan's
-- campaign, which is its public id. (A membership's plan is table plan.)

CREATE TABLE campaign_plan (
  space INTEGER NOT NULL REFERENCES space (number),
  plan INTEGER NOT NULL CHECK (plan >= 1),
  name TEXT NOT NULL,
  campaign TEXT NOT NULL UNIQUE,
  member INTEGER REFERENCES member (number), -- who saved it; null: a key
  book INTEGER NOT NULL REFERENCES price_book (version),
  quoted_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,  -- null: a draft
  expires_at INTEGER,  -- the end of its holds
  finished_at INTEGER, -- null: not by anybody
  PRIMARY KEY (space, plan),
  CHECK (quoted_at >= created_at),
  CHECK ((started_at IS NULL) = (expires_at IS NULL)),
  CHECK (started_at IS NULL OR started_at >= quoted_at),
  CHECK (expires_at > started_at),
  CHECK (finished_at IS NULL OR started_at IS NOT NULL),
  CHECK (finished_at >= started_at)
) STRICT, WITHOUT ROWID;

-- What a plan costs is what its items cost by its book.
CREATE TABLE campaign_plan_item (
  space INTEGER NOT NULL,
  plan INTEGER NOT NULL,
  item INTEGER NOT NULL CHECK (item >= 1), -- 1, 2, 3...
  activity TEXT NOT NULL,
  quality TEXT,
  quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
  PRIMARY KEY (space, plan, item),
  FOREIGN KEY (space, plan) REFERENCES campaign_plan (space, plan)
) STRICT, WITHOUT ROWID;

-- What was started is what was quoted, for ever.
CREATE TRIGGER campaign_plan_started BEFORE UPDATE ON campaign_plan
WHEN old.started_at IS NOT NULL
  AND (new.name <> old.name OR new.book <> old.book
       OR new.quoted_at <> old.quoted_at OR new.campaign <> old.campaign
       OR new.started_at IS NOT old.started_at
       OR new.expires_at IS NOT old.expires_at
       OR old.finished_at IS NOT NULL)
BEGIN SELECT raise(ABORT, 'a started plan is never changed'); END;
CREATE TRIGGER campaign_plan_no_delete BEFORE DELETE ON campaign_plan
BEGIN SELECT raise(ABORT, 'plans are kept'); END;
CREATE TRIGGER campaign_plan_item_insert BEFORE INSERT ON campaign_plan_item
WHEN (SELECT started_at FROM campaign_plan
      WHERE space = new.space AND plan = new.plan) IS NOT NULL
BEGIN SELECT raise(ABORT, 'a started plan is never changed'); END;
CREATE TRIGGER campaign_plan_item_delete BEFORE DELETE ON campaign_plan_item
WHEN (SELECT started_at FROM campaign_plan
      WHERE space = old.space AND plan = old.plan) IS NOT NULL
BEGIN SELECT raise(ABORT, 'a started plan is never changed'); END;
CREATE TRIGGER campaign_plan_item_update BEFORE UPDATE ON campaign_plan_item
BEGIN SELECT raise(ABORT, 'items are replaced, not changed'); END;
