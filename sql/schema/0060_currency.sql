-- Currencies of an organization's own, and what one unit of them is worth. Rows of cost_basis are
-- only ever added: a basis ends at its own end, or where the next one of the same pair begins.

CREATE TABLE custom_currency (
    id                 TEXT PRIMARY KEY,
    org_id             TEXT NOT NULL,
    code               TEXT NOT NULL,
    name               TEXT NOT NULL,
    symbol             TEXT,
    precision          INTEGER NOT NULL,
    decimal_mark       TEXT NOT NULL,
    thousand_separator TEXT NOT NULL,
    created_at         TEXT NOT NULL
);

CREATE UNIQUE INDEX custom_currency_code ON custom_currency (org_id, code);

CREATE TABLE cost_basis (
    id             TEXT PRIMARY KEY,
    org_id         TEXT NOT NULL,
    currency_id    TEXT NOT NULL,
    fiat_code      TEXT NOT NULL,
    rate           TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    effective_to   TEXT,
    created_at     TEXT NOT NULL
);

CREATE UNIQUE INDEX cost_basis_from
    ON cost_basis (org_id, currency_id, fiat_code, effective_from);
