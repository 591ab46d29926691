-- The manual rates of a tax code, all in one row: a list of {name, percentage, effective_from}.

CREATE TABLE tax_code_rates (
    tax_code_id TEXT PRIMARY KEY REFERENCES tax_code (id),
    org_id      TEXT NOT NULL,
    rates       TEXT NOT NULL,
    updated_at  TEXT NOT NULL
);

CREATE INDEX tax_code_rates_org ON tax_code_rates (org_id);
