-- name: outbox_insert
-- args: id, org_id, type, subject_kind, subject_id, payload, created_at
INSERT INTO outbox (id, org_id, sequence, type, subject_kind, subject_id, subject_sequence, payload,
    created_at, attempts)
VALUES ($1, $2, COALESCE((SELECT MAX(sequence) FROM outbox WHERE org_id = $2), 0) + 1, $3, $4, $5,
    COALESCE((SELECT MAX(subject_sequence) FROM outbox WHERE org_id = $2 AND subject_id = $5),
        (SELECT sequence FROM outbox_subject WHERE org_id = $2 AND subject_id = $5), 0) + 1, $6, $7, 0);

-- "One of" is written as in catalog.sql.
-- name: outbox_page
-- args: org_id, after, separator, types, kinds, subjects, limit
SELECT id, org_id, sequence, type, subject_kind, subject_id, subject_sequence, payload, created_at,
    attempts, retry_at, done_at
FROM outbox
WHERE org_id = $1 AND sequence > $2
    AND ($4 IS NULL OR replace($4, $3 || type || $3, '') <> $4)
    AND ($5 IS NULL OR replace($5, $3 || subject_kind || $3, '') <> $5)
    AND ($6 IS NULL OR replace($6, $3 || subject_id || $3, '') <> $6)
ORDER BY sequence LIMIT $7;

-- The oldest event that is open, and before which nothing is open of the same thing.
-- name: outbox_next
-- args: now
SELECT id, org_id, sequence, type, subject_kind, subject_id, subject_sequence, payload, created_at,
    attempts, retry_at, done_at
FROM outbox AS o
WHERE done_at IS NULL AND (retry_at IS NULL OR retry_at <= $1)
    AND NOT EXISTS (SELECT 1 FROM outbox AS e
        WHERE e.org_id = o.org_id AND e.subject_id = o.subject_id
            AND e.subject_sequence < o.subject_sequence AND e.done_at IS NULL)
ORDER BY sequence, org_id LIMIT 1;

-- Whoever holds an event is told by the number of attempts.
-- name: outbox_claim
-- args: id, attempts, retry_at
UPDATE outbox SET attempts = attempts + 1, retry_at = $3
WHERE id = $1 AND attempts = $2 AND done_at IS NULL;

-- name: outbox_retry
-- args: id, attempts, retry_at
UPDATE outbox SET retry_at = $3 WHERE id = $1 AND attempts = $2 AND done_at IS NULL;

-- name: outbox_done
-- args: id, attempts, now
UPDATE outbox SET done_at = $3 WHERE id = $1 AND attempts = $2 AND done_at IS NULL;

-- Without payloads, and without the newest.
-- name: outbox_oldest
-- args: org_id, limit
SELECT id, sequence, subject_id, subject_sequence, attempts, done_at
FROM outbox
WHERE org_id = $1 AND sequence < (SELECT MAX(sequence) FROM outbox WHERE org_id = $1)
ORDER BY sequence LIMIT $2;

-- name: outbox_remember
-- args: org_id, up_to
INSERT INTO outbox_subject (org_id, subject_id, sequence)
SELECT org_id, subject_id, MAX(subject_sequence)
FROM outbox WHERE org_id = $1 AND sequence <= $2 GROUP BY org_id, subject_id
ON CONFLICT (org_id, subject_id) DO UPDATE SET sequence = EXCLUDED.sequence;

-- name: outbox_forget
-- args: org_id, up_to
DELETE FROM outbox WHERE org_id = $1 AND sequence <= $2;
