-- Work that is due at one instant is taken kind by kind, so that what is alike is done together.

CREATE INDEX due_work_by_kind ON due_work (retry_at, kind, id) WHERE parked_reason IS NULL;
