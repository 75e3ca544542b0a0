-- What the planner of queries has to know. Without statistics SQLite takes
-- ten rows of a Space for granted, in any table, and reads all of a Space's
-- holds or lots by primary key where an index has the few that are open.
-- These figures are a busy Space's, and are for ever: nothing runs ANALYZE,
-- so queries go the same way on every site.

ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('hold', 'hold', '1000000 10000 1'),
  ('hold', 'hold_open', '10000 100 2'),
  ('hold', 'hold_plan', '200 20 5 2'),
  ('hold', 'hold_rare', '100000 1000 500 1'),
  ('lot', 'lot', '100000 1000 1'),
  ('lot', 'lot_live', '1000 5'),
  ('lot', 'lot_ord', '50000 500 1');
-- Read at once by the connection that migrates; others read it when they open.
ANALYZE sqlite_schema;
