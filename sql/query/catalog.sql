-- Features and plans.
--
-- "One of" conditions come as one text in which every choice stands between two separators:
-- replace() finds a whole choice, in every dialect alike, with case counted. See catalog/choice.h.

-- name: feature_insert
-- args: id, org_id, key, name, description, labels, meter_id, meter_key, filters, advanced_filters, created_at, updated_at, unit_cost
INSERT INTO feature (id, org_id, key, name, description, labels, meter_id, meter_key, filters,
                     advanced_filters, created_at, updated_at, unit_cost)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: feature_get
-- args: org_id, id
SELECT id, org_id, key, name, description, labels, meter_id, meter_key, filters, advanced_filters,
       created_at, updated_at, deleted_at, unit_cost
FROM feature WHERE org_id = $1 AND id = $2;

-- name: feature_get_active
-- args: org_id, key
SELECT id, org_id, key, name, description, labels, meter_id, meter_key, filters, advanced_filters,
       created_at, updated_at, deleted_at, unit_cost
FROM feature WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL;

-- The active feature of a key, else the one archived last.
-- name: feature_get_newest
-- args: org_id, key
SELECT id, org_id, key, name, description, labels, meter_id, meter_key, filters, advanced_filters,
       created_at, updated_at, deleted_at, unit_cost
FROM feature WHERE org_id = $1 AND key = $2
ORDER BY CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, deleted_at DESC, id DESC
LIMIT 1;

-- name: feature_archive
-- args: org_id, id, now
UPDATE feature SET deleted_at = $3, updated_at = $3
WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: feature_set_cost
-- args: org_id, id, unit_cost, updated_at
UPDATE feature SET unit_cost = $3, updated_at = $4
WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: feature_count_of_meter
-- args: org_id, meter_id
SELECT COUNT(*) FROM feature WHERE org_id = $1 AND meter_id = $2 AND deleted_at IS NULL;

-- name: feature_list
-- args: org_id, include_archived, separator, ids, keys, meter_ids, meter_keys, names, key_part, name_part, sort, is_descending, limit, offset
SELECT id, org_id, key, name, description, labels, meter_id, meter_key, filters, advanced_filters,
       created_at, updated_at, deleted_at, unit_cost
FROM feature
WHERE org_id = $1
  AND ($2 = 1 OR deleted_at IS NULL)
  AND ($4 IS NULL OR replace($4, $3 || id || $3, '') <> $4)
  AND ($5 IS NULL OR replace($5, $3 || key || $3, '') <> $5)
  AND ($6 IS NULL OR replace($6, $3 || meter_id || $3, '') <> $6)
  AND ($7 IS NULL OR replace($7, $3 || meter_key || $3, '') <> $7)
  AND ($8 IS NULL OR replace($8, $3 || name || $3, '') <> $8)
  AND ($9 IS NULL OR replace(lower(key), lower($9), '') <> lower(key))
  AND ($10 IS NULL OR replace(lower(name), lower($10), '') <> lower(name))
ORDER BY
  CASE WHEN $12 = 0 THEN CASE $11 WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at
    WHEN 'key' THEN key WHEN 'name' THEN name ELSE id END END,
  CASE WHEN $12 = 1 THEN CASE $11 WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at
    WHEN 'key' THEN key WHEN 'name' THEN name ELSE id END END DESC,
  CASE WHEN $12 = 0 THEN id END,
  CASE WHEN $12 = 1 THEN id END DESC
LIMIT $13 OFFSET $14;

