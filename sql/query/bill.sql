-- name: invoice_gathering_of_customer
-- args: org_id, customer_id
SELECT id, org_id, customer_id, profile_id, number, currency, version,
    next_collection_at, created_at, updated_at
FROM invoice WHERE org_id = $1 AND customer_id = $2 AND status = 'gathering' ORDER BY currency;

-- name: invoice_gathering_get
-- args: org_id, id
SELECT id, org_id, customer_id, profile_id, number, currency, version,
    next_collection_at, created_at, updated_at
FROM invoice WHERE org_id = $1 AND id = $2 AND status = 'gathering';

-- name: invoice_gathering_find
-- args: org_id, customer_id, currency
SELECT id, org_id, customer_id, profile_id, number, currency, version,
    next_collection_at, created_at, updated_at
FROM invoice WHERE org_id = $1 AND customer_id = $2 AND currency = $3 AND status = 'gathering';

-- name: invoice_gathering_insert
-- args: id, org_id, customer_id, profile_id, number, currency, created_at, updated_at
INSERT INTO invoice (id, org_id, customer_id, profile_id, status, number, currency, created_at,
    updated_at)
VALUES ($1, $2, $3, $4, 'gathering', $5, $6, $7, $8);

-- name: invoice_gathering_touch
-- args: id, now
UPDATE invoice SET updated_at = $2, version = version + 1
WHERE id = $1 AND status = 'gathering';

-- name: invoice_gathering_drop_empty
-- args: org_id, customer_id
DELETE FROM invoice
WHERE org_id = $1 AND customer_id = $2 AND status = 'gathering'
    AND NOT EXISTS (SELECT 1 FROM invoice_line l WHERE l.invoice_id = invoice.id);

-- One whose lines were all deleted by hand: they have to be remembered.
-- name: invoice_gathering_bury_empty
-- args: org_id, customer_id, now
UPDATE invoice SET status = 'deleted', deleted_at = $3
WHERE org_id = $1 AND customer_id = $2 AND status = 'gathering'
    AND NOT EXISTS (SELECT 1 FROM invoice_line l
        WHERE l.invoice_id = invoice.id AND l.deleted_at IS NULL);

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
-- args: id, service_from, service_to, full_from, full_to, billing_from, billing_to, invoice_at, is_pro_rating, updated_at
UPDATE invoice_line SET service_from = $2, service_to = $3, full_from = $4, full_to = $5,
    billing_from = $6, billing_to = $7, invoice_at = $8, is_pro_rating = $9, updated_at = $10
WHERE id = $1;

-- name: invoice_line_delete
-- args: id
DELETE FROM invoice_line WHERE id = $1;

-- Off a draft: it is still there, and does not count any more.
-- name: invoice_line_withdraw
-- args: org_id, id, now
UPDATE invoice_line SET deleted_at = $3, withdrawn_at = $3, updated_at = $3
WHERE org_id = $1 AND id = $2;

-- Pending ones and those on standard invoices, deleted ones too: none of them is to be made again. Not
-- those that were withdrawn. Numbers below zero are rests of periods (bill/line.c).
-- name: invoice_lines_of_item
-- args: org_id, item_id, first
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.created_at, l.updated_at,
    l.deleted_at, i.status AS invoice_state
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE l.item_id = $2 AND l.adjusts_id IS NULL AND l.withdrawn_at IS NULL AND l.org_id = $1
    AND (l.period_index >= $3 OR l.period_index < -64 * $3)
ORDER BY l.period_index, l.part_index;

-- The same of the items that were taken out of a subscription again.
-- name: invoice_lines_of_removed_items
-- args: org_id, subscription_id
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.created_at, l.updated_at,
    l.deleted_at, i.status AS invoice_state
FROM subscription_item d JOIN invoice_line l ON l.item_id = d.id JOIN invoice i ON i.id = l.invoice_id
WHERE d.subscription_id = $2 AND d.deleted_at IS NOT NULL AND l.adjusts_id IS NULL
    AND l.withdrawn_at IS NULL AND l.org_id = $1
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

