-- The walk through the provider's list of events.

-- name: walk_one
SELECT after, top_s, until_s FROM event_walk WHERE provider = ?1 AND live = ?2;

-- name: walk_set
INSERT INTO event_walk (provider, live, after, top_s, until_s)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (provider, live) DO UPDATE
SET after = excluded.after, top_s = excluded.top_s,
    until_s = excluded.until_s;