-- name: feature_count
-- args: org_id, include_archived, separator, ids, keys, meter_ids, meter_keys, names, key_part, name_part
SELECT COUNT(*) FROM feature
WHERE org_id = $1
  AND ($2 = 1 OR deleted_at IS NULL)
  AND ($4 IS NULL OR replace($4, $3 || id || $3, '') <> $4)
  AND ($5 IS NULL OR replace($5, $3 || key || $3, '') <> $5)
  AND ($6 IS NULL OR replace($6, $3 || meter_id || $3, '') <> $6)
  AND ($7 IS NULL OR replace($7, $3 || meter_key || $3, '') <> $7)
  AND ($8 IS NULL OR replace($8, $3 || name || $3, '') <> $8)
  AND ($9 IS NULL OR replace(lower(key), lower($9), '') <> lower(key))
  AND ($10 IS NULL OR replace(lower(name), lower($10), '') <> lower(name));

-- name: plan_insert
-- args: id, org_id, key, version, name, description, labels, currency, billing_cadence, pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to, phases, validation_errors, created_at, updated_at, ends_at, v1_refusal
INSERT INTO plan (id, org_id, key, version, name, description, labels, currency, billing_cadence,
                  pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to,
                  phases, validation_errors, created_at, updated_at, ends_at, v1_refusal)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20);

-- name: plan_update
-- args: id, org_id, name, description, labels, billing_cadence, pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to, phases, validation_errors, updated_at, deleted_at, ends_at, v1_refusal
UPDATE plan SET name = $3, description = $4, labels = $5, billing_cadence = $6,
                pro_rating_enabled = $7, settlement_mode = $8, alignment = $9, effective_from = $10,
                effective_to = $11, phases = $12, validation_errors = $13, updated_at = $14,
                deleted_at = $15, ends_at = $16, v1_refusal = $17
WHERE id = $1 AND org_id = $2;

-- name: plan_get
-- args: org_id, id
SELECT id, org_id, key, version, name, description, labels, currency, billing_cadence,
       pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to, phases,
       validation_errors, created_at, updated_at, deleted_at, ends_at, v1_refusal
FROM plan WHERE org_id = $1 AND id = $2;

-- name: plan_get_active
-- args: org_id, key, now
SELECT id, org_id, key, version, name, description, labels, currency, billing_cadence,
       pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to, phases,
       validation_errors, created_at, updated_at, deleted_at, ends_at, v1_refusal
FROM plan
WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL
  AND effective_from <= $3 AND (effective_to IS NULL OR effective_to > $3)
ORDER BY version DESC LIMIT 1;

-- The published versions that have not ended.
-- name: plan_versions
-- args: org_id, key, now
SELECT id, org_id, key, version, name, description, labels, currency, billing_cadence,
       pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to, phases,
       validation_errors, created_at, updated_at, deleted_at, ends_at, v1_refusal
FROM plan
WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL
  AND effective_from IS NOT NULL AND (effective_to IS NULL OR effective_to > $3)
ORDER BY effective_from, version;

-- name: plan_get_version
-- args: org_id, key, version
SELECT id, org_id, key, version, name, description, labels, currency, billing_cadence,
       pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to, phases,
       validation_errors, created_at, updated_at, deleted_at, ends_at, v1_refusal
FROM plan WHERE org_id = $1 AND key = $2 AND version = $3 AND deleted_at IS NULL;

-- name: plan_get_newest
-- args: org_id, key
SELECT id, org_id, key, version, name, description, labels, currency, billing_cadence,
       pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to, phases,
       validation_errors, created_at, updated_at, deleted_at, ends_at, v1_refusal
FROM plan WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL
ORDER BY version DESC LIMIT 1;

-- Deleted versions count: a version number is never used twice.
-- name: plan_version_newest
-- args: org_id, key
SELECT COALESCE(MAX(version), 0) FROM plan WHERE org_id = $1 AND key = $2;

-- name: plan_list
-- args: org_id, include_deleted, separator, ids, keys, names, currencies, statuses, now, key_part, name_part, sort, is_descending, limit, offset, is_of_v1
SELECT id, org_id, key, version, name, description, labels, currency, billing_cadence,
       pro_rating_enabled, settlement_mode, alignment, effective_from, effective_to, phases,
       validation_errors, created_at, updated_at, deleted_at, ends_at, v1_refusal
