-- Which add-ons can be bought with a plan, from which phase on and how often.

CREATE TABLE plan_addon (
    id                TEXT PRIMARY KEY,
    org_id            TEXT NOT NULL,
    plan_id           TEXT NOT NULL REFERENCES plan (id),
    addon_id          TEXT NOT NULL REFERENCES addon (id),
    name              TEXT NOT NULL,
    description       TEXT,
    labels            TEXT,
    from_plan_phase   TEXT NOT NULL,
    max_quantity      INTEGER,
    validation_errors TEXT,
    created_at        TEXT NOT NULL,
    updated_at        TEXT NOT NULL,
    deleted_at        TEXT
);

CREATE UNIQUE INDEX plan_addon_once ON plan_addon (org_id, plan_id, addon_id)
    WHERE deleted_at IS NULL;
