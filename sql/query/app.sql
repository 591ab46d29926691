-- name: app_insert
-- args: id, org_id, type, name, description, labels, enable_draft_sync_hook, enable_issuing_sync_hook, created_at, updated_at
INSERT INTO app (id, org_id, type, name, description, labels, enable_draft_sync_hook,
    enable_issuing_sync_hook, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: app_update
-- args: id, org_id, name, description, labels, enable_draft_sync_hook, enable_issuing_sync_hook, updated_at, deleted_at
UPDATE app SET name = $3, description = $4, labels = $5, enable_draft_sync_hook = $6,
    enable_issuing_sync_hook = $7, updated_at = $8, deleted_at = $9
WHERE id = $1 AND org_id = $2;

-- name: app_get
-- args: org_id, id
SELECT id, org_id, type, name, description, labels, enable_draft_sync_hook,
    enable_issuing_sync_hook, created_at, updated_at, deleted_at
FROM app WHERE org_id = $1 AND id = $2;

-- name: app_oldest
-- args: org_id, type
SELECT id, org_id, type, name, description, labels, enable_draft_sync_hook,
    enable_issuing_sync_hook, created_at, updated_at, deleted_at
FROM app WHERE org_id = $1 AND type = $2 AND deleted_at IS NULL ORDER BY created_at, id LIMIT 1;

-- name: app_page
-- args: org_id, limit, offset
SELECT id, org_id, type, name, description, labels, enable_draft_sync_hook,
    enable_issuing_sync_hook, created_at, updated_at, deleted_at
FROM app WHERE org_id = $1 AND deleted_at IS NULL ORDER BY created_at, id LIMIT $2 OFFSET $3;

-- name: app_count
-- args: org_id
SELECT COUNT(*) FROM app WHERE org_id = $1 AND deleted_at IS NULL;

-- Profiles that live, and invoices that are not at their end, need their apps.
-- name: app_uses
-- args: org_id, app_id
SELECT (SELECT COUNT(*) FROM billing_profile
        WHERE org_id = $1 AND deleted_at IS NULL
          AND (tax_app_id = $2 OR invoicing_app_id = $2 OR payment_app_id = $2))
    + (SELECT COUNT(*) FROM invoice i JOIN billing_profile p ON p.id = i.profile_id
       WHERE i.org_id = $1
         AND (p.tax_app_id = $2 OR p.invoicing_app_id = $2 OR p.payment_app_id = $2)
         AND i.status NOT IN ('paid', 'voided', 'uncollectible', 'deleted'));

-- name: customer_app_data_list
-- args: org_id, customer_id, type
SELECT d.customer_id, d.org_id, d.app_id, a.type, d.labels, d.test_card, d.created_at, d.updated_at
FROM customer_app_data d JOIN app a ON a.id = d.app_id
WHERE d.org_id = $1 AND d.customer_id = $2 AND a.deleted_at IS NULL
    AND ($3 IS NULL OR a.type = $3)
ORDER BY a.created_at, a.id;

-- name: customer_app_data_set
-- args: org_id, customer_id, app_id, labels, test_card, created_at, updated_at
INSERT INTO customer_app_data (org_id, customer_id, app_id, labels, test_card, created_at,
    updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (customer_id, app_id) DO UPDATE SET labels = EXCLUDED.labels,
    test_card = EXCLUDED.test_card, updated_at = EXCLUDED.updated_at;

-- name: customer_app_data_delete
-- args: org_id, customer_id, app_id
DELETE FROM customer_app_data WHERE org_id = $1 AND customer_id = $2 AND app_id = $3;
