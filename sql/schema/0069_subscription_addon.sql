-- Add-ons that were bought with subscriptions, what of an item is of them, and the migration of all
-- subscriptions of a plan.

CREATE TABLE subscription_addon (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscription (id),
    addon_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    labels TEXT,
    timeline TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE UNIQUE INDEX subscription_addon_once ON subscription_addon (subscription_id, addon_id);

-- base_id: the item that this one is a piece of; base_card: its card without add-ons; addon_id: the
-- add-on without which it would not be.
ALTER TABLE subscription_item ADD COLUMN base_id TEXT;

ALTER TABLE subscription_item ADD COLUMN base_card TEXT;

ALTER TABLE subscription_item ADD COLUMN addon_id TEXT;

CREATE TABLE plan_migration (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    plan_key TEXT NOT NULL,
    target_version INTEGER NOT NULL,
    timing TEXT,
    created_at TEXT NOT NULL
);

CREATE INDEX plan_migration_by_plan ON plan_migration (org_id, plan_key, id);

CREATE TABLE plan_migration_entry (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    migration_id TEXT NOT NULL REFERENCES plan_migration (id),
    subscription_id TEXT NOT NULL REFERENCES subscription (id),
    customer_id TEXT NOT NULL,
    from_version INTEGER NOT NULL,
    status TEXT NOT NULL,
    next_id TEXT,
    reason TEXT,
    done_at TEXT
);

CREATE UNIQUE INDEX plan_migration_entry_once
    ON plan_migration_entry (migration_id, subscription_id);
