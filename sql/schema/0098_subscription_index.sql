-- With the id at its end the index gives the order that is asked for, too. Without it SQLite preferred
-- the index by start, and read every subscription of the organization for each customer.

DROP INDEX subscription_by_customer;

CREATE INDEX subscription_by_customer ON subscription (org_id, customer_id, active_from, id);
