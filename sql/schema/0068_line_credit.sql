-- How far the lines of a subscription can no longer change, and what issued lines were billed too
-- much (or too little, below zero) once their subscription had changed. Line ids are not references:
-- lines are kept by another table's rules.

ALTER TABLE subscription_sync ADD COLUMN settled_to TEXT;

CREATE TABLE line_credit (
    line_id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscription (id),
    reference TEXT,
    currency TEXT NOT NULL,
    original TEXT NOT NULL,
    kept TEXT NOT NULL,
    amount TEXT NOT NULL,
    kept_to TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE INDEX line_credit_by_subscription ON line_credit (subscription_id);

CREATE INDEX line_credit_by_invoice ON line_credit (invoice_id);
