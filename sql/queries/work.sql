-- Due work: what a transaction left to be done after it.

-- name: work_add
INSERT INTO due_work (kind, space, reference, due_at, attempts, asked, why)
VALUES (?1, ?2, ?3, ?4, 0, 1, NULL)
ON CONFLICT (kind, space, reference) DO UPDATE
SET asked = due_work.asked + 1,
    due_at = CASE WHEN excluded.due_at < due_work.due_at
             THEN excluded.due_at ELSE due_work.due_at END;

-- name: work_first
SELECT work, kind, space, reference, due_at, attempts, asked, why
FROM due_work WHERE due_at <= ?1 ORDER BY due_at, work LIMIT 1;

-- name: work_lease
UPDATE due_work SET due_at = ?2, attempts = attempts + 1 WHERE work = ?1;

-- name: work_done
DELETE FROM due_work WHERE work = ?1 AND asked = ?2;

-- Done, but asked for again meanwhile: it begins anew.
-- name: work_again
UPDATE due_work SET due_at = ?2, attempts = 0 WHERE work = ?1;

-- name: work_later
UPDATE due_work SET due_at = ?2, why = ?3 WHERE work = ?1 AND asked = ?4;
