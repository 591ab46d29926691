-- Where a test clock is on its way to; NULL while it stands.

ALTER TABLE test_clock ADD COLUMN advancing_to TEXT;

CREATE INDEX test_clock_under_way ON test_clock (id) WHERE advancing_to IS NOT NULL;
