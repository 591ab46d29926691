-- name: billing_profile_default
-- args: org_id
SELECT id FROM billing_profile WHERE org_id = $1 AND is_default = 1;

-- name: billing_profile_insert_default
-- args: id, org_id, name, now
INSERT INTO billing_profile (id, org_id, name, is_default, created_at, updated_at)
VALUES ($1, $2, $3, 1, $4, $4);

-- name: invoice_gathering_of_customer
-- args: org_id, customer_id
SELECT id, org_id, customer_id, profile_id, number, currency, created_at, updated_at
FROM invoice WHERE org_id = $1 AND customer_id = $2 AND status = 'gathering' ORDER BY currency;

-- "One of" is written as in catalog.sql.
-- name: invoice_gathering_page
-- args: org_id, separator, customers, limit, offset
SELECT id, org_id, customer_id, profile_id, number, currency, created_at, updated_at
FROM invoice
WHERE org_id = $1 AND status = 'gathering'
  AND ($3 IS NULL OR replace($3, $2 || customer_id || $2, '') <> $3)
ORDER BY created_at, id LIMIT $4 OFFSET $5;

-- name: invoice_gathering_total
-- args: org_id, separator, customers
SELECT COUNT(*) FROM invoice
WHERE org_id = $1 AND status = 'gathering'
  AND ($3 IS NULL OR replace($3, $2 || customer_id || $2, '') <> $3);

-- name: invoice_gathering_get
-- args: org_id, id
SELECT id, org_id, customer_id, profile_id, number, currency, created_at, updated_at
FROM invoice WHERE org_id = $1 AND id = $2 AND status = 'gathering';

-- name: invoice_gathering_find
-- args: org_id, customer_id, currency
SELECT id, org_id, customer_id, profile_id, number, currency, created_at, updated_at
FROM invoice WHERE org_id = $1 AND customer_id = $2 AND currency = $3 AND status = 'gathering';

-- name: invoice_gathering_insert
-- args: id, org_id, customer_id, profile_id, number, currency, created_at, updated_at
INSERT INTO invoice (id, org_id, customer_id, profile_id, status, number, currency, created_at,
    updated_at)
VALUES ($1, $2, $3, $4, 'gathering', $5, $6, $7, $8);

-- name: invoice_gathering_touch
-- args: id, now
UPDATE invoice SET updated_at = $2 WHERE id = $1 AND status = 'gathering';

-- name: invoice_gathering_drop_empty
-- args: org_id, customer_id
DELETE FROM invoice
WHERE org_id = $1 AND customer_id = $2 AND status = 'gathering'
    AND id NOT IN (SELECT invoice_id FROM invoice_line WHERE org_id = $1);

-- name: invoice_line_insert
-- args: id, org_id, invoice_id, subscription_id, phase_id, item_id, period_index, part_index, group_id, is_open_part, adjusts_id, managed_by, reference, name, description, labels, feature_id, feature_key, currency, terms, tax, payment_term, is_pro_rating, service_from, service_to, full_from, full_to, billing_from, billing_to, invoice_at, collect_at, created_at, updated_at
INSERT INTO invoice_line (id, org_id, invoice_id, subscription_id, phase_id, item_id, period_index, part_index,
    group_id, is_open_part, adjusts_id, managed_by, reference, name, description, labels,
    feature_id, feature_key, currency, terms, tax, payment_term, is_pro_rating, service_from,
    service_to, full_from, full_to, billing_from, billing_to, invoice_at, collect_at, created_at,
    updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33);

-- name: invoice_line_set_times
-- args: id, service_from, service_to, full_from, full_to, billing_from, billing_to, invoice_at, updated_at
UPDATE invoice_line SET service_from = $2, service_to = $3, full_from = $4, full_to = $5,
    billing_from = $6, billing_to = $7, invoice_at = $8, updated_at = $9
WHERE id = $1;

-- name: invoice_line_delete
-- args: id
DELETE FROM invoice_line WHERE id = $1;

