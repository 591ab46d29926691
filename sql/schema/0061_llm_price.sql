-- What the tokens of language models cost: the price list, and what an organization says instead.

CREATE TABLE llm_price (
    id             TEXT PRIMARY KEY,
    org_id         TEXT NOT NULL,
    source         TEXT NOT NULL,
    provider_id    TEXT NOT NULL,
    model_id       TEXT NOT NULL,
    model_key      TEXT NOT NULL,
    model_name     TEXT NOT NULL,
    pricing        TEXT NOT NULL,
    currency       TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    effective_to   TEXT,
    created_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL
);

CREATE UNIQUE INDEX llm_price_key
    ON llm_price (org_id, source, provider_id, model_key, currency);
