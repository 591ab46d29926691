-- Add-ons: like plans, one row is one version, and its rate cards are a JSON document.

CREATE TABLE addon (
    id                TEXT PRIMARY KEY,
    org_id            TEXT NOT NULL,
    key               TEXT NOT NULL,
    version           INTEGER NOT NULL,
    name              TEXT NOT NULL,
    description       TEXT,
    labels            TEXT,
    instance_type     TEXT NOT NULL,
    currency          TEXT NOT NULL,
    effective_from    TEXT,
    effective_to      TEXT,
    rate_cards        TEXT,
    validation_errors TEXT,
    created_at        TEXT NOT NULL,
    updated_at        TEXT NOT NULL,
    deleted_at        TEXT
);

CREATE UNIQUE INDEX addon_version ON addon (org_id, key, version);

-- Whatever happens at the same time: one draft and one active version of a key at most.
CREATE UNIQUE INDEX addon_draft ON addon (org_id, key)
    WHERE effective_from IS NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX addon_open ON addon (org_id, key)
    WHERE effective_from IS NOT NULL AND effective_to IS NULL AND deleted_at IS NULL;
