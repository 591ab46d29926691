-- name: billing_profile_insert
-- args: id, org_id, name, description, labels, supplier, workflow, tax_app_id, invoicing_app_id, payment_app_id, is_default, created_at, updated_at
INSERT INTO billing_profile (id, org_id, name, description, labels, supplier, workflow, tax_app_id,
    invoicing_app_id, payment_app_id, is_default, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: billing_profile_update
-- args: id, org_id, name, description, labels, supplier, workflow, tax_app_id, invoicing_app_id, payment_app_id, is_default, updated_at, deleted_at
UPDATE billing_profile SET name = $3, description = $4, labels = $5, supplier = $6, workflow = $7,
    tax_app_id = $8, invoicing_app_id = $9, payment_app_id = $10, is_default = $11,
    updated_at = $12, deleted_at = $13
WHERE id = $1 AND org_id = $2;

-- name: billing_profile_get
-- args: org_id, id
SELECT id, org_id, name, description, labels, supplier, workflow, tax_app_id, invoicing_app_id,
    payment_app_id, is_default, created_at, updated_at, deleted_at
FROM billing_profile WHERE org_id = $1 AND id = $2;

-- name: billing_profile_of_org
-- args: org_id
SELECT id, org_id, name, description, labels, supplier, workflow, tax_app_id, invoicing_app_id,
    payment_app_id, is_default, created_at, updated_at, deleted_at
FROM billing_profile WHERE org_id = $1 AND is_default = 1;

-- name: billing_profile_page
-- args: org_id, with_deleted, sort, is_descending, limit, offset
SELECT id, org_id, name, description, labels, supplier, workflow, tax_app_id, invoicing_app_id,
    payment_app_id, is_default, created_at, updated_at, deleted_at
FROM billing_profile
WHERE org_id = $1 AND ($2 = 1 OR deleted_at IS NULL)
ORDER BY
    CASE WHEN $4 = 0 THEN CASE $3 WHEN 'name' THEN name WHEN 'created_at' THEN created_at
        WHEN 'updated_at' THEN updated_at WHEN 'default' THEN CAST(is_default AS TEXT) END END,
    CASE WHEN $4 = 1 THEN CASE $3 WHEN 'name' THEN name WHEN 'created_at' THEN created_at
        WHEN 'updated_at' THEN updated_at WHEN 'default' THEN CAST(is_default AS TEXT) END
    END DESC,
    CASE WHEN $4 = 0 THEN id END,
    id DESC
LIMIT $5 OFFSET $6;

-- name: billing_profile_count
-- args: org_id, with_deleted
SELECT COUNT(*) FROM billing_profile WHERE org_id = $1 AND ($2 = 1 OR deleted_at IS NULL);

-- Customers that are pinned to it, and invoices that are not at their end.
-- name: billing_profile_uses
-- args: org_id, profile_id
SELECT (SELECT COUNT(*) FROM billing_override WHERE org_id = $1 AND profile_id = $2)
    + (SELECT COUNT(*) FROM invoice
       WHERE org_id = $1 AND profile_id = $2
         AND status NOT IN ('paid', 'voided', 'uncollectible', 'deleted'));

-- Customers with invoices that are not at their end, who are not pinned to a profile.
-- name: billing_override_pin_open
-- args: org_id, profile_id, now
INSERT INTO billing_override (customer_id, org_id, profile_id, created_at, updated_at)
SELECT DISTINCT i.customer_id, i.org_id, $2, $3, $3
FROM invoice i
WHERE i.org_id = $1 AND i.status NOT IN ('paid', 'voided', 'uncollectible', 'deleted')
ON CONFLICT (customer_id) DO UPDATE SET profile_id = EXCLUDED.profile_id,
    updated_at = EXCLUDED.updated_at
WHERE billing_override.profile_id IS NULL;

-- name: billing_settings_get
-- args: org_id
SELECT lines_max FROM billing_settings WHERE org_id = $1;

-- name: billing_settings_set
-- args: org_id, lines_max
INSERT INTO billing_settings (org_id, lines_max) VALUES ($1, $2)
ON CONFLICT (org_id) DO UPDATE SET lines_max = EXCLUDED.lines_max;

-- name: billing_override_get
-- args: org_id, customer_id
SELECT customer_id, org_id, profile_id, workflow, created_at, updated_at
FROM billing_override WHERE org_id = $1 AND customer_id = $2;

-- name: billing_override_set
-- args: customer_id, org_id, profile_id, workflow, created_at, updated_at
INSERT INTO billing_override (customer_id, org_id, profile_id, workflow, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (customer_id) DO UPDATE SET profile_id = EXCLUDED.profile_id,
    workflow = EXCLUDED.workflow, updated_at = EXCLUDED.updated_at;

-- name: billing_override_delete
-- args: org_id, customer_id
DELETE FROM billing_override WHERE org_id = $1 AND customer_id = $2;

-- "One of" is written as in catalog.sql.
-- name: billing_override_page
-- args: org_id, separator, profiles, default_id, without_pin, all, customers, key_like, name_like, email_like, sort, is_descending, limit, offset
SELECT c.id AS customer_id
FROM customer c LEFT JOIN billing_override o ON o.customer_id = c.id
WHERE c.org_id = $1 AND c.deleted_at IS NULL
    AND ($3 IS NULL OR replace($3, $2 || coalesce(o.profile_id, $4) || $2, '') <> $3)
    AND ($5 = 0 OR o.profile_id IS NULL)
    AND ($6 = 1 OR o.customer_id IS NOT NULL)
    AND ($7 IS NULL OR replace($7, $2 || c.id || $2, '') <> $7)
    AND ($8 IS NULL OR LOWER(c.key) LIKE LOWER($8) ESCAPE '!')
    AND ($9 IS NULL OR LOWER(c.name) LIKE LOWER($9) ESCAPE '!')
    AND ($10 IS NULL OR LOWER(c.primary_email) LIKE LOWER($10) ESCAPE '!')
ORDER BY
    CASE WHEN $12 = 0 THEN CASE $11 WHEN 'customer_name' THEN c.name WHEN 'customer_key' THEN c.key
        WHEN 'customer_primary_email' THEN c.primary_email
        WHEN 'customer_created_at' THEN c.created_at END END,
    CASE WHEN $12 = 1 THEN CASE $11 WHEN 'customer_name' THEN c.name WHEN 'customer_key' THEN c.key
        WHEN 'customer_primary_email' THEN c.primary_email
        WHEN 'customer_created_at' THEN c.created_at END
    END DESC,
    CASE WHEN $12 = 0 THEN c.id END,
    c.id DESC
LIMIT $13 OFFSET $14;

-- name: billing_override_count
-- args: org_id, separator, profiles, default_id, without_pin, all, customers, key_like, name_like, email_like
SELECT COUNT(*)
FROM customer c LEFT JOIN billing_override o ON o.customer_id = c.id
WHERE c.org_id = $1 AND c.deleted_at IS NULL
    AND ($3 IS NULL OR replace($3, $2 || coalesce(o.profile_id, $4) || $2, '') <> $3)
    AND ($5 = 0 OR o.profile_id IS NULL)
    AND ($6 = 1 OR o.customer_id IS NOT NULL)
    AND ($7 IS NULL OR replace($7, $2 || c.id || $2, '') <> $7)
    AND ($8 IS NULL OR LOWER(c.key) LIKE LOWER($8) ESCAPE '!')
    AND ($9 IS NULL OR LOWER(c.name) LIKE LOWER($9) ESCAPE '!')
    AND ($10 IS NULL OR LOWER(c.primary_email) LIKE LOWER($10) ESCAPE '!');
