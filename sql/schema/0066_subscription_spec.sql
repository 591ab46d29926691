-- Subscriptions that change: a version for each, items in versions, phases and items that were taken
-- out again, and subscriptions without a plan.

ALTER TABLE subscription ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

ALTER TABLE subscription ADD COLUMN annotations TEXT;

ALTER TABLE subscription ADD COLUMN of_plan_id TEXT;

ALTER TABLE subscription ADD COLUMN of_plan_key TEXT;

ALTER TABLE subscription ADD COLUMN of_plan_version INTEGER;

UPDATE subscription
SET of_plan_id = plan_id, of_plan_key = plan_key, of_plan_version = plan_version;

ALTER TABLE subscription DROP COLUMN plan_id;

ALTER TABLE subscription DROP COLUMN plan_key;

ALTER TABLE subscription DROP COLUMN plan_version;

ALTER TABLE subscription RENAME COLUMN of_plan_id TO plan_id;

ALTER TABLE subscription RENAME COLUMN of_plan_key TO plan_key;

ALTER TABLE subscription RENAME COLUMN of_plan_version TO plan_version;

CREATE INDEX subscription_by_plan ON subscription (org_id, plan_key, plan_version);

ALTER TABLE subscription_phase ADD COLUMN deleted_at TEXT;

DROP INDEX subscription_phase_order;

ALTER TABLE subscription_phase DROP COLUMN position;

CREATE INDEX subscription_phase_order ON subscription_phase (subscription_id, active_from);

ALTER TABLE subscription_item ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

ALTER TABLE subscription_item ADD COLUMN deleted_at TEXT;
