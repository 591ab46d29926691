-- The whole of a line's pricing, as JSON, in place of a type and an amount.

ALTER TABLE invoice_line ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';

UPDATE invoice_line
SET terms = '{"price":{"type":"' || price_type || '","amount":"' || price_amount || '"}}';

ALTER TABLE invoice_line DROP COLUMN price_type;

ALTER TABLE invoice_line DROP COLUMN price_amount;
