-- What lists are found by and walked along: first what is deleted or not, then their order. The
-- invoices' holds all that a list by status or customer asks, so that none is read but for those of
-- the page.

CREATE INDEX invoice_by_number ON invoice (org_id, number);

DROP INDEX invoice_by_age;

CREATE INDEX invoice_by_age ON invoice (org_id, deleted_at, created_at, id, status, customer_id);

CREATE INDEX customer_by_name ON customer (org_id, deleted_at, name, id);

DROP INDEX customer_by_age;

CREATE INDEX customer_by_age ON customer (org_id, deleted_at, created_at, id);

DROP INDEX subscription_by_start;

CREATE INDEX subscription_by_start ON subscription (org_id, deleted_at, active_from, id);
