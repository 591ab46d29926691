-- The taxes that a line bears.

ALTER TABLE invoice_line ADD COLUMN taxes TEXT;
