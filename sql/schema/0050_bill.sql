-- Gathering invoices, their pending lines, and the work that falls due.

CREATE TABLE billing_profile (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_default INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE UNIQUE INDEX billing_profile_default ON billing_profile (org_id) WHERE is_default = 1;

CREATE TABLE invoice (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    profile_id TEXT NOT NULL REFERENCES billing_profile (id),
    status TEXT NOT NULL,
    number TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE UNIQUE INDEX invoice_gathering ON invoice (org_id, customer_id, currency)
    WHERE status = 'gathering';

-- (item_id, period_index) names a line: a charge is never there twice.
CREATE TABLE invoice_line (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    subscription_id TEXT NOT NULL REFERENCES subscription (id),
    phase_id TEXT NOT NULL,
    item_id TEXT NOT NULL REFERENCES subscription_item (id),
    period_index INTEGER NOT NULL,
    reference TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    feature_id TEXT,
    feature_key TEXT,
    currency TEXT NOT NULL,
    price_type TEXT NOT NULL,
    price_amount TEXT NOT NULL,
    payment_term TEXT NOT NULL,
    is_pro_rating INTEGER NOT NULL,
    service_from TEXT NOT NULL,
    service_to TEXT NOT NULL,
    full_from TEXT NOT NULL,
    full_to TEXT NOT NULL,
    billing_from TEXT NOT NULL,
    billing_to TEXT NOT NULL,
    invoice_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE UNIQUE INDEX invoice_line_identity ON invoice_line (item_id, period_index);
CREATE INDEX invoice_line_by_invoice ON invoice_line (invoice_id);
CREATE INDEX invoice_line_by_subscription ON invoice_line (subscription_id);

-- Up to where the lines of a subscription have been made.
CREATE TABLE subscription_sync (
    subscription_id TEXT PRIMARY KEY REFERENCES subscription (id),
    synced_to TEXT NOT NULL
);

-- The last number given in each series of an organization.
CREATE TABLE number_sequence (
    org_id TEXT NOT NULL,
    name TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (org_id, name)
);

CREATE TABLE due_work (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    retry_at TEXT NOT NULL,
    parked_reason TEXT,
    created_at TEXT NOT NULL
);

CREATE UNIQUE INDEX due_work_identity ON due_work (kind, subject_id, due_at);
CREATE INDEX due_work_open ON due_work (retry_at, id) WHERE parked_reason IS NULL;
