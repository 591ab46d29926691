-- Tax codes, and which of them an organization uses when nothing else is said.

CREATE TABLE tax_code (
    id           TEXT PRIMARY KEY,
    org_id       TEXT NOT NULL,
    key          TEXT NOT NULL,
    name         TEXT NOT NULL,
    description  TEXT,
    labels       TEXT,
    app_mappings TEXT,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    deleted_at   TEXT
);

CREATE UNIQUE INDEX tax_code_key ON tax_code (org_id, key) WHERE deleted_at IS NULL;

CREATE TABLE tax_defaults (
    org_id          TEXT PRIMARY KEY,
    invoicing_id    TEXT NOT NULL,
    credit_grant_id TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL
);
