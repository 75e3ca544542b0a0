-- How far the provider's list of events has been read, newest first, so that
-- a walk that was broken off goes on where it was.
CREATE TABLE event_walk (
  provider TEXT NOT NULL,
  live INTEGER NOT NULL CHECK (live IN (0, 1)),
  after TEXT,              -- the last event that was read; null: it is over
  top_s INTEGER NOT NULL,  -- the newest event's time when the walk began
  until_s INTEGER NOT NULL, -- it ends at events that are older
  PRIMARY KEY (provider, live)
) STRICT, WITHOUT ROWID;
