-- Members, and their role in each Space (1 member, 2 admin, 3 owner).

-- name: member_by_email
SELECT number, email, name, password_hash, created_at
FROM member WHERE email = ?1;

-- name: member_by_number
SELECT number, email, name, password_hash, created_at
FROM member WHERE number = ?1;

-- name: member_insert
INSERT INTO member (email, name, password_hash, created_at)
VALUES (?1, ?2, ?3, ?4)
RETURNING number;

-- name: member_update
UPDATE member
SET name = coalesce(?2, name), password_hash = coalesce(?3, password_hash)
WHERE number = ?1;

-- name: member_role_set
INSERT INTO space_member (space, member, role) VALUES (?1, ?2, ?3)
ON CONFLICT (space, member) DO UPDATE SET role = excluded.role;

-- name: member_role
SELECT role FROM space_member WHERE space = ?1 AND member = ?2;

-- name: member_spaces
SELECT s.number, s.slug, s.name, s.currency, s.time_zone, s.plan, s.status,
       s.period_start, s.period_end, s.low_threshold, s.created_at, m.role
FROM space_member AS m JOIN space AS s ON s.number = m.space
WHERE m.member = ?1
ORDER BY s.name, s.number
LIMIT ?2;

-- name: member_names
SELECT p.name
FROM space_member AS m JOIN member AS p ON p.number = m.member
WHERE m.space = ?1 AND m.role >= ?2
ORDER BY m.role DESC, p.name, p.number
LIMIT ?3;