FROM plan
WHERE org_id = $1
  AND ($2 = 1 OR deleted_at IS NULL)
  AND ($4 IS NULL OR replace($4, $3 || id || $3, '') <> $4)
  AND ($5 IS NULL OR replace($5, $3 || key || $3, '') <> $5)
  AND ($6 IS NULL OR replace($6, $3 || name || $3, '') <> $6)
  AND ($7 IS NULL OR replace($7, $3 || currency || $3, '') <> $7)
  AND ($8 IS NULL OR replace($8, $3 ||
        CASE WHEN effective_from IS NULL THEN 'draft'
             WHEN effective_from > $9 THEN 'scheduled'
             WHEN effective_to <= $9 THEN 'archived'
             ELSE 'active' END || $3, '') <> $8)
  AND ($10 IS NULL OR replace(lower(key), lower($10), '') <> lower(key))
  AND ($11 IS NULL OR replace(lower(name), lower($11), '') <> lower(name))
  AND ($16 = 0 OR v1_refusal IS NULL)
ORDER BY
  CASE WHEN $13 = 0 AND $12 = 'version' THEN version END,
  CASE WHEN $13 = 1 AND $12 = 'version' THEN version END DESC,
  CASE WHEN $13 = 0 THEN CASE $12 WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at
    WHEN 'key' THEN key WHEN 'name' THEN name ELSE id END END,
  CASE WHEN $13 = 1 THEN CASE $12 WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at
    WHEN 'key' THEN key WHEN 'name' THEN name ELSE id END END DESC,
  CASE WHEN $13 = 0 THEN id END,
  CASE WHEN $13 = 1 THEN id END DESC
LIMIT $14 OFFSET $15;

-- name: plan_count
-- args: org_id, include_deleted, separator, ids, keys, names, currencies, statuses, now, key_part, name_part, is_of_v1
SELECT COUNT(*) FROM plan
WHERE org_id = $1
  AND ($2 = 1 OR deleted_at IS NULL)
  AND ($4 IS NULL OR replace($4, $3 || id || $3, '') <> $4)
  AND ($5 IS NULL OR replace($5, $3 || key || $3, '') <> $5)
  AND ($6 IS NULL OR replace($6, $3 || name || $3, '') <> $6)
  AND ($7 IS NULL OR replace($7, $3 || currency || $3, '') <> $7)
  AND ($8 IS NULL OR replace($8, $3 ||
        CASE WHEN effective_from IS NULL THEN 'draft'
             WHEN effective_from > $9 THEN 'scheduled'
             WHEN effective_to <= $9 THEN 'archived'
             ELSE 'active' END || $3, '') <> $8)
  AND ($10 IS NULL OR replace(lower(key), lower($10), '') <> lower(key))
  AND ($11 IS NULL OR replace(lower(name), lower($11), '') <> lower(name))
  AND ($12 = 0 OR v1_refusal IS NULL);

-- Tax codes.

