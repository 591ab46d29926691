-- How an organization's automatic invoices are made, beyond what billing profiles say.

CREATE TABLE billing_settings (
    org_id TEXT PRIMARY KEY,
    lines_max INTEGER NOT NULL
);
