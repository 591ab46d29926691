-- How long an organization's events are kept, and the book of erased subjects. An entry names a
-- subject by its digest only: what was erased must not stand here.

ALTER TABLE org ADD COLUMN usage_retention TEXT NOT NULL DEFAULT 'P2Y';

CREATE TABLE erasure (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES org (id),
    created_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject_digests TEXT NOT NULL,
    events INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    events_left INTEGER NOT NULL
);

CREATE INDEX erasure_org ON erasure (org_id, id);
