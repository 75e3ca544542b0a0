-- Allocations: a period of a Space gets its included credits once.

-- name: allocation_insert
INSERT INTO allocation (space, period_start, credits, seq)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO NOTHING;

-- name: allocation_find
SELECT credits, seq FROM allocation WHERE space = ?1 AND period_start = ?2;
