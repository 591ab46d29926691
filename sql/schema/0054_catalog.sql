-- Unit costs of features; of plans, the end that was asked for when they were published, and the
-- error code of what v1 has no words for.

ALTER TABLE feature ADD COLUMN unit_cost TEXT;

ALTER TABLE plan ADD COLUMN ends_at TEXT;

ALTER TABLE plan ADD COLUMN v1_refusal TEXT;

UPDATE plan SET v1_refusal = 'unit_config_not_representable'
WHERE replace(phases, '"unit_config":{', '') <> phases;
