-- Of what is due at one time, lines are brought up to date before they are collected: kinds in falling
-- order are in that order.
DROP INDEX due_work_by_kind;
CREATE INDEX due_work_by_kind ON due_work (retry_at, kind DESC, id) WHERE parked_reason IS NULL;
