-- What is taken next on the server's clock comes from one index.
DROP INDEX due_work_open;
DROP INDEX due_work_by_kind;
CREATE INDEX due_work_by_kind ON due_work (retry_at, kind DESC, id)
    WHERE parked_reason IS NULL AND clock_id IS NULL;
