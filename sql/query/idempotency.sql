-- name: idempotency_key_find
-- args: org_id, key, from
SELECT org_id, key, fingerprint, status, content_type, body, etag, created_at
FROM idempotency_key WHERE org_id = $1 AND key = $2 AND created_at >= $3;

-- name: idempotency_key_insert
-- args: org_id, key, fingerprint, status, content_type, body, etag, created_at
INSERT INTO idempotency_key (org_id, key, fingerprint, status, content_type, body, etag, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: idempotency_key_forget
-- args: org_id, key, before
DELETE FROM idempotency_key WHERE org_id = $1 AND key = $2 AND created_at < $3;

-- name: idempotency_key_prune
-- args: before, limit
DELETE FROM idempotency_key WHERE (org_id, key) IN (
    SELECT org_id, key FROM idempotency_key WHERE created_at < $1 ORDER BY created_at LIMIT $2);
