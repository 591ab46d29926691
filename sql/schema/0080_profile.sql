-- Apps, the settings of billing profiles, and what customers have of their own.

CREATE TABLE app (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    labels TEXT,
    enable_draft_sync_hook INTEGER NOT NULL,
    enable_issuing_sync_hook INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
);

CREATE INDEX app_by_age ON app (org_id, created_at, id);

-- What a customer is in the books of an app.
CREATE TABLE customer_app_data (
    org_id TEXT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    app_id TEXT NOT NULL REFERENCES app (id),
    labels TEXT,
    test_card TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (customer_id, app_id)
);

ALTER TABLE billing_profile ADD COLUMN description TEXT;

ALTER TABLE billing_profile ADD COLUMN labels TEXT;

ALTER TABLE billing_profile ADD COLUMN supplier TEXT;

ALTER TABLE billing_profile ADD COLUMN workflow TEXT;

-- NULL in profiles older than apps, until they are given the sandbox.
ALTER TABLE billing_profile ADD COLUMN tax_app_id TEXT REFERENCES app (id);

ALTER TABLE billing_profile ADD COLUMN invoicing_app_id TEXT REFERENCES app (id);

ALTER TABLE billing_profile ADD COLUMN payment_app_id TEXT REFERENCES app (id);

ALTER TABLE billing_profile ADD COLUMN deleted_at TEXT;

CREATE INDEX billing_profile_by_age ON billing_profile (org_id, created_at, id);

-- A customer's own settings, over those of a profile: the one it is pinned to, or the default.
CREATE TABLE billing_override (
    customer_id TEXT PRIMARY KEY REFERENCES customer (id),
    org_id TEXT NOT NULL,
    profile_id TEXT REFERENCES billing_profile (id),
    workflow TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE INDEX billing_override_by_profile ON billing_override (profile_id);