-- name: tax_code_insert
-- args: id, org_id, key, name, description, labels, app_mappings, created_at, updated_at
INSERT INTO tax_code (id, org_id, key, name, description, labels, app_mappings, created_at,
                      updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: tax_code_update
-- args: id, org_id, name, description, labels, app_mappings, updated_at, deleted_at
UPDATE tax_code SET name = $3, description = $4, labels = $5, app_mappings = $6, updated_at = $7,
                    deleted_at = $8
WHERE id = $1 AND org_id = $2;

-- name: tax_code_get
-- args: org_id, id
SELECT id, org_id, key, name, description, labels, app_mappings, created_at, updated_at, deleted_at
FROM tax_code WHERE org_id = $1 AND id = $2;

-- name: tax_code_get_by_key
-- args: org_id, key
SELECT id, org_id, key, name, description, labels, app_mappings, created_at, updated_at, deleted_at
FROM tax_code WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL;

-- name: tax_code_list
-- args: org_id, include_deleted, limit, offset
SELECT id, org_id, key, name, description, labels, app_mappings, created_at, updated_at, deleted_at
FROM tax_code WHERE org_id = $1 AND ($2 = 1 OR deleted_at IS NULL)
ORDER BY id LIMIT $3 OFFSET $4;

-- name: tax_code_count
-- args: org_id, include_deleted
SELECT COUNT(*) FROM tax_code WHERE org_id = $1 AND ($2 = 1 OR deleted_at IS NULL);

-- name: tax_rates_get
-- args: org_id, tax_code_id
SELECT tax_code_id, org_id, rates, updated_at
FROM tax_code_rates WHERE org_id = $1 AND tax_code_id = $2;

-- name: tax_rates_all
-- args: org_id
SELECT tax_code_id, org_id, rates, updated_at
FROM tax_code_rates WHERE org_id = $1 ORDER BY tax_code_id;

-- name: tax_rates_put
-- args: tax_code_id, org_id, rates, updated_at
INSERT INTO tax_code_rates (tax_code_id, org_id, rates, updated_at)
VALUES ($1, $2, COALESCE($3, '[]'), $4)
ON CONFLICT (tax_code_id) DO UPDATE SET rates = excluded.rates, updated_at = excluded.updated_at;

-- Versions of plans, and of add-ons, that name a tax code: ids stand in their rate cards' JSON.
-- name: tax_code_count_plans
-- args: org_id, id
SELECT COUNT(*) FROM plan
WHERE org_id = $1 AND deleted_at IS NULL AND replace(phases, $2, '') <> phases;

-- name: tax_code_count_addons
-- args: org_id, id
SELECT COUNT(*) FROM addon
WHERE org_id = $1 AND deleted_at IS NULL AND replace(rate_cards, $2, '') <> rate_cards;

-- name: tax_defaults_get
-- args: org_id
SELECT org_id, invoicing_id, credit_grant_id, created_at, updated_at
FROM tax_defaults WHERE org_id = $1;

-- name: tax_defaults_insert
-- args: org_id, invoicing_id, credit_grant_id, created_at, updated_at
INSERT INTO tax_defaults (org_id, invoicing_id, credit_grant_id, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5);

-- name: tax_defaults_update
-- args: org_id, invoicing_id, credit_grant_id, updated_at
UPDATE tax_defaults SET invoicing_id = $2, credit_grant_id = $3, updated_at = $4
WHERE org_id = $1;

-- Add-ons.

-- name: addon_insert
-- args: id, org_id, key, version, name, description, labels, instance_type, currency, effective_from, effective_to, rate_cards, validation_errors, created_at, updated_at
INSERT INTO addon (id, org_id, key, version, name, description, labels, instance_type, currency,
                   effective_from, effective_to, rate_cards, validation_errors, created_at,
                   updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: addon_update
-- args: id, org_id, name, description, labels, instance_type, effective_from, effective_to, rate_cards, validation_errors, updated_at, deleted_at
UPDATE addon SET name = $3, description = $4, labels = $5, instance_type = $6, effective_from = $7,
                 effective_to = $8, rate_cards = $9, validation_errors = $10, updated_at = $11,
                 deleted_at = $12
WHERE id = $1 AND org_id = $2;

-- name: addon_get
-- args: org_id, id
SELECT id, org_id, key, version, name, description, labels, instance_type, currency, effective_from,
       effective_to, rate_cards, validation_errors, created_at, updated_at, deleted_at
FROM addon WHERE org_id = $1 AND id = $2;

-- The active version of a key; the newest one, whatever its status, when $3 is 1.
-- name: addon_get_by_key
-- args: org_id, key, is_latest
SELECT id, org_id, key, version, name, description, labels, instance_type, currency, effective_from,
       effective_to, rate_cards, validation_errors, created_at, updated_at, deleted_at
FROM addon
WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL
  AND ($3 = 1 OR (effective_from IS NOT NULL AND effective_to IS NULL))
ORDER BY version DESC LIMIT 1;

-- Deleted versions count: a version number is never used twice.
-- name: addon_version_newest
-- args: org_id, key
SELECT COALESCE(MAX(version), 0) FROM addon WHERE org_id = $1 AND key = $2;

-- name: addon_list
-- args: org_id, include_deleted, separator, ids, keys, names, currencies, statuses, key_part, name_part, sort, is_descending, limit, offset
SELECT id, org_id, key, version, name, description, labels, instance_type, currency, effective_from,
       effective_to, rate_cards, validation_errors, created_at, updated_at, deleted_at
FROM addon
WHERE org_id = $1
  AND ($2 = 1 OR deleted_at IS NULL)
  AND ($4 IS NULL OR replace($4, $3 || id || $3, '') <> $4)
  AND ($5 IS NULL OR replace($5, $3 || key || $3, '') <> $5)
  AND ($6 IS NULL OR replace($6, $3 || name || $3, '') <> $6)
  AND ($7 IS NULL OR replace($7, $3 || currency || $3, '') <> $7)
  AND ($8 IS NULL OR replace($8, $3 ||
        CASE WHEN effective_from IS NULL THEN 'draft'
             WHEN effective_to IS NOT NULL THEN 'archived'
             ELSE 'active' END || $3, '') <> $8)
  AND ($9 IS NULL OR replace(lower(key), lower($9), '') <> lower(key))
  AND ($10 IS NULL OR replace(lower(name), lower($10), '') <> lower(name))
ORDER BY
  CASE WHEN $12 = 0 AND $11 = 'version' THEN version END,
  CASE WHEN $12 = 1 AND $11 = 'version' THEN version END DESC,
  CASE WHEN $12 = 0 THEN CASE $11 WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at
    WHEN 'key' THEN key WHEN 'name' THEN name ELSE id END END,
  CASE WHEN $12 = 1 THEN CASE $11 WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at
    WHEN 'key' THEN key WHEN 'name' THEN name ELSE id END END DESC,
  CASE WHEN $12 = 0 THEN id END,
  CASE WHEN $12 = 1 THEN id END DESC
LIMIT $13 OFFSET $14;

-- name: addon_count
-- args: org_id, include_deleted, separator, ids, keys, names, currencies, statuses, key_part, name_part
SELECT COUNT(*) FROM addon
WHERE org_id = $1
  AND ($2 = 1 OR deleted_at IS NULL)
  AND ($4 IS NULL OR replace($4, $3 || id || $3, '') <> $4)
  AND ($5 IS NULL OR replace($5, $3 || key || $3, '') <> $5)
  AND ($6 IS NULL OR replace($6, $3 || name || $3, '') <> $6)
  AND ($7 IS NULL OR replace($7, $3 || currency || $3, '') <> $7)
  AND ($8 IS NULL OR replace($8, $3 ||
        CASE WHEN effective_from IS NULL THEN 'draft'
             WHEN effective_to IS NOT NULL THEN 'archived'
             ELSE 'active' END || $3, '') <> $8)
  AND ($9 IS NULL OR replace(lower(key), lower($9), '') <> lower(key))
  AND ($10 IS NULL OR replace(lower(name), lower($10), '') <> lower(name));

-- Add-ons of plans.

-- name: plan_addon_insert
-- args: id, org_id, plan_id, addon_id, name, description, labels, from_plan_phase, max_quantity, validation_errors, created_at, updated_at
INSERT INTO plan_addon (id, org_id, plan_id, addon_id, name, description, labels, from_plan_phase,
                        max_quantity, validation_errors, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: plan_addon_update
-- args: id, org_id, name, description, labels, from_plan_phase, max_quantity, validation_errors, updated_at, deleted_at
UPDATE plan_addon SET name = $3, description = $4, labels = $5, from_plan_phase = $6,
                      max_quantity = $7, validation_errors = $8, updated_at = $9, deleted_at = $10
WHERE id = $1 AND org_id = $2;

-- By its own id, or the id or key of the add-on.
-- name: plan_addon_get
-- args: org_id, plan_id, id_or_key
SELECT p.id, p.org_id, p.plan_id, p.addon_id, p.name, p.description, p.labels, p.from_plan_phase,
       p.max_quantity, p.validation_errors, p.created_at, p.updated_at, p.deleted_at
FROM plan_addon p JOIN addon a ON a.id = p.addon_id
WHERE p.org_id = $1 AND p.plan_id = $2 AND p.deleted_at IS NULL
  AND (p.id = $3 OR p.addon_id = $3 OR a.key = $3)
ORDER BY a.version DESC LIMIT 1;

-- name: plan_addon_list
-- args: org_id, plan_id, include_deleted, separator, ids, keys, sort, is_descending, limit, offset
SELECT p.id, p.org_id, p.plan_id, p.addon_id, p.name, p.description, p.labels, p.from_plan_phase,
       p.max_quantity, p.validation_errors, p.created_at, p.updated_at, p.deleted_at
FROM plan_addon p JOIN addon a ON a.id = p.addon_id
WHERE p.org_id = $1 AND p.plan_id = $2
  AND ($3 = 1 OR p.deleted_at IS NULL)
  AND ($5 IS NULL OR replace($5, $4 || a.id || $4, '') <> $5)
  AND ($6 IS NULL OR replace($6, $4 || a.key || $4, '') <> $6)
ORDER BY
  CASE WHEN $8 = 0 AND $7 = 'version' THEN a.version END,
  CASE WHEN $8 = 1 AND $7 = 'version' THEN a.version END DESC,
  CASE WHEN $8 = 0 THEN CASE $7 WHEN 'created_at' THEN p.created_at
    WHEN 'updated_at' THEN p.updated_at WHEN 'key' THEN a.key WHEN 'name' THEN a.name ELSE p.id END END,
  CASE WHEN $8 = 1 THEN CASE $7 WHEN 'created_at' THEN p.created_at
    WHEN 'updated_at' THEN p.updated_at WHEN 'key' THEN a.key WHEN 'name' THEN a.name ELSE p.id END END DESC,
  CASE WHEN $8 = 0 THEN p.id END,
  CASE WHEN $8 = 1 THEN p.id END DESC
LIMIT $9 OFFSET $10;

-- name: plan_addon_count
-- args: org_id, plan_id, include_deleted, separator, ids, keys
SELECT COUNT(*) FROM plan_addon p JOIN addon a ON a.id = p.addon_id
WHERE p.org_id = $1 AND p.plan_id = $2
  AND ($3 = 1 OR p.deleted_at IS NULL)
  AND ($5 IS NULL OR replace($5, $4 || a.id || $4, '') <> $5)
  AND ($6 IS NULL OR replace($6, $4 || a.key || $4, '') <> $6);

-- Currencies.

-- name: currency_insert
-- args: id, org_id, code, name, symbol, precision, decimal_mark, thousand_separator, created_at
INSERT INTO custom_currency (id, org_id, code, name, symbol, precision, decimal_mark,
                             thousand_separator, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: currency_get
-- args: org_id, id
SELECT id, org_id, code, name, symbol, precision, decimal_mark, thousand_separator, created_at
FROM custom_currency WHERE org_id = $1 AND id = $2;

-- name: currency_get_by_code
-- args: org_id, code
SELECT id, org_id, code, name, symbol, precision, decimal_mark, thousand_separator, created_at
FROM custom_currency WHERE org_id = $1 AND code = $2;

-- name: currency_all
-- args: org_id
SELECT id, org_id, code, name, symbol, precision, decimal_mark, thousand_separator, created_at
FROM custom_currency WHERE org_id = $1 ORDER BY id;

-- name: cost_basis_insert
-- args: id, org_id, currency_id, fiat_code, rate, effective_from, effective_to, created_at
INSERT INTO cost_basis (id, org_id, currency_id, fiat_code, rate, effective_from, effective_to,
                        created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- Those of a pair, in time: to find out where another one fits.
-- name: cost_basis_of_pair
-- args: org_id, currency_id, fiat_code
SELECT id, org_id, currency_id, fiat_code, rate, effective_from, effective_to, created_at,
       (SELECT MIN(n.effective_from) FROM cost_basis n
        WHERE n.org_id = c.org_id AND n.currency_id = c.currency_id
          AND n.fiat_code = c.fiat_code AND n.effective_from > c.effective_from) AS superseded_at
FROM cost_basis c
WHERE org_id = $1 AND currency_id = $2 AND fiat_code = $3
ORDER BY effective_from;

-- name: cost_basis_all
-- args: org_id
SELECT id, org_id, currency_id, fiat_code, rate, effective_from, effective_to, created_at,
       (SELECT MIN(n.effective_from) FROM cost_basis n
        WHERE n.org_id = c.org_id AND n.currency_id = c.currency_id
          AND n.fiat_code = c.fiat_code AND n.effective_from > c.effective_from) AS superseded_at
FROM cost_basis c
WHERE org_id = $1
ORDER BY fiat_code, effective_from;

-- name: cost_basis_list
-- args: org_id, currency_id, fiat_code, limit, offset
SELECT id, org_id, currency_id, fiat_code, rate, effective_from, effective_to, created_at,
       (SELECT MIN(n.effective_from) FROM cost_basis n
        WHERE n.org_id = c.org_id AND n.currency_id = c.currency_id
          AND n.fiat_code = c.fiat_code AND n.effective_from > c.effective_from) AS superseded_at
FROM cost_basis c
WHERE org_id = $1 AND currency_id = $2 AND ($3 IS NULL OR fiat_code = $3)
ORDER BY effective_from DESC, id DESC
LIMIT $4 OFFSET $5;

-- name: cost_basis_count
-- args: org_id, currency_id, fiat_code
SELECT COUNT(*) FROM cost_basis
WHERE org_id = $1 AND currency_id = $2 AND ($3 IS NULL OR fiat_code = $3);

-- Prices of language models.

-- name: llm_price_upsert
-- args: id, org_id, source, provider_id, model_id, model_key, model_name, pricing, currency, effective_from, effective_to, created_at, updated_at
INSERT INTO llm_price (id, org_id, source, provider_id, model_id, model_key, model_name, pricing,
                       currency, effective_from, effective_to, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (org_id, source, provider_id, model_key, currency) DO UPDATE SET
    model_id = EXCLUDED.model_id, model_name = EXCLUDED.model_name, pricing = EXCLUDED.pricing,
    effective_from = EXCLUDED.effective_from, effective_to = EXCLUDED.effective_to,
    updated_at = EXCLUDED.updated_at;

-- name: llm_price_get_by_key
-- args: org_id, source, provider_id, model_key, currency
SELECT id, org_id, source, provider_id, model_id, model_key, model_name, pricing, currency,
       effective_from, effective_to, created_at, updated_at
FROM llm_price
WHERE org_id = $1 AND source = $2 AND provider_id = $3 AND model_key = $4 AND currency = $5;

-- name: llm_price_delete
-- args: org_id, id
DELETE FROM llm_price WHERE org_id = $1 AND id = $2 AND source = 'manual';

-- name: llm_price_all
-- args: org_id
SELECT id, org_id, source, provider_id, model_id, model_key, model_name, pricing, currency,
       effective_from, effective_to, created_at, updated_at
FROM llm_price WHERE org_id = $1 ORDER BY id;
