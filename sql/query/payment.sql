-- name: payment_insert
-- args: id, org_id, invoice_id, customer_id, number, type, status, amount, currency, method, reference, failure_code, received_at, created_at
INSERT INTO payment (id, org_id, invoice_id, customer_id, number, type, status, amount, currency,
    method, reference, failure_code, received_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: payment_of_invoice
-- args: org_id, invoice_id
SELECT id, org_id, invoice_id, customer_id, number, type, status, amount, currency, method,
    reference, failure_code, received_at, created_at
FROM payment WHERE org_id = $1 AND invoice_id = $2 ORDER BY number;

-- name: payment_retry_at
-- args: org_id, kind, subject_id
SELECT retry_at AS at FROM due_work
WHERE org_id = $1 AND kind = $2 AND subject_id = $3 AND parked_reason IS NULL
ORDER BY retry_at LIMIT 1;
