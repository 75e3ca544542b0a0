-- Price books.

-- name: price_book_at
SELECT version, effective_from FROM price_book
WHERE effective_from <= ?1
ORDER BY effective_from DESC, version DESC LIMIT 1;

-- Of books that begin at one time the later version counts.
-- name: price_book_upcoming
SELECT max(version), effective_from FROM price_book
WHERE effective_from > ?1
GROUP BY effective_from ORDER BY effective_from LIMIT ?2;

-- name: price_book_version
SELECT version, effective_from FROM price_book WHERE version = ?1;

-- name: price_book_last
SELECT coalesce(max(version), 0) FROM price_book;

-- name: price_book_insert
INSERT INTO price_book (version, effective_from, created_at)
VALUES (?1, ?2, ?3);

-- name: price_insert
INSERT INTO price (version, place, section, section_label, activity, label,
                   unit, quality, credits, per)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: price_all
SELECT section, section_label, activity, label, unit, quality, credits, per
FROM price WHERE version = ?1 ORDER BY place;
