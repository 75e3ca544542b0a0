-- What became of a top-up is found by its order.
CREATE INDEX event_ord ON event (space, ord, seq) WHERE ord IS NOT NULL;