-- Pending ones and those on standard invoices, deleted ones too: none of them is to be made again.
-- name: invoice_lines_of_subscription
-- args: org_id, subscription_id
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.created_at, l.updated_at,
    l.deleted_at, i.status AS invoice_state
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE l.org_id = $1 AND l.subscription_id = $2
ORDER BY l.item_id, l.period_index, l.part_index;

-- name: invoice_lines_of_invoice
-- args: org_id, invoice_id
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.created_at, l.updated_at,
    l.deleted_at, i.status AS invoice_state
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE l.org_id = $1 AND l.invoice_id = $2 AND l.deleted_at IS NULL
ORDER BY l.item_id, l.period_index, l.part_index, l.id;

-- name: subscription_sync_get
-- args: subscription_id
SELECT synced_to FROM subscription_sync WHERE subscription_id = $1;

-- name: subscription_sync_set
-- args: subscription_id, synced_to
INSERT INTO subscription_sync (subscription_id, synced_to) VALUES ($1, $2)
ON CONFLICT (subscription_id) DO UPDATE SET synced_to = EXCLUDED.synced_to;

-- name: number_sequence_step
-- args: org_id, name
INSERT INTO number_sequence (org_id, name, last) VALUES ($1, $2, 1)
ON CONFLICT (org_id, name) DO UPDATE SET last = number_sequence.last + 1;

-- name: number_sequence_last
-- args: org_id, name
SELECT last FROM number_sequence WHERE org_id = $1 AND name = $2;

-- name: due_work_insert
-- args: id, org_id, kind, subject_id, due_at, now, clock_id
INSERT INTO due_work (id, org_id, kind, subject_id, due_at, attempts, retry_at, created_at,
    clock_id)
VALUES ($1, $2, $3, $4, $5, 0, $5, $6, $7)
ON CONFLICT (kind, subject_id, due_at) DO NOTHING;

-- name: due_work_next
-- args: now
SELECT id, org_id, kind, subject_id, due_at, attempts, retry_at, parked_reason, created_at, clock_id
FROM due_work WHERE parked_reason IS NULL AND clock_id IS NULL AND retry_at <= $1
ORDER BY retry_at, id LIMIT 1;

-- name: due_work_first
SELECT id, org_id, kind, subject_id, due_at, attempts, retry_at, parked_reason, created_at, clock_id
FROM due_work WHERE parked_reason IS NULL AND clock_id IS NULL ORDER BY retry_at, id LIMIT 1;

-- name: due_work_first_of_clock
-- args: clock_id
SELECT id, org_id, kind, subject_id, due_at, attempts, retry_at, parked_reason, created_at, clock_id
FROM due_work WHERE parked_reason IS NULL AND clock_id = $1 ORDER BY retry_at, id LIMIT 1;

-- name: due_work_delete
-- args: id
DELETE FROM due_work WHERE id = $1 AND parked_reason IS NULL;

-- name: due_work_cancel
-- args: org_id, kind, subject_id
DELETE FROM due_work WHERE org_id = $1 AND kind = $2 AND subject_id = $3;

-- name: due_work_retry
-- args: id, retry_at
UPDATE due_work SET attempts = attempts + 1, retry_at = $2
WHERE id = $1 AND parked_reason IS NULL;

-- name: due_work_park
-- args: id, reason
UPDATE due_work SET attempts = attempts + 1, parked_reason = $2
WHERE id = $1 AND parked_reason IS NULL;

-- name: due_work_unpark
-- args: org_id, id, now
UPDATE due_work SET attempts = 0, parked_reason = NULL,
    retry_at = COALESCE((SELECT t.now FROM test_clock t WHERE t.id = due_work.clock_id), $3)
WHERE org_id = $1 AND id = $2 AND parked_reason IS NOT NULL;

-- name: due_work_parked_total
SELECT COUNT(*) FROM due_work WHERE parked_reason IS NOT NULL;

-- name: due_work_parked
-- args: org_id
SELECT id, org_id, kind, subject_id, due_at, attempts, retry_at, parked_reason, created_at, clock_id
FROM due_work WHERE org_id = $1 AND parked_reason IS NOT NULL ORDER BY due_at, id;
