-- What clients say of subjects: a name to show and the like. Events and attribution need no row
-- here, and none of it changes whose usage is whose.

CREATE TABLE subject (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    key TEXT NOT NULL,
    display_name TEXT,
    metadata TEXT,
    stripe_customer_id TEXT,
    current_period_start TEXT,
    current_period_end TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
);

CREATE UNIQUE INDEX subject_by_key ON subject (org_id, key) WHERE deleted_at IS NULL;
CREATE INDEX subject_by_age ON subject (org_id, id);
