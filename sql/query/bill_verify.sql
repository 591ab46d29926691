-- Issued ones, and those of which there is only the seal left.
-- name: invoices_issued
-- args: org_id, after, limit
SELECT i.id, i.number FROM invoice i
WHERE i.org_id = $1 AND i.issued_at IS NOT NULL AND i.id > $2
UNION ALL
SELECT s.invoice_id AS id, s.invoice_id AS number FROM invoice_seal s
WHERE s.org_id = $1 AND s.invoice_id > $2 AND NOT EXISTS (SELECT 1 FROM invoice i
    WHERE i.id = s.invoice_id AND i.org_id = $1 AND i.issued_at IS NOT NULL)
ORDER BY 1 LIMIT $3;

-- The fixed content of an issued invoice and then of its lines, each as one text.
-- name: invoice_seal_content
-- args: org_id, invoice_id
SELECT 0 AS place, i.id, format('%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s',
    i.id, i.org_id, i.customer_id, i.profile_id, i.number, i.currency, i.description, i.supplier,
    i.customer, i.customer_name, i.workflow, i.period_from, i.period_to, i.collection_at,
    i.quantity_snapshotted_at, i.draft_until, i.issued_at, i.due_at, i.totals, i.created_at)
    AS content
FROM invoice i WHERE i.org_id = $1 AND i.id = $2
UNION ALL
SELECT 1 AS place, l.id, format('%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s',
    l.id, l.org_id, l.invoice_id, l.subscription_id, l.phase_id, l.item_id, l.period_index,
    l.part_index, l.group_id, l.is_open_part, l.adjusts_id, l.managed_by, l.reference, l.name,
    l.description, l.labels, l.feature_id, l.feature_key, l.currency, l.terms, l.tax,
    l.payment_term, l.is_pro_rating, l.service_from) ||
    format('|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s',
    l.service_to, l.full_from, l.full_to, l.billing_from, l.billing_to, l.invoice_at, l.collect_at,
    l.metered_quantity, l.prior_quantity, l.prior_total, l.shares, l.usage_sequence, l.quantity,
    l.converted_quantity, l.discounted_quantity, l.discounted_prior, l.details, l.taxes, l.totals,
    l.external_id, l.discount_external_ids, l.created_at, l.updated_at, l.deleted_at) AS content
FROM invoice_line l WHERE l.org_id = $1 AND l.invoice_id = $2
ORDER BY 1, 2;

-- name: invoice_seal_insert
-- args: invoice_id, org_id, seal
INSERT INTO invoice_seal (invoice_id, org_id, seal) VALUES ($1, $2, $3);

-- name: invoice_seal_get
-- args: org_id, invoice_id
SELECT seal FROM invoice_seal WHERE org_id = $1 AND invoice_id = $2;
