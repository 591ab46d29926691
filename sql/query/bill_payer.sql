-- What of a customer's billing other commands have to know. Settled invoices are those that no
-- trigger leads out of (bill/invoice_state.h).

-- name: payer_open_lines
-- args: org_id, customer_id
SELECT COUNT(*)
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE i.org_id = $1 AND i.customer_id = $2 AND i.status = 'gathering' AND l.deleted_at IS NULL;

-- name: payer_open_invoices
-- args: org_id, customer_id
SELECT COUNT(*) FROM invoice
WHERE org_id = $1 AND customer_id = $2
    AND status NOT IN ('gathering', 'deleted', 'paid', 'uncollectible', 'voided');

-- name: payer_invoices
-- args: org_id, customer_id
SELECT COUNT(*) FROM invoice
WHERE org_id = $1 AND customer_id = $2 AND status NOT IN ('gathering', 'deleted');

-- Up to where quantities were taken that are on invoices which stand.
-- name: payer_metered_until
-- args: org_id, customer_id
SELECT MAX(l.service_to) AS at
FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
WHERE i.org_id = $1 AND i.customer_id = $2 AND l.usage_sequence IS NOT NULL
    AND l.deleted_at IS NULL AND i.status NOT IN ('gathering', 'deleted', 'voided');
