-- What `scrip doctor` looks at. Reads only.

-- name: doctor_engine
SELECT sqlite_version();

-- name: doctor_reports
SELECT count(*), max(received_at) FROM provider_event;

-- Payments that were credited because somebody asked, of which no report
-- has told: a webhook that does not arrive.
-- name: doctor_untold
SELECT count(*) FROM payment AS p
 WHERE NOT EXISTS (SELECT 1 FROM provider_event AS e
                    WHERE e.provider = p.provider AND e.live = p.live
                      AND e.space = p.space AND e.ord = p.ord);

-- name: doctor_size
SELECT count(*), coalesce(sum(seq), 0) FROM wallet;
