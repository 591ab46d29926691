-- Organizations.

-- name: org_insert
-- args: id, name, is_default, created_at
INSERT INTO org (id, name, is_default, created_at) VALUES ($1, $2, $3, $4);

-- name: org_get
-- args: id
SELECT id, name, is_default, created_at, usage_retention, outbox_retention FROM org WHERE id = $1;

-- name: org_list
SELECT id, name, is_default, created_at, usage_retention, outbox_retention FROM org ORDER BY id;

-- name: org_save_retention
-- args: id, usage_retention
UPDATE org SET usage_retention = $2 WHERE id = $1;

-- name: org_save_outbox_retention
-- args: id, outbox_retention
UPDATE org SET outbox_retention = $2 WHERE id = $1;

-- name: org_get_default
SELECT id, name, is_default, created_at, usage_retention, outbox_retention FROM org
WHERE is_default = 1;

-- Tokens. The columns of every SELECT are those of token_fields.

-- name: token_insert
-- args: id, org_id, kind, name, role, hash, hint, created_at, expires_at
INSERT INTO token (id, org_id, kind, name, role, hash, hint, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: token_get
-- args: org_id, id
SELECT id, org_id, kind, name, role, hash, hint, created_at, expires_at, revoked_at
FROM token WHERE org_id = $1 AND id = $2;

-- name: token_get_by_hash
-- args: hash
SELECT id, org_id, kind, name, role, hash, hint, created_at, expires_at, revoked_at
FROM token WHERE hash = $1;

-- name: token_count
-- args: org_id
SELECT count(*) FROM token WHERE org_id = $1;

-- name: token_list
-- args: org_id, limit, offset
SELECT id, org_id, kind, name, role, hash, hint, created_at, expires_at, revoked_at
FROM token WHERE org_id = $1 ORDER BY id LIMIT $2 OFFSET $3;

-- name: token_revoke
-- args: org_id, id, revoked_at
UPDATE token SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL;

-- Audit.

-- name: audit_insert
-- args: id, org_id, created_at, actor, action, entity_type, entity_id, request_id, detail
INSERT INTO audit
    (id, org_id, created_at, actor, action, entity_type, entity_id, request_id, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: audit_count
-- args: org_id
SELECT count(*) FROM audit WHERE org_id = $1;

-- name: audit_list
-- args: org_id, limit, offset
SELECT id, org_id, created_at, actor, action, entity_type, entity_id, request_id, detail
FROM audit WHERE org_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3;

-- name: audit_count_of
-- args: org_id, entity_id
SELECT count(*) FROM audit WHERE org_id = $1 AND entity_id = $2;

-- name: audit_list_of
-- args: org_id, entity_id, limit, offset
SELECT id, org_id, created_at, actor, action, entity_type, entity_id, request_id, detail
FROM audit WHERE org_id = $1 AND entity_id = $2 ORDER BY id DESC LIMIT $3 OFFSET $4;
