-- Features and plans. What is archived or deleted stays: subscriptions and invoices refer to it.

CREATE TABLE feature (
    id               TEXT PRIMARY KEY,
    org_id           TEXT NOT NULL,
    key              TEXT NOT NULL,
    name             TEXT NOT NULL,
    description      TEXT,
    labels           TEXT,
    meter_id         TEXT,
    meter_key        TEXT,
    filters          TEXT,
    advanced_filters TEXT,
    created_at       TEXT NOT NULL,
    updated_at       TEXT NOT NULL,
    deleted_at       TEXT
);

CREATE UNIQUE INDEX feature_active_key ON feature (org_id, key) WHERE deleted_at IS NULL;
CREATE INDEX feature_key ON feature (org_id, key, created_at);
CREATE INDEX feature_meter ON feature (org_id, meter_id) WHERE deleted_at IS NULL;

-- One row is one version. Phases and rate cards are a JSON document: they are read and written as
-- a whole, and never change once the version is published.
CREATE TABLE plan (
    id                 TEXT PRIMARY KEY,
    org_id             TEXT NOT NULL,
    key                TEXT NOT NULL,
    version            INTEGER NOT NULL,
    name               TEXT NOT NULL,
    description        TEXT,
    labels             TEXT,
    currency           TEXT NOT NULL,
    billing_cadence    TEXT NOT NULL,
    pro_rating_enabled INTEGER NOT NULL,
    settlement_mode    TEXT NOT NULL,
    alignment          TEXT,
    effective_from     TEXT,
    effective_to       TEXT,
    phases             TEXT,
    validation_errors  TEXT,
    created_at         TEXT NOT NULL,
    updated_at         TEXT NOT NULL,
    deleted_at         TEXT
);

CREATE UNIQUE INDEX plan_version ON plan (org_id, key, version);

-- Whatever happens at the same time: one draft and one open version of a key at most.
CREATE UNIQUE INDEX plan_draft ON plan (org_id, key)
    WHERE effective_from IS NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX plan_open ON plan (org_id, key)
    WHERE effective_from IS NOT NULL AND effective_to IS NULL AND deleted_at IS NULL;
