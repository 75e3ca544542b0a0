-- When a charge was last sent or asked about, by the system's clock: it may
-- be on its way for a while after that.
ALTER TABLE auto_charge ADD COLUMN asked_at INTEGER;
UPDATE auto_charge SET asked_at = sent_at;
