-- Sellers, and the receipts of paid orders.

-- name: seller_insert
INSERT INTO seller (space, name, address, vat_number, vat_rate, set_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- The next number of its Space, with the seller who counts now: the Space's
-- own, else that of all Spaces.
-- name: receipt_insert
INSERT INTO receipt (space, number, ord, seller, space_name, buyer, day)
SELECT s.number,
       1 + coalesce((SELECT max(number) FROM receipt WHERE space = ?1), 0),
       ?2,
       coalesce((SELECT max(number) FROM seller WHERE space = ?1),
                (SELECT max(number) FROM seller WHERE space IS NULL)),
       s.name, ?3, ?4
FROM space AS s WHERE s.number = ?1;

-- name: receipt_of_order
SELECT r.number, r.space_name, r.buyer, r.day,
       s.name, s.address, s.vat_number, s.vat_rate
FROM receipt AS r LEFT JOIN seller AS s ON s.number = r.seller
WHERE r.space = ?1 AND r.ord = ?2;

-- The money that went back of an order (below zero), or came back to it.
-- name: receipt_changes
SELECT e.kind, e.day, r.amount
FROM reversal AS r JOIN event AS e ON e.space = r.space AND e.seq = r.seq
WHERE r.space = ?1 AND r.ord = ?2
ORDER BY r.seq LIMIT ?3;
