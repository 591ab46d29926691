-- Statements on meters.

-- name: meter_insert
-- args: id, org_id, key, name, description, labels, aggregation, event_type, events_from, value_property, quantile, time_unit, sliding_window, dimensions, created_at, updated_at, deleted_at
INSERT INTO meter (id, org_id, key, name, description, labels, aggregation, event_type, events_from,
                   value_property, quantile, time_unit, sliding_window, dimensions, created_at,
                   updated_at, deleted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- name: meter_save
-- args: org_id, id, name, description, labels, dimensions, updated_at, deleted_at
UPDATE meter
SET name = $3, description = $4, labels = $5, dimensions = $6, updated_at = $7, deleted_at = $8
WHERE org_id = $1 AND id = $2;

-- name: meter_load
-- args: org_id, id
SELECT id, org_id, key, name, description, labels, aggregation, event_type, events_from,
       value_property, quantile, time_unit, sliding_window, dimensions, created_at, updated_at,
       deleted_at
FROM meter
WHERE org_id = $1 AND id = $2;

-- name: meter_load_by_key
-- args: org_id, key
SELECT id, org_id, key, name, description, labels, aggregation, event_type, events_from,
       value_property, quantile, time_unit, sliding_window, dimensions, created_at, updated_at,
       deleted_at
FROM meter
WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL;

-- name: meter_load_all
-- args: org_id
SELECT id, org_id, key, name, description, labels, aggregation, event_type, events_from,
       value_property, quantile, time_unit, sliding_window, dimensions, created_at, updated_at,
       deleted_at
FROM meter
WHERE org_id = $1
ORDER BY id;

-- name: meter_load_living
SELECT id, org_id, key, name, description, labels, aggregation, event_type, events_from,
       value_property, quantile, time_unit, sliding_window, dimensions, created_at, updated_at,
       deleted_at
FROM meter
WHERE deleted_at IS NULL
ORDER BY id;
-- Erased subjects.

-- name: erasure_insert
-- args: id, org_id, created_at, actor, subject_digests, events, segments, events_left
INSERT INTO erasure (id, org_id, created_at, actor, subject_digests, events, segments, events_left)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: erasure_count
-- args: org_id, digest
SELECT count(*) FROM erasure
WHERE org_id = $1 AND ($2 = '' OR subject_digests LIKE '%' || $2 || '%');

-- name: erasure_list
-- args: org_id, digest, limit, offset
SELECT id, org_id, created_at, actor, subject_digests, events, segments, events_left
FROM erasure
WHERE org_id = $1 AND ($2 = '' OR subject_digests LIKE '%' || $2 || '%')
ORDER BY id DESC LIMIT $3 OFFSET $4;
