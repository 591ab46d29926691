-- How long an organization's outbox is kept, and where the numbers of a thing's events go on when the
-- rows are gone. Those of the organization go on from its newest row, which always stays.

ALTER TABLE org ADD COLUMN outbox_retention TEXT NOT NULL DEFAULT 'P90D';

CREATE TABLE outbox_subject (
    org_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (org_id, subject_id)
);
