-- name: invoices_issued
-- args: org_id, after, limit
SELECT id, number FROM invoice
WHERE org_id = $1 AND issued_at IS NOT NULL AND id > $2
ORDER BY id LIMIT $3;
