-- name: life_customer_move
-- args: org_id, customer_id, clock_id
UPDATE customer SET test_clock_id = $3 WHERE org_id = $1 AND id = $2;

-- name: life_due_move
-- args: org_id, customer_id, clock_id
UPDATE due_work SET clock_id = $3
WHERE org_id = $1 AND (
    subject_id IN (SELECT id FROM subscription WHERE customer_id = $2) OR
    subject_id IN (SELECT id FROM invoice WHERE customer_id = $2));
