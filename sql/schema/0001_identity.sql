-- Organizations, API tokens, and the book of who changed what.

CREATE TABLE org (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    is_default INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
);

-- There is one default organization at most, also when two processes start at once.
CREATE UNIQUE INDEX org_default ON org (is_default) WHERE is_default = 1;

-- `hash` is of the secret; the secret itself is shown once and kept nowhere.
CREATE TABLE token (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES org (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    hash TEXT NOT NULL,
    hint TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
);

CREATE UNIQUE INDEX token_hash ON token (hash);
CREATE INDEX token_org ON token (org_id, id);

CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES org (id),
    created_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id TEXT,
    request_id TEXT,
    detail TEXT
);

CREATE INDEX audit_org ON audit (org_id, id);
CREATE INDEX audit_entity ON audit (org_id, entity_id, id);
