-- Whether a subscription's prices in custom currencies are taken at the cost basis of each invoice or
-- at the one that held when the currency came into it: a list of {custom_currency_id,
-- invoice_currency, cost_basis_id}.

ALTER TABLE subscription ADD COLUMN cost_basis_mode TEXT NOT NULL DEFAULT 'dynamic';

ALTER TABLE subscription ADD COLUMN cost_basis_pins TEXT;
