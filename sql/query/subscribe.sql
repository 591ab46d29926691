-- name: subscription_insert
-- args: id, org_id, name, description, labels, customer_id, plan_id, plan_key, plan_version, version, annotations, invoice_currency, billing_cadence, billing_anchor, time_zone, is_pro_rating, settlement_mode, active_from, active_to, created_at, updated_at, cost_basis_mode, cost_basis_pins
INSERT INTO subscription (id, org_id, name, description, labels, customer_id, plan_id, plan_key,
    plan_version, version, annotations, invoice_currency, billing_cadence, billing_anchor,
    time_zone, is_pro_rating, settlement_mode, active_from, active_to, created_at, updated_at,
    cost_basis_mode, cost_basis_pins)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23);

-- name: subscription_phase_insert
-- args: id, subscription_id, key, name, description, labels, active_from, active_to, created_at, updated_at
INSERT INTO subscription_phase (id, subscription_id, key, name, description, labels, active_from,
    active_to, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: subscription_phase_set_times
-- args: id, active_from, active_to, now
UPDATE subscription_phase SET active_from = $2, active_to = $3, updated_at = $4 WHERE id = $1;

-- name: subscription_phase_mark_deleted
-- args: id, now
UPDATE subscription_phase SET deleted_at = $2 WHERE id = $1;

-- name: subscription_item_insert
-- args: id, subscription_id, phase_id, position, version, key, name, description, rate_card, base_id, base_card, addon_id, active_from, active_to, created_at, updated_at
INSERT INTO subscription_item (id, subscription_id, phase_id, position, version, key, name,
    description, rate_card, base_id, base_card, addon_id, active_from, active_to, created_at,
    updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- The first version of a key in a phase that no item has had, taken out ones included.
-- name: subscription_item_version_next
-- args: phase_id, key
SELECT COALESCE(MAX(version), -1) + 1 FROM subscription_item WHERE phase_id = $1 AND key = $2;

-- name: subscription_item_set_times
-- args: id, active_from, active_to, now
UPDATE subscription_item SET active_from = $2, active_to = $3, updated_at = $4 WHERE id = $1;

-- name: subscription_item_mark_deleted
-- args: id, now
UPDATE subscription_item SET deleted_at = $2 WHERE id = $1;

-- name: subscription_by_id
-- args: org_id, id
SELECT id, org_id, name, description, labels, customer_id, plan_id, plan_key, plan_version,
    version, annotations, invoice_currency, billing_cadence, billing_anchor, time_zone,
    is_pro_rating, settlement_mode, cost_basis_mode, cost_basis_pins, active_from, active_to,
    created_at, updated_at, deleted_at
FROM subscription WHERE org_id = $1 AND id = $2;

-- name: subscription_set_pins
-- args: org_id, id, cost_basis_pins
UPDATE subscription SET cost_basis_pins = $3 WHERE org_id = $1 AND id = $2;

-- name: subscription_pins
-- args: org_id, id
SELECT cost_basis_pins FROM subscription WHERE org_id = $1 AND id = $2;

-- name: subscription_phases
-- args: subscription_id
SELECT id, key, name, description, labels, active_from, active_to, created_at, updated_at
FROM subscription_phase WHERE subscription_id = $1 AND deleted_at IS NULL ORDER BY active_from;

-- name: subscription_items
-- args: subscription_id
SELECT id, phase_id, position, version, key, name, description, rate_card, base_id, base_card,
    addon_id, active_from, active_to, created_at, updated_at
FROM subscription_item WHERE subscription_id = $1 AND deleted_at IS NULL
ORDER BY phase_id, position, version;

-- name: subscription_set_end
-- args: org_id, id, active_to, now
UPDATE subscription SET active_to = $3, updated_at = $4, version = version + 1
WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: subscription_step
-- args: org_id, id, now
UPDATE subscription SET updated_at = $3, version = version + 1
WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: subscription_annotate
-- args: org_id, id, annotations
UPDATE subscription SET annotations = $3 WHERE org_id = $1 AND id = $2;

-- name: subscription_mark_deleted
-- args: org_id, id, now
UPDATE subscription SET deleted_at = $3, updated_at = $3
WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: subscription_of_customer
-- args: org_id, customer_id
SELECT id, org_id, name, description, labels, customer_id, plan_id, plan_key, plan_version,
    version, annotations, invoice_currency, billing_cadence, billing_anchor, time_zone,
    is_pro_rating, settlement_mode, cost_basis_mode, cost_basis_pins, active_from, active_to,
    created_at, updated_at, deleted_at
FROM subscription WHERE org_id = $1 AND customer_id = $2 AND deleted_at IS NULL
ORDER BY active_from, id;

-- name: subscription_page
-- args: org_id, customer_id, plan_id, plan_key, ids, all_statuses, active, inactive, canceled, scheduled, now, sort, descending, limit, offset
SELECT id, org_id, name, description, labels, customer_id, plan_id, plan_key, plan_version,
    version, annotations, invoice_currency, billing_cadence, billing_anchor, time_zone,
    is_pro_rating, settlement_mode, cost_basis_mode, cost_basis_pins, active_from, active_to,
    created_at, updated_at, deleted_at
FROM (SELECT id AS near_id FROM subscription
        WHERE $2 IS NOT NULL AND org_id = $1 AND customer_id = $2
    UNION ALL SELECT id FROM subscription
        WHERE $2 IS NULL AND $4 IS NOT NULL AND org_id = $1 AND plan_key = $4
    UNION ALL SELECT id FROM subscription
        WHERE $2 IS NULL AND $4 IS NULL AND org_id = $1) AS near
    CROSS JOIN (SELECT s.*, COALESCE((SELECT t.now FROM customer c JOIN test_clock t
        ON t.id = c.test_clock_id WHERE c.id = s.customer_id), $11) AS present
    FROM subscription s
    WHERE s.deleted_at IS NULL) AS alive
WHERE alive.id = near.near_id AND ($2 IS NULL OR customer_id = $2)
    AND ($3 IS NULL OR plan_id = $3)
    AND ($4 IS NULL OR plan_key = $4)
    AND ($5 IS NULL OR $5 LIKE '%' || id || '%')
    AND ($6 = 1
        OR ($7 = 1 AND active_from <= present AND active_to IS NULL)
        OR ($8 = 1 AND active_from <= present AND active_to <= present)
        OR ($9 = 1 AND active_from <= present AND active_to > present)
        OR ($10 = 1 AND active_from > present))
ORDER BY
    CASE WHEN $13 = 0 THEN CASE $12 WHEN 'active_from' THEN active_from
        WHEN 'active_to' THEN COALESCE(active_to, '9999') END END,
    CASE WHEN $13 = 1 THEN CASE $12 WHEN 'active_from' THEN active_from
        WHEN 'active_to' THEN COALESCE(active_to, '9999') END END DESC,
    CASE WHEN $13 = 0 THEN id END,
    id DESC
LIMIT $14 OFFSET $15;

-- Of a list without conditions, in its order.
-- name: subscription_page_by_start
-- args: org_id, limit, offset
SELECT id, org_id, name, description, labels, customer_id, plan_id, plan_key, plan_version,
    version, annotations, invoice_currency, billing_cadence, billing_anchor, time_zone,
    is_pro_rating, settlement_mode, cost_basis_mode, cost_basis_pins, active_from, active_to,
    created_at, updated_at, deleted_at
FROM subscription WHERE org_id = $1 AND deleted_at IS NULL
ORDER BY active_from, id LIMIT $2 OFFSET $3;

-- name: subscription_page_by_start_back
-- args: org_id, limit, offset
SELECT id, org_id, name, description, labels, customer_id, plan_id, plan_key, plan_version,
    version, annotations, invoice_currency, billing_cadence, billing_anchor, time_zone,
    is_pro_rating, settlement_mode, cost_basis_mode, cost_basis_pins, active_from, active_to,
    created_at, updated_at, deleted_at
FROM subscription WHERE org_id = $1 AND deleted_at IS NULL
ORDER BY active_from DESC, id DESC LIMIT $2 OFFSET $3;

-- name: subscription_count_all
-- args: org_id
SELECT COUNT(*) FROM subscription WHERE org_id = $1 AND deleted_at IS NULL;

-- name: subscription_count
-- args: org_id, customer_id, plan_id, plan_key, ids, all_statuses, active, inactive, canceled, scheduled, now
SELECT COUNT(*)
FROM (SELECT id AS near_id FROM subscription
        WHERE $2 IS NOT NULL AND org_id = $1 AND customer_id = $2
    UNION ALL SELECT id FROM subscription
        WHERE $2 IS NULL AND $4 IS NOT NULL AND org_id = $1 AND plan_key = $4
    UNION ALL SELECT id FROM subscription
        WHERE $2 IS NULL AND $4 IS NULL AND org_id = $1) AS near
    CROSS JOIN (SELECT s.*, COALESCE((SELECT t.now FROM customer c JOIN test_clock t
        ON t.id = c.test_clock_id WHERE c.id = s.customer_id), $11) AS present
    FROM subscription s
    WHERE s.deleted_at IS NULL) AS alive
WHERE alive.id = near.near_id AND ($2 IS NULL OR customer_id = $2)
    AND ($3 IS NULL OR plan_id = $3)
    AND ($4 IS NULL OR plan_key = $4)
    AND ($5 IS NULL OR $5 LIKE '%' || id || '%')
    AND ($6 = 1
        OR ($7 = 1 AND active_from <= present AND active_to IS NULL)
        OR ($8 = 1 AND active_from <= present AND active_to <= present)
        OR ($9 = 1 AND active_from <= present AND active_to > present)
        OR ($10 = 1 AND active_from > present));

-- name: subscription_settings_get
-- args: org_id
SELECT is_multiple, may_start_in_past FROM subscription_settings WHERE org_id = $1;

-- name: subscription_settings_set
-- args: org_id, is_multiple, may_start_in_past
INSERT INTO subscription_settings (org_id, is_multiple, may_start_in_past) VALUES ($1, $2, $3)
ON CONFLICT (org_id) DO UPDATE SET is_multiple = EXCLUDED.is_multiple,
    may_start_in_past = EXCLUDED.may_start_in_past;

-- name: subscription_addons
-- args: org_id, subscription_id
SELECT id, org_id, subscription_id, addon_id, name, description, labels, timeline, created_at,
    updated_at
FROM subscription_addon WHERE org_id = $1 AND subscription_id = $2 ORDER BY id;

-- name: subscription_addon_insert
-- args: id, org_id, subscription_id, addon_id, name, description, labels, timeline, created_at, updated_at
INSERT INTO subscription_addon (id, org_id, subscription_id, addon_id, name, description, labels,
    timeline, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: subscription_addon_update
-- args: id, name, description, labels, timeline, updated_at
UPDATE subscription_addon SET name = $2, description = $3, labels = $4, timeline = $5,
    updated_at = $6
WHERE id = $1;
