-- Saved plans (campaign_plan) and what was used under their campaigns.

-- name: campaign_plan_last
SELECT coalesce(max(plan), 0) FROM campaign_plan WHERE space = ?1;

-- name: campaign_plan_insert
INSERT INTO campaign_plan (space, plan, name, campaign, member, book,
                           quoted_at, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: campaign_plan_item_insert
INSERT INTO campaign_plan_item (space, plan, item, activity, quality, quantity)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: campaign_plan_items_delete
DELETE FROM campaign_plan_item WHERE space = ?1 AND plan = ?2;

-- name: campaign_plan_quote
UPDATE campaign_plan SET name = ?3, book = ?4, quoted_at = ?5
WHERE space = ?1 AND plan = ?2 AND started_at IS NULL;

-- name: campaign_plan_start
UPDATE campaign_plan SET started_at = ?3, expires_at = ?4
WHERE space = ?1 AND plan = ?2 AND started_at IS NULL;

-- name: campaign_plan_finish
UPDATE campaign_plan SET finished_at = ?3
WHERE space = ?1 AND plan = ?2 AND started_at IS NOT NULL
  AND finished_at IS NULL;

-- The last column: whether a hold of it is still open at a time (?3). The +
-- keeps the look-up by campaign: a Space may have many open holds.
-- name: campaign_plan_one
SELECT p.plan, p.name, p.campaign, p.member, m.name, p.book, p.quoted_at,
       p.created_at, p.started_at, p.expires_at, p.finished_at,
       p.started_at IS NOT NULL AND p.finished_at IS NULL
       AND EXISTS (SELECT 1 FROM hold AS h
                   WHERE h.space = p.space AND h.campaign = p.campaign
                     AND h.state = 0 AND h.plan IS NOT NULL
                     AND h.plan = p.plan AND +h.expires_at > ?3)
FROM campaign_plan AS p LEFT JOIN member AS m ON m.number = p.member
WHERE p.space = ?1 AND p.plan = ?2;

-- name: campaign_plan_page
SELECT p.plan, p.name, p.campaign, p.member, m.name, p.book, p.quoted_at,
       p.created_at, p.started_at, p.expires_at, p.finished_at,
       p.started_at IS NOT NULL AND p.finished_at IS NULL
       AND EXISTS (SELECT 1 FROM hold AS h
                   WHERE h.space = p.space AND h.campaign = p.campaign
                     AND h.state = 0 AND h.plan IS NOT NULL
                     AND h.plan = p.plan AND +h.expires_at > ?3)
FROM campaign_plan AS p LEFT JOIN member AS m ON m.number = p.member
WHERE p.space = ?1 AND p.plan < ?2
ORDER BY p.plan DESC LIMIT ?4;

-- Its items with the prices of its book.
-- name: campaign_plan_items
SELECT i.activity, i.quality, i.quantity, x.label, x.unit, x.credits, x.per
FROM campaign_plan AS p
JOIN campaign_plan_item AS i ON i.space = p.space AND i.plan = p.plan
JOIN price AS x ON x.version = p.book AND x.activity = i.activity
  AND coalesce(x.quality, '') = coalesce(i.quality, '')
WHERE p.space = ?1 AND p.plan = ?2
ORDER BY i.item;

-- What was captured under a campaign, by activity and quality; what is not by
-- a price book has no activity. Quantities come in two parts, whose sums
-- cannot overflow: millions, and what is over.
-- name: campaign_plan_used
SELECT activity, quality, coalesce(sum(quantity / 1000000), 0),
       coalesce(sum(quantity % 1000000), 0), sum(-credits)
FROM (
  SELECT CASE WHEN e.book IS NULL THEN NULL ELSE e.feature END AS activity,
         e.quality, e.quantity, e.credits
  FROM event_block AS b
  JOIN event AS e ON e.space = b.space
    AND e.seq BETWEEN 1024 * b.block + 1 AND 1024 * b.block + 1024
  WHERE b.space = ?1 AND b.dim = 2 AND b.key = ?2
    AND e.kind = 3 AND e.campaign = ?2
  UNION ALL
  SELECT CASE WHEN book IS NULL THEN NULL ELSE feature END, quality, quantity,
         credits
  FROM event
  WHERE space = ?1 AND kind = 3 AND campaign = ?2
    AND seq > (SELECT folded FROM wallet WHERE space = ?1)) AS used
GROUP BY activity, quality ORDER BY activity, quality;

-- The same of what was given back, with the captures that it was of; those
-- alike are counted together.
-- name: campaign_plan_refunded
SELECT CASE WHEN c.book IS NULL THEN NULL ELSE c.feature END, c.quality,
       c.quantity, -c.credits, r.credits, count(*)
FROM (
  SELECT refund_of, sum(credits) AS credits
  FROM (
    SELECT e.refund_of, e.credits
    FROM event_block AS b
    JOIN event AS e ON e.space = b.space
      AND e.seq BETWEEN 1024 * b.block + 1 AND 1024 * b.block + 1024
    WHERE b.space = ?1 AND b.dim = 2 AND b.key = ?2
      AND e.kind = 4 AND e.campaign = ?2
    UNION ALL
    SELECT refund_of, credits
    FROM event
    WHERE space = ?1 AND kind = 4 AND campaign = ?2
      AND seq > (SELECT folded FROM wallet WHERE space = ?1)) AS refund
  GROUP BY refund_of) AS r
JOIN event AS c ON c.space = ?1 AND c.seq = r.refund_of
GROUP BY 1, 2, 3, 4, 5;
