-- The calendar in which a customer's periods are counted, its tax id, and the test clock it lives on.
-- A subscription keeps the zone that it began with.

ALTER TABLE customer ADD COLUMN time_zone TEXT;

ALTER TABLE customer ADD COLUMN tax_id TEXT;

ALTER TABLE customer ADD COLUMN test_clock_id TEXT;

ALTER TABLE subscription ADD COLUMN time_zone TEXT;
