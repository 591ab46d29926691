-- Customers, and which subjects are theirs in which time.

CREATE TABLE customer (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    key TEXT,
    name TEXT NOT NULL,
    description TEXT,
    labels TEXT,
    usage_attribution TEXT,
    primary_email TEXT,
    currency TEXT,
    billing_address TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
);

CREATE UNIQUE INDEX customer_by_key ON customer (org_id, key) WHERE deleted_at IS NULL;
CREATE INDEX customer_by_age ON customer (org_id, created_at, id);

-- A subject belongs to a customer in [valid_from, valid_to); NULL stands for no bound. The
-- customer's key is a row like its subject keys.
CREATE TABLE customer_subject (
    org_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    valid_from TEXT,
    valid_to TEXT
);

CREATE UNIQUE INDEX customer_subject_owner ON customer_subject (org_id, subject)
    WHERE valid_to IS NULL;
CREATE INDEX customer_subject_history ON customer_subject (org_id, subject, valid_to);
CREATE INDEX customer_subject_by_customer ON customer_subject (customer_id);
