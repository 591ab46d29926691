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
