-- What others are to be told, written with the change that it tells of. Numbers count from 1 without
-- gaps: sequence in the organization, subject_sequence for one thing.

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    type TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    subject_sequence INTEGER NOT NULL,
    payload TEXT NOT NULL,
    created_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    retry_at TEXT,
    done_at TEXT
);

CREATE UNIQUE INDEX outbox_order ON outbox (org_id, sequence);
CREATE UNIQUE INDEX outbox_order_of_subject ON outbox (org_id, subject_id, subject_sequence);
CREATE INDEX outbox_open ON outbox (sequence, org_id) WHERE done_at IS NULL;
