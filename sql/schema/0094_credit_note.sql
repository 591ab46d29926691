-- Credit notes on issued invoices, and what customers have to their credit. Rows of both are never
-- changed. An invoice that is paid from credit at once is stored after it, in the same transaction.

CREATE TABLE credit_note (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL REFERENCES invoice (id) DEFERRABLE INITIALLY DEFERRED,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    number TEXT NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT,
    settlement TEXT NOT NULL,
    source TEXT NOT NULL,
    lines TEXT NOT NULL,
    totals TEXT NOT NULL,
    issued_at TEXT NOT NULL
);

CREATE INDEX credit_note_by_invoice ON credit_note (invoice_id, id);

CREATE INDEX credit_note_by_org ON credit_note (org_id, id);

CREATE TABLE credit_entry (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    currency TEXT NOT NULL,
    number INTEGER NOT NULL,
    type TEXT NOT NULL,
    amount TEXT NOT NULL,
    balance TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    created_at TEXT NOT NULL
);

CREATE UNIQUE INDEX credit_entry_by_customer ON credit_entry (customer_id, currency, number);
