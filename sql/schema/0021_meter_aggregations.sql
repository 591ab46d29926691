-- What the aggregations quantile, integral and sliding_unique_count need to know.
ALTER TABLE meter ADD COLUMN quantile TEXT;
ALTER TABLE meter ADD COLUMN time_unit TEXT;
ALTER TABLE meter ADD COLUMN sliding_window TEXT;
