-- The first answers to requests that carry an Idempotency-Key, for when they are repeated.

CREATE TABLE idempotency_key (
    org_id TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT,
    body TEXT,
    etag TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (org_id, key)
);

CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