-- Those of them that can be collected by then, whole or in part; and when the first of the others is
-- to be invoiced.
-- name: invoice_lines_to_collect
-- args: org_id, invoice_id, as_of
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.created_at, l.updated_at,
    l.deleted_at, i.status AS invoice_state
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE l.org_id = $1 AND l.invoice_id = $2 AND l.deleted_at IS NULL
    AND (l.invoice_at <= $3 OR l.service_to <= $3 OR l.service_from < $3)
ORDER BY l.item_id, l.period_index, l.part_index, l.id;

-- name: invoice_lines_later
-- args: org_id, invoice_id, as_of
SELECT MIN(invoice_at) AS invoice_at FROM invoice_line
WHERE org_id = $1 AND invoice_id = $2 AND deleted_at IS NULL
    AND NOT (invoice_at <= $3 OR service_to <= $3 OR service_from < $3);

-- name: subscription_sync_get
-- args: subscription_id
SELECT synced_to, settled_to FROM subscription_sync WHERE subscription_id = $1;

-- name: subscription_sync_set
-- args: subscription_id, synced_to, settled_to
INSERT INTO subscription_sync (subscription_id, synced_to, settled_to) VALUES ($1, $2, $3)
ON CONFLICT (subscription_id) DO UPDATE SET synced_to = EXCLUDED.synced_to,
    settled_to = EXCLUDED.settled_to;

-- name: subscription_sync_is_at
-- args: org_id, subscription_id, version, synced_to, settled_to
SELECT COUNT(*) FROM subscription s LEFT JOIN subscription_sync y ON y.subscription_id = s.id
WHERE s.org_id = $1 AND s.id = $2 AND s.version = $3 AND s.deleted_at IS NULL
    AND y.synced_to IS NOT DISTINCT FROM $4 AND y.settled_to IS NOT DISTINCT FROM $5;

-- name: line_credits_of_subscription
-- args: org_id, subscription_id
SELECT line_id, invoice_id, subscription_id, reference, currency, original, kept, amount, kept_to,
    effective_at
FROM line_credit WHERE org_id = $1 AND subscription_id = $2 ORDER BY line_id;

-- name: line_credits_of_invoice
-- args: org_id, invoice_id
SELECT line_id, invoice_id, subscription_id, reference, currency, original, kept, amount, kept_to,
    effective_at
FROM line_credit WHERE org_id = $1 AND invoice_id = $2 ORDER BY line_id;

