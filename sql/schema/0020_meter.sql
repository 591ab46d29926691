-- Meters. A deleted meter stays, because invoices refer to it; its key is free again.
CREATE TABLE meter (
    id             TEXT PRIMARY KEY,
    org_id         TEXT NOT NULL REFERENCES org (id),
    key            TEXT NOT NULL,
    name           TEXT NOT NULL,
    description    TEXT,
    labels         TEXT,
    aggregation    TEXT NOT NULL,
    event_type     TEXT NOT NULL,
    events_from    TEXT,
    value_property TEXT,
    dimensions     TEXT,
    created_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL,
    deleted_at     TEXT
);

CREATE UNIQUE INDEX meter_key ON meter (org_id, key) WHERE deleted_at IS NULL;

CREATE INDEX meter_org ON meter (org_id, id);
