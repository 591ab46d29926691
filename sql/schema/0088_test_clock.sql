-- Clocks that customers made for tests live on, and the work that is due on them: clock_id is NULL
-- for work on the server's clock.

CREATE TABLE test_clock (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    name TEXT NOT NULL,
    now TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
);

CREATE INDEX test_clock_by_age ON test_clock (org_id, id);

CREATE INDEX customer_by_test_clock ON customer (test_clock_id) WHERE test_clock_id IS NOT NULL;

ALTER TABLE due_work ADD COLUMN clock_id TEXT;

DROP INDEX due_work_open;

CREATE INDEX due_work_open ON due_work (retry_at, id)
    WHERE parked_reason IS NULL AND clock_id IS NULL;

CREATE INDEX due_work_of_clock ON due_work (clock_id, retry_at, id)
    WHERE parked_reason IS NULL AND clock_id IS NOT NULL;