-- name: line_credit_set
-- args: org_id, line_id, invoice_id, subscription_id, reference, currency, original, kept, amount, kept_to, effective_at, now
INSERT INTO line_credit (org_id, line_id, invoice_id, subscription_id, reference, currency,
    original, kept, amount, kept_to, effective_at, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
ON CONFLICT (line_id) DO UPDATE SET original = EXCLUDED.original, kept = EXCLUDED.kept,
    amount = EXCLUDED.amount, kept_to = EXCLUDED.kept_to,
    effective_at = EXCLUDED.effective_at, updated_at = EXCLUDED.updated_at;

-- name: line_credit_delete
-- args: org_id, line_id
DELETE FROM line_credit WHERE org_id = $1 AND line_id = $2;

-- name: number_sequence_step
-- args: org_id, name
INSERT INTO number_sequence (org_id, name, last) VALUES ($1, $2, 1)
ON CONFLICT (org_id, name) DO UPDATE SET last = number_sequence.last + 1
RETURNING last;

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
ORDER BY retry_at, kind DESC, id LIMIT 1;

-- name: due_work_next_batch
-- args: now, limit
SELECT id, org_id, kind, subject_id, due_at, attempts, retry_at, parked_reason, created_at, clock_id
FROM due_work WHERE parked_reason IS NULL AND clock_id IS NULL AND retry_at <= $1
ORDER BY retry_at, kind DESC, id LIMIT $2;

-- name: due_work_due_total
-- args: now
SELECT COUNT(*) FROM due_work
WHERE parked_reason IS NULL AND clock_id IS NULL AND retry_at <= $1;

-- name: due_work_first
SELECT id, org_id, kind, subject_id, due_at, attempts, retry_at, parked_reason, created_at, clock_id
FROM due_work WHERE parked_reason IS NULL AND clock_id IS NULL
ORDER BY retry_at, kind DESC, id LIMIT 1;

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

-- ---- standard invoices -----------------------------------------------------------------------

-- name: invoice_record_insert
-- args: id, org_id, customer_id, profile_id, status, version, number, currency, description, labels, supplier, customer, customer_name, workflow, period_from, period_to, collection_at, quantity_snapshotted_at, draft_until, issued_at, due_at, sent_at, voided_at, void_reason, totals, issues, invoicing_id, payment_id, created_at, updated_at, deleted_at
INSERT INTO invoice (id, org_id, customer_id, profile_id, status, version, number, currency,
    description, labels, supplier, customer, customer_name, workflow, period_from, period_to,
    collection_at, quantity_snapshotted_at, draft_until, issued_at, due_at, sent_at, voided_at,
    void_reason, totals, issues, invoicing_id, payment_id, created_at, updated_at, deleted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31);

-- The version is the new one; somebody else's write in between makes it no row at all.
-- name: invoice_record_update
-- args: id, version, profile_id, status, number, description, labels, supplier, customer, customer_name, workflow, period_from, period_to, collection_at, quantity_snapshotted_at, draft_until, due_at, sent_at, voided_at, void_reason, totals, issues, invoicing_id, payment_id, updated_at, deleted_at, issued_at
UPDATE invoice SET version = $2, profile_id = $3, status = $4, number = $5, description = $6,
    labels = $7, supplier = $8, customer = $9, customer_name = $10, workflow = $11,
    period_from = $12, period_to = $13, collection_at = $14, quantity_snapshotted_at = $15,
    draft_until = $16, due_at = $17, sent_at = $18, voided_at = $19, void_reason = $20,
    totals = $21, issues = $22, invoicing_id = $23, payment_id = $24, updated_at = $25,
    deleted_at = $26, issued_at = $27
WHERE id = $1 AND version = $2 - 1 AND issued_at IS NULL;

-- name: invoice_record_update_issued
-- args: id, version, status, labels, sent_at, voided_at, void_reason, issues, payment_id, updated_at
UPDATE invoice SET version = $2, status = $3, labels = $4, sent_at = $5, voided_at = $6,
    void_reason = $7, issues = $8, payment_id = $9, updated_at = $10
WHERE id = $1 AND version = $2 - 1 AND issued_at IS NOT NULL;

-- name: invoice_record_get
-- args: org_id, id
SELECT id, org_id, customer_id, profile_id, status, version, number, currency, description,
    labels, supplier, customer, customer_name, workflow, period_from, period_to, collection_at,
    quantity_snapshotted_at, draft_until, issued_at, due_at, sent_at, voided_at, void_reason,
    totals, issues, invoicing_id, payment_id, created_at, updated_at, deleted_at
FROM invoice WHERE org_id = $1 AND id = $2 AND supplier IS NOT NULL;

-- One page of invoices of every kind. "One of" is written as in catalog.sql. Where one customer or one
-- number is asked for, those are looked at only. What is sorted by is $14, descending when $15 is 1.
-- name: invoice_page
-- args: org_id, separator, customers, states, with_deleted, issued_from, issued_to, period_from, period_to, created_from, created_to, limit, offset, sort, descending, numbers, customer, number
SELECT i.id, i.customer_id, i.status AS state
FROM (SELECT id FROM invoice WHERE $17 IS NOT NULL AND org_id = $1 AND customer_id = $17
    UNION ALL SELECT id FROM invoice
      WHERE $17 IS NULL AND $18 IS NOT NULL AND org_id = $1 AND number = $18
    UNION ALL SELECT id FROM invoice WHERE $17 IS NULL AND $18 IS NULL AND org_id = $1) AS near
  CROSS JOIN invoice i CROSS JOIN customer c
WHERE i.id = near.id AND c.id = i.customer_id
  AND ($3 IS NULL OR replace($3, $2 || i.customer_id || $2, '') <> $3)
  AND ($4 IS NULL OR replace($4, $2 || i.status || $2, '') <> $4)
  AND ($5 = 1 OR i.deleted_at IS NULL) AND (i.supplier IS NOT NULL OR i.deleted_at IS NULL)
  AND ($6 IS NULL OR i.issued_at >= $6) AND ($7 IS NULL OR i.issued_at <= $7)
  AND ($8 IS NULL OR COALESCE(i.period_from,
      (SELECT MIN(l.service_from) FROM invoice_line l WHERE l.invoice_id = i.id)) >= $8)
  AND ($9 IS NULL OR COALESCE(i.period_from,
      (SELECT MIN(l.service_from) FROM invoice_line l WHERE l.invoice_id = i.id)) <= $9)
  AND ($10 IS NULL OR i.created_at >= $10) AND ($11 IS NULL OR i.created_at <= $11)
  AND ($16 IS NULL OR replace($16, $2 || i.number || $2, '') <> $16)
ORDER BY
  CASE WHEN $15 = 0 THEN CASE $14 WHEN 'customer.name' THEN COALESCE(i.customer_name, c.name)
    WHEN 'issued_at' THEN i.issued_at WHEN 'status' THEN i.status WHEN 'updated_at' THEN i.updated_at
    WHEN 'period_start' THEN COALESCE(i.period_from,
      (SELECT MIN(l.service_from) FROM invoice_line l WHERE l.invoice_id = i.id)) END END,
  CASE WHEN $15 = 1 THEN CASE $14 WHEN 'customer.name' THEN COALESCE(i.customer_name, c.name)
    WHEN 'issued_at' THEN i.issued_at WHEN 'status' THEN i.status WHEN 'updated_at' THEN i.updated_at
    WHEN 'period_start' THEN COALESCE(i.period_from,
      (SELECT MIN(l.service_from) FROM invoice_line l WHERE l.invoice_id = i.id)) END END DESC,
  CASE WHEN $15 = 0 THEN i.created_at END, CASE WHEN $15 = 1 THEN i.created_at END DESC,
  CASE WHEN $15 = 0 THEN i.id END, CASE WHEN $15 = 1 THEN i.id END DESC
LIMIT $12 OFFSET $13;

-- name: invoice_total
-- args: org_id, separator, customers, states, with_deleted, issued_from, issued_to, period_from, period_to, created_from, created_to, numbers, customer, number
SELECT COUNT(*)
FROM (SELECT id FROM invoice WHERE $13 IS NOT NULL AND org_id = $1 AND customer_id = $13
    UNION ALL SELECT id FROM invoice
      WHERE $13 IS NULL AND $14 IS NOT NULL AND org_id = $1 AND number = $14
    UNION ALL SELECT id FROM invoice WHERE $13 IS NULL AND $14 IS NULL AND org_id = $1) AS near
  CROSS JOIN invoice i
WHERE i.id = near.id
  AND ($3 IS NULL OR replace($3, $2 || i.customer_id || $2, '') <> $3)
  AND ($4 IS NULL OR replace($4, $2 || i.status || $2, '') <> $4)
  AND ($5 = 1 OR i.deleted_at IS NULL) AND (i.supplier IS NOT NULL OR i.deleted_at IS NULL)
  AND ($6 IS NULL OR i.issued_at >= $6) AND ($7 IS NULL OR i.issued_at <= $7)
  AND ($8 IS NULL OR COALESCE(i.period_from,
      (SELECT MIN(l.service_from) FROM invoice_line l WHERE l.invoice_id = i.id)) >= $8)
  AND ($9 IS NULL OR COALESCE(i.period_from,
      (SELECT MIN(l.service_from) FROM invoice_line l WHERE l.invoice_id = i.id)) <= $9)
  AND ($10 IS NULL OR i.created_at >= $10) AND ($11 IS NULL OR i.created_at <= $11)
  AND ($12 IS NULL OR replace($12, $2 || i.number || $2, '') <> $12);

-- The same without what is deleted, by age and by what their index holds.
-- name: invoice_page_by_age
-- args: org_id, separator, customers, states, created_from, created_to, limit, offset
SELECT id, customer_id, status AS state FROM invoice
WHERE org_id = $1 AND deleted_at IS NULL
  AND ($3 IS NULL OR replace($3, $2 || customer_id || $2, '') <> $3)
  AND ($4 IS NULL OR replace($4, $2 || status || $2, '') <> $4)
  AND ($5 IS NULL OR created_at >= $5) AND ($6 IS NULL OR created_at <= $6)
ORDER BY created_at, id LIMIT $7 OFFSET $8;

-- name: invoice_page_by_age_back
-- args: org_id, separator, customers, states, created_from, created_to, limit, offset
SELECT id, customer_id, status AS state FROM invoice
WHERE org_id = $1 AND deleted_at IS NULL
  AND ($3 IS NULL OR replace($3, $2 || customer_id || $2, '') <> $3)
  AND ($4 IS NULL OR replace($4, $2 || status || $2, '') <> $4)
  AND ($5 IS NULL OR created_at >= $5) AND ($6 IS NULL OR created_at <= $6)
ORDER BY created_at DESC, id DESC LIMIT $7 OFFSET $8;

-- name: invoice_total_by_age
-- args: org_id, separator, customers, states, created_from, created_to
SELECT COUNT(*) FROM invoice
WHERE org_id = $1 AND deleted_at IS NULL
  AND ($3 IS NULL OR replace($3, $2 || customer_id || $2, '') <> $3)
  AND ($4 IS NULL OR replace($4, $2 || status || $2, '') <> $4)
  AND ($5 IS NULL OR created_at >= $5) AND ($6 IS NULL OR created_at <= $6);

-- name: invoice_state_of
-- args: org_id, id
SELECT id, customer_id, status AS state FROM invoice
WHERE org_id = $1 AND id = $2 AND (supplier IS NOT NULL OR deleted_at IS NULL);

-- Drafts that their subscription has changed, and which are not settled yet.
-- name: invoices_being_updated
-- args: org_id, customer_id
SELECT id, customer_id, status AS state FROM invoice
WHERE org_id = $1 AND customer_id = $2 AND status = 'draft.updating' ORDER BY id;

-- The issued invoices whose lines the lines of an invoice correct.
-- name: invoices_corrected_by
-- args: org_id, invoice_id
SELECT DISTINCT o.id, o.number, o.issued_at
FROM invoice_line l JOIN invoice_line a ON a.id = l.adjusts_id JOIN invoice o ON o.id = a.invoice_id
WHERE l.org_id = $1 AND l.invoice_id = $2 AND l.deleted_at IS NULL
ORDER BY o.issued_at, o.id;

-- name: invoice_gathering_claim
-- args: org_id, id, version
UPDATE invoice SET version = version + 1
WHERE org_id = $1 AND id = $2 AND version = $3 AND status = 'gathering';

-- The same, with when the next of its lines are to be collected.
-- name: invoice_gathering_take
-- args: org_id, id, version, next_collection_at
UPDATE invoice SET version = version + 1, next_collection_at = $4
WHERE org_id = $1 AND id = $2 AND version = $3 AND status = 'gathering';

-- name: invoice_gathering_schedule
-- args: id, next_collection_at
UPDATE invoice SET next_collection_at = $2 WHERE id = $1 AND status = 'gathering';

-- Deleted ones too.
-- name: line_records_of_invoice
-- args: org_id, invoice_id
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.metered_quantity,
    l.prior_quantity, l.prior_total, l.shares, l.usage_sequence, l.quantity, l.converted_quantity,
    l.discounted_quantity, l.discounted_prior, l.details, l.taxes, l.totals, l.external_id,
    l.discount_external_ids, l.created_at, l.updated_at, l.deleted_at, i.status AS invoice_state,
    (l.totals IS NOT NULL) AS is_rated
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE l.org_id = $1 AND l.invoice_id = $2
ORDER BY l.name, l.service_from, l.id;

-- The parts of a period before one of them, and the corrections of them.
-- name: line_records_before
-- args: org_id, group_id, part_index
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.metered_quantity,
    l.prior_quantity, l.prior_total, l.shares, l.usage_sequence, l.quantity, l.converted_quantity,
    l.discounted_quantity, l.discounted_prior, l.details, l.taxes, l.totals, l.external_id,
    l.discount_external_ids, l.created_at, l.updated_at, l.deleted_at, i.status AS invoice_state,
    (l.totals IS NOT NULL) AS is_rated
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE l.org_id = $1 AND l.group_id = $2 AND l.part_index < $3
ORDER BY l.part_index, l.id;

-- name: line_records_of_adjusted
-- args: org_id, adjusts_id
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.metered_quantity,
    l.prior_quantity, l.prior_total, l.shares, l.usage_sequence, l.quantity, l.converted_quantity,
    l.discounted_quantity, l.discounted_prior, l.details, l.taxes, l.totals, l.external_id,
    l.discount_external_ids, l.created_at, l.updated_at, l.deleted_at, i.status AS invoice_state,
    (l.totals IS NOT NULL) AS is_rated
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE l.org_id = $1 AND l.adjusts_id = $2
ORDER BY l.created_at, l.id;

-- Lines of usage that are issued, and not being corrected already: of periods in parts the last. Of
-- those issued since a time, however long somebody thought about them, or since the beginning of what
-- the customer's last issued invoice is for: so that a year's line is still looked at when the next
-- one is due.
-- name: line_records_issued
-- args: org_id, customer_id, since
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.metered_quantity,
    l.prior_quantity, l.prior_total, l.shares, l.usage_sequence, l.quantity, l.converted_quantity,
    l.discounted_quantity, l.discounted_prior, l.details, l.taxes, l.totals, l.external_id,
    l.discount_external_ids, l.created_at, l.updated_at, l.deleted_at, i.status AS invoice_state,
    (l.totals IS NOT NULL) AS is_rated
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE i.org_id = $1 AND i.customer_id = $2 AND i.issued_at IS NOT NULL AND i.status <> 'voided'
  AND l.metered_quantity IS NOT NULL AND l.adjusts_id IS NULL AND l.is_open_part = 0
  AND l.deleted_at IS NULL
  AND (i.issued_at > $3 OR l.service_to > MIN($3, COALESCE((SELECT p.period_from FROM invoice p
    WHERE p.org_id = $1 AND p.customer_id = $2 AND p.issued_at IS NOT NULL
    ORDER BY p.created_at DESC, p.id DESC LIMIT 1), $3)))
  AND NOT EXISTS (SELECT 1 FROM invoice_line a JOIN invoice g ON g.id = a.invoice_id
    WHERE a.adjusts_id = l.id AND a.deleted_at IS NULL AND g.issued_at IS NULL)
ORDER BY l.service_from, l.id;

-- name: line_record_get
-- args: org_id, id
SELECT l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from, l.service_to, l.full_from, l.full_to,
    l.billing_from, l.billing_to, l.invoice_at, l.collect_at, l.metered_quantity,
    l.prior_quantity, l.prior_total, l.shares, l.usage_sequence, l.quantity, l.converted_quantity,
    l.discounted_quantity, l.discounted_prior, l.details, l.taxes, l.totals, l.external_id,
    l.discount_external_ids, l.created_at, l.updated_at, l.deleted_at, i.status AS invoice_state,
    (l.totals IS NOT NULL) AS is_rated
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE l.org_id = $1 AND l.id = $2;

-- name: line_record_update
-- args: id, invoice_id, group_id, is_open_part, managed_by, name, description, labels, feature_id, feature_key, terms, tax, payment_term, is_pro_rating, service_from, service_to, full_from, full_to, billing_from, billing_to, invoice_at, collect_at, metered_quantity, prior_quantity, prior_total, shares, usage_sequence, quantity, converted_quantity, discounted_quantity, discounted_prior, details, totals, external_id, discount_external_ids, updated_at, deleted_at, taxes
UPDATE invoice_line SET invoice_id = $2, group_id = $3, is_open_part = $4, managed_by = $5,
    name = $6, description = $7, labels = $8, feature_id = $9, feature_key = $10, terms = $11,
    tax = $12, payment_term = $13, is_pro_rating = $14, service_from = $15, service_to = $16,
    full_from = $17, full_to = $18, billing_from = $19, billing_to = $20, invoice_at = $21,
    collect_at = $22, metered_quantity = $23, prior_quantity = $24, prior_total = $25,
    shares = $26, usage_sequence = $27, quantity = $28, converted_quantity = $29,
    discounted_quantity = $30, discounted_prior = $31, details = $32, totals = $33,
    external_id = $34, discount_external_ids = $35, updated_at = $36, deleted_at = $37,
    taxes = $38
WHERE id = $1;

-- The same of a line that goes to a standard invoice as it is, or up to where it was cut.
-- name: line_record_take
-- args: id, invoice_id, group_id, is_open_part, service_to, invoice_at, metered_quantity, prior_quantity, prior_total, shares, usage_sequence, quantity, converted_quantity, discounted_quantity, discounted_prior, details, totals, taxes, updated_at
UPDATE invoice_line SET invoice_id = $2, group_id = $3, is_open_part = $4, service_to = $5,
    invoice_at = $6, metered_quantity = $7, prior_quantity = $8, prior_total = $9, shares = $10,
    usage_sequence = $11, quantity = $12, converted_quantity = $13, discounted_quantity = $14,
    discounted_prior = $15, details = $16, totals = $17, taxes = $18, updated_at = $19
WHERE id = $1;

-- And of one of which nothing is new but what came of it.
-- name: line_record_rate
-- args: id, metered_quantity, prior_quantity, prior_total, shares, usage_sequence, quantity, converted_quantity, discounted_quantity, discounted_prior, details, totals, taxes, updated_at
UPDATE invoice_line SET metered_quantity = $2, prior_quantity = $3, prior_total = $4, shares = $5,
    usage_sequence = $6, quantity = $7, converted_quantity = $8, discounted_quantity = $9,
    discounted_prior = $10, details = $11, totals = $12, taxes = $13, updated_at = $14
WHERE id = $1;

-- Billing profiles and customers' overrides that name a tax code: ids stand in their settings' JSON.
-- name: settings_count_of_tax_code
-- args: org_id, tax_code_id
SELECT (SELECT COUNT(*) FROM billing_profile
        WHERE org_id = $1 AND deleted_at IS NULL AND replace(workflow, $2, '') <> workflow) +
       (SELECT COUNT(*) FROM billing_override
        WHERE org_id = $1 AND replace(workflow, $2, '') <> workflow);

-- Credit notes and credit.

-- name: credit_note_insert
-- args: id, org_id, invoice_id, customer_id, number, currency, reason, settlement, source, lines, totals, issued_at
INSERT INTO credit_note (id, org_id, invoice_id, customer_id, number, currency, reason, settlement,
    source, lines, totals, issued_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: credit_note_get
-- args: org_id, id
SELECT id, org_id, invoice_id, customer_id, number, currency, reason, settlement, source, lines,
    totals, issued_at
FROM credit_note WHERE org_id = $1 AND id = $2;

-- name: credit_note_of_invoice
-- args: org_id, invoice_id
SELECT id, org_id, invoice_id, customer_id, number, currency, reason, settlement, source, lines,
    totals, issued_at
FROM credit_note WHERE org_id = $1 AND invoice_id = $2 ORDER BY id;

-- name: credit_note_page
-- args: org_id, invoice_id, limit, offset
SELECT id, org_id, invoice_id, customer_id, number, currency, reason, settlement, source, lines,
    totals, issued_at
FROM credit_note WHERE org_id = $1 AND ($2 IS NULL OR invoice_id = $2)
ORDER BY id LIMIT $3 OFFSET $4;

-- name: credit_note_count
-- args: org_id, invoice_id
SELECT COUNT(*) FROM credit_note WHERE org_id = $1 AND ($2 IS NULL OR invoice_id = $2);

-- name: credit_entry_insert
-- args: id, org_id, customer_id, currency, number, type, amount, balance, invoice_id, created_at
INSERT INTO credit_entry (id, org_id, customer_id, currency, number, type, amount, balance,
    invoice_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: credit_entry_last
-- args: org_id, customer_id, currency
SELECT id, org_id, customer_id, currency, number, type, amount, balance, invoice_id, created_at
FROM credit_entry WHERE org_id = $1 AND customer_id = $2 AND currency = $3
ORDER BY number DESC LIMIT 1;

-- name: credit_entry_balances
-- args: org_id, customer_id
SELECT e.currency AS currency, e.balance AS balance, e.created_at AS updated_at
FROM credit_entry e
WHERE e.org_id = $1 AND e.customer_id = $2 AND e.number = (
    SELECT MAX(n.number) FROM credit_entry n
    WHERE n.customer_id = e.customer_id AND n.currency = e.currency)
ORDER BY e.currency;

-- name: credit_entry_page
-- args: org_id, customer_id, limit, offset
SELECT id, org_id, customer_id, currency, number, type, amount, balance, invoice_id, created_at
FROM credit_entry WHERE org_id = $1 AND customer_id = $2
ORDER BY created_at DESC, currency, number DESC LIMIT $3 OFFSET $4;

-- name: credit_entry_count
-- args: org_id, customer_id
SELECT COUNT(*) FROM credit_entry WHERE org_id = $1 AND customer_id = $2;

-- name: plan_migration_insert
-- args: id, org_id, plan_key, target_version, timing, created_at
INSERT INTO plan_migration (id, org_id, plan_key, target_version, timing, created_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: plan_migrations
-- args: org_id, plan_key
SELECT id, org_id, plan_key, target_version, timing, created_at
FROM plan_migration WHERE org_id = $1 AND plan_key = $2 ORDER BY id DESC;

-- name: plan_migration_get
-- args: org_id, id
SELECT id, org_id, plan_key, target_version, timing, created_at
FROM plan_migration WHERE org_id = $1 AND id = $2;

-- Who lives on a test clock has begun when that clock says so.
-- name: plan_migration_candidates
-- args: org_id, plan_key, target_version, now
SELECT s.id AS subscription_id, s.customer_id, s.plan_version AS from_version
FROM subscription s JOIN customer c ON c.id = s.customer_id
    LEFT JOIN test_clock t ON t.id = c.test_clock_id
WHERE s.org_id = $1 AND s.plan_key = $2 AND s.plan_version < $3 AND s.deleted_at IS NULL
    AND s.active_from <= COALESCE(t.now, $4) AND s.active_to IS NULL
ORDER BY s.id;

-- name: plan_migration_entry_insert
-- args: id, org_id, migration_id, subscription_id, customer_id, from_version, status
INSERT INTO plan_migration_entry (id, org_id, migration_id, subscription_id, customer_id,
    from_version, status)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: plan_migration_entry_get
-- args: org_id, id
SELECT id, org_id, migration_id, subscription_id, customer_id, from_version, status, next_id,
    reason, done_at
FROM plan_migration_entry WHERE org_id = $1 AND id = $2;

-- name: plan_migration_entry_update
-- args: id, status, next_id, reason, done_at
UPDATE plan_migration_entry SET status = $2, next_id = $3, reason = $4, done_at = $5
WHERE id = $1 AND status = 'pending';

-- name: plan_migration_count
-- args: migration_id, status
SELECT COUNT(*) FROM plan_migration_entry WHERE migration_id = $1 AND status = $2;

-- name: plan_migration_failures
-- args: migration_id
SELECT subscription_id, customer_id, from_version, status, reason, done_at
FROM plan_migration_entry WHERE migration_id = $1 AND status = 'failed' ORDER BY id;

-- name: plan_version_counts
-- args: org_id, plan_key, now
SELECT s.plan_version AS version,
    SUM(CASE WHEN s.active_from <= COALESCE(t.now, $3) AND s.active_to IS NULL
        THEN 1 ELSE 0 END) AS active,
    SUM(CASE WHEN s.active_from <= COALESCE(t.now, $3) AND s.active_to > COALESCE(t.now, $3)
        THEN 1 ELSE 0 END) AS canceled,
    SUM(CASE WHEN s.active_from > COALESCE(t.now, $3) THEN 1 ELSE 0 END) AS scheduled,
    SUM(CASE WHEN s.active_from <= COALESCE(t.now, $3) AND s.active_to <= COALESCE(t.now, $3)
        THEN 1 ELSE 0 END) AS inactive
FROM subscription s JOIN customer c ON c.id = s.customer_id
    LEFT JOIN test_clock t ON t.id = c.test_clock_id
WHERE s.org_id = $1 AND s.plan_key = $2 AND s.deleted_at IS NULL
GROUP BY s.plan_version ORDER BY s.plan_version;
