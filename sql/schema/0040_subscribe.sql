-- Subscriptions, with the phases and items that were copied from the plan. active_to of phases and
-- items is what the plan says; the subscription's active_to cuts them when they are read.

CREATE TABLE subscription (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    labels TEXT,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    plan_id TEXT NOT NULL,
    plan_key TEXT NOT NULL,
    plan_version INTEGER NOT NULL,
    invoice_currency TEXT NOT NULL,
    billing_cadence TEXT NOT NULL,
    billing_anchor TEXT NOT NULL,
    is_pro_rating INTEGER NOT NULL,
    settlement_mode TEXT NOT NULL,
    active_from TEXT NOT NULL,
    active_to TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
);

CREATE INDEX subscription_by_customer ON subscription (org_id, customer_id, active_from);
CREATE INDEX subscription_by_start ON subscription (org_id, active_from, id);

CREATE TABLE subscription_phase (
    id TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscription (id),
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    labels TEXT,
    active_from TEXT NOT NULL,
    active_to TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE UNIQUE INDEX subscription_phase_order ON subscription_phase (subscription_id, position);

CREATE TABLE subscription_item (
    id TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES subscription (id),
    phase_id TEXT NOT NULL REFERENCES subscription_phase (id),
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    rate_card TEXT NOT NULL,
    active_from TEXT NOT NULL,
    active_to TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE INDEX subscription_item_order ON subscription_item (subscription_id, phase_id, position);
