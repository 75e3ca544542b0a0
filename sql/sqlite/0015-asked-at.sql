-- When a charge was last sent or asked about, by the system's clock: it may
-- be on its way for a while after that. 0: never.
ALTER TABLE auto_charge ADD COLUMN asked_at INTEGER NOT NULL DEFAULT 0;
UPDATE auto_charge SET asked_at = sent_at WHERE sent_at IS NOT NULL;
