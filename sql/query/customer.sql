-- name: customer_insert
-- args: id, org_id, key, name, description, labels, usage_attribution, primary_email, currency, billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at
INSERT INTO customer (id, org_id, key, name, description, labels, usage_attribution, primary_email,
    currency, billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: customer_update
-- args: id, org_id, key, name, description, labels, usage_attribution, primary_email, currency, billing_address, time_zone, tax_id, updated_at
UPDATE customer SET key = $3, name = $4, description = $5, labels = $6, usage_attribution = $7,
    primary_email = $8, currency = $9, billing_address = $10, time_zone = $11, tax_id = $12,
    updated_at = $13
WHERE id = $1 AND org_id = $2 AND deleted_at IS NULL;

-- name: customer_mark_deleted
-- args: id, org_id, now
UPDATE customer SET deleted_at = $3, updated_at = $3
WHERE id = $1 AND org_id = $2 AND deleted_at IS NULL;

-- name: customer_set_currency
-- args: org_id, id, currency, now
UPDATE customer SET currency = $3, updated_at = $4
WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: customer_by_id
-- args: org_id, id
SELECT id, org_id, key, name, description, labels, usage_attribution, primary_email, currency,
    billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at, deleted_at,
    (SELECT t.now FROM test_clock t WHERE t.id = customer.test_clock_id) AS clock_now
FROM customer WHERE org_id = $1 AND id = $2;

-- name: customer_time_zone
-- args: org_id, id
SELECT time_zone FROM customer WHERE org_id = $1 AND id = $2;

-- name: customer_by_key
-- args: org_id, key
SELECT id, org_id, key, name, description, labels, usage_attribution, primary_email, currency,
    billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at, deleted_at,
    (SELECT t.now FROM test_clock t WHERE t.id = customer.test_clock_id) AS clock_now
FROM customer WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL;

-- name: customer_page
-- args: org_id, key, key_like, name, name_like, email_like, subject, with_deleted, sort, is_descending, limit, offset
SELECT id, org_id, key, name, description, labels, usage_attribution, primary_email, currency,
    billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at, deleted_at,
    (SELECT t.now FROM test_clock t WHERE t.id = customer.test_clock_id) AS clock_now
FROM (SELECT id AS near_id FROM customer
        WHERE $2 IS NOT NULL AND $8 = 0 AND org_id = $1 AND key = $2 AND deleted_at IS NULL
    UNION ALL SELECT customer_id FROM customer_subject
        WHERE ($2 IS NULL OR $8 = 1) AND $7 IS NOT NULL
            AND org_id = $1 AND subject = $7 AND valid_to IS NULL
    UNION ALL SELECT id FROM customer
        WHERE ($2 IS NULL OR $8 = 1) AND $7 IS NULL AND org_id = $1) AS near CROSS JOIN customer
WHERE customer.id = near.near_id
    AND ($2 IS NULL OR key = $2)
    AND ($3 IS NULL OR LOWER(key) LIKE LOWER($3) ESCAPE '!')
    AND ($4 IS NULL OR name = $4)
    AND ($5 IS NULL OR LOWER(name) LIKE LOWER($5) ESCAPE '!')
    AND ($6 IS NULL OR LOWER(primary_email) LIKE LOWER($6) ESCAPE '!')
    AND ($7 IS NULL OR id IN (SELECT customer_id FROM customer_subject
            WHERE org_id = $1 AND subject = $7 AND valid_to IS NULL))
    AND ($8 = 1 OR deleted_at IS NULL)
ORDER BY
    CASE WHEN $10 = 0 THEN CASE $9 WHEN 'name' THEN name WHEN 'created_at' THEN created_at END END,
    CASE WHEN $10 = 1 THEN CASE $9 WHEN 'name' THEN name WHEN 'created_at' THEN created_at END
    END DESC,
    CASE WHEN $10 = 0 THEN id END,
    id DESC
LIMIT $11 OFFSET $12;

-- Of a list without conditions, in the orders that there is an index for.
-- name: customer_page_by_name
-- args: org_id, limit, offset
SELECT id, org_id, key, name, description, labels, usage_attribution, primary_email, currency,
    billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at, deleted_at,
    (SELECT t.now FROM test_clock t WHERE t.id = customer.test_clock_id) AS clock_now
FROM customer WHERE org_id = $1 AND deleted_at IS NULL
ORDER BY name, id LIMIT $2 OFFSET $3;

-- name: customer_page_by_name_back
-- args: org_id, limit, offset
SELECT id, org_id, key, name, description, labels, usage_attribution, primary_email, currency,
    billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at, deleted_at,
    (SELECT t.now FROM test_clock t WHERE t.id = customer.test_clock_id) AS clock_now
FROM customer WHERE org_id = $1 AND deleted_at IS NULL
ORDER BY name DESC, id DESC LIMIT $2 OFFSET $3;

-- name: customer_page_by_age
-- args: org_id, limit, offset
SELECT id, org_id, key, name, description, labels, usage_attribution, primary_email, currency,
    billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at, deleted_at,
    (SELECT t.now FROM test_clock t WHERE t.id = customer.test_clock_id) AS clock_now
FROM customer WHERE org_id = $1 AND deleted_at IS NULL
ORDER BY created_at, id LIMIT $2 OFFSET $3;

-- name: customer_page_by_age_back
-- args: org_id, limit, offset
SELECT id, org_id, key, name, description, labels, usage_attribution, primary_email, currency,
    billing_address, time_zone, tax_id, test_clock_id, created_at, updated_at, deleted_at,
    (SELECT t.now FROM test_clock t WHERE t.id = customer.test_clock_id) AS clock_now
FROM customer WHERE org_id = $1 AND deleted_at IS NULL
ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3;

-- name: customer_count_all
-- args: org_id
SELECT COUNT(*) FROM customer WHERE org_id = $1 AND deleted_at IS NULL;

-- name: customer_count
-- args: org_id, key, key_like, name, name_like, email_like, subject, with_deleted
SELECT COUNT(*)
FROM (SELECT id AS near_id FROM customer
        WHERE $2 IS NOT NULL AND $8 = 0 AND org_id = $1 AND key = $2 AND deleted_at IS NULL
    UNION ALL SELECT customer_id FROM customer_subject
        WHERE ($2 IS NULL OR $8 = 1) AND $7 IS NOT NULL
            AND org_id = $1 AND subject = $7 AND valid_to IS NULL
    UNION ALL SELECT id FROM customer
        WHERE ($2 IS NULL OR $8 = 1) AND $7 IS NULL AND org_id = $1) AS near CROSS JOIN customer
WHERE customer.id = near.near_id
    AND ($2 IS NULL OR key = $2)
    AND ($3 IS NULL OR LOWER(key) LIKE LOWER($3) ESCAPE '!')
    AND ($4 IS NULL OR name = $4)
    AND ($5 IS NULL OR LOWER(name) LIKE LOWER($5) ESCAPE '!')
    AND ($6 IS NULL OR LOWER(primary_email) LIKE LOWER($6) ESCAPE '!')
    AND ($7 IS NULL OR id IN (SELECT customer_id FROM customer_subject
            WHERE org_id = $1 AND subject = $7 AND valid_to IS NULL))
    AND ($8 = 1 OR deleted_at IS NULL);

-- name: customer_subject_owner
-- args: org_id, subject
SELECT s.subject, s.customer_id, c.key AS customer_key, c.name AS customer_name, s.valid_from,
    s.valid_to
FROM customer_subject s JOIN customer c ON c.id = s.customer_id
WHERE s.org_id = $1 AND s.subject = $2 AND s.valid_to IS NULL;

-- name: customer_subject_insert
-- args: org_id, subject, customer_id, valid_from
INSERT INTO customer_subject (org_id, subject, customer_id, valid_from, valid_to)
VALUES ($1, $2, $3, $4, NULL);

-- name: customer_subject_released_at
-- args: org_id, subject
SELECT MAX(valid_to) AS valid_to FROM customer_subject WHERE org_id = $1 AND subject = $2;

-- name: customer_subject_release
-- args: org_id, subject, customer_id, at
UPDATE customer_subject SET valid_to = $4
WHERE org_id = $1 AND subject = $2 AND customer_id = $3 AND valid_to IS NULL;

-- name: customer_subject_release_all
-- args: org_id, customer_id, now
UPDATE customer_subject SET valid_to = $3
WHERE org_id = $1 AND customer_id = $2 AND valid_to IS NULL;

-- name: customer_attributions_of_customer
-- args: org_id, customer_id
SELECT s.subject, s.customer_id, c.key AS customer_key, c.name AS customer_name, s.valid_from,
    s.valid_to
FROM customer_subject s JOIN customer c ON c.id = s.customer_id
WHERE s.org_id = $1 AND s.customer_id = $2;

-- name: customer_attributions_of_subject
-- args: org_id, subject
SELECT s.subject, s.customer_id, c.key AS customer_key, c.name AS customer_name, s.valid_from,
    s.valid_to
FROM customer_subject s JOIN customer c ON c.id = s.customer_id
WHERE s.org_id = $1 AND s.subject = $2;

-- name: customer_attributions_all
-- args: org_id
SELECT s.subject, s.customer_id, c.key AS customer_key, c.name AS customer_name, s.valid_from,
    s.valid_to
FROM customer_subject s JOIN customer c ON c.id = s.customer_id
WHERE s.org_id = $1;

-- name: test_clock_insert
-- args: id, org_id, name, now, created_at, updated_at
INSERT INTO test_clock (id, org_id, name, now, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: test_clock_get
-- args: org_id, id
SELECT id, org_id, name, now, advancing_to, created_at, updated_at, deleted_at
FROM test_clock WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: test_clock_of_customer
-- args: org_id, id
SELECT t.id, t.org_id, t.name, t.now, t.created_at, t.updated_at, t.deleted_at
FROM customer c JOIN test_clock t ON t.id = c.test_clock_id
WHERE c.org_id = $1 AND c.id = $2;

-- name: test_clock_page
-- args: org_id, limit, offset
SELECT id, org_id, name, now, advancing_to, created_at, updated_at, deleted_at
FROM test_clock WHERE org_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $2 OFFSET $3;

-- name: test_clock_count
-- args: org_id
SELECT COUNT(*) FROM test_clock WHERE org_id = $1 AND deleted_at IS NULL;

-- name: test_clock_customers
-- args: org_id, id
SELECT COUNT(*) FROM customer WHERE org_id = $1 AND test_clock_id = $2 AND deleted_at IS NULL;

-- name: test_clock_move
-- args: org_id, id, to, now
UPDATE test_clock SET now = $3, updated_at = $4 WHERE org_id = $1 AND id = $2 AND now < $3;

-- name: test_clock_send
-- args: org_id, id, to, now
UPDATE test_clock SET advancing_to = $3, updated_at = $4 WHERE org_id = $1 AND id = $2;

-- name: test_clock_stand
-- args: org_id, id, at
UPDATE test_clock SET advancing_to = NULL WHERE org_id = $1 AND id = $2 AND advancing_to <= $3;

-- name: test_clock_under_way
SELECT id, org_id, name, now, advancing_to, created_at, updated_at, deleted_at
FROM test_clock WHERE advancing_to IS NOT NULL AND deleted_at IS NULL ORDER BY id;

-- name: test_clock_delete
-- args: org_id, id, now
UPDATE test_clock SET deleted_at = $3, updated_at = $3 WHERE org_id = $1 AND id = $2;

-- name: subject_insert
-- args: id, org_id, key, display_name, metadata, stripe_customer_id, current_period_start, current_period_end, created_at, updated_at
INSERT INTO subject (id, org_id, key, display_name, metadata, stripe_customer_id,
    current_period_start, current_period_end, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: subject_update
-- args: id, org_id, display_name, metadata, stripe_customer_id, current_period_start, current_period_end, updated_at
UPDATE subject SET display_name = $3, metadata = $4, stripe_customer_id = $5,
    current_period_start = $6, current_period_end = $7, updated_at = $8
WHERE id = $1 AND org_id = $2 AND deleted_at IS NULL;

-- name: subject_mark_deleted
-- args: org_id, id, now
UPDATE subject SET deleted_at = $3, updated_at = $3
WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL;

-- name: subject_by_id
-- args: org_id, id
SELECT id, org_id, key, display_name, metadata, stripe_customer_id, current_period_start,
    current_period_end, created_at, updated_at, deleted_at
FROM subject WHERE org_id = $1 AND id = $2;

-- name: subject_by_key
-- args: org_id, key
SELECT id, org_id, key, display_name, metadata, stripe_customer_id, current_period_start,
    current_period_end, created_at, updated_at, deleted_at
FROM subject WHERE org_id = $1 AND key = $2 AND deleted_at IS NULL;

-- name: subject_all
-- args: org_id
SELECT id, org_id, key, display_name, metadata, stripe_customer_id, current_period_start,
    current_period_end, created_at, updated_at, deleted_at
FROM subject WHERE org_id = $1 AND deleted_at IS NULL ORDER BY id;
